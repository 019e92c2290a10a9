"""The recorded streams, by the values in `tests/streams/expected.json`, in every slicing."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwen_nb.dialects import dialect
from qwen_nb.dialects.error_body import parse_error_body
from qwen_nb.events import Event
from qwen_nb.profiles import PROFILES
from qwen_nb.reply import Reply
from qwen_nb.request import Request
from tests.dialects.decoding import EXPECTED, OPENAI, PLAIN, STREAMS, events, folded, sliced, tool

PROTOCOLS = {"chat": "chat", "responses": "responses", "native": "dashscope"}
ENDED = {"done": "complete", "finish": "complete", "truncated": "truncated", "error": "error"}
STREAMED = [name for name, case in EXPECTED.items() if case.get("status", 200) == 200 and "content_type" not in case]
REFUSED = [name for name, case in EXPECTED.items() if case.get("status", 200) != 200]


def decoded(name: str, chunks: Sequence[bytes] | bytes, request: Request = PLAIN) -> list[Event]:
    case = EXPECTED[name]
    broke = case.get("transport_error", "")
    protocol = PROTOCOLS[case["protocol"]]
    return events(chunks, request, protocol=protocol, status="error" if broke else None, error=broke)


def seen(reply: Reply) -> dict[str, Any]:
    """What `expected.json` has names for."""
    sound = [part.text for part in reply.parts if part.kind == "audio"]
    heard = [fragment for part in reply.parts if part.kind == "audio" for fragment in part.fragments]
    assert len(sound) <= 1
    return {
        "content": "" if any(part.name == "transcript" for part in reply.parts) else reply.text,
        "reasoning": reply.reasoning,
        "refusal": reply.refusal,
        "tool_calls": [[call.id, call.name, call.arguments_text] for call in reply.tool_calls],
        "finish_reason": reply.finish_reason,
        "usage": reply.usage.raw,
        "warnings": [notice.code for notice in reply.warnings],
        "audio_pcm_bytes": sum(len(base64.b64decode(fragment)) for fragment in heard),
        "audio_transcript": "".join(part.text for part in reply.parts if part.name == "transcript"),
        "server_items": [item["type"] for item in reply.raw.get("items", [])],
        "ended": reply.status,
        "error": reply.error,
    }


def wanted(name: str) -> dict[str, Any]:
    """What `expected.json` says of a stream; what it leaves out is empty."""
    expect = EXPECTED[name]["expect"]
    nothing: dict[str, Any] = {
        "content": "",
        "reasoning": "",
        "refusal": "",
        "tool_calls": [],
        "finish_reason": None,
        "warnings": [],
        "audio_pcm_bytes": 0,
        "audio_transcript": "",
        "server_items": [],
    }
    known = {field: value for field, value in expect.items() if field not in ("ended", "error", "choices")}
    return {**nothing, **known, "ended": ENDED[expect["ended"]]}


def check(name: str, reply: Reply) -> None:
    want = wanted(name)
    found = seen(reply)
    assert {field: found[field] for field in want} == want
    expect = EXPECTED[name]["expect"]
    if "error" in expect:
        assert reply.error == expect["error"]["message"]
        assert reply._end is not None
        assert reply._end.code == (expect["error"]["code"] or "")
    for number, choice in expect.get("choices", {}).items():
        parts = [part for part in reply.parts if part.choice == int(number)]
        assert "".join(part.text for part in parts if part.kind == "text") == choice["content"]
        finish = reply.finish_reason if number == "0" else parts[-1].reason
        assert finish == choice["finish_reason"]


def test_all_recorded_streams_are_covered() -> None:
    assert sorted(path.name for path in STREAMS.glob("*.sse")) == sorted(EXPECTED)
    assert len(STREAMED) + len(REFUSED) == len(EXPECTED) - 1


@pytest.mark.parametrize("name", STREAMED)
def test_stream_whole(name: str) -> None:
    check(name, folded(decoded(name, (STREAMS / name).read_bytes())))


@pytest.mark.parametrize("name", STREAMED)
def test_stream_in_other_slices(name: str) -> None:
    body = (STREAMS / name).read_bytes()
    whole = decoded(name, body)
    assert decoded(name, [bytes([byte]) for byte in body]) == whole
    cuts = EXPECTED[name].get("splits") or [at + 1 for at, byte in enumerate(body) if byte in b"\r\n" or byte >= 0x80]
    assert decoded(name, sliced(body, cuts)) == whole


@settings(max_examples=150)
@given(st.data())
def test_stream_in_random_slices(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(STREAMED))
    body = (STREAMS / name).read_bytes()
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=20))
    assert decoded(name, sliced(body, cuts)) == decoded(name, body)


@pytest.mark.parametrize("name", STREAMED)
def test_every_part_ends_before_the_stream_does(name: str) -> None:
    started: list[int] = []
    ended: list[int] = []
    for event in decoded(name, (STREAMS / name).read_bytes()):
        match event.type:
            case "part_start" if event.index not in started:
                started.append(event.index)
            case "part_delta":
                assert event.index in started
                assert event.index not in ended
                assert event.text
            case "part_end":
                assert event.index not in ended
                ended.append(event.index)
    assert started == list(range(len(started)))
    assert sorted(ended) == started
    assert event.type == "stream_end"


@pytest.mark.parametrize("name", REFUSED)
def test_refusal(name: str) -> None:
    case = EXPECTED[name]
    body = (STREAMS / name).read_bytes()
    told = parse_error_body(case["status"], case.get("content_type", "text/event-stream"), body, OPENAI)
    assert told.message == case["expect"]["error"]["message"]
    assert told.code == (case["expect"]["error"]["code"] or "")
    assert told.advice


def test_whole_document_instead_of_a_stream() -> None:
    name = "json-200-instead-of-stream.sse"
    decoder = dialect("chat").decoder(PLAIN, OPENAI)
    reply = folded([*decoder.whole(json.loads((STREAMS / name).read_bytes())), *decoder.end()])
    assert [notice.code for notice in reply.warnings] == ["not_streamed"]
    assert {**seen(reply), "warnings": []} == {**wanted(name), "error": ""}


def test_leaked_call_is_recovered_where_tools_were_offered() -> None:
    name = "vllm-hermes-leak.sse"
    request = Request(PLAIN.messages, tools=(tool("get_weather", city={"type": "string"}),))
    reply = folded(decoded(name, (STREAMS / name).read_bytes(), request))
    assert [[call.id, call.name, call.arguments_text] for call in reply.tool_calls] == EXPECTED[name]["recovered_tool_calls"]
    assert reply.text == ""


def test_stop_word_of_the_legacy_server() -> None:
    name = "legacy-qwen-stop-buffer.sse"
    request = Request(PLAIN.messages, stop=("Observation:",))
    reply = folded(events((STREAMS / name).read_bytes(), request, profile=PROFILES["legacy-qwen"]))
    assert reply.text == "Thought: ok\nAction: x\n"
