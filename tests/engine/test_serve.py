"""A real engine over real HTTP, on both of its protocols: what it says is known to the letter. `make test-engine`."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

import qwen_nb as qn
from qwen_nb.endpoint import ProtocolName
from tools.engine.environment import MODEL, PARSED_CALLS
from tools.engine.turn import Turn
from tools.engine.turns import GENERATORS, GREETING, GREETING_DIRECT, HANGZHOU, QUICKSORT, WEATHER_ANSWER, WEATHER_RESULTS

PROTOCOLS: tuple[ProtocolName, ...] = ("chat", "responses")


@pytest.fixture(params=PROTOCOLS)
def endpoint(engine: str, request: pytest.FixtureRequest) -> qn.Endpoint:
    return qn.Endpoint(engine, model=MODEL, profile="transformers", protocol=request.param)


def parts(turn: Turn) -> tuple[str, str]:
    """Reasoning and answer of a turn."""
    reasoning, _, answer = turn.answer.rpartition("</think>")
    return reasoning.removeprefix("<think>").strip(), answer.strip()


def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> dict[str, Any]:
    """Current weather in a city."""
    return WEATHER_RESULTS[city]


@pytest.mark.parametrize("turn", [GREETING, QUICKSORT, HANGZHOU], ids=lambda turn: turn.name)
def test_thinks_and_answers(endpoint: qn.Endpoint, turn: Turn) -> None:
    reply = qn.ask(turn.prompt, endpoint=endpoint, display=False)
    assert (reply.reasoning.strip(), reply.text.strip()) == parts(turn)
    assert (reply.status, reply.warnings, reply.model) == ("complete", [], f"{MODEL}@main")
    assert reply.usage.input_tokens
    assert reply.usage.output_tokens
    assert reply.timing.first_token
    assert reply.timing.total
    assert reply.timing.first_token < reply.timing.total


def test_arrives_piece_by_piece(endpoint: qn.Endpoint) -> None:
    stream = qn.stream(HANGZHOU.prompt, endpoint=endpoint)
    deltas = [event for event in stream if isinstance(event, qn.PartDelta)]
    assert stream.reply.usage.output_tokens
    assert len(deltas) > stream.reply.usage.output_tokens / 2


def test_long_answer_arrives_whole(engine: str) -> None:
    reply = qn.ask(GENERATORS.prompt, endpoint=qn.Endpoint(engine, model=MODEL, profile="transformers"), display=False)
    assert reply.text.strip() == parts(GENERATORS)[1]


def test_thinking_can_be_turned_off(engine: str) -> None:
    endpoint = qn.Endpoint(engine, model=MODEL, profile="transformers")
    reply = qn.ask(GREETING_DIRECT.prompt, endpoint=endpoint, thinking=False, display=False)
    assert (reply.reasoning.strip(), reply.text.strip()) == parts(GREETING_DIRECT)


@pytest.mark.parametrize("model", [MODEL, PARSED_CALLS])
def test_calls_two_tools_at_once_and_answers_with_their_results(endpoint: qn.Endpoint, model: str) -> None:
    """The server leaves the calls of one model in the text, and takes those of the other apart."""
    reply = qn.ask(WEATHER_ANSWER.prompt, endpoint=endpoint, model=model, tools=[get_weather], display=False)
    assert [(call.name, call.arguments) for call in reply.tool_calls] == [
        ("get_weather", {"city": "Oslo", "unit": "celsius"}),
        ("get_weather", {"city": "Rome", "unit": "celsius"}),
    ]
    assert [json.loads(call.result or "") for call in reply.tool_calls] == list(WEATHER_RESULTS.values())
    assert reply.text.strip() == parts(WEATHER_ANSWER)[1]
    assert reply.reasoning.strip().endswith(parts(WEATHER_ANSWER)[0])
    assert reply.status == "complete"
    kinds = [part.kind for part in reply.parts]
    assert kinds == ["reasoning", "tool", "tool", "result", "result", "reasoning", "text"]


def test_arguments_stream_where_the_server_leaves_calls_in_the_text(engine: str) -> None:
    endpoint = qn.Endpoint(engine, model=MODEL, profile="transformers")
    stream = qn.stream(WEATHER_ANSWER.prompt, endpoint=endpoint, tools=[get_weather])
    arguments: dict[int, list[str]] = {}
    for event in stream:
        if isinstance(event, qn.PartStart) and event.kind == "tool":
            arguments.setdefault(event.index, [])
        elif isinstance(event, qn.PartDelta) and event.index in arguments:
            arguments[event.index].append(event.text)
    assert [len(pieces) > 4 for pieces in arguments.values()] == [True, True]
    assert [json.loads("".join(pieces))["city"] for pieces in arguments.values()] == ["Oslo", "Rome"]


def test_max_tokens_cuts_the_reply_off(engine: str) -> None:
    endpoint = qn.Endpoint(engine, model=MODEL, profile="transformers")
    reply = qn.ask(GREETING.prompt, endpoint=endpoint, max_tokens=12, display=False)
    assert reply.finish_reason == "length"
    assert reply.usage.output_tokens == 12
    assert parts(GREETING)[0].startswith(reply.reasoning.strip())


def test_leaving_early_closes_the_connection(engine: str) -> None:
    """The server answers one request at a time: were the long one still running, the short one would wait for it."""
    endpoint = qn.Endpoint(engine, model=MODEL, profile="transformers")
    for _ in qn.stream(GENERATORS.prompt, endpoint=endpoint):
        break
    reply = qn.ask(GREETING.prompt, endpoint=endpoint, display=False)
    assert reply.timing.first_token is not None
    assert reply.timing.first_token < 5


def test_finds_the_model_by_itself(engine: str) -> None:
    reply = qn.ask(GREETING.prompt, endpoint=qn.Endpoint(engine, profile="transformers"), display=False)
    assert reply.text.strip() == parts(GREETING)[1]
