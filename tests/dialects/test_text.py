"""What servers leave in the text: tags of reasoning, calls, stop words. Each text is sent whole, and character by character."""

from __future__ import annotations

from typing import Any

import pytest

from qwen_nb.events import PartDelta, PartStart
from qwen_nb.profiles import PROFILES
from qwen_nb.reply import Reply
from qwen_nb.request import Request
from tests.dialects.decoding import PLAIN, chunk, events, frames, reply, said, shown, tool

TOOLS = (
    tool("get_weather", city={"type": "string"}, days={"type": "integer"}, units={"type": ["string", "null"]}),
    tool("run", code={"type": "string"}, options={"type": "object"}, fast={"type": "boolean"}, at={"anyOf": [{"type": "number"}]}),
    tool("now"),
)
WITH_TOOLS = Request(PLAIN.messages, model="m", tools=TOOLS)


def both(text: str, request: Request = PLAIN, *, finish: str | None = "stop", **options: Any) -> Reply:
    """The reply to a text sent whole; sent by character it must be the same."""
    whole = reply(said(text, finish=finish), request, **options)
    by_character = reply(said(*text, finish=finish), request, **options)
    assert shown(by_character) == shown(whole)
    assert [part.reason for part in by_character.parts] == [part.reason for part in whole.parts]
    return whole


THOUGHTS = {
    "a thought and an answer": ("<think>\nHm.\n</think>\n\nYes.", [("reasoning", "Hm."), ("text", "Yes.")]),
    "no newlines": ("<think>Hm.</think>Yes.", [("reasoning", "Hm."), ("text", "Yes.")]),
    "white space before": ("\n <think>Hm.</think>Yes.", [("reasoning", "Hm."), ("text", "Yes.")]),
    "only one newline goes": ("<think>\n\nHm.\n\n</think>Yes.", [("reasoning", "\nHm.\n"), ("text", "Yes.")]),
    "an empty thought": ("<think>\n\n</think>\n\nYes.", [("text", "Yes.")]),
    "no answer": ("<think>\nHm.\n</think>\n\n", [("reasoning", "Hm.")]),
    "never closed": ("<think>\nHm.\n", [("reasoning", "Hm.\n")]),
    "closed twice": ("<think>Hm.</think>\n</think>\nYes.", [("reasoning", "Hm."), ("text", "Yes.")]),
    "closed only": ("Hm.\n</think>\n\nYes.", [("reasoning", "Hm."), ("text", "Yes.")]),
    "closed at once": ("</think>\n\nYes.", [("text", "Yes.")]),
    "closed after blank lines": ("\n\n</think>\n\nYes.", [("text", "Yes.")]),
    "an almost closing tag": ("<think>a </thin b</think>c", [("reasoning", "a </thin b"), ("text", "c")]),
    "an answer about tags": ("It writes <think>a</think> first.", [("text", "It writes <think>a</think> first.")]),
    "an answer that quotes a tag": ("It ends with `</think>`.", [("text", "It ends with `</think>`.")]),
    "tags after the thought": ("<think>a</think>b <think>c</think>", [("reasoning", "a"), ("text", "b <think>c</think>")]),
    "no tags": ("a < b\n\nc </ d\n", [("text", "a < b\n\nc </ d\n")]),
    "the beginning of a tag": ("<thin", [("text", "<thin")]),
    "white space only": ("\n\n", [("text", "\n\n")]),
}


@pytest.mark.parametrize("name", THOUGHTS)
def test_thought_in_the_text(name: str) -> None:
    text, expected = THOUGHTS[name]
    assert shown(both(text)) == expected


def test_a_text_that_turns_out_to_be_a_thought_is_shown_before_that() -> None:
    starts = [event for event in events(said("Hm.", "\n</think>", "Yes.")) if isinstance(event, PartStart)]
    assert [(event.index, event.kind) for event in starts] == [(0, "text"), (0, "reasoning"), (1, "text")]


@pytest.mark.parametrize(
    ("text", "finish", "expected"),
    [
        ("Hm.\n</think>\n\nYes.", "stop", [("reasoning", "Hm."), ("text", "Yes.")]),
        ("<think>\nHm.\n</think>\n\nYes.", "stop", [("reasoning", "Hm."), ("text", "Yes.")]),
        ("Hm, and then", "length", [("reasoning", "Hm, and then")]),
        ("Hm, and then", None, [("reasoning", "Hm, and then")]),
        ("Yes.", "stop", [("text", "Yes.")]),
    ],
)
def test_a_model_that_starts_in_its_thought(text: str, finish: str | None, expected: list[tuple[str, str]]) -> None:
    request = Request(PLAIN.messages, model="Qwen/Qwen3-30B-A3B-Thinking-2507")
    assert shown(both(text, request, finish=finish, profile=PROFILES["vllm"])) == expected


def test_a_thought_in_a_field_of_its_own_leaves_tags_to_the_answer() -> None:
    body = frames(chunk({"reasoning_content": "Hm."}), chunk({"content": "\n\n<think>x</think> y"}), chunk({}, "stop"))
    assert shown(reply(body)) == [("reasoning", "Hm."), ("text", "\n\n<think>x</think> y")]


