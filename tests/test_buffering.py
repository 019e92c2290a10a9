"""A proxy that buffers is told from everything that looks a little like it."""

from __future__ import annotations

import pytest

from qwen_nb.buffering import Arrivals

Deliveries = list[tuple[float, int]]
"""Seconds after the request, and how many deltas came."""


def paced(start: float, count: int, rate: float) -> Deliveries:
    return [(start + number / rate, 1) for number in range(count)]


CASES: dict[str, tuple[Deliveries, bool]] = {
    "one burst after ten seconds": ([(10.0 + read / 1000, 50) for read in range(8)], True),
    "bursts of a filled buffer, two seconds apart": (
        [(2.0 * burst + read / 1000, 25) for burst in range(1, 6) for read in range(4)],
        True,
    ),
    "a model at 50 tokens a second": (paced(0.4, 500, 50), False),
    "a model at 2,500 tokens a second after a queue of five seconds": (paced(5.0, 3000, 2500), False),
    "the same, and a short answer": (paced(5.0, 120, 2500), False),
    "a short reply in one packet": ([(4.0, 30)], False),
    "a recording played at full speed": ([(0.001 * read, 64) for read in range(60)], False),
    "a pause for a tool's arguments in a steady stream": (paced(0.5, 200, 100) + paced(9.0, 200, 100), False),
    "a network that delivers every 100 ms": ([(0.5 + 0.1 * read, 8) for read in range(60)], False),
    "nothing": ([], False),
}


@pytest.mark.parametrize(("deliveries", "expected"), CASES.values(), ids=CASES)
def test_bursts(deliveries: Deliveries, expected: bool) -> None:
    arrivals = Arrivals(0.0)
    for moment, deltas in deliveries:
        arrivals.note(moment, deltas)
    assert arrivals.are_bursts is expected
