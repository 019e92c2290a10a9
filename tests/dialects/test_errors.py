"""Errors inside a stream and ends of streams, in every style that was seen."""

from __future__ import annotations

import time
from typing import Any

import pytest

from qwen_nb.dialects import dialect
from qwen_nb.events import StreamEnd
from qwen_nb.sse import Frame
from tests.dialects.decoding import OPENAI, PLAIN, chunk, events, folded, frames, reply, said

HALF = frames(chunk({"content": "Hal"}))


def end(body: bytes, **options: Any) -> StreamEnd:
    event = events(body, **options)[-1]
    assert isinstance(event, StreamEnd)
    return event


STYLES = {
    "A DashScope": (
        frames({"error": {"message": "Bad words.", "type": "x", "param": None, "code": "data_inspection_failed"}}),
        ("Bad words.", "data_inspection_failed", None),
    ),
    "B vLLM": (
        frames({"error": {"message": "Engine died.", "type": "InternalServerError", "code": 500}}, "[DONE]"),
        ("Engine died.", "500", 500),
    ),
    "B SGLang": (
        frames({"error": {"object": "error", "message": "Too long.", "type": "BadRequest", "code": 400}}, "[DONE]"),
        ("Too long.", "400", 400),
    ),
    "B SGLang, flat": (frames({"object": "error", "message": "Too long.", "code": 400}, "[DONE]"), ("Too long.", "400", 400)),
    "C DashScope's own, in a chat stream": (
        (
            b"id:1\nevent:error\n:HTTP_STATUS/429\n"
            b'data:{"request_id":"r1","code":"Throttling.AllocationQuota","message":"Slow down."}\n\n'
        ),
        ("Slow down.", "Throttling.AllocationQuota", 429),
    ),
    "C without event and status": (
        frames({"request_id": "r1", "code": "Throttling", "message": "Slow down."}),
        ("Slow down.", "Throttling", None),
    ),
    "C with an empty output": (
        frames({"output": None, "choices": [], "code": "DataInspectionFailed", "message": "Bad words."}),
        ("Bad words.", "DataInspectionFailed", None),
    ),
    "D LM Studio": (
        b'event: error\ndata: {"error":{"message":"Compute error."},"message":"Compute error."}\n\n',
        ("Compute error.", "", None),
    ),
    "D an orchestrator": (b'event: error\ndata: {"code":400,"details":"No."}\n\ndata: [DONE]\n\n', ("No.", "400", 400)),
    "D text": (b"event: error\ndata: it broke\n\n", ("it broke", "", None)),
    "E llama.cpp before September 2025": (
        b'error: {"code":500,"message":"Context full.","type":"server_error"}\n\ndata: [DONE]\n\n',
        ("Context full.", "500", 500),
    ),
    "F OpenRouter": (
        frames({**chunk({"content": ""}, "error"), "error": {"code": 502, "message": "Provider failed"}}),
        ("Provider failed", "502", 502),
    ),
    "F OpenRouter, with the provider's words": (
        frames({"choices": [], "error": {"code": 502, "message": "Provider failed", "metadata": {"raw": "no GPU"}}}),
        ("Provider failed: no GPU", "502", 502),
    ),
    "G plain text": (frames({"error": "out of memory"}), ("out of memory", "", None)),
    "G quotes not escaped": (b'data: {"error": "no "x" here"}\n\n', ('no "x" here', "", None)),
    "H no field name": (b'{"error":{"message":"backend gone"}}\n\n', ("backend gone", "", None)),
    "a key that is echoed": (frames({"error": {"message": "Bad key sk-0123456789abcdef."}}), ("Bad key sk-[key].", "", None)),
    "many lines": (frames({"error": {"message": "Trace:\n  a\n\n  b"}}), ("Trace: a b", "", None)),
    "an error that says little": (frames({"error": True}), ('{"error": true}', "", None)),
    "an error that says nothing": (
        b"event: error\ndata: {}\n\n",
        ("The server reported an error and did not say which.", "", None),
    ),
    "only a finish": (
        frames(chunk({}, "error")),
        ("The server gave up: it sent the finish_reason error and said no more.", "error", None),
    ),
}


@pytest.mark.parametrize("name", STYLES)
def test_error_in_a_stream(name: str) -> None:
    body, expected = STYLES[name]
    last = end(HALF + body)
    assert (last.status, last.error, last.code, last.http_status) == ("error", expected[0], expected[1], expected[2])
    answer = reply(HALF + body)
    assert answer.text == "Hal"
    assert not answer.warnings
    assert ("error" in answer.raw) == (name not in ("only a finish", "an error that says nothing"))
    assert "0123456789" not in str(answer.raw)


def test_style_i_an_empty_delta_and_nothing_else() -> None:
    last = end(frames(chunk({"content": "Hal"}), chunk({"content": ""})))
    assert (last.status, last.reason) == ("truncated", None)
    assert "ended before the model had finished" in last.error


