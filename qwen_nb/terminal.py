"""A reply as text in a terminal, as it comes."""

from __future__ import annotations

import sys
from typing import TextIO

from .approval import Approver
from .asking import EventStream
from .events import Event, PartDelta, PartStart, StreamEnd
from .fallback import CONTROLS
from .host import execution_count
from .question import Question
from .reply import Reply
from .visible import escaped, visible

_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_HEADINGS = {"reasoning": "thinking", "notice": "note", "result": "result", "refusal": "refusal"}


class Printing:
    """Prints a reply to `out` while somebody waits for it; dims what is not the answer where `out` is a terminal.

    A call that asks first is asked about where the standard input is a terminal, too.
    """

    def __init__(self, question: Question, reply: Reply, out: TextIO | None = None) -> None:
        self._approver = Approver(is_there=True) if sys.stdin and sys.stdin.isatty() else None
        self._events = EventStream(question, reply, self._approver.ask if self._approver else None)
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
        self._begin()
        events = iter(self._events)
        for event in events:
            try:
                self._show(event)
            except KeyboardInterrupt:
                # While the user was asked. The stream is interrupted as if it had been waited for.
                events.throw(KeyboardInterrupt())
        return self._events.reply

    def stop(self) -> None:
        """End it now and keep what has arrived."""
        self.reply.stop()

    async def wait_async(self) -> Reply:
        """The same for code that awaits."""
        self._begin()
        async for event in self._events:
            self._show(event)
        return self._events.reply

    def _begin(self) -> None:
        """Show the notices of the question itself. The rest of a reply begins without them."""
        if all(part.kind == "notice" for part in self.reply.parts):
            for event in self.reply.events():
                if not isinstance(event, StreamEnd):
                    self._show(event)

    def _show(self, event: Event) -> None:
        if isinstance(event, PartStart):
            self._parts[event.index] = event
            if event.kind == "approval" and self._approver:
                self._question(event.id, self._approver)
        elif isinstance(event, PartDelta):
            self._append(event, self._parts[event.index])
        elif isinstance(event, StreamEnd):
            self._out.write("\n")
            self.reply.was_shown()
            if execution_count() is None:
                self._out.write(self._dim(repr(self.reply)) + "\n")
        self._out.flush()

    def _question(self, call_id: str, approver: Approver) -> None:
        call = next(call for call in self.reply.tool_calls if call.id == call_id)
        said = ", ".join(f"{visible(name)}={escaped(repr(value))}" for name, value in (call.arguments or {}).items())
        answer = input(f"\n\nRun {visible(call.name)}({said})? [y/N] ".translate(CONTROLS))
        approver.receive(
            {"type": "approval", "id": call_id, "verdict": "run" if answer.strip().lower() in ("y", "yes") else "deny"}
        )

    def _append(self, delta: PartDelta, part: PartStart) -> None:
        if part.kind == "audio":
            return
        if delta.index != self._index:
            heading = (
                f"{visible(part.name)} " if part.kind == "tool" else f"{_HEADINGS[part.kind]}: " if part.kind in _HEADINGS else ""
            )
            self._out.write(("\n\n" if self._index is not None else "") + self._dim(heading))
            self._index = delta.index
        # What follows the first line is for unfolding.
        text = delta.text.partition("\n")[0] if part.name == "filled" else delta.text
        text = (escaped(text) if part.kind == "tool" else text).translate(CONTROLS)
        self._out.write(text if part.kind == "text" else self._dim(text))

    def _dim(self, text: str) -> str:
        return f"{_DIM}{text}{_PLAIN}" if text and self._styled else text
