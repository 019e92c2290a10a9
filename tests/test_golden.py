"""Golden streams: the same files lead Python and the page to the same state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qwen_nb.events import Event, PartDelta, PartEnd, PartStart, StreamEnd
from qwen_nb.pacing import merged
from qwen_nb.reply import Reply
from qwen_nb.wire import to_wire

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
EVENTS = {event.type: event for event in (PartStart, PartDelta, PartEnd, StreamEnd)}


def event(message: dict[str, Any]) -> Event:
    fields = {name: value for name, value in message.items() if name != "type"}
    return EVENTS[message["type"]](**fields)


def grown(events: Iterable[Event]) -> Reply:
    reply = Reply()
    for each in events:
        reply.apply(each)
    return reply


def state(reply: Reply) -> dict[str, Any]:
    """What a golden file says of a reply."""
    parts = [
        {
            "kind": part.kind,
            "name": part.name,
            "id": part.id,
            "choice": part.choice,
            "text": part.text,
            "ended": not part.is_open,
            "reason": part.reason,
        }
        for part in reply.parts
    ]
    end = [to_wire(each) for each in reply.events() if isinstance(each, StreamEnd)]
    return {"parts": parts, "end": end[0] if end else None}


def sliced(events: Iterable[Event]) -> Iterator[Event]:
    """The same stream, a character at a time."""
    for each in events:
        if isinstance(each, PartDelta):
            yield from (PartDelta(each.index, character) for character in each.text)
        else:
            yield each


def test_there_are_golden_streams() -> None:
    assert len(GOLDEN) >= 10


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
class TestGolden:
    @pytest.fixture
    def golden(self, path: Path) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document

    @pytest.fixture
    def events(self, golden: dict[str, Any]) -> list[Event]:
        return [event(message) for batch in golden["batches"] for message in batch["events"]]

    def test_events_lead_to_the_state(self, golden: dict[str, Any], events: list[Event]) -> None:
        assert state(grown(events)) == golden["state"]

    def test_a_character_at_a_time_leads_there_too(self, golden: dict[str, Any], events: list[Event]) -> None:
        assert state(grown(sliced(events))) == golden["state"]

    def test_merging_deltas_loses_nothing(self, golden: dict[str, Any], events: list[Event]) -> None:
        assert state(grown(merged(list(sliced(events))))) == golden["state"]

    def test_a_snapshot_at_every_event_leads_there(self, golden: dict[str, Any], events: list[Event]) -> None:
        for cut in range(len(events) + 1):
            snapshot = grown(events[:cut]).events()
            assert state(grown([*snapshot, *events[cut:]])) == golden["state"]

    def test_the_file_is_what_crosses_the_wire(self, golden: dict[str, Any], events: list[Event]) -> None:
        messages = [message for batch in golden["batches"] for message in batch["events"]]
        assert [to_wire(each) for each in events] == messages

    def test_batches_are_numbered_from_one(self, golden: dict[str, Any]) -> None:
        assert [batch["seq"] for batch in golden["batches"]] == list(range(1, len(golden["batches"]) + 1))
