"""What a reply consists of: its parts, the calls and notices among them, and what it used."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field
from typing import Any

from .events import Kind


@dataclass
class Part:
    """One numbered part of a reply: a text, a thought, a tool call, its result, a notice."""

    kind: Kind
    name: str = ""
    id: str = ""
    choice: int = 0
    started: float | None = None
    """Seconds from the request to the part's start."""
    ended: float | None = None
    """Seconds from the request to the part's end."""
    is_open: bool = True
    reason: str = ""
    """As in `PartEnd.reason`."""
    fragments: list[str] = field(default_factory=list, repr=False)
    arrivals: array[float] = field(default_factory=lambda: array("d"), repr=False, compare=False)
    """Seconds from the request to each fragment."""

    @property
    def text(self) -> str:
        """All text so far. Fragments are joined when somebody asks, so that a delta costs the same however long the reply is."""
        return "".join(self.fragments)


@dataclass(frozen=True)
class ToolCall:
    """A call of a function that the model asked for."""

    id: str
    name: str
    arguments_text: str
    """The arguments as the server sent them, unchanged."""
    arguments: dict[str, Any] | None
    """The arguments, parsed, as the user changed them if so; `None` while they arrive and if they are not a JSON object."""
    result: str | None
    """What the function returned, as the model was told; `None` if it has not run."""


@dataclass(frozen=True)
class Usage:
    """Tokens as the server counted them; `None` where it sent no number."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    raw: dict[str, Any] | None = None
    """The server's own usage object, unchanged."""


@dataclass(frozen=True)
class Notice:
    """Something the user should know that is not an error."""

    code: str
    text: str

    def __str__(self) -> str:
        return self.text


def arguments_of(part: Part) -> dict[str, Any] | None:
    """The arguments of a call, parsed; `None` while they arrive and if they are no JSON object."""
    if part.is_open or part.reason == "broken":
        return None
    try:
        # Some servers close one brace too many; what stands before it is whole.
        value, _ = json.JSONDecoder().raw_decode(part.text.strip() or "{}")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
