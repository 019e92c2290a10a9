"""Batches: at once when nothing waits, never more often than a frame, nothing lost, in order."""

from __future__ import annotations

import asyncio
import itertools
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from qwen_nb import pacing
from qwen_nb.events import Event, PartDelta, PartEnd, PartStart, StreamEnd
from qwen_nb.pacing import FRAME, MESSAGES_PER_SECOND, Pacer, merged
from qwen_nb.together import Together

T = TypeVar("T")
Batches = list[tuple[float, list[Event], int]]


class Jumping(selectors.SelectSelector):
    """Does not wait until something is due, but has it be that time."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` by a clock that only goes on while all wait: what happens when is exact, on however busy a machine."""
    clock = Jumping()
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


async def paced(streams: int, deltas: int, pause: float, *, shares: bool = False) -> list[Batches]:
    """What each of `streams` pacers sent, with the loop's time, when a delta came every `pause` seconds."""
    loop = asyncio.get_running_loop()

    async def one() -> Batches:
        sent: Batches = []
        pacer = Pacer(lambda events, count: sent.append((loop.time(), events, count)), shares=shares)
        pacer.put([PartStart(0, "text")])
        for number in range(deltas):
            pacer.put([PartDelta(0, f"{number} ")])
            await asyncio.sleep(pause)
        pacer.put([PartEnd(0), StreamEnd("complete")])
        return sent

    return await asyncio.gather(*(one() for _ in range(streams)))


def text_of(batches: Batches) -> str:
    return "".join(event.text for _, events, _ in batches for event in events if isinstance(event, PartDelta))


def test_neighbours_are_merged_and_order_is_kept() -> None:
    events: list[Event] = [
        PartDelta(0, "a"),
        PartDelta(0, "b"),
        PartDelta(1, "c"),
        PartEnd(1),
        PartDelta(0, "d"),
        PartDelta(0, "e"),
    ]
    assert merged(events) == [PartDelta(0, "ab"), PartDelta(1, "c"), PartEnd(1), PartDelta(0, "de")]


def test_everything_arrives_and_the_end_comes_last() -> None:
    (sent,) = run(paced(1, 40, 0.002))
    assert text_of(sent) == "".join(f"{number} " for number in range(40))
    assert sent[-1][1][-1] == StreamEnd("complete")
    assert sent[-1][2] == 40


def test_the_first_delta_does_not_wait() -> None:
    (sent,) = run(paced(1, 40, 0.002))
    assert sent[0][1][:2] == [PartStart(0, "text"), PartDelta(0, "0 ")]


@pytest.mark.parametrize("pause", [0.0, 0.005, 0.012])
def test_one_stream_sends_no_more_than_thirty_batches_a_second(pause: float) -> None:
    (sent,) = run(paced(1, 60, pause))
    moments = [moment for moment, _, _ in sent[:-1]]
    assert all(later - earlier > 1 / 30 for earlier, later in itertools.pairwise(moments))


def test_a_delta_that_comes_late_in_a_frame_takes_with_it_what_waits_and_else_the_frame_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pacing, "SHORTEST", 0.5)
    monkeypatch.setattr(pacing, "FRAME", 0.7)
    sent: list[tuple[float, str]] = []

    async def late() -> None:
        loop = asyncio.get_running_loop()
        pacer = Pacer(lambda events, _: sent.append((loop.time(), text_of([(0.0, events, 0)]))))
        for text, moment in (("a", 0.0), ("b", 0.2), ("c", 0.6), ("d", 0.9)):
            delta: list[Event] = [PartDelta(0, text)]
            loop.call_later(moment, pacer.put, delta)
        await asyncio.sleep(1.6)
        pacer.put([StreamEnd("complete")])

    run(late())
    assert [(round(moment, 6), text) for moment, text in sent] == [(0.0, "a"), (0.6, "bc"), (1.3, "d"), (1.6, "")]


def test_twenty_streams_together_stay_below_the_limit() -> None:
    streams = run(paced(20, 60, 0.01))
    moments = sorted(moment for sent in streams for moment, _, _ in sent[1:-1])
    busy = moments[-1] - moments[0]
    # The first of each stream opens the time that is measured.
    assert (len(moments) - len(streams)) / busy <= MESSAGES_PER_SECOND
    assert all(text_of(sent) == text_of(streams[0]) for sent in streams)


def test_a_hundred_streams_that_share_messages_send_in_the_same_frames() -> None:
    streams = run(paced(100, 60, 0.01, shares=True))
    moments = sorted(moment for sent in streams for moment, _, _ in sent[1:-1])
    frames = [earlier for earlier, later in itertools.pairwise(moments) if later - earlier > FRAME / 2]
    busy = moments[-1] - moments[0]
    assert 10 < len(frames) <= busy / FRAME + 1
    assert all(text_of(sent) == text_of(streams[0]) for sent in streams)


def test_what_goes_together_is_one_message_a_round_and_each_reply_gets_all_of_it_in_order() -> None:
    sent: list[dict[str, Any]] = []

    async def fill() -> None:
        together = Together(sent.append)
        together.put(1, {"seq": 1})
        together.put(2, {"seq": 8})
        await asyncio.sleep(0)
        together.put(1, {"seq": 2})
        together.put(1, {"seq": 3})
        together.flush()
        await asyncio.sleep(0)

    run(fill())
    assert [message["replies"] for message in sent] == [{1: {"seq": 1}, 2: {"seq": 8}}, {1: {"seq": 2}}, {1: {"seq": 3}}]
