"""Numbers for parts, and the events that say what happens to them."""

from __future__ import annotations

from .. import limits
from ..events import Event, Kind, PartDelta, PartEnd, PartStart


class Parts:
    """The parts of one reply. Whoever writes to a part goes through here; what happened is in `events` until it is taken."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._count = 0
        self._open: set[int] = set()

    def new_index(self) -> int:
        """A number that no part has yet."""
        index = self._count
        self._count += 1
        return index

    def start(self, kind: Kind, name: str = "", id: str = "", choice: int = 0) -> int:  # noqa: A002  # as in the event
        """Begin a part and return its number. `StreamError` if there are too many."""
        if self._count >= limits.MOST_PARTS and kind != "notice":
            raise limits.exceeded(f"more than {limits.MOST_PARTS:,} parts")
        index = self.new_index()
        self._open.add(index)
        self.events.append(PartStart(index, kind, name, id, choice))
        return index

    def restart(self, index: int, kind: Kind, name: str = "", id: str = "", choice: int = 0) -> None:  # noqa: A002
        """Say better what part `index` is."""
        self.events.append(PartStart(index, kind, name, id, choice))

    def say(self, index: int, text: str) -> None:
        """Append `text` to part `index`."""
        self.events.append(PartDelta(index, text))

    def end(self, index: int, reason: str = "") -> None:
        """End part `index`."""
        self._open.discard(index)
        self.events.append(PartEnd(index, reason))

    def end_all(self) -> None:
        """End every part that is open."""
        for index in sorted(self._open):
            self.end(index)

    def notice(self, code: str, text: str) -> None:
        """A whole part that tells the user `text`, one plain line."""
        index = self.start("notice", code)
        self.say(index, text)
        self.end(index)

    def take(self) -> list[Event]:
        """What has happened since the last call."""
        events = self.events
        self.events = []
        return events
