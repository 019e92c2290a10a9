"""What a reply holds besides text and calls: choices, usage, log probabilities, sound, refusals; and whole documents."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from qwen_nb.dialects import dialect
from qwen_nb.events import PartEnd, StreamEnd
from qwen_nb.profiles import PROFILES
from qwen_nb.reply import Reply
from qwen_nb.request import Request
from tests.dialects.decoding import OPENAI, PLAIN, chunk, events, folded, frames, reply, shown, tool


def choices(*spoken: tuple[int, dict[str, Any], str | None]) -> bytes:
    documents = [{"choices": [{"index": number, "delta": delta, "finish_reason": end}]} for number, delta, end in spoken]
    return frames(*documents, "[DONE]")


def test_choices_come_apart_each_with_its_finish() -> None:
    body = choices((1, {"content": "B"}, None), (0, {"content": "A"}, None), (1, {"content": "b"}, "length"), (0, {}, "stop"))
    said = events(body)
    answer = folded(said)
    assert (answer.text, answer.finish_reason) == ("A", "stop")
    assert [(part.choice, part.text, part.reason) for part in answer.parts] == [(1, "Bb", "length"), (0, "A", "")]
    assert [event.reason for event in said if isinstance(event, PartEnd)] == ["length", ""]


def test_choices_of_one_frame_are_numbered_by_their_place() -> None:
    body = frames({"choices": [{"delta": {"content": "A"}}, {"delta": {"content": "B"}}, None, "x"]})
    assert [(part.choice, part.text) for part in reply(body).parts] == [(0, "A"), (1, "B")]


def test_a_choice_that_said_nothing_has_a_finish_too() -> None:
    answer = reply(choices((0, {"content": "A"}, "stop"), (1, {}, "content_filter")))
    assert [(part.choice, part.text, part.reason) for part in answer.parts] == [(0, "A", ""), (1, "", "content_filter")]


def test_a_choice_that_called_has_a_finish_too() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    answer = reply(choices((0, {"content": "A"}, "stop"), (1, {"tool_calls": [call]}, "tool_calls")))
    assert [(part.kind, part.choice, part.reason) for part in answer.parts][-1] == ("text", 1, "tool_calls")
    assert answer.tool_calls == []


def test_a_choice_without_a_finish_was_cut_off() -> None:
    assert reply(choices((0, {"content": "A"}, "stop"), (1, {"content": "B"}, None))).status == "truncated"


def test_the_first_finish_counts() -> None:
    assert reply(frames(chunk({"content": "A"}, "stop"), chunk({}, "length"))).finish_reason == "stop"


@pytest.mark.parametrize("nothing", [None, "", "null"])
def test_no_finish_is_none(nothing: Any) -> None:
    answer = reply(frames(chunk({"content": "A"}, nothing)))
    assert (answer.status, answer.finish_reason) == ("truncated", None)


@pytest.mark.parametrize("nothing", [[], None, ..., {}, "x", 1])
def test_a_frame_without_choices_is_healthy(nothing: Any) -> None:
    document = {"id": "c1", "usage": {"prompt_tokens": 1}}
    if nothing is not ...:
        document["choices"] = nothing
    answer = reply(frames(chunk({"content": "A"}, "stop"), document))
    assert (answer.text, answer.status, answer.usage.input_tokens) == ("A", "complete", 1)


@pytest.mark.parametrize(
    "delta",
    [
        None,
        [],
        "x",
        {"content": None},
        {"content": ""},
        {"content": 7},
        {"content": {}},
        {"tool_calls": "x"},
        {"tool_calls": [None, 1]},
        {"audio": "x"},
        {"refusal": []},
        {"function_call": 0},
        {"reasoning_details": {"text": "x"}},
    ],
)
def test_a_delta_that_says_nothing(delta: Any) -> None:
    answer = reply(frames({"choices": [{"index": 0, "delta": delta}]}, chunk({"content": "A"}, "stop")))
    assert shown(answer) == [("text", "A")]


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 1, "completion_tokens": 2}, (1, 2, None, None)),
        ({"input_tokens": 1, "output_tokens": 2}, (1, 2, None, None)),
        (
            {
                "prompt_tokens": 1,
                "completion_tokens": 2,
                "completion_tokens_details": {"reasoning_tokens": 3},
                "prompt_tokens_details": {"cached_tokens": 0},
            },
            (1, 2, 3, 0),
        ),
        (
            {"output_tokens_details": {"reasoning_tokens": 3}, "input_tokens_details": {"cached_tokens": 4}},
            (None, None, 3, 4),
        ),
        ({"reasoning_tokens": 3, "prompt_tokens_details": None}, (None, None, 3, None)),
        ({"prompt_tokens": "1", "completion_tokens": True, "reasoning_tokens": -1}, (None, None, None, None)),
    ],
)
def test_usage(usage: dict[str, Any], expected: tuple[int | None, ...]) -> None:
    answer = reply(frames(chunk({"content": "A"}, "stop"), {"choices": [], "usage": usage}))
    found = answer.usage
    assert (found.input_tokens, found.output_tokens, found.reasoning_tokens, found.cached_tokens) == expected
    assert found.raw == usage


def test_the_last_usage_that_says_something_counts() -> None:
    deltas = [chunk({"content": "A"}, usage={"completion_tokens": count}) for count in (1, 2)]
    assert reply(frames(*deltas, chunk({}, "stop", usage=None), {"usage": {}})).usage.output_tokens == 2


def test_log_probabilities_are_kept() -> None:
    entry = {"token": "A", "bytes": [65], "logprob": -0.1, "top_logprobs": []}
    body = frames(*({"choices": [{"index": 0, "delta": {"content": "A"}, "logprobs": {"content": [entry]}}]} for _ in range(2)))
    assert reply(body).raw["logprobs"] == {"0": [entry, entry]}


def test_sound_and_its_transcript_stand_beside_the_text() -> None:
    sound = [base64.b64encode(data).decode() for data in (b"\x00\x01", b"\x02\x03\x04")]
    body = frames(
        chunk({"audio": {"transcript": "Hel"}}),
        chunk({"content": "Text", "audio": {"data": sound[0]}}),
        chunk({"audio": {"transcript": "lo", "data": sound[1]}}),
        chunk({"content": "."}, "stop"),
    )
    answer = reply(body)
    assert [(part.kind, part.name, part.fragments) for part in answer.parts] == [
        ("text", "transcript", ["Hel", "lo"]),
        ("text", "", ["Text", "."]),
        ("audio", "", [f"{piece}\n" for piece in sound]),
    ]
    assert answer.text == "Text."


def test_a_refusal_is_no_text() -> None:
    answer = reply(frames(chunk({"refusal": "I "}), chunk({"refusal": "can't."}), chunk({}, "stop")))
    assert (answer.refusal, answer.text) == ("I can't.", "")


REASONING: dict[str, dict[str, Any]] = {
    "reasoning_content": {"reasoning_content": "Hm."},
    "reasoning": {"reasoning": "Hm."},
    "both": {"reasoning_content": "Hm.", "reasoning": "Hm."},
    "details": {"reasoning_details": [{"type": "reasoning.text", "text": "H"}, {"type": "reasoning.summary", "summary": "m."}]},
    "field and details": {"reasoning": "Hm.", "reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]},
    "an empty field and details": {"reasoning": "", "reasoning_details": [{"text": "Hm."}, {"type": "reasoning.encrypted"}]},
}


@pytest.mark.parametrize("name", REASONING)
def test_reasoning_is_taken_from_one_place(name: str) -> None:
    body = frames(chunk({"role": "assistant", "content": "", **REASONING[name]}), chunk({"content": "Yes."}, "stop"))
    assert shown(reply(body)) == [("reasoning", "Hm."), ("text", "Yes.")]


def test_thoughts_between_answers_are_parts_of_their_own() -> None:
    deltas = [{"reasoning": "a"}, {"content": "b"}, {"reasoning": "c"}, {"reasoning": "d", "content": "e"}]
    body = frames(*map(chunk, deltas), chunk({}, "stop"))
    assert shown(reply(body)) == [("reasoning", "a"), ("text", "b"), ("reasoning", "cd"), ("text", "e")]


def test_content_in_parts() -> None:
    body = frames(chunk({"content": [{"type": "text", "text": "a"}, "b", {"type": "x"}, None]}), chunk({}, "stop"))
    assert reply(body).text == "ab"


def test_model_and_id_are_kept() -> None:
    answer = reply(frames({"model": "", "choices": []}, chunk({"content": "A"}, "stop", id="chatcmpl-1", model="qwen-plus")))
    assert (answer.model, answer.request_id) == ("qwen-plus", "chatcmpl-1")


def whole(document: dict[str, Any], request: Request = PLAIN, profile: str = "openai", protocol: str = "chat") -> Reply:
    decoder = dialect(protocol).decoder(request, PROFILES[profile])
    return folded([*decoder.whole(document), *decoder.end()])


def test_a_whole_document_is_a_reply() -> None:
    message = {"role": "assistant", "content": "<think>\nHm.\n</think>\n\nYes.", "tool_calls": None}
    answer = whole({"id": "c1", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    assert shown(answer)[1:] == [("reasoning", "Hm."), ("text", "Yes.")]
    assert (answer.status, answer.finish_reason, answer.request_id) == ("complete", "stop", "c1")


def test_a_whole_document_in_a_stream_is_a_reply() -> None:
    body = frames({"choices": [{"index": 0, "message": {"content": "Yes."}, "finish_reason": "stop"}]})
    assert shown(reply(body)) == [("text", "Yes.")]


def test_a_completion_of_the_old_kind_is_a_reply() -> None:
    assert reply(frames({"choices": [{"text": "Yes.", "finish_reason": "stop"}]})).text == "Yes."


def test_the_legacy_server_calls_a_function_and_says_why_it_did_not_stream() -> None:
    message = {"role": "assistant", "content": "I need it.", "function_call": {"name": "f", "arguments": '{"a": 1}'}}
    answer = whole(
        {"choices": [{"index": 0, "message": message, "finish_reason": "function_call"}]},
        Request(PLAIN.messages, tools=(tool("f"),)),
        "legacy-qwen",
    )
    assert [(call.name, call.arguments) for call in answer.tool_calls] == [("f", {"a": 1})]
    assert (answer.text, answer.finish_reason) == ("I need it.", "function_call")
    assert "with functions" in answer.warnings[0].text


def test_a_whole_document_may_report_an_error() -> None:
    assert whole({"error": {"message": "no", "code": "x"}}).error == "no"


def test_others_may_add_notices_and_parts() -> None:
    decoder = dialect("chat").decoder(PLAIN, OPENAI)
    said = decoder.notice("retry", "Retrying in 1 s.")
    assert decoder.new_index() == 1
    answer = folded([*said, *decoder.end()])
    assert [(notice.code, notice.text) for notice in answer.warnings] == [("retry", "Retrying in 1 s.")]


def test_the_end_says_all_that_is_known() -> None:
    body = frames(chunk({"content": "A"}, "stop"), {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}})
    assert events(body)[-1] == StreamEnd(
        "complete",
        "stop",
        model="m",
        request_id="c1",
        input_tokens=1,
        output_tokens=2,
        raw='{"usage": {"prompt_tokens": 1, "completion_tokens": 2}}',
    )
