"""One turn of a conversation with the tiny model, and the messages that lead to it. The standard library only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "answers"


@dataclass(frozen=True)
class Turn:
    """One request to the model, and the reply to it."""

    name: str
    """The file in `answers/` that holds the reply, unless it stands in `reply`."""
    messages: tuple[dict[str, Any], ...]
    """As Chat Completions spells them."""
    tools: tuple[dict[str, Any], ...] = ()
    thinking: bool = True
    """False: the template is told `enable_thinking: false`, and the reply has no reasoning."""
    reply: str = ""

    @property
    def prompt(self) -> str:
        """What the user asks first."""
        return str(self.messages[0]["content"])

    @property
    def answer(self) -> str:
        """The reply, with its markup, as the model writes it."""
        return self.reply or answer(self.name)


def answer(name: str) -> str:
    """The text of the file `name` in `answers/`."""
    return (ANSWERS / f"{name}.md").read_text(encoding="utf-8").rstrip("\n")


def function(name: str, description: str, *, required: Sequence[str] | None = None, **properties: dict[str, Any]) -> dict[str, Any]:
    """A tool as Chat Completions spells it; without `required` every argument is."""
    parameters = {"type": "object", "properties": properties, "required": list(properties if required is None else required)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(name: str) -> dict[str, Any]:
    """What the model has answered in the turn `name`, as a client repeats it in the next request."""
    return {"role": "assistant", "content": answer(name)}


def called(name: str, *all_arguments: dict[str, Any]) -> dict[str, Any]:
    """The model's calls of `name`, as a client repeats them."""
    calls = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for number, arguments in enumerate(all_arguments)
    ]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def told(text: str, number: int = 0) -> dict[str, Any]:
    """The result of call `number`."""
    return {"role": "tool", "tool_call_id": f"call_{number}", "content": text}