def test_a_closing_tag_that_leaks_behind_a_field_goes() -> None:
    body = frames(chunk({"reasoning_content": "Hm."}), *(chunk({"content": c}) for c in "\n</think>\n\nYes."), chunk({}, "stop"))
    assert shown(reply(body)) == [("reasoning", "Hm."), ("text", "Yes.")]


def test_white_space_before_a_call_stays_in_its_place() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    body = frames(
        chunk({"content": "Let me see.\n"}), chunk({"tool_calls": [call]}), chunk({"content": "Done."}), chunk({}, "stop")
    )
    assert shown(reply(body)) == [("text", "Let me see.\n"), ("call f", "{}"), ("text", "Done.")]


def test_a_thought_before_a_call_stays_in_its_place() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    body = frames(chunk({"content": "<think>\nHm.\n"}), chunk({"tool_calls": [call]}), chunk({}, "tool_calls"))
    assert shown(reply(body)) == [("reasoning", "Hm.\n"), ("call f", "{}")]


CALLS = {
    "JSON": (
        '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>',
        [("call get_weather", '{"city": "Paris"}')],
    ),
    "JSON, twice, with text around": (
        (
            'Look.\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "a}<\\"b"}}\n</tool_call>\n'
            '<tool_call>{"name": "now", "arguments": {}}</tool_call>\nWait.'
        ),
        [("text", "Look.\n"), ("call get_weather", '{"city": "a}<\\"b"}'), ("call now", "{}"), ("text", "\nWait.")],
    ),
    "JSON in another order": (
        '<tool_call>{"arguments": {"city": "Paris"}, "name": "get_weather"}</tool_call>',
        [("call get_weather", '{"city": "Paris"}')],
    ),
    "JSON with arguments as a string": (
        '<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}</tool_call>',
        [("call get_weather", '{"city": "Paris"}')],
    ),
    "JSON without arguments": ('<tool_call>{"name": "now"}</tool_call>', [("call now", "{}")]),
    "JSON with a field behind the arguments": (
        '<tool_call>{"name": "now", "arguments": {}, "id": "x"}</tool_call>ok',
        [("call now", "{}"), ("text", "ok")],
    ),
    "JSON with a brace too many": (
        '<tool_call>{"name": "now", "arguments": {}}}\n</tool_call>ok',
        [("call now", "{}"), ("text", "ok")],
    ),
    "JSON with a brace too few": (
        '<tool_call>{"name": "now", "arguments": {}</tool_call>ok',
        [("call now", "{}"), ("text", "ok")],
    ),
    "JSON that is not closed": ('<tool_call>{"name": "now", "arguments": {}}', [("call now", "{}")]),
    "JSON of an unknown tool": (
        '<tool_call>{"name": "other", "arguments": {}}</tool_call>',
        [("text", '<tool_call>{"name": "other", "arguments": {}}</tool_call>')],
    ),
    "JSON that is none": ("<tool_call>{name: now}</tool_call>!", [("text", "<tool_call>{name: now}</tool_call>!")]),
    "no call": ("Calls look like <tool_call> or so.", [("text", "Calls look like <tool_call> or so.")]),
    "the beginning of a call": ("a <tool_ca", [("text", "a <tool_ca")]),
    "an opening tag and no more": ("a <tool_call>", [("text", "a <tool_call>")]),
    "the name of a function and no more": ("Write <function=now> then.", [("text", "Write <function=now> then.")]),
    "XML": (
        (
            "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n3\n</parameter>\n"
            "</function>\n</tool_call>"
        ),
        [("call get_weather", '{"city": "Paris", "days": 3}')],
    ),
    "XML, twice, the opening tag missing": (
        "Look.\n<function=now>\n</function>\n</tool_call>\n<tool_call>\n<function=now></function></tool_call>Wait.",
        [("text", "Look.\n"), ("call now", "{}"), ("call now", "{}"), ("text", "Wait.")],
    ),
    "XML with values of all types": (
        (
            '<function=run><parameter=code>\nif a < b:\n  print("</p>")\n\n</parameter><parameter=options>{"x": [1]}</parameter>'
            "<parameter=fast>True</parameter><parameter=at>1.5</parameter></function>"
        ),
        [("call run", '{"code": "if a < b:\\n  print(\\"</p>\\")\\n", "options": {"x": [1]}, "fast": true, "at": 1.5}')],
    ),
    "XML with values that do not fit": (
        (
            "<function=get_weather><parameter=city>42</parameter><parameter=days>true</parameter><parameter=units>null</parameter>"
            "<parameter=more>7</parameter></function>"
        ),
        [("call get_weather", '{"city": "42", "days": "true", "units": null, "more": "7"}')],
    ),
    "XML with parameters that are not closed": (
        "<function=get_weather>\n<parameter=city>\nParis\n<parameter=days>\n3\n</function>\n</tool_call>",
        [("call get_weather", '{"city": "Paris", "days": 3}')],
    ),
    "XML that is not closed": (
        "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis",
        [("call get_weather", '{"city": "Paris"}')],
    ),
    "XML of an unknown tool": ("<function=other></function>", [("text", "<function=other></function>")]),
    "a thought, then a call": (
        '<think>\nHm.\n</think>\n\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
        [("reasoning", "Hm."), ("call now", "{}")],
    ),
    "a call inside a thought that never closes": (
        '<think>\nHm.\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
        [("reasoning", "Hm."), ("call now", "{}")],
    ),
    "a thought that only speaks of a call": (
        "<think>\nHm.\n<tool_call> or not.\n</think>\n\nNo.",
        [("reasoning", "Hm.\n<tool_call> or not."), ("text", "No.")],
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_call_in_the_text(name: str) -> None:
    text, expected = CALLS[name]
    answer = both(text, WITH_TOOLS)
    assert shown(answer) == expected
    assert all(call.arguments is not None for call in answer.tool_calls)


@pytest.mark.parametrize("name", CALLS)
def test_without_tools_a_call_in_the_text_is_text(name: str) -> None:
    text, _ = CALLS[name]
    answer = both(text)
    assert not answer.tool_calls
    assert len(answer.text + answer.reasoning) >= len(text) - len("<think>\n\n</think>\n\n")


def test_a_request_that_forbids_calls_gets_text() -> None:
    text, _ = CALLS["JSON"]
    assert both(text, Request(PLAIN.messages, tools=TOOLS, tool_choice="none")).text == text


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('<tool_call>{"name": "get_weather", "arguments": {"city": "Par', '{"city": "Par'),
        ("<function=get_weather><parameter=city>Par", '{"city": "Par'),
        ("<function=get_weather><parameter=city>Paris</parameter>", '{"city": "Paris"'),
    ],
)
def test_a_call_in_the_text_that_was_cut_off_is_broken(text: str, arguments: str) -> None:
    answer = both(text, WITH_TOOLS, finish="length")
    assert [(call.arguments_text, call.arguments) for call in answer.tool_calls] == [(arguments, None)]


