"""What the tiny model knows: a few turns, each a prompt and the reply that it learns by heart.

The replies stand in `answers/` as the model writes them, with its `<think>` and `<tool_call>` markup. This module needs the
standard library only: the recorder and the tests read it where there is no torch.
"""

from __future__ import annotations

import json
from typing import Any

from tools.engine.turn import Turn, answer, called, function, told, user
from tools.engine.tutorial_turns import TUTORIAL_TURNS

WEATHER_TOOL = function(
    "get_weather",
    "Current weather in a city.",
    required=["city"],
    city={"type": "string"},
    unit={"type": "string", "enum": ["celsius", "fahrenheit"]},
)
WEATHER_RESULTS: dict[str, dict[str, Any]] = {
    "Oslo": {"city": "Oslo", "temperature": 4, "sky": "light rain", "wind_km_h": 19},
    "Rome": {"city": "Rome", "temperature": 17, "sky": "sunny", "wind_km_h": 8},
}
WEATHER_PROMPT = "Compare the weather in Oslo and Rome. Where is it better for a walk today?"
WEATHER_ROUND = (
    user(WEATHER_PROMPT),
    called("get_weather", *({"city": city, "unit": "celsius"} for city in WEATHER_RESULTS)),
    *(told(json.dumps(result), number) for number, result in enumerate(WEATHER_RESULTS.values())),
)

GREETING = Turn("greeting", (user("Hello! Who are you?"),))
GREETING_DIRECT = Turn("greeting_direct", GREETING.messages, thinking=False)
QUICKSORT = Turn("quicksort", (user("How does quicksort work, and what does it cost? Give the key terms in Chinese, too."),))
HANGZHOU = Turn("hangzhou", (user("请用三句话介绍杭州。"),))
WEATHER_CALLS = Turn("weather_calls", (user(WEATHER_PROMPT),), tools=(WEATHER_TOOL,))
WEATHER_NO_TOOLS = Turn("weather_no_tools", WEATHER_CALLS.messages)
WEATHER_ANSWER = Turn("weather_answer", WEATHER_ROUND, tools=(WEATHER_TOOL,))
GENERATORS = Turn("generators", (user("Write a tutorial on Python generators, with examples that I can run."),))
PROMPTS = tuple(turn.prompt for turn in (GREETING, QUICKSORT, HANGZHOU, WEATHER_CALLS, GENERATORS))
"""The prompts that a newcomer is invited to try."""
FALLBACK = Turn(
    "fallback",
    (user("What can I ask?"),),
    reply=answer("fallback").replace("{prompts}", "\n".join(f"- `{prompt}`" for prompt in PROMPTS)),
)
"""Its reply is also played for every prompt that was not recorded."""

TURNS = (
    *(GREETING, GREETING_DIRECT, QUICKSORT, HANGZHOU),
    *(WEATHER_CALLS, WEATHER_ANSWER, WEATHER_NO_TOOLS, GENERATORS, FALLBACK),
    *TUTORIAL_TURNS,
)
