"""Fragments of calls as real servers send them. One test for each way in which they deviate."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.decoding import chunk, folded, frames, reply
from tests.dialects.decoding import events as decoded


def fragment(index: Any = 0, **fields: Any) -> dict[str, Any]:
    """An entry of `tool_calls`; `name` and `arguments` belong to its function. `index=...` leaves the index out."""
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    return {**({} if index is ... else {"index": index}), **fields, "function": function}


def calls(*deltas: list[dict[str, Any]], finish: str = "tool_calls") -> list[tuple[str, str, str]]:
    """Id, name and arguments of each call that comes of these deltas."""
    body = frames(*(chunk({"tool_calls": delta}) for delta in deltas), chunk({}, finish), "[DONE]")
    answer = reply(body)
    assert answer.status == "complete"
    return [(call.id, call.name, call.arguments_text) for call in answer.tool_calls]


F = ("c1", "f", '{"a": 1}')
FIRST = fragment(id="c1", name="f", arguments="")

DEVIATIONS: dict[str, tuple[list[list[dict[str, Any]]], list[tuple[str, str, str]]]] = {
    "0 as OpenAI writes it": (
        [[fragment(id="c1", type="function", name="f", arguments="")], [fragment(arguments='{"a"')], [fragment(arguments=": 1}")]],
        [F],
    ),
    "1 an empty id in the fragments that follow": (
        [[FIRST], [fragment(id="", type="function", arguments='{"a": 1}')]],
        [F],
    ),
    "2 a function that says nothing": ([[FIRST], [fragment(id="")], [fragment(id="", arguments='{"a": 1}')]], [F]),
    "3 no arguments at first, the id repeated later": (
        [[fragment(id="c1", name="f")], [fragment(id="c1", arguments='{"a"')], [fragment(id="c1", arguments=": 1}")]],
        [F],
    ),
    "5 no index, an empty id": ([[fragment(..., id="c1", name="f")], [fragment(..., id="", arguments='{"a": 1}')]], [F]),
    "6 neither id nor type later": ([[FIRST], [fragment(arguments='{"a": 1}')]], [F]),
    "7 null id, null name": ([[FIRST], [fragment(id=None, name=None, arguments='{"a": 1}')]], [F]),
    "8 no index, whole calls in one delta": (
        [[fragment(..., id="c1", name="f", arguments='{"a": 1}'), fragment(..., id="c2", name="g", arguments="{}")]],
        [F, ("c2", "g", "{}")],
    ),
    "8 no index, the fragments of two calls by their ids": (
        [
            [fragment(..., id="c1", name="f", arguments='{"a"')],
            [fragment(..., id="c2", name="g", arguments="{")],
            [fragment(..., id="c1", arguments=": 1}")],
            [fragment(..., id="c2", arguments="}")],
        ],
        [F, ("c2", "g", "{}")],
    ),
    "8 neither index nor id": (
        [[fragment(..., name="f", arguments='{"a": 1}'), fragment(..., name="g", arguments="{}")]],
        [("", "f", '{"a": 1}'), ("", "g", "{}")],
    ),
    "9 index 0 for all": (
        [[fragment(id="c1", name="f", arguments='{"a": 1}')], [fragment(id="c2", name="f", arguments='{"a": 2}')]],
        [F, ("c2", "f", '{"a": 2}')],
    ),
    "9 index 0 for all, calls without arguments": (
        [[fragment(id="c1", name="f", arguments="")], [fragment(id="c2", name="g", arguments="")]],
        [("c1", "f", ""), ("c2", "g", "")],
    ),
    "10 a fresh id and an empty name in each fragment": (
        [
            [fragment(id="c1", name="f", arguments="")],
            [fragment(id="c2", name="", arguments='{"a"')],
            [fragment(id="c3", name="", arguments=": 1}")],
            [fragment(id="c4", name="", arguments="")],
        ],
        [F],
    ),
    "11 the id in each fragment": ([[FIRST], [fragment(id="c1", arguments='{"a": 1}')]], [F]),
    "12 the name in each fragment": (
        [
            [fragment(id="c1", name="f", arguments="")],
            [fragment(name="f", arguments='{"a"')],
            [fragment(name="f", arguments=": 1}")],
            [fragment(name="f", arguments="")],
        ],
        [F],
    ),
    "12 id and name in each fragment": (
        [[FIRST], [fragment(id="c1", name="f", arguments='{"a"')], [fragment(id="c1", name="f", arguments=": 1}")]],
        [F],
    ),
    "13 indexes that begin above 0 and have gaps": (
        [[fragment(5, id="c1", name="f", arguments='{"a": 1}')], [fragment(2, id="c2", name="g", arguments="{}")]],
        [F, ("c2", "g", "{}")],
    ),
    "13 the fragments of two calls by their indexes": (
        [
            [fragment(0, id="c1", name="f", arguments='{"a"'), fragment(1, id="c2", name="g", arguments="{")],
            [fragment(1, arguments="}"), fragment(0, arguments=": 1}")],
        ],
        [F, ("c2", "g", "{}")],
    ),
    "14 null arguments first": ([[fragment(id="c1", name="f", arguments=None)], [fragment(arguments='{"a": 1}')]], [F]),
    "15 arguments as an object": ([[fragment(id="c1", name="f", arguments={"a": 1})]], [F]),
    "15 a later object replaces an earlier": (
        [[fragment(id="c1", name="f", arguments={})], [fragment(id="c1", arguments={"a": 1})]],
        [F],
    ),
    "16 all arguments in one piece": ([[fragment(id="c1", name="f", arguments='{"a": 1}')]], [F]),
    "24 no arguments": ([[FIRST]], [("c1", "f", "")]),
    "25 a new id where a call is complete, the name later": (
        [
            [fragment(id="c1", name="f", arguments='{"a": 1}')],
            [fragment(id="c2", arguments="")],
            [fragment(name="g", arguments="{}")],
        ],
        [F, ("c2", "g", "{}")],
    ),
    "25 a new id where a call is complete, with arguments": (
        [[fragment(id="c1", name="f", arguments='{"a": 1}')], [fragment(id="c2", arguments="{}")]],
        [F, ("c2", "", "{}")],
    ),
    "a null index": ([[fragment(None, id="c1", name="f", arguments="")], [fragment(None, arguments='{"a": 1}')]], [F]),
    "an index that is text": ([[fragment("0", id="c1", name="f", arguments="")], [fragment("0", arguments='{"a": 1}')]], [F]),
    "a number for an id": ([[fragment(id=7, name="f", arguments="{}")]], [("7", "f", "{}")]),
    "a name in pieces": (
        [[fragment(id="c1", name="get_")], [fragment(name="weather")], [fragment(arguments="{}")]],
        [("c1", "get_weather", "{}")],
    ),
    "a name that grows": (
        [[fragment(id="c1", name="get_")], [fragment(name="get_weather", arguments="{}")]],
        [("c1", "get_weather", "{}")],
    ),
    "an id that comes late": ([[fragment(name="f")], [fragment(id="c1", arguments='{"a": 1}')]], [F]),
    "all arguments so far in each fragment": (
        [[fragment(id="c1", name="f", arguments='{"a"')], [fragment(id="c1", name="f", arguments='{"a": 1}')]],
        [F],
    ),
    "the same fragment twice": ([[fragment(id="c1", name="f", arguments='{"a": 1}')]] * 2, [F]),
    "one object instead of a list": ([fragment(id="c1", name="f", arguments='{"a": 1}')], [F]),  # type: ignore[list-item]
    "index 0 for all, and no ids": (
        [[fragment(name="f", arguments='{"a": 1}')], [fragment(name="g", arguments="{}")]],
        [("", "f", '{"a": 1}'), ("", "g", "{}")],
    ),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_deviation(name: str) -> None:
    deltas, expected = DEVIATIONS[name]
    assert calls(*deltas) == expected


def test_no_calls_in_empty_lists() -> None:
    body = frames(chunk({"content": "Hi", "tool_calls": []}), chunk({"content": "!", "tool_calls": None}), chunk({}, "stop"))
    answer = reply(body)
    assert (answer.text, answer.tool_calls) == ("Hi!", [])


def test_text_and_calls_share_a_delta() -> None:
    body = frames(
        chunk({"content": "One.", "tool_calls": [fragment(id="c1", name="f", arguments='{"a"')]}),
        chunk({"content": " Two.", "tool_calls": [fragment(arguments=": 1}")]}),
        chunk({}, "tool_calls"),
    )
    answer = reply(body)
    assert answer.text == "One. Two."
    assert [(call.id, call.name, call.arguments) for call in answer.tool_calls] == [("c1", "f", {"a": 1})]


def test_calls_count_whatever_the_finish_says() -> None:
    assert calls([fragment(id="c1", name="f", arguments='{"a": 1}')], finish="stop") == [F]


def test_fragments_may_come_with_the_finish() -> None:
    body = frames(chunk({"tool_calls": [FIRST]}), chunk({"tool_calls": [fragment(arguments='{"a": 1}')]}, "tool_calls"))
    assert reply(body).tool_calls[0].arguments == {"a": 1}


@pytest.mark.parametrize("arguments", ['{"a": 1', '{"a": 1}{"b": 2}', "[1]", '"a"', "{a: 1}", "nothing", '{"a": 1} and more'])
def test_broken_arguments_are_kept_and_marked(arguments: str) -> None:
    answer = reply(frames(chunk({"tool_calls": [fragment(id="c1", name="f", arguments=arguments)]}), chunk({}, "length")))
    (call,) = answer.tool_calls
    assert (call.arguments_text, call.arguments) == (arguments, None)
    assert [part.reason for part in answer.parts] == ["broken"]


def test_one_brace_too_many_is_said_and_forgiven() -> None:
    arguments = '{"location": "上海市"}}'
    answer = reply(frames(chunk({"tool_calls": [fragment(id="c1", name="f", arguments=arguments)]}), chunk({}, "tool_calls")))
    (call,) = answer.tool_calls
    assert (call.arguments_text, call.arguments) == (arguments, {"location": "上海市"})
    assert [notice.code for notice in answer.warnings] == ["extra_bracket"]


def test_what_becomes_known_late_is_said_again() -> None:
    body = frames(chunk({"tool_calls": [fragment(name="f")]}), chunk({"tool_calls": [fragment(id="c1", arguments="{}")]}))
    starts = [event for event in decoded(body) if event.type == "part_start"]
    assert [(event.index, event.name, event.id) for event in starts] == [(0, "f", ""), (0, "f", "c1")]


def test_the_function_call_of_2023() -> None:
    body = frames(
        chunk({"function_call": {"name": "f", "arguments": ""}}),
        chunk({"function_call": {"arguments": '{"a": 1}'}}),
        chunk({}, "function_call"),
    )
    answer = reply(body)
    assert [(call.id, call.name, call.arguments) for call in answer.tool_calls] == [("", "f", {"a": 1})]
    assert answer.finish_reason == "function_call"


def test_fragments_do_not_cost_more_as_arguments_grow() -> None:
    pieces = [fragment(arguments=f'"k{number}": {{"x": 1}}, ') for number in range(20_000)]
    deltas = [chunk({"tool_calls": [piece]}) for piece in [fragment(id="c1", name="f", arguments="{"), *pieces]]
    answer = folded(decoded(frames(*deltas, chunk({"tool_calls": [fragment(arguments='"end": 1}')]}), chunk({}, "stop"))))
    assert len(answer.tool_calls[0].arguments or {}) == 20_001