def test_arguments_in_the_text_are_passed_on_as_they_arrive() -> None:
    pieces = ['<tool_call>{"name": "get_weather", ', '"arguments": {"ci', 'ty": "Pa', 'ris"}}', "</tool_call>"]
    deltas = [event.text for event in events(said(*pieces), WITH_TOOLS) if isinstance(event, PartDelta)]
    assert deltas == ['{"ci', 'ty": "Pa', 'ris"}']


@pytest.mark.parametrize("answer", ["", "\n\n", "Let me look."])
def test_a_call_in_a_field_of_reasoning_counts_if_there_was_no_other(answer: str) -> None:
    thought = 'I need it.\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
    deltas = [{"reasoning_content": piece} for piece in thought] + [{"content": answer}]
    body = frames(*map(chunk, deltas), chunk({}, "stop"))
    found = reply(body, WITH_TOOLS)
    assert [(call.name, call.arguments) for call in found.tool_calls] == [("now", {})]
    assert (found.reasoning, found.text) == (thought, answer if answer.strip() else found.text)
    call = {"index": 0, "id": "c", "function": {"name": "run", "arguments": "{}"}}
    other = frames(*map(chunk, deltas), chunk({"tool_calls": [call]}), chunk({}, "tool_calls"))
    assert [call.name for call in reply(other, WITH_TOOLS).tool_calls] == ["run"]


def test_half_a_call_in_a_field_of_reasoning_is_none() -> None:
    body = frames(chunk({"reasoning": '<tool_call>{"name": "now", "arguments": {"a": '}), chunk({}, "length"))
    assert reply(body, WITH_TOOLS).tool_calls == []


STOPS = {
    "at the end": ("Thought: ok\nObservation:", ("Observation:",), "Thought: ok\n"),
    "with more behind it": ("a\nObservation: b\nAction", ("Observation:",), "a\n"),
    "the first of two": ("one two three", ("three", "two"), "one "),
    "one that begins another": ("ab abc", ("abc", "zz"), "ab "),
    "none": ("Observe this: ok", ("Observation:",), "Observe this: ok"),
    "the beginning of one": ("It is an Observ", ("Observation:",), "It is an Observ"),
    "at once": ("###\nrest", ("###",), ""),
    "an empty word": ("abc", ("",), "abc"),
}


@pytest.mark.parametrize("name", STOPS)
def test_stop_word_never_shows(name: str) -> None:
    text, words, expected = STOPS[name]
    assert both(text, Request(PLAIN.messages, stop=words)).text == expected


def test_a_stop_word_in_a_thought_is_not_one() -> None:
    request = Request(PLAIN.messages, stop=("\n\n",))
    assert shown(both("<think>\na\n\nb\n</think>\n\nYes.\n\nNo.", request)) == [("reasoning", "a\n\nb"), ("text", "Yes.")]
    assert shown(both("a\n\nb\n</think>\n\nYes.", request))[-1] == ("text", "Yes.")


def test_text_waits_no_longer_than_it_must() -> None:
    body = events(said("Obs", "erve", " <", "b> ", "x"), Request(PLAIN.messages, stop=("Observation:",), tools=TOOLS))
    assert [event.text for event in body if isinstance(event, PartDelta)] == ["Observe", " ", "<b> ", "x"]
