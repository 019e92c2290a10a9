"""What a request tells: its events with their times, without keys, counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from sys import getsizeof

from . import limits
from .events import Event, PartDelta, PartStart, StreamEnd
from .limits import Allowance
from .redaction import Redaction, Redactor

Sink = Callable[[list[Event]], object]


class Outgoing:
    """Hands the events of one request to `sink`. Times are seconds since `started`, by `time.monotonic`."""

    def __init__(self, sink: Sink, started: float, redaction: Redaction, allowance: Allowance) -> None:
        self._sink = sink
        self._started = started
        self._redaction = redaction
        self._redactors: dict[int, Redactor] = {}
        self._allowance = allowance
        self._first_token: float | None = None
        self.request_id = ""
        """The id of the request by the response's headers, for a stream that names none."""

    def put(self, events: list[Event]) -> None:
        """Put the time on what starts and ends, take out keys, and pass it on."""
        now = time.monotonic() - self._started
        for place, event in enumerate(events):
            if isinstance(event, PartDelta):
                if self._first_token is None:
                    self._first_token = now
                self._allowance.left -= getsizeof(event.text) + limits.FRAGMENT
                if self._redaction:
                    events[place] = self._redacted(event)
            elif isinstance(event, PartStart):
                clean = self._redaction.clean
                events[place] = replace(event, at=now, name=clean(event.name), id=clean(event.id))
            elif isinstance(event, StreamEnd):
                events[place] = self._ended(event, now)
            else:
                events[place] = replace(event, at=now, reason=self._name(event.reason))
        self._sink(events)

    def put_aside(self, events: list[Event]) -> None:
        """Pass on events whose text is no token of the model's."""
        first, self._first_token = self._first_token, 0.0
        self.put(events)
        self._first_token = first

    def _redacted(self, event: PartDelta) -> PartDelta:
        redactor = self._redactors.get(event.index)
        if redactor is None:
            redactor = self._redactors[event.index] = Redactor(self._redaction)
        text = redactor.feed(event.text)
        return event if text == event.text else PartDelta(event.index, text)

    def _ended(self, end: StreamEnd, now: float) -> StreamEnd:
        clean = self._redaction.clean
        return replace(
            end,
            reason=self._name(end.reason) if end.reason else end.reason,
            error=clean(end.error),
            code=self._name(end.code),
            model=self._name(end.model),
            request_id=self._name(end.request_id or self.request_id),
            first_token=self._first_token,
            at=now,
            raw=clean(end.raw),
        )

    def _name(self, text: str) -> str:
        return self._redaction.clean(text[: limits.LONGEST_NAME])
