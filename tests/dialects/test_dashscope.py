"""DashScope's own protocol: new text in each frame, or all of it."""

from __future__ import annotations

from typing import Any

import pytest

from qwen_nb.profiles import PROFILES
from qwen_nb.reply import Reply
from qwen_nb.request import Request
from tests.dialects.decoding import PLAIN, frames, reply, shown

CUMULATIVE = Request(PLAIN.messages, extra={"parameters": {"incremental_output": False}})


def output(message: dict[str, Any] | str, finish: str | None = "null", **fields: Any) -> dict[str, Any]:
    said = {"content": message} if isinstance(message, str) else message
    return {"output": {"choices": [{"message": said, "finish_reason": finish}]}, "request_id": "r1", **fields}


def heard(*documents: Any, request: Request = PLAIN) -> Reply:
    return reply(frames(*documents), request, protocol="dashscope", profile=PROFILES["dashscope"])


def spoken(*texts: str, request: Request = PLAIN) -> Reply:
    """Texts in a frame each, the last one with the finish."""
    return heard(*(output(text) for text in texts[:-1]), output(texts[-1], "stop"), request=request)


NEW = [
    ("Hel", "lo", ""),
    ("1", "10", " is more", ""),
    ("1", "10", ""),
    ("ha", "ha", "ha", ""),
    ("ha", "haha", "!", ""),
    ("Hello", ""),
    ("Hello",),
    ("", "a", "", "b", ""),
]


@pytest.mark.parametrize("texts", NEW)
def test_new_text_in_each_frame(texts: tuple[str, ...]) -> None:
    answer = spoken(*texts)
    assert (answer.text, answer.status, answer.finish_reason) == ("".join(texts), "complete", "stop")


ALL = [
    ("Hel", "Hello", "Hello!"),
    ("", "I", "I am", "I am Qwen.", "I am Qwen."),
    ("Hel", "Hello"),
    ("A longer text", "A longer text goes on", "A longer text goes on."),
    ("a", "a", "a b", "a b", "a b c"),
]


@pytest.mark.parametrize("texts", ALL)
@pytest.mark.parametrize("request_", [PLAIN, CUMULATIVE], ids=["unasked", "asked"])
def test_all_text_in_each_frame(texts: tuple[str, ...], request_: Request) -> None:
    assert spoken(*texts, request=request_).text == texts[-1]


def test_new_text_although_all_was_asked_for() -> None:
    assert spoken("Hello", " world", "", request=CUMULATIVE).text == "Hello world"


def test_what_waits_is_not_lost_when_the_stream_breaks_off() -> None:
    answer = heard(output("1"), output("10"))
    assert (answer.text, answer.status) == ("110", "truncated")


def test_calls_whose_arguments_grow() -> None:
    def call(arguments: str) -> dict[str, Any]:
        return {"content": "", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}]}

    answer = heard(output(call("")), output(call('{"a"')), output(call('{"a": 1}')), output(call('{"a": 1}'), "tool_calls"))
    assert [(part.id, part.name, part.arguments_text) for part in answer.tool_calls] == [("c1", "f", '{"a": 1}')]


def test_calls_without_index_and_id() -> None:
    first = {"content": "", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a'}}]}
    last = {"content": "", "tool_calls": [{"id": "", "type": "function", "function": {"arguments": '": 1}'}}]}
    answer = heard(output(first), output(last, "tool_calls"))
    assert [(part.id, part.name, part.arguments) for part in answer.tool_calls] == [("c1", "f", {"a": 1})]


def test_reasoning_then_content_in_parts() -> None:
    answer = heard(
        output({"reasoning_content": "Hm", "content": []}),
        output({"reasoning_content": ".", "content": []}),
        output({"reasoning_content": "", "content": [{"text": "A"}]}),
        output({"reasoning_content": "", "content": [{"text": " cat"}]}),
        output({"reasoning_content": "", "content": []}, "stop"),
    )
    assert shown(answer) == [("reasoning", "Hm."), ("text", "A cat")]


def test_text_in_the_output_itself() -> None:
    documents = [{"output": {"text": text, "finish_reason": "null"}} for text in ("I", "I am", "I am Qwen")]
    answer = heard(*documents, {"output": {"text": "I am Qwen", "finish_reason": "stop"}})
    assert (answer.text, answer.finish_reason) == ("I am Qwen", "stop")


def test_choices_and_what_was_searched() -> None:
    def choices(*texts: str, finish: str) -> dict[str, Any]:
        said = [{"index": number, "message": {"content": text}, "finish_reason": finish} for number, text in enumerate(texts)]
        return {"output": {"choices": said, "search_info": {"search_results": [{"url": "u"}]}}}

    answer = heard(choices("A", "B", finish="null"), choices("a", "b", finish="stop"))
    assert [(part.choice, part.text, part.reason) for part in answer.parts] == [(0, "Aa", ""), (1, "Bb", "stop")]
    assert answer.raw["items"] == [{"type": "search_info", "search_results": [{"url": "u"}]}]


def test_usage_and_id() -> None:
    answer = heard(output("A", usage={"input_tokens": 1, "output_tokens": 1}), output("", "stop", usage={"output_tokens": 2}))
    assert (answer.usage.output_tokens, answer.request_id) == (2, "r1")


def test_an_error_has_its_status_in_a_comment() -> None:
    body = (
        frames(output("Half"))
        + b'id:2\nevent:error\n:HTTP_STATUS/429\ndata:{"code":"Throttling","message":"Slow.","request_id":"r2"}\n\n'
    )
    answer = reply(body, protocol="dashscope")
    assert answer._end is not None
    assert (answer.status, answer.text, answer.error) == ("error", "Half", "Slow.")
    assert (answer._end.code, answer._end.http_status, answer.request_id) == ("Throttling", 429, "r1")
