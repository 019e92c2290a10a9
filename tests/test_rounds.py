"""Thinking, calls, results, answer: round after round in one reply, against a real server."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import sys
import threading
import time
from typing import Any

import pytest

import qwen_nb as qn
from qwen_nb.rounds import MOST_ROUNDS
from tests.rounds_server import calling, get_weather
from tests.server import Answer, Server, said


def where(server: Server) -> qn.Endpoint:
    return qn.Endpoint(server.url, model="m", profile="vllm")


def test_the_three_phases() -> None:
    first = calling(("c1", "get_weather", '{"city": "Oslo"}'), ("c2", "get_weather", '{"city": "Rome"}'), thought="Two cities.")
    with Server(first, Answer(said("Rome."))) as server:
        reply = qn.ask("Where is it warmer?", endpoint=where(server), tools=[get_weather], display=False)
        sent = [asked.body for asked in server.asked]
    assert (reply.status, reply.text, reply.reasoning) == ("complete", "Rome.", "Two cities.")
    assert [(call.id, call.arguments, call.result) for call in reply.tool_calls] == [
        ("c1", {"city": "Oslo"}, "4 °C, rain"),
        ("c2", {"city": "Rome"}, "19 °C, sun"),
    ]
    assert sent[0]["tools"] == [qn.Tool(get_weather).schema]
    call = {"type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'}}
    other = {"type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'}}
    assert sent[1]["messages"] == [
        {"role": "user", "content": "Where is it warmer?"},
        {
            "role": "assistant",
            "content": "",
            "reasoning_content": "Two cities.",
            "tool_calls": [{"id": "c1", **call}, {"id": "c2", **other}],
        },
        {"role": "tool", "tool_call_id": "c1", "name": "get_weather", "content": "4 °C, rain"},
        {"role": "tool", "tool_call_id": "c2", "name": "get_weather", "content": "19 °C, sun"},
    ]


def test_one_stream_of_events_with_one_end() -> None:
    with Server(calling(("c1", "get_weather", '{"city": "Oslo"}')), Answer(said("Cold."))) as server:
        events = list(qn.stream("Oslo?", endpoint=where(server), tools=[get_weather]))
    starts = [(event.index, event.kind) for event in events if isinstance(event, qn.PartStart)]
    assert starts == [(0, "tool"), (1, "result"), (2, "text")]
    ends = [event for event in events if isinstance(event, qn.StreamEnd)]
    assert [(end.status, end.input_tokens, end.output_tokens) for end in ends] == [("complete", 10, 5)]
    assert ends == events[-1:]


def test_calls_run_side_by_side() -> None:
    together = threading.Barrier(3)

    def meet(number: int) -> int:
        together.wait(5)
        return number

    first = calling(*((f"c{number}", "meet", json.dumps({"number": number})) for number in range(3)))
    with Server(first, Answer(said("Met."))) as server:
        reply = qn.ask("Meet.", endpoint=where(server), tools=[meet], display=False)
    assert [call.result for call in reply.tool_calls] == ["0", "1", "2"]


class _Detached:
    def __repr__(self) -> str:
        raise RuntimeError("the session is closed")


def _unprintable() -> Any:
    return _Detached()


def _leave() -> None:
    sys.exit(2)


async def _leave_later() -> None:
    raise SystemExit(3)


async def _leave_a_task() -> None:
    await asyncio.gather(_leave_later())


def _find() -> str:
    return next(iter([]))


def _interrupt() -> None:
    raise KeyboardInterrupt


def _cancelled() -> None:
    raise concurrent.futures.CancelledError


def _database() -> None:
    raise TimeoutError("the database did not answer")


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (_unprintable, "raised RuntimeError: the session is closed"),
        (_leave, "raised SystemExit: 2"),
        (_leave_later, "raised SystemExit: 3"),
        (_leave_a_task, "raised SystemExit: 3"),
        (_find, "raised StopIteration"),
        (_interrupt, "raised KeyboardInterrupt"),
        (_cancelled, "CancelledError"),
        (_database, "raised TimeoutError: the database did not answer"),
    ],
)
def test_whatever_a_tool_does_the_model_is_told_and_the_next_question_is_answered(function: Any, told: str) -> None:
    with Server(calling(("c1", "f", "{}")), Answer(said("A pity.")), Answer(said("Still here."))) as server:
        reply = qn.ask("Go.", endpoint=where(server), tools=[qn.Tool(function, name="f", timeout=20)], display=False)
        after = qn.ask("And now?", endpoint=where(server), display=False)
        sent = server.asked[1].body["messages"][-1]
    assert (reply.status, reply.text, after.text) == ("complete", "A pity.", "Still here.")
    assert sent["role"] == "tool"
    assert told in sent["content"]


def test_names_of_files_that_are_no_text_are_sent_as_far_as_they_are() -> None:
    with Server(calling(("c1", "f", "{}")), Answer(said("One."))) as server:
        qn.ask("Which files?", endpoint=where(server), tools=[qn.Tool(lambda: ["caf\udce9.txt"], name="f")], display=False)
        assert server.asked[1].body["messages"][-1]["content"] == '["caf�.txt"]'


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("c1", "get_wether", "{}"), "There is no tool 'get_wether'. There are: get_weather."),
        (("c1", "get_weather", '{"city": "Os'), "no JSON object"),
        (("c1", "get_weather", '{"town": "Oslo"}'), "city: Field required"),
        (("c1", "get_weather", '{"city": "Nowhere"}'), "raised KeyError"),
    ],
)
def test_what_goes_wrong_is_told_to_the_model(call: tuple[str, str, str], told: str) -> None:
    with Server(calling(call), Answer(said("Sorry."))) as server:
        reply = qn.ask("Weather?", endpoint=where(server), tools=[get_weather], display=False)
        message = server.asked[1].body["messages"][-1]
    assert told in message["content"]
    assert reply.text == "Sorry."


def test_a_tool_that_asks_first_is_refused_where_nobody_can_answer() -> None:
    ran: list[int] = []

    @qn.tool(confirm=True)
    def erase(number: int) -> None:
        ran.append(number)

    with Server(calling(("c1", "erase", '{"number": 1}')), Answer(said("Fine."))) as server:
        reply = qn.ask("Erase.", endpoint=where(server), tools=[erase], display=False)
    assert not ran
    assert "nobody is here" in (reply.tool_calls[0].result or "")


def test_a_call_without_an_id_finds_its_result() -> None:
    with Server(calling(("", "get_weather", '{"city": "Oslo"}')), Answer(said("Cold."))) as server:
        reply = qn.ask("Oslo?", endpoint=where(server), tools=[get_weather], display=False)
        messages = server.asked[1].body["messages"]
    assert reply.tool_calls[0].result == "4 °C, rain"
    assert messages[1]["tool_calls"][0]["id"] == messages[2]["tool_call_id"] != ""


def test_a_schema_is_offered_and_its_call_is_left_to_the_user() -> None:
    with Server(calling(("c1", "get_weather", '{"city": "Oslo"}'))) as server:
        reply = qn.ask("Oslo?", endpoint=where(server), tools=[qn.Tool(get_weather).schema], display=False)
        assert len(server.asked) == 1
    assert (reply.status, reply.tool_calls[0].arguments, reply.tool_calls[0].result) == ("complete", {"city": "Oslo"}, None)


def test_a_model_that_never_stops_calling_is_stopped() -> None:
    with Server(calling(("c1", "get_weather", '{"city": "Oslo"}'))) as server:
        reply = qn.ask("Oslo?", endpoint=where(server), tools=[get_weather], display=False)
        assert len(server.asked) == MOST_ROUNDS
    assert [notice.code for notice in reply.warnings] == ["rounds"]
    assert reply.usage.output_tokens == 5 * MOST_ROUNDS


def test_stopping_while_a_tool_runs_keeps_what_there_is() -> None:
    running = threading.Event()

    async def hang() -> None:
        running.set()
        await asyncio.sleep(60)

    with Server(calling(("c1", "hang", "{}"))) as server:
        stream = qn.stream("Hang.", endpoint=where(server), tools=[hang])
        started = time.monotonic()
        for event in stream:
            if isinstance(event, qn.PartStart) and event.kind == "result":
                assert running.wait(5)
                break
    assert time.monotonic() - started < 5
    assert stream.reply.status == "stopped"
    assert not any(part.is_open for part in stream.reply.parts)


def test_an_error_in_a_later_round_is_the_error_of_the_reply() -> None:
    refused: Any = Answer([b'{"error": {"message": "Too long."}}'], 400, {"content-type": "application/json"})
    with Server(calling(("c1", "get_weather", '{"city": "Oslo"}')), refused) as server, pytest.raises(qn.StatusError) as caught:
        qn.ask("Oslo?", endpoint=where(server), tools=[get_weather], display=False)
    reply = caught.value.reply
    assert reply
    assert (reply.status, reply.tool_calls[0].result) == ("error", "4 °C, rain")


class Dot:
    """Shows itself as PNG, as figures and images do."""

    def _repr_png_(self) -> bytes:
        return b"\x89PNG dot"


@pytest.mark.parametrize(("model", "is_sent"), [("qwen3-8b", False), ("qwen3-vl-plus", True)])
def test_a_picture_is_shown_and_sent_to_a_model_that_sees(model: str, is_sent: bool) -> None:
    def draw() -> Dot:
        return Dot()

    with Server(calling(("c1", "draw", "{}")), Answer(said("Nice."))) as server:
        reply = qn.ask("Draw.", endpoint=qn.Endpoint(server.url, model=model), tools=[draw], display=False)
        messages = server.asked[1].body["messages"]
    (picture,) = [part for part in reply.parts if part.kind == "image"]
    assert (picture.name, picture.id, picture.text) == ("image/png", "c1", "iVBORyBkb3Q=")
    assert messages[2]["content"] == "A picture. The user sees it."
    sent = [part for message in messages[3:] for part in message["content"] if part["type"] == "image_url"]
    assert sent == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORyBkb3Q="}}] * is_sent
