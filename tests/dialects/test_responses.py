"""Responses streams as the servers send them that do not follow OpenAI's to the letter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qwen_nb.dialects import dialect
from qwen_nb.profiles import PROFILES
from qwen_nb.reply import Reply
from qwen_nb.request import Request
from qwen_nb.sse import SSEDecoder
from tests.dialects.decoding import OPENAI, PLAIN, events, folded, frames, reply, shown, tool


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", **fields}


def ended(status: str = "completed", **fields: Any) -> dict[str, Any]:
    return event(status, response={"id": "resp_1", "model": "m", "status": status, **fields})


def heard(*documents: dict[str, Any], request: Request = PLAIN) -> Reply:
    return reply(frames(*documents), request, protocol="responses")


def message(text: str, **fields: Any) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}], **fields}


def called(call_id: str, name: str, arguments: str, **fields: Any) -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments, **fields}


def test_llama_cpp_names_its_calls_by_their_call_id() -> None:
    answer = heard(
        event("output_item.added", item=called("a1", "f", "")),
        event("output_item.added", item=called("a2", "g", "")),
        event("function_call_arguments.delta", item_id="fc_a2", delta='{"b": 2}'),
        event("function_call_arguments.delta", item_id="fc_a1", delta='{"a": '),
        event("function_call_arguments.delta", item_id="fc_a1", delta="1}"),
        event("output_item.done", item=called("a1", "f", '{"a": 1}')),
        event("output_item.done", item=called("a2", "g", '{"b": 2}')),
        ended(),
    )
    assert [(call.id, call.name, call.arguments) for call in answer.tool_calls] == [("a1", "f", {"a": 1}), ("a2", "g", {"b": 2})]


def test_transformers_sends_no_deltas_of_arguments() -> None:
    answer = heard(
        event("output_item.added", output_index=0, item=called("c1", "f", "", id="fc_1")),
        event("function_call_arguments.done", output_index=0, item_id="fc_1", name="f", arguments='{"a": 1}'),
        event("output_item.done", output_index=0, item=called("c1", "f", '{"a": 1}', id="fc_1")),
        ended(),
    )
    assert [(call.id, call.name, call.arguments) for call in answer.tool_calls] == [("c1", "f", {"a": 1})]


def test_a_call_that_is_only_ever_done() -> None:
    answer = heard(event("output_item.done", item=called("c1", "f", "{}", id="fc_1")), ended())
    assert shown(answer) == [("call f", "{}")]
    assert not answer.parts[0].is_open


def test_old_vllm_changes_ids_and_counts_contents() -> None:
    answer = heard(
        event("output_item.added", output_index=0, item={"type": "message", "id": "msg_a", "content": []}),
        event("output_text.delta", output_index=0, item_id="msg_b", content_index=0, delta="Hel"),
        event("output_text.delta", output_index=0, item_id="msg_b", content_index=1, delta="lo"),
        event("output_text.done", output_index=0, item_id="msg_b", content_index=2, text="Hello"),
        event("output_item.done", output_index=0, item=message("Hello", id="msg_c")),
        ended(output=[message("Hello", id="msg_d")]),
    )
    assert shown(answer) == [("text", "Hello")]


def test_dashscope_sends_what_its_samples_show() -> None:
    answer = heard(
        event("output_item.added", output_index=0, item={"type": "reasoning", "id": "msg_1", "summary": []}),
        event("reasoning_summary_text.delta", summary_index=0, delta="Hm."),
        event("output_item.done", output_index=1, item={"type": "reasoning", "id": "msg_1", "summary": [{"text": "Hm."}]}),
        event("output_item.added", item={"type": "message", "id": "msg_final", "content": [{"type": "text", "text": ""}]}),
        event("output_text.delta", delta="Yes."),
        {"type": "response.completed", "response": {"status": "completed", "usage": {"input_tokens": 1}}},
    )
    assert shown(answer) == [("reasoning", "Hm."), ("text", "Yes.")]
    assert (answer.status, answer.usage.input_tokens) == ("complete", 1)


def test_reasoning_in_text_and_summary_is_said_once() -> None:
    answer = heard(
        event("reasoning_text.delta", item_id="r", delta="Long thought."),
        event("reasoning_summary_text.delta", item_id="r", summary_index=0, delta="Short."),
        event("output_item.done", item={"type": "reasoning", "id": "r", "summary": [{"text": "Short."}], "content": []}),
        ended(),
    )
    assert answer.reasoning == "Long thought."


def test_summaries_are_paragraphs() -> None:
    answer = heard(
        event("reasoning_summary_text.delta", item_id="r", summary_index=0, delta="One."),
        event("reasoning_summary_text.delta", item_id="r", summary_index=1, delta="Two"),
        event("reasoning_summary_text.delta", item_id="r", summary_index=1, delta="."),
        event("output_item.done", item={"type": "reasoning", "id": "r", "summary": [{"text": "One."}, {"text": "Two."}]}),
        ended(),
    )
    assert answer.reasoning == "One.\n\nTwo."


@pytest.mark.parametrize("lost", range(4))
def test_what_a_lost_delta_held_comes_with_the_item(lost: int) -> None:
    documents = [
        event("output_item.added", item={"type": "message", "id": "m"}),
        event("output_text.delta", item_id="m", delta="Hel"),
        event("output_text.delta", item_id="m", delta="lo"),
        event("output_text.done", item_id="m", text="Hello"),
        event("output_item.done", item=message("Hello", id="m")),
        ended(output=[message("Hello", id="m")]),
    ]
    del documents[lost]
    # A text that lost its beginning cannot be put right: what came stays.
    assert heard(*documents).text == ("lo" if lost == 1 else "Hello")


def test_only_the_terminal_event() -> None:
    thought = {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "Hm."}]}
    search = {"type": "web_search_call", "id": "ws"}
    answer = heard(ended(output=[thought, message("Yes."), called("c1", "f", "{}"), search]))
    assert shown(answer) == [("reasoning", "Hm."), ("text", "Yes."), ("call f", "{}")]
    assert answer.raw["items"] == [search]


def test_items_of_the_server_and_annotations_are_kept() -> None:
    link = {"type": "url_citation", "url": "https://example.org"}
    answer = heard(
        event("mcp_call_arguments.delta", item_id="mcp", delta="{}"),
        event("output_item.added", output_index=0, item={"type": "web_search_call", "id": "ws", "status": "in_progress"}),
        event("web_search_call.searching", item_id="ws"),
        event("output_item.done", output_index=0, item={"type": "web_search_call", "id": "ws", "status": "completed"}),
        event("output_text.annotation.added", item_id="m", annotation=link),
        event("output_text.delta", delta="Yes."),
        ended(),
    )
    assert answer.raw["items"] == [{"type": "web_search_call", "id": "ws", "status": "completed"}, link]
    assert shown(answer) == [("text", "Yes.")]


def test_refusals_log_probabilities_tags_and_stop_words() -> None:
    answer = heard(
        event("output_text.delta", delta="<think>Hm.</think>Yes", logprobs=[{"token": "Yes"}]),
        event("output_text.delta", delta=". END and more"),
        event("refusal.delta", delta="No."),
        ended(),
        request=Request(PLAIN.messages, stop=("END",)),
    )
    assert shown(answer) == [("reasoning", "Hm."), ("text", "Yes. "), ("refusal", "No.")]
    assert answer.raw["logprobs"] == {"0": [{"token": "Yes"}]}


def test_leaked_calls_are_found_here_too() -> None:
    text = '<tool_call>{"name": "f", "arguments": {}}</tool_call>'
    answer = heard(
        *(event("output_text.delta", delta=c) for c in text), ended(), request=Request(PLAIN.messages, tools=(tool("f"),))
    )
    assert shown(answer) == [("call f", "{}")]


@pytest.mark.parametrize(
    ("document", "status", "reason"),
    [
        (ended(), "complete", "completed"),
        (ended("incomplete", incomplete_details={"reason": "content_filter"}), "complete", "content_filter"),
        (ended("incomplete"), "complete", "incomplete"),
        (ended("cancelled"), "complete", "cancelled"),
        (event("in_progress", response={"status": "in_progress"}), "truncated", None),
    ],
)
def test_ends(document: dict[str, Any], status: str, reason: str | None) -> None:
    answer = heard(event("output_text.delta", delta="Hi"), document)
    assert (answer.status, answer.finish_reason, answer.text) == (status, reason, "Hi")


@pytest.mark.parametrize(
    ("document", "error", "code"),
    [
        (ended("failed", error={"code": "server_error", "message": "It failed"}), "It failed", "server_error"),
        (ended("failed", error=None), "failed", ""),
        ({"type": "error", "code": "rate_limit", "message": "Slow down", "param": None}, "Slow down", "rate_limit"),
        ({"type": "error", "error": {"code": 500, "message": "Boom"}}, "Boom", "500"),
        ({"code": "InternalError", "message": "Boom", "request_id": "r"}, "Boom", "InternalError"),
    ],
)
def test_errors(document: dict[str, Any], error: str, code: str) -> None:
    answer = heard(event("output_text.delta", delta="Hi"), document)
    assert (answer.status, answer.text) == ("error", "Hi")
    assert error in answer.error
    assert answer._end is not None
    assert answer._end.code == code


def test_the_name_of_an_event_stands_in_for_a_missing_type() -> None:
    delta, end = json.dumps({"delta": "Hi"}), json.dumps({"response": {"status": "completed"}})
    body = f"event:response.output_text.delta\ndata:{delta}\n\nevent:response.completed:HTTP_STATUS/200\ndata:{end}\n\n"
    answer = reply(body.encode(), protocol="responses")
    assert (answer.text, answer.status) == ("Hi", "complete")


def test_done_is_accepted_and_not_needed() -> None:
    decoder = dialect("responses").decoder(PLAIN, OPENAI)
    body = frames(event("output_text.delta", delta="Hi"), ended())
    for frame in SSEDecoder().feed(body):
        assert not decoder.done
        decoder.feed(frame)
    assert decoder.done
    assert reply(body + b"data: [DONE]\n\n", protocol="responses").text == "Hi"


def test_a_whole_response_is_a_reply() -> None:
    decoder = dialect("responses").decoder(PLAIN, PROFILES["vllm"])
    document = {"id": "r", "object": "response", "status": "completed", "model": "m", "output": [message("Yes.")], "error": None}
    answer = folded([*decoder.whole(document), *decoder.end()])
    assert (answer.text, answer.status, answer.request_id) == ("Yes.", "complete", "r")


def test_an_item_ends_when_it_is_done() -> None:
    said = events(
        frames(event("output_item.done", item=called("c1", "f", "{}")), event("output_text.delta", delta="x"), ended()),
        protocol="responses",
    )
    assert [part.type for part in said] == [
        "part_start",
        "part_delta",
        "part_end",
        "part_start",
        "part_delta",
        "part_end",
        "stream_end",
    ]
