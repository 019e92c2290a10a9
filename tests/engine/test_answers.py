"""What the tiny model says by heart is what the package shows first, so it has to be true. Needs no engine."""

from __future__ import annotations

import contextlib
import io
import re

import pytest

from tools.engine.turn import Turn
from tools.engine.turns import GENERATORS, QUICKSORT, WEATHER_ANSWER, WEATHER_RESULTS


def blocks(turn: Turn) -> list[str]:
    """The Python examples of an answer."""
    return re.findall(r"```python\n(.*?)```", turn.answer, re.DOTALL)


def promised(code: str) -> list[str]:
    """What the comments say that the code prints: behind a `print`, or on lines of their own."""
    return re.findall(r"(?m)^(?:print\(.*\)  )?# (.*)$", code)


@pytest.mark.parametrize("turn", [QUICKSORT, GENERATORS], ids=lambda turn: turn.name)
def test_examples_print_what_they_say(turn: Turn) -> None:
    printed = io.StringIO()
    namespace: dict[str, object] = {}
    assert blocks(turn)
    with contextlib.redirect_stdout(printed):
        for code in blocks(turn):
            exec(code, namespace)
    assert printed.getvalue().splitlines() == [line for code in blocks(turn) for line in promised(code)]


def test_weather_answer_is_that_of_the_tool() -> None:
    for city in WEATHER_RESULTS.values():
        for fact in (city["city"], f"{city['temperature']} °C", city["sky"], f"{city['wind_km_h']} km/h"):
            assert fact in WEATHER_ANSWER.answer.partition("</think>")[2]
    assert f"{WEATHER_RESULTS['Rome']['temperature'] - WEATHER_RESULTS['Oslo']['temperature']} degrees" in WEATHER_ANSWER.answer


def test_long_answer_is_long() -> None:
    assert len(GENERATORS.answer.partition("</think>")[2].encode()) >= 8192
