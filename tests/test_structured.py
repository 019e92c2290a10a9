"""Answers that follow a schema: what is sent, what comes back as a value, and what is said when it does not follow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pydantic
import pytest
from typing_extensions import TypedDict

import qwen_nb as qn
from qwen_nb import learned
from qwen_nb.events import PartDelta, PartEnd, PartStart, StreamEnd
from qwen_nb.fallback import markdown
from qwen_nb.structured import Shape, is_strict
from tests.rounds_server import calling, get_weather
from tests.server import Answer, Server, said


class Item(pydantic.BaseModel):
    name: str
    price: float


class Invoice(pydantic.BaseModel):
    due: date
    items: list[Item]


class Node(pydantic.BaseModel):
    name: str
    children: list[Node]


@dataclass
class Point:
    x: int
    y: int = 0


class Size(TypedDict):
    width: int


INVOICE = {"due": "2026-01-31", "items": [{"name": "tea", "price": 2.5}]}
GOOD = json.dumps(INVOICE)
BAD = '{"due": "2026-01-31", "items": [{"name": "tea", "price": "dear"}]}'


@pytest.fixture(autouse=True)
def nothing_learned() -> Iterator[None]:
    # Ports are used again, and lessons are kept by address.
    yield
    learned._lessons.clear()


def ask(server: Server, schema: Any, **options: Any) -> qn.Reply:
    where = qn.Endpoint(server.url, model="m", profile=options.pop("profile", "vllm"))
    return qn.ask("Read it.", endpoint=where, schema=schema, display=False, **options)


def refusing(message: str, status: int = 400) -> Answer:
    return Answer([json.dumps({"error": {"message": message}}).encode()], status, {"content-type": "application/json"})


def test_the_answer_is_an_instance() -> None:
    with Server(Answer(said(GOOD[:9], GOOD[9:]))) as server:
        reply = ask(server, Invoice)
        body = server.asked[0].body
    assert reply.parsed == Invoice(due=date(2026, 1, 31), items=[Item(name="tea", price=2.5)])
    assert reply.parsed is reply.parsed
    form = body["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["schema"]["properties"]["due"] == {"format": "date", "title": "Due", "type": "string"}
    assert form["schema"]["$defs"]["Item"]["additionalProperties"] is False


def test_brackets_without_end_are_no_answer_and_no_arguments() -> None:
    with pytest.raises(qn.SchemaError, match="nested too deep"):
        Shape.of(list[int]).parse("[" * 100_000)
    reply = qn.Reply()
    for event in (PartStart(0, "tool", "f"), PartDelta(0, "[" * 100_000), PartEnd(0, "broken"), StreamEnd("complete")):
        reply.apply(event)
    assert "broken arguments" in markdown(reply)


@pytest.mark.parametrize(
    ("wanted", "text", "value"),
    [
        (Point, '{"x": 1}', Point(1)),
        (Size, '{"width": 3}', {"width": 3}),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (
            Node,
            '{"name": "a", "children": [{"name": "b", "children": []}]}',
            Node(name="a", children=[Node(name="b", children=[])]),
        ),
        (list[Item], '{"answer": [{"name": "tea", "price": 1}]}', [Item(name="tea", price=1)]),
        (list[int], "[1, 2]", [1, 2]),
        (Literal["yes", "no"], '{"answer": "yes"}', "yes"),
        (int, "42", 42),
        (Item | Point, '{"answer": {"x": 1, "y": 2}}', Point(1, 2)),
        (pydantic.TypeAdapter(list[int]), '{"answer": [1]}', [1]),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, '{"a": 1}', {"a": 1}),
        ({"type": "array", "items": {"type": "string"}}, '{"answer": ["a"]}', ["a"]),
    ],
)
def test_many_things_are_a_schema(wanted: Any, text: str, value: Any) -> None:
    shape = Shape.of(wanted)
    assert shape.parse(text) == value
    assert shape.schema.get("type") == "object" or "$ref" in shape.schema, "servers hold a model to objects only"


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}",
        f"Here you are:\n\n```json\n{GOOD}\n```\nAnything else?",
        f"Here {{you}} are:\n```json\n{GOOD}\n```",
        f"Sure! {GOOD} That is all.",
        f"\n\n{json.dumps(INVOICE, indent=2)}\n",
    ],
)
def test_what_is_around_the_json_is_left_out(text: str) -> None:
    assert Shape.of(Invoice).parse(text).items == [Item(name="tea", price=2.5)]


@pytest.mark.parametrize(
    ("wanted", "text", "fault"),
    [
        (Invoice, BAD, "items.0.price: Input should be a valid number"),
        (Invoice, '{"due": "soon", "items": 1}', "due: Input should be a valid date"),
        (list[Item], '{"answer": [{"name": "tea"}]}', "0.price: Field required"),
        (Invoice, GOOD[:-1], "no JSON: Expecting ',' delimiter"),
        (Invoice, "", "no JSON: nothing was said"),
        (Invoice, "I cannot.", "no JSON: Expecting value"),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, '{"a": "b"}', "a: 'b' is not of type 'integer'"),
    ],
)
def test_a_fault_says_where_it_is_and_keeps_the_text(wanted: Any, text: str, fault: str) -> None:
    with Server(Answer(said(text))) as server, pytest.raises(qn.SchemaError) as caught:
        ask(server, wanted)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)
    assert fault in caught.value.faults[0]
    reply = caught.value.reply
    assert reply is not None
    assert reply is qn.last
    assert (reply.text, reply.status, reply.parsed) == (text, "complete", None)
    assert len(server.asked) == 1, "it is asked again only if the user wants that"


@pytest.mark.parametrize("wanted", ["Invoice", 3, object(), {"type": "objekt"}])
def test_what_is_no_schema_is_said_before_anything_is_sent(wanted: Any) -> None:
    with Server(Answer(said("{}"))) as server, pytest.raises(qn.ConfigError, match="schema= "):
        ask(server, wanted)
    assert not server.asked


def test_the_model_corrects_itself_if_asked() -> None:
    with Server(Answer(said(BAD)), Answer(said(GOOD))) as server:
        reply = ask(server, Invoice, schema_retries=2)
        first, second = (asked.body["messages"] for asked in server.asked)
    assert reply.parsed.items[0].price == 2.5
    assert reply.text == GOOD
    assert [notice.code for notice in reply.warnings] == ["rejected"]
    assert second[: len(first)] == first
    assert second[-2] == {"role": "assistant", "content": BAD}
    assert "items.0.price" in second[-1]["content"]


def test_it_gives_up_in_the_end() -> None:
    with Server(Answer(said(BAD))) as server, pytest.raises(qn.SchemaError, match=r"items\.0\.price"):
        ask(server, Invoice, schema_retries=2)
    assert len(server.asked) == 3


def test_an_answer_that_was_cut_off_is_not_asked_for_again() -> None:
    with Server(Answer(said(GOOD[:20], finish="length"))) as server, pytest.raises(qn.SchemaError, match="length limit"):
        ask(server, Invoice, schema_retries=2)
    assert len(server.asked) == 1


def test_a_reply_that_was_cut_off_is_the_error_that_it_is() -> None:
    with Server(Answer([*said(GOOD[:20], finish=None), "close"])) as server, pytest.raises(qn.StreamError):
        ask(server, Invoice)


@pytest.mark.parametrize(
    "message",
    [
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        "Unexpected fields in the request: {'response_format'}",
        "The provided JSON schema contains features not supported by the grammar backend",
    ],
)
def test_a_form_that_is_refused_is_not_tried_again(message: str) -> None:
    def answer(asked: Any) -> Answer:
        kind = asked.body.get("response_format", {}).get("type")
        return refusing(message) if kind else Answer(said(GOOD))

    with Server(answer) as server:
        reply = ask(server, Invoice, profile="openai")
        forms = [asked.body.get("response_format", {}).get("type") for asked in server.asked]
        assert forms == ["json_schema", "json_object", None]
        assert "It must follow this JSON schema" in server.asked[2].body["messages"][0]["content"]
        assert [notice.code for notice in reply.warnings] == ["schema_form", "schema_form"]
        assert reply.parsed.due == date(2026, 1, 31)

        assert ask(server, Invoice, profile="openai").warnings == []
        assert len(server.asked) == 4


def test_another_refusal_is_the_users() -> None:
    with Server(refusing("messages: too many tokens")) as server, pytest.raises(qn.StatusError):
        ask(server, Invoice)
    assert len(server.asked) == 1


def test_tools_come_first() -> None:
    with Server(calling(("c1", "get_weather", '{"city": "Oslo"}')), Answer(said(BAD)), Answer(said(GOOD))) as server:
        reply = ask(server, Invoice, tools=[get_weather], schema_retries=1)
        assert "response_format" not in server.asked[0].body
    assert reply.parsed.items[0].name == "tea"
    assert reply.tool_calls[0].result == "4 °C, rain"


def test_a_conversation_remembers_the_answer_and_not_the_correction() -> None:
    with Server(Answer(said(BAD)), Answer(said(GOOD)), Answer(said("2.5"))) as server:
        chat = qn.Chat(endpoint=qn.Endpoint(server.url, model="m", profile="vllm"))
        assert chat("Read it.", schema=Invoice, schema_retries=1, display=False).parsed.due == date(2026, 1, 31)
        assert chat("What is the price of tea?", display=False).parsed is None
    assert [message["content"] for message in chat.messages] == ["Read it.", GOOD, "What is the price of tea?", "2.5"]


async def _ask_async(server: Server) -> Any:
    where = qn.Endpoint(server.url, model="m", profile="ollama")
    return (await qn.ask_async("Read it.", endpoint=where, schema=Invoice, display=False)).parsed


def test_it_is_checked_however_it_is_asked() -> None:
    import asyncio

    with Server(Answer(said(BAD))) as server:
        with pytest.raises(qn.SchemaError):
            asyncio.run(_ask_async(server))
        stream = qn.stream("Read it.", endpoint=server.url, model="m", schema=Invoice)
        with pytest.raises(qn.SchemaError):
            list(stream)
        assert stream.reply.text == BAD


def test_a_notebook_keeps_the_json_and_whatever_else_was_said() -> None:
    with Server(Answer(said(f"```json\n{GOOD}\n```")), Answer(said("I cannot."))) as server:
        kept = markdown(ask(server, Invoice))
        with pytest.raises(qn.SchemaError) as caught:
            ask(server, Invoice)
    assert kept.startswith('```json\n{\n  "due": "2026-01-31",')
    assert kept.count("```") == 2
    assert caught.value.reply is not None
    assert "```text\nI cannot.\n```" in markdown(caught.value.reply)


def test_strict_is_said_only_where_it_is_true() -> None:
    closed = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
    assert is_strict(closed)
    assert not is_strict({**closed, "required": []})
    assert not is_strict({**closed, "additionalProperties": True})
    assert not is_strict({**closed, "properties": {"a": {"type": "object"}}})
    assert not is_strict({"anyOf": [closed, {"type": "object", "properties": {}}]})