def test_after_an_error_nothing_more_is_expected() -> None:
    decoder = dialect("chat").decoder(PLAIN, OPENAI)
    assert not decoder.done
    decoder.feed(Frame(b'{"error":{"message":"m"}}'))
    assert decoder.done


def test_the_first_error_counts() -> None:
    assert end(frames({"error": {"message": "first"}}, {"error": {"message": "second"}})).error == "first"


def test_a_null_error_is_none() -> None:
    assert end(frames({**chunk({"content": "Hi"}, "stop"), "error": None})).status == "complete"


def test_done_proves_nothing() -> None:
    decoder = dialect("chat").decoder(PLAIN, OPENAI)
    decoder.feed(Frame(frames(chunk({"content": "Hi"}))[6:-2]))
    decoder.feed(Frame(b" [DONE]"))
    assert not decoder.done
    assert end(frames(chunk({"content": "Hi"}), "[DONE]")).status == "truncated"
    assert end(frames("[DONE]")).status == "truncated"
    decoder.feed(Frame(frames(chunk({}, "stop"))[6:-2]))
    assert decoder.done


def test_an_empty_body_says_so() -> None:
    assert "empty stream" in end(b"").error


def test_the_finish_outlives_a_broken_connection() -> None:
    assert end(said("Hi"), status="error", error="broke").status == "complete"
    last = end(said("Hi", finish=None), status="error", error="broke")
    assert (last.status, last.error) == ("error", "broke")


def test_what_the_server_reported_outlives_a_broken_connection() -> None:
    body = frames({"error": {"message": "Engine died.", "code": 500}})
    assert end(body, status="error", error="broke").error == "Engine died."


@pytest.mark.parametrize("status", ["stopped", "interrupted"])
def test_a_stop_is_a_stop(status: Any) -> None:
    last = end(said("Hi", finish=None), status=status)
    assert (last.status, last.error, last.reason) == (status, "", None)


def test_the_end_comes_once() -> None:
    decoder = dialect("chat").decoder(PLAIN, OPENAI)
    assert len(decoder.end()) == 1
    assert decoder.end() == []


def test_frames_that_are_no_json_are_left_out_and_counted() -> None:
    body = frames(chunk({"content": "a"}), '{"id"', chunk({"content": "b"}), "<html>", "[1, 2]", '"x"', chunk({}, "stop"))
    answer = reply(body)
    assert (answer.status, answer.text) == ("complete", "ab")
    assert [(notice.code, notice.text) for notice in answer.warnings] == [
        ("bad_json", 'A frame was no JSON and was left out: {"id"'),
        ("bad_json", "3 more frames were no JSON and were left out."),
    ]


def test_a_huge_frame_that_is_no_json_does_not_hold_up_the_other_streams() -> None:
    decoder = dialect("chat").decoder(PLAIN, OPENAI)
    before = time.thread_time()
    said = decoder.feed(Frame(b"x" * 10_000_000))
    assert time.thread_time() - before < 0.2, "0.02 s here; half a second while all of it was read"
    assert folded(said).warnings[0].text.endswith("xxx…")


def test_a_frame_that_was_cut_off_is_no_notice() -> None:
    answer = reply(frames(chunk({"content": "a"})) + b'data: {"choices": [{"del')
    assert (answer.status, answer.text, answer.warnings) == ("truncated", "a", [])


MANGLED = {
    "two frames with one line end between": frames(chunk({"content": "a"})).rstrip()
    + b"\n"
    + frames(chunk({"content": "b"}, "stop")),
    "two documents in one frame": frames(chunk({"content": "a"})).rstrip() + frames(chunk({"content": "b"}, "stop"))[6:],
    "the marker in the same frame": frames(chunk({"content": "ab"}, "stop")).rstrip() + b"\ndata: [DONE]\n\n",
    "raw line ends in a string": frames(chunk({"content": "ab"}, "stop")).replace(b'"ab"', b'"ab",\ndata: "x": "\t"'),
    "the marker between spaces": frames(chunk({"content": "ab"}, "stop"), " [DONE] "),
    "null": frames("null", chunk({"content": "ab"}, "stop")),
    "no data": frames("", chunk({"content": "ab"}, "stop")),
}


@pytest.mark.parametrize("name", MANGLED)
def test_frames_that_can_be_saved(name: str) -> None:
    answer = reply(MANGLED[name])
    assert (answer.status, answer.text, answer.warnings) == ("complete", "ab", [])


def test_broken_characters_are_replaced_and_no_more() -> None:
    body = frames(chunk({"content": "ab"}, "stop"))
    assert reply(body.replace(b'"ab"', b'"a\xffb"')).text == "a\ufffdb"
    assert reply(body.replace(b'"ab"', b'"a\\ud83db"')).text == "a\ufffdb"
    assert reply(body.replace(b'"ab"', b'"\\ud83d\\ude42\\ud83d"')).text == "🙂\ufffd"
