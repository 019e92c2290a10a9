"""A reply as text in a terminal, as it comes."""

from __future__ import annotations

import sys
from typing import TextIO

from .asking import EventStream
from .events import Event, PartDelta, PartStart, StreamEnd
from .fallback import CONTROLS
from .host import execution_count
from .reply import Reply

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_HEADINGS = {"reasoning": "thinking", "notice": "note", "result": "result", "refusal": "refusal"}


class Printing:
    """Prints a stream to `out` while somebody waits for it; dims what is not the answer where `out` is a terminal."""

    def __init__(self, events: EventStream, out: TextIO | None = None) -> None:
        self._events = events
        self._out = out or sys.stdout
        self._styled = self._out.isatty()
        self._index: int | None = None
        self._parts: dict[int, PartStart] = {}

    @property
    def reply(self) -> Reply:
        """The reply, as far as it has come."""
        return self._events.reply

    def wait(self) -> Reply:
        """The reply once it has ended and is printed; errors as `Asking.wait`."""
        for event in self._events:
            self._show(event)
        return self._events.reply

    def stop(self) -> None:
        """End it now and keep what has arrived."""
        self.reply.stop()

    async def wait_async(self) -> Reply:
        """The same for code that awaits."""
        async for event in self._events:
            self._show(event)
        return self._events.reply

    def _show(self, event: Event) -> None:
        if isinstance(event, PartStart):
            self._parts[event.index] = event
        elif isinstance(event, PartDelta):
            self._append(event, self._parts[event.index])
        elif isinstance(event, StreamEnd):
            self._out.write("\n")
            self.reply.was_shown()
            if execution_count() is None:
                self._out.write(self._dim(repr(self.reply)) + "\n")
        self._out.flush()

    def _append(self, delta: PartDelta, part: PartStart) -> None:
        if part.kind == "audio":
            return
        if delta.index != self._index:
            heading = f"{part.name} " if part.kind == "tool" else f"{_HEADINGS[part.kind]}: " if part.kind in _HEADINGS else ""
            self._out.write(("\n\n" if self._index is not None else "") + self._dim(heading))
            self._index = delta.index
        text = delta.text.translate(CONTROLS)
        self._out.write(text if part.kind == "text" else self._dim(text))

    def _dim(self, text: str) -> str:
        return f"{_DIM}{text}{_PLAIN}" if text and self._styled else text
