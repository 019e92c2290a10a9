"""Functions as tools: schema, validation, running."""

from __future__ import annotations

import asyncio
import enum
import time
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

import qwen_nb as qn
from qwen_nb.in_words import LONGEST, in_words
from qwen_nb.tools import Outcome, tools_of


class Unit(enum.Enum):
    CELSIUS = "c"
    FAHRENHEIT = "f"


class Place(BaseModel):
    city: str
    country: str = "NO"


@qn.tool
def get_weather(place: Place, unit: Unit = Unit.CELSIUS, days: Annotated[int, Field(ge=1, le=7)] = 1) -> str:
    """The weather in a place.

    Looks at the sky.

    Args:
        place: where to look, as
            exactly as you can
        days (int): how many days
    """
    return f"{place.city}, {place.country}: {unit.value} for {days}"


async def wait(seconds: float, mode: Literal["quick", "slow"] = "quick") -> str:
    """Wait.

    :param seconds: how long
    :param str mode: how
    """
    await asyncio.sleep(seconds)
    return mode


def run(tool: qn.Tool, **arguments: Any) -> Outcome:
    return asyncio.run(tool.run(arguments))


def test_the_schema_says_what_the_function_takes() -> None:
    schema = get_weather.schema["function"]
    assert (schema["name"], schema["description"]) == ("get_weather", "The weather in a place.\n\nLooks at the sky.")
    properties = schema["parameters"]["properties"]
    assert schema["parameters"]["required"] == ["place"]
    assert properties["place"]["description"] == "where to look, as exactly as you can"
    assert properties["days"] == {"default": 1, "description": "how many days", "maximum": 7, "minimum": 1, "type": "integer"}
    sphinx = qn.Tool(wait).schema["function"]["parameters"]["properties"]
    assert (sphinx["seconds"]["description"], sphinx["mode"]["description"]) == ("how long", "how")


def test_arguments_become_what_the_hints_say() -> None:
    assert run(get_weather, place={"city": "Oslo"}, unit="f") == Outcome("done", "Oslo, NO: f for 1")
    assert run(qn.Tool(wait), seconds=0) == Outcome("done", "quick")
    assert get_weather(Place(city="Rome"), days=2) == "Rome, NO: c for 2"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "place: Field required"),
        ({"place": {"city": 1}}, "place.city"),
        ({"place": {"city": "Oslo"}, "days": 9}, "days: Input should be less than or equal to 7"),
        ({"place": {"city": "Oslo"}, "speed": 9}, "speed: Extra inputs are not permitted"),
    ],
)
def test_wrong_arguments_are_told_in_words(arguments: dict[str, Any], words: str) -> None:
    outcome = run(get_weather, **arguments)
    assert outcome.verdict == "failed"
    assert words in outcome.text


def test_a_tool_that_raises_or_hangs_is_a_failure_in_words() -> None:
    def broken() -> None:
        raise ZeroDivisionError("by zero")

    assert run(qn.Tool(broken)) == Outcome("failed", "broken raised ZeroDivisionError: by zero")
    outcome = run(qn.Tool(wait, timeout=0.05), seconds=30)
    assert outcome == Outcome("failed", "wait took longer than 0.05 s and was given up.")


def test_fifty_plain_functions_run_side_by_side() -> None:
    nap = qn.Tool(lambda: time.sleep(0.2), name="nap")

    async def all_of_them() -> list[Outcome]:
        return await asyncio.gather(*(nap.run({}) for _ in range(50)))

    started = time.monotonic()
    assert asyncio.run(all_of_them()) == [Outcome("done", "null")] * 50
    assert time.monotonic() - started < 50 * 0.2 / 2


def test_what_cannot_be_a_tool_says_why() -> None:
    with pytest.raises(qn.ConfigError, match=r"\*args"):
        qn.Tool(lambda *args: args, name="f")
    with pytest.raises(qn.ConfigError, match="name of a tool"):
        qn.Tool(lambda: None)
    with pytest.raises(qn.ConfigError, match="Two tools are called wait"):
        tools_of([wait, wait])
    with pytest.raises(qn.ConfigError, match="no JSON schema"):
        qn.tool(_takes_a_socket)


def _takes_a_socket(socket: asyncio.StreamReader) -> None: ...


def test_values_in_words() -> None:
    assert in_words("as it is") == "as it is"
    assert in_words({"城": [1, None, Unit.CELSIUS]}) == '{"城": [1, null, "<Unit.CELSIUS: \'c\'>"]}'
    assert in_words(b"12345") == "5 bytes of data"
    long = in_words("x" * 10_000_000)
    assert len(long) < LONGEST + 100
    assert "10,000,000 characters" in long
