"""What reading calls out of text tells, and the interface of what reads one."""

from __future__ import annotations

from typing import Literal, Protocol

Told = tuple[Literal["text", "call", "arguments", "end"], str]
"""A piece of text; the name of a call that begins; a piece of its arguments; its end."""


class Reader(Protocol):
    """Reads one call. It is fed until `rest` is a string."""

    rest: str | None
    """What followed the call, once it is over."""
    is_call: bool
    """Whether a call has begun; while it has not, everything may still turn out to be text."""

    def feed(self, text: str) -> list[Told]:
        """What `text` makes certain."""

    def end(self, *, is_whole: bool) -> list[Told]:
        """What the end of all text makes certain. `is_whole`: the model stopped by itself."""
