"""Hand on everything that has come, at most once a frame.

The first delta goes out at once; what follows goes out together, with the first delta that comes late in the frame, or at its end:
deltas come at a pace of their own, and one that is there when the clock strikes has waited for nothing.

The kernel as a whole must stay below what jupyter_server lets through (it drops messages above 1,000 a second, silently): so with
many streams those whose page can take them in one message share the frames of one clock, and the frames of the others grow longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from .events import Event, PartDelta, StreamEnd

FRAME = 1 / 25
"""Seconds that a delta waits at most: few enough that text seems to flow."""
SHORTEST = 0.034
"""Seconds between two batches of one stream at least: less than 30 go in a second."""
MESSAGES_PER_SECOND = 160
"""Of all streams of the kernel together, besides the first and the last batch of each, which wait for nothing: 200 are promised,
so twenty streams may begin or end in one second."""

_active: set[Pacer] = set()


def is_crowded() -> bool:
    """Whether so many streams run that not each can have messages of its own as often as it wants."""
    return len(_active) > MESSAGES_PER_SECOND * SHORTEST


@dataclass(eq=False)
class Pacer:
    """Collects the events of one stream and calls `send` with batches of them, in order. Lives on the background loop.

    `send` gets the events, neighbouring deltas of a part merged, and how many deltas there have been in all.
    """

    send: Callable[[list[Event], int], None]
    deltas: int = 0
    """How many deltas there have been before."""
    shares: bool = False
    """Whether a batch can go into one message with those that others send in the same frame."""

    def __post_init__(self) -> None:
        self._pending: list[Event] = []
        self._timer: asyncio.Handle | None = None
        self._due_at = 0.0
        self._sent_at = float("-inf")
        _active.add(self)

    def put(self, events: list[Event]) -> None:
        """Take events. Constant time; the last of a stream is its `StreamEnd`, which goes out at once."""
        self._pending += events
        if events and isinstance(events[-1], StreamEnd):
            _active.discard(self)
            self._flush()
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        due = self._due(now)
        if self._timer is None or due < self._due_at:
            if self._timer is not None:
                self._timer.cancel()
            self._due_at = due
            # call_soon, not now: frames that came in one network chunk belong together.
            self._timer = loop.call_at(due, self._flush) if due > now else loop.call_soon(self._flush)

    def _due(self, now: float) -> float:
        if is_crowded():
            if self.shares:
                return (now // FRAME + 1) * FRAME
            return self._sent_at + len(_active) / MESSAGES_PER_SECOND
        return now if now >= self._sent_at + SHORTEST else self._sent_at + FRAME

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._sent_at = asyncio.get_running_loop().time()
        pending, self._pending = self._pending, []
        batch = merged(pending)
        self.deltas += sum(isinstance(event, PartDelta) for event in pending)
        if batch:
            self.send(batch, self.deltas)


def merged(events: list[Event]) -> list[Event]:
    """The same stream with neighbouring deltas of one part in one."""
    batch: list[Event] = []
    fragments: list[str] = []
    index = -1
    for event in events:
        if isinstance(event, PartDelta) and event.index == index:
            fragments.append(event.text)
            continue
        if fragments:
            batch.append(PartDelta(index, "".join(fragments)))
            fragments, index = [], -1
        if isinstance(event, PartDelta):
            fragments, index = [event.text], event.index
        else:
            batch.append(event)
    if fragments:
        batch.append(PartDelta(index, "".join(fragments)))
    return batch
