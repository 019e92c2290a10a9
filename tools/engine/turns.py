"""What the tiny model knows: a few turns, each a prompt and the reply that it learns by heart.

The replies stand in `answers/` as the model writes them, with its `<think>` and `<tool_call>` markup. This module needs the
standard library only: the recorder and the tests read it where there is no torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "answers"

WEATHER_TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["city"],
        },
    },
}
WEATHER_RESULTS: dict[str, dict[str, Any]] = {
    "Oslo": {"city": "Oslo", "temperature": 4, "sky": "light rain", "wind_km_h": 19},
    "Rome": {"city": "Rome", "temperature": 17, "sky": "sunny", "wind_km_h": 8},
}


@dataclass(frozen=True)
class Turn:
    """One request to the model, and the reply to it."""

    name: str
    """The file in `answers/` that holds the reply."""
    messages: tuple[dict[str, Any], ...]
    """As Chat Completions spells them."""
    tools: tuple[dict[str, Any], ...] = ()
    thinking: bool = True
    """False: the template is told `enable_thinking: false`, and the reply has no reasoning."""

    @property
    def prompt(self) -> str:
        """What the user asks first."""
        return str(self.messages[0]["content"])

    @property
    def answer(self) -> str:
        """The reply, with its markup, as the model writes it."""
        text = (ANSWERS / f"{self.name}.md").read_text(encoding="utf-8").rstrip("\n")
        return text.replace("{prompts}", "\n".join(f"- `{prompt}`" for prompt in PROMPTS))


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def tool_call(city: str) -> dict[str, Any]:
    """The model's call for `city`, as a client repeats it in the next request."""
    arguments = json.dumps({"city": city, "unit": "celsius"})
    return {"id": f"call_{city}", "type": "function", "function": {"name": "get_weather", "arguments": arguments}}


def tool_result(city: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"call_{city}", "content": json.dumps(WEATHER_RESULTS[city])}


WEATHER_PROMPT = "Compare the weather in Oslo and Rome. Where is it better for a walk today?"
WEATHER_ROUND = (
    user(WEATHER_PROMPT),
    {"role": "assistant", "content": "", "tool_calls": [tool_call("Oslo"), tool_call("Rome")]},
    tool_result("Oslo"),
    tool_result("Rome"),
)

GREETING = Turn("greeting", (user("Hello! Who are you?"),))
GREETING_DIRECT = Turn("greeting_direct", GREETING.messages, thinking=False)
QUICKSORT = Turn("quicksort", (user("How does quicksort work, and what does it cost? Give the key terms in Chinese, too."),))
HANGZHOU = Turn("hangzhou", (user("请用三句话介绍杭州。"),))
WEATHER_CALLS = Turn("weather_calls", (user(WEATHER_PROMPT),), tools=(WEATHER_TOOL,))
WEATHER_NO_TOOLS = Turn("weather_no_tools", WEATHER_CALLS.messages)
WEATHER_ANSWER = Turn("weather_answer", WEATHER_ROUND, tools=(WEATHER_TOOL,))
GENERATORS = Turn("generators", (user("Write a tutorial on Python generators, with examples that I can run."),))
FALLBACK = Turn("fallback", (user("What can I ask?"),))
"""Its reply is also played for every prompt that was not recorded."""

TURNS = (
    *(GREETING, GREETING_DIRECT, QUICKSORT, HANGZHOU),
    *(WEATHER_CALLS, WEATHER_ANSWER, WEATHER_NO_TOOLS, GENERATORS, FALLBACK),
)
PROMPTS = tuple(turn.prompt for turn in (GREETING, QUICKSORT, HANGZHOU, WEATHER_CALLS, GENERATORS))
"""The prompts that a newcomer is invited to try."""
