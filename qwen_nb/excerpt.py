"""As much of a reply as a page and a saved notebook can bear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from . import limits
from .events import Event, PartDelta, PartEnd, PartStart, StreamEnd
from .visible import visible

_NOTICE = 2**31 - 1
"""The number of the part that says what is missing: no reply has so many."""


class Excerpt:
    """Passes on the first `LONGEST_SHOWN` characters and `MOST_PARTS` parts of one stream, and says so when it stops. The names of
    tools and models become such as a reader sees them for what they are. Speech and pictures are passed on."""

    def __init__(self) -> None:
        self._left = limits.LONGEST_SHOWN
        self._shown: set[int] = set()
        self._whole: set[int] = set()
        self._has_told = False

    def of(self, events: Iterable[Event]) -> Iterator[Event]:
        """What of the next `events` is shown."""
        for event in events:
            if isinstance(event, StreamEnd):
                yield replace(event, model=visible(event.model)) if event.model else event
            elif isinstance(event, PartStart):
                yield from self._start(event)
            elif event.index not in self._shown:
                continue
            elif isinstance(event, PartEnd) or event.index in self._whole:
                yield event
            elif len(event.text) <= self._left:
                self._left -= len(event.text)
                yield event
            else:
                yield from self._cut(event)

    def _start(self, event: PartStart) -> Iterator[Event]:
        if event.index not in self._shown and len(self._shown) >= limits.MOST_PARTS:
            yield from self._tell(f"the first {limits.MOST_PARTS:,} parts")
            return
        self._shown.add(event.index)
        if event.kind in ("audio", "image"):
            self._whole.add(event.index)
        elif event.name:
            event = replace(event, name=visible(event.name))
        yield event

    def _cut(self, event: PartDelta) -> Iterator[Event]:
        if self._left:
            yield PartDelta(event.index, event.text[: self._left])
            self._left = 0
        yield from self._tell(f"the first {limits.LONGEST_SHOWN:,} characters")

    def _tell(self, what: str) -> Iterator[Event]:
        if not self._has_told:
            self._has_told = True
            yield PartStart(_NOTICE, "notice", "excerpt")
            yield PartDelta(_NOTICE, f"Only {what} are shown. qn.last has all that arrived: its text, its parts.")
            yield PartEnd(_NOTICE)
