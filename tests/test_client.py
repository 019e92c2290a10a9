"""The client against a real server that does what servers do."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import Any

import pytest

import qwen_nb as qn
from qwen_nb import retry, silence
from qwen_nb.events import Event
from tests.server import Answer, Asked, Server, frame, said


def endpoint(server: Server, **options: Any) -> qn.Endpoint:
    return qn.Endpoint(server.url, api_key="sk-canary", model="m", **options)


def failed(where: qn.Endpoint, **options: Any) -> tuple[qn.QwenError, qn.Reply]:
    """The error of a question, and what had arrived."""
    with pytest.raises(qn.QwenError) as caught:
        qn.ask("Say something.", endpoint=where, display=False, **options)
    assert caught.value.reply
    assert "canary" not in str(caught.value)
    return caught.value, caught.value.reply


def answered(where: qn.Endpoint, **options: Any) -> qn.Reply:
    reply = qn.ask("Say something.", endpoint=where, display=False, **options)
    assert reply.status == "complete"
    return reply


def test_events_come_as_they_arrive_and_the_reply_grows_along() -> None:
    with Server(Answer([*said("one ", finish=None), 0.3, *said("two")])) as server:
        stream = qn.stream("Count.", endpoint=endpoint(server))
        seen: list[tuple[str, Event]] = [(stream.reply.text, event) for event in stream]
    assert [text for text, event in seen if isinstance(event, qn.PartDelta)] == ["one ", "one two"]
    assert isinstance(seen[-1][1], qn.StreamEnd)
    assert seen[-1][1].status == "complete"


def test_times_are_seconds_since_the_request() -> None:
    with Server(Answer([0.3, *said("one"), 0.3])) as server:
        timing = answered(endpoint(server)).timing
    assert timing.first_token is not None
    assert timing.total is not None
    assert 0.3 <= timing.first_token <= timing.total


def test_usage_is_asked_for_and_comes_last() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 10}
    tail = b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\ndata: [DONE]\n\n"
    with Server(Answer([*said("one")[:-1], tail])) as server:
        reply = answered(endpoint(server, profile="vllm"))
        assert server.asked[0].body["stream_options"] == {"include_usage": True}
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.raw) == (3, 7, usage)


def test_leaving_the_loop_early_hangs_up() -> None:
    with Server(Answer([*said("one ", finish=None), 30.0])) as server:
        stream = qn.stream("Count.", endpoint=endpoint(server))
        for event in stream:
            if isinstance(event, qn.PartDelta):
                break
        assert server.hung_up.wait(5)


def test_the_same_events_for_code_that_awaits() -> None:
    async def texts(stream: qn.EventStream) -> list[str]:
        return [event.text async for event in stream if isinstance(event, qn.PartDelta)]

    with Server(Answer(said("one ", "two"))) as server:
        stream = qn.stream("Count.", endpoint=endpoint(server))
        assert asyncio.run(texts(stream)) == ["one ", "two"]
        reply = asyncio.run(qn.ask_async("Count.", endpoint=endpoint(server), display=False))
    assert stream.reply.text == reply.text == "one two"


def test_code_that_is_cancelled_in_the_moment_in_which_its_reply_ends_is_cancelled() -> None:
    async def ask_again_and_again(where: qn.Endpoint) -> None:
        while True:
            await qn.ask_async("Count.", endpoint=where, display=False)

    async def cancelled(where: qn.Endpoint) -> None:
        task = asyncio.create_task(ask_again_and_again(where))
        await asyncio.sleep(0)
        first = qn.last
        assert first
        while first.status == "streaming":
            time.sleep(0.01)  # noqa: ASYNC251  # the cell is busy, so the task has not heard of the end
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)

    with Server(Answer(said("one"))) as server:
        asyncio.run(cancelled(endpoint(server)))
        assert len(server.asked) == 1


def test_code_that_keeps_its_loop_busy_gets_every_event() -> None:
    async def kinds(stream: qn.EventStream) -> list[type]:
        kinds = []
        async for event in stream:
            kinds.append(type(event))
            if isinstance(event, qn.PartStart):
                time.sleep(0.5)  # noqa: ASYNC251  # the rest comes and ends meanwhile
        return kinds

    with Server(Answer([*said("one ", finish=None), 0.1, *said("two")])) as server:
        stream = qn.stream("Count.", endpoint=endpoint(server))
        assert asyncio.run(kinds(stream)) == [qn.PartStart, qn.PartDelta, qn.PartDelta, qn.PartEnd, qn.StreamEnd]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_a_server_that_is_busy_is_asked_again_and_the_user_is_told(status: int) -> None:
    busy = Answer([b'{"error": {"message": "Too busy"}}'], status, {"content-type": "application/json", "retry-after-ms": "10"})
    with Server(busy, busy, Answer(said("one"))) as server:
        reply = answered(endpoint(server))
        assert len(server.asked) == 3
    assert [notice.code for notice in reply.warnings] == ["retry", "retry"]
    assert "Too busy" in reply.warnings[0].text
    assert "Retrying in 0.0 s (2 of 4)" in reply.warnings[0].text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    refused = Answer([b'{"error": {"message": "No."}}'], status, {"content-type": "application/json", "x-request-id": "req-7"})
    with Server(refused) as server:
        error, reply = failed(endpoint(server))
        assert len(server.asked) == 1
    assert isinstance(error, qn.StatusError)
    assert (error.status, error.request_id, reply.status) == (status, "req-7", "error")
    assert f"HTTP {status}" in str(error)


@pytest.mark.parametrize("cut", ["reset", "close", 30.0], ids=["reset", "close", "stall"])
def test_a_refusal_whose_reason_breaks_off_is_still_that_refusal(cut: Any) -> None:
    labelled = {"content-type": "application/json"}
    with Server(Answer([b'{"error": {"message": "no such mo', cut], 404, labelled)) as server:
        error, reply = failed(endpoint(server), timeout=0.5)
    assert isinstance(error, qn.StatusError)
    assert (error.status, reply.status) == (404, "error")
    assert "no such mo" in str(error)


def test_a_server_that_is_down_is_tried_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)
    with Server(Answer()) as server:
        where = endpoint(server)
    error, reply = failed(where)
    assert isinstance(error, qn.ConnectError)
    assert [notice.code for notice in reply.warnings] == ["retry"] * 3


@pytest.mark.parametrize("cut", ["reset", "close"])
def test_a_broken_connection_keeps_what_came_and_is_not_asked_again(cut: Any) -> None:
    with Server(Answer([*said("half", finish=None), 0.1, cut])) as server:
        error, reply = failed(endpoint(server))
        assert len(server.asked) == 1
    assert isinstance(error, qn.StreamError)
    assert (reply.text, reply.status) == ("half", "error")


@pytest.mark.parametrize("cut", ["reset", "close", 30.0], ids=["reset", "close", "stall"])
def test_a_last_frame_without_its_blank_line_counts_however_the_body_ends(cut: Any) -> None:
    *first, last = said("half", " and half", finish=None)
    with Server(Answer([*first, last.rstrip(), cut])) as server:
        _, reply = failed(endpoint(server), timeout=0.5)
    assert (reply.text, reply.status) == ("half and half", "error")


def test_a_damaged_compression_is_told_from_a_broken_connection() -> None:
    zipped = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    with Server(Answer(said("plain"), headers=zipped)) as server:
        error, _ = failed(endpoint(server))
    assert isinstance(error, qn.StreamError)
    assert "turn compression off" in str(error)


def test_a_stream_without_a_finish_is_never_a_success() -> None:
    with Server(Answer([*said("half", finish=None), b"data: [DONE]\n\n"])) as server:
        error, reply = failed(endpoint(server))
    assert isinstance(error, qn.TruncatedError)
    assert (reply.text, reply.status) == ("half", "truncated")


def test_silence_is_told_and_given_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "FIRST_NOTICE", 0.2)
    with Server(Answer([frame({"content": "one "}), 0.7, *said("two", finish=None), 30.0])) as server:
        error, reply = failed(endpoint(server), timeout=1.0)
    assert "timeout=" in str(error)
    assert reply.text == "one two"
    assert reply.warnings[0].code == "silence"
    assert "It went on" in reply.warnings[0].text


def test_the_timeout_is_of_silence_and_of_each_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "counts for each of up to four attempts" in " ".join(str(qn.ask.__doc__).split())
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)
    began = time.monotonic()
    with Server(Answer([30.0], status=None)) as server:
        error, reply = failed(endpoint(server), timeout=0.3)
        assert len(server.asked) == 4
    assert isinstance(error, qn.ConnectError)
    assert 4 * 0.3 < time.monotonic() - began < 10
    assert [notice.code for notice in reply.warnings] == ["retry"] * 3
    with Server(Answer([30.0])) as server:
        error, _ = failed(endpoint(server), timeout=0.3)
        assert len(server.asked) == 1, "it had begun to answer"
    assert isinstance(error, qn.StreamError)
    pings: list[bytes | float] = [b": ping\n\n", 0.2] * 5
    with Server(Answer([*pings, *said("late")])) as server:
        assert answered(endpoint(server), timeout=0.8).text == "late"


def test_a_comment_is_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "FIRST_NOTICE", 1.5)
    pings: list[bytes | float] = [step for _ in range(20) for step in (b": keep-alive\n\n", 0.1)]
    with Server(Answer([*pings, *said("one")])) as server:
        assert not answered(endpoint(server), timeout=1.8).warnings


def test_a_proxy_that_buffers_is_told() -> None:
    whole = b"".join(said(*(f"{number} " for number in range(300))))
    with Server(Answer([1.6, whole])) as server:
        reply = answered(endpoint(server))
    assert [notice.code for notice in reply.warnings] == ["buffered"]
    assert "proxy_buffering off" in reply.warnings[0].text


def test_a_quick_server_is_no_proxy() -> None:
    steps: list[bytes | float] = [1.6]
    for burst in range(30):
        steps += [*said(*(f"{burst}.{number} " for number in range(10)), finish=None), 0.01]
    with Server(Answer([*steps, *said()])) as server:
        assert not answered(endpoint(server)).warnings


def test_one_connection_serves_many_replies() -> None:
    ports: set[str] = set()

    def answer(asked: Asked) -> Answer:
        ports.add(asked.peer)
        return Answer(said("one"))

    with Server(answer) as server:
        for _ in range(3):
            answered(endpoint(server))
    assert len(ports) == 1


def test_a_server_without_keys_gets_none() -> None:
    with Server(Answer(said("one"))) as server:
        answered(replace(endpoint(server), api_key=None))
        answered(endpoint(server))
        without, with_key = server.asked
    assert "authorization" not in without.headers
    assert with_key.headers["authorization"] == "Bearer sk-canary"


def test_what_the_environment_holds_for_openai_goes_to_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-openai-0123\nX-Team: openai-0123")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "sk-openai-0123")
    listed = Answer([b'{"data": [{"id": "m"}]}'], 200, {"content-type": "application/json"})
    with Server(Answer(said("one")), Answer(said("one")), listed, Answer(said("one"))) as server:
        answered(endpoint(server, headers={"X-Team": "maps", "OpenAI-Project": "mine"}))
        answered(replace(endpoint(server), api_key=None))
        answered(replace(endpoint(server), model=""))
        with_key, without = server.asked[:2]
    assert not [asked.headers for asked in server.asked if "openai-0123" in str(asked.headers)]
    assert with_key.headers["authorization"] == "Bearer sk-canary"
    assert (with_key.headers["x-team"], with_key.headers["openai-project"]) == ("maps", "mine")
    assert "authorization" not in without.headers


@pytest.mark.parametrize(
    "steps",
    [
        [b"<html><title>502 Bad Gateway</title></html>"],
        [b'{"status": "ok"}'],
    ],
)
def test_a_page_is_no_reply(steps: list[bytes]) -> None:
    with Server(Answer(steps, 200, {"content-type": "text/html"})) as server:
        error, _ = failed(endpoint(server))
    assert "no reply" in str(error)


@pytest.mark.parametrize("first", [b"\n", b" \r\n\r\n"])
def test_a_document_after_the_blank_lines_that_kept_a_connection_alive_is_a_reply(first: bytes) -> None:
    document = {"choices": [{"message": {"content": "All."}, "finish_reason": "stop"}]}
    body = json.dumps(document, indent=2).encode()
    with Server(Answer([first, 0.05, first, 0.05, body], headers={"content-type": "application/json"})) as server:
        reply = answered(endpoint(server))
    assert (reply.text, [notice.code for notice in reply.warnings]) == ("All.", ["not_streamed"])


def test_a_strict_server_is_asked_again_without_the_field_that_it_refuses() -> None:
    refusal = b'{"detail": "Unexpected fields in the request: {\'thinking_token_budget\'}"}'
    strict = Answer([refusal], 422, {"content-type": "application/json"})
    with Server(strict, Answer(said("one")), Answer(said("two"))) as server:
        where = endpoint(server, profile="vllm")
        reply = answered(where, thinking_budget=100)
        again = answered(where, thinking_budget=100)
        fields = ["thinking_token_budget" in asked.body for asked in server.asked]
    assert fields == [True, False, False]
    assert [notice.code for notice in reply.warnings] == ["refused_field"]
    assert not again.warnings


def test_what_the_user_wants_sent_is_never_left_out() -> None:
    strict = Answer([b'{"detail": "Unexpected fields in the request: {\'top_k\'}"}'], 422, {"content-type": "application/json"})
    with Server(strict) as server:
        error, _ = failed(endpoint(server), extra={"top_k": 20})
        assert len(server.asked) == 1
    assert "top_k" in str(error)


def test_a_reply_in_the_background_is_waited_for_or_stopped() -> None:
    with Server(Answer([*said("one ", finish=None), 0.3, *said("two")])) as server:
        reply = qn.ask("Count.", endpoint=endpoint(server), display=False, background=True)
        assert reply.status == "streaming"
        assert reply.wait() is reply
        assert (reply.status, reply.text) == ("complete", "one two")

        async def awaited() -> str:
            return (await qn.ask("Count.", endpoint=endpoint(server), display=False, background=True)).text

        assert asyncio.run(awaited()) == "one two"
    with Server(Answer([*said("one ", finish=None), 30.0])) as server:
        reply = qn.ask("Count.", endpoint=endpoint(server), display=False, background=True)
        while not reply.text:
            time.sleep(0.01)
        stopped = time.monotonic()
        reply.stop()
        assert (reply.wait().status, reply.text) == ("stopped", "one ")
        assert time.monotonic() - stopped < 2
        assert server.hung_up.wait(5)
