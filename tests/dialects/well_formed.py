"""What holds of every stream of events."""

from __future__ import annotations

import json
from collections.abc import Sequence

from qwen_nb.events import Event
from qwen_nb.wire import to_wire


def check_events(said: Sequence[Event]) -> None:
    """A stream that anybody can follow: parts start, grow, end; then the stream ends; and JSON can carry it."""
    opened: set[int] = set()
    closed: set[int] = set()
    for event in said[:-1]:
        match event.type:
            case "part_start":
                assert event.index not in opened or event.index not in closed or event.kind in ("text", "reasoning")
                opened.add(event.index)
            case "part_delta":
                assert event.index in opened
                assert event.index not in closed
            case "part_end":
                assert event.index in opened
                assert event.index not in closed
                closed.add(event.index)
            case _:
                raise AssertionError("the stream ended twice")
    assert said[-1].type == "stream_end"
    assert opened == closed
    json.dumps([to_wire(event) for event in said], ensure_ascii=False).encode()
    if said[-1].raw:
        json.loads(said[-1].raw)
    assert said[-1].status in ("complete", "truncated", "error")
    assert (said[-1].error == "") == (said[-1].status == "complete")
    assert "\n" not in said[-1].error
