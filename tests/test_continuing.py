"""A reply that was cut off goes on, as its server can."""

from __future__ import annotations

from typing import Any

import pytest

import qwen_nb as qn
from tests.rounds_server import calling, get_weather
from tests.server import Answer, Server, frame, said

WEATHER = ("c1", "get_weather", '{"city": "Oslo"}')
CUT = Answer(said("It is", finish="length"))


def ask(server: Server, profile: str = "") -> qn.Reply:
    return qn.ask("Say something.", endpoint=qn.Endpoint(server.url, model="m", profile=profile), display=False)


@pytest.mark.parametrize(
    ("profile", "last", "fields"),
    [
        ("dashscope", {"role": "assistant", "content": "half", "partial": True}, {}),
        ("vllm", {"role": "assistant", "content": "half"}, {"continue_final_message": True, "add_generation_prompt": False}),
        ("llamacpp", {"role": "assistant", "content": "half"}, {}),
    ],
)
def test_a_reply_that_was_cut_off_is_continued_as_the_server_can(profile: str, last: Any, fields: dict[str, Any]) -> None:
    with Server(Answer(said("half", finish="length")), Answer(said(" and half"))) as server:
        reply = ask(server, profile)
        assert reply.continue_() is reply
        body = server.asked[1].body
    assert (reply.text, reply.status, reply.finish_reason) == ("half and half", "complete", "stop")
    assert body["messages"] == [{"role": "user", "content": "Say something."}, last]
    assert {name: body.get(name) for name in fields} == fields


@pytest.mark.parametrize(
    ("profile", "roles"), [("vllm", ["user", "assistant"]), ("lmstudio", ["user", "assistant", "user"])], ids=["prefix", "in words"]
)
def test_a_reply_is_continued_as_often_as_it_is_cut_off(profile: str, roles: list[str]) -> None:
    with Server(Answer(said("a", finish="length")), Answer(said("b", finish="length")), Answer(said("c"))) as server:
        reply = ask(server, profile).continue_().continue_()
        messages = server.asked[2].body["messages"]
    assert reply.text == "abc"
    assert [message["role"] for message in messages] == roles
    assert messages[1]["content"] == "ab"


def test_a_server_without_a_way_is_asked_in_words_to_go_on() -> None:
    with Server(Answer([*said("half", finish=None), "close"]), Answer(said(" and half"))) as server:
        with pytest.raises(qn.StreamError) as cut:
            ask(server, "transformers")
        reply = cut.value.reply
        assert reply
        assert reply.continue_().text == "half and half"
        roles = [message["role"] for message in server.asked[1].body["messages"]]
    assert roles == ["user", "assistant", "user"]


def ask_with_tools(server: Server) -> qn.Reply:
    where = qn.Endpoint(server.url, model="m", profile="vllm")
    return qn.ask("Oslo?", endpoint=where, tools=[get_weather], display=False)


def test_half_an_answer_after_tools_goes_along_once() -> None:
    with Server(calling(WEATHER), CUT, Answer(said(" cold."))) as server:
        reply = ask_with_tools(server).continue_()
        messages = server.asked[2].body["messages"]
    assert reply.text == "It is cold."
    assert [(message["role"], message["content"]) for message in messages] == [
        ("user", "Oslo?"),
        ("assistant", ""),
        ("tool", "4 °C, rain"),
        ("assistant", "It is"),
    ]


def test_a_call_that_was_wrong_and_then_right_does_not_stand_in_the_way() -> None:
    with Server(calling(("c0", "get_weather", '{"city": ')), calling(WEATHER), CUT, Answer(said(" cold."))) as server:
        assert ask_with_tools(server).continue_().text == "It is cold."


def test_a_call_in_the_rest_has_its_own_result_and_what_follows_it_is_a_new_answer() -> None:
    nameless = [calling(("", "get_weather", f'{{"city": "{city}"}}')) for city in ("Oslo", "Rome")]
    with Server(nameless[0], CUT, nameless[1], Answer(said("Warm."))) as server:
        reply = ask_with_tools(server).continue_()
    assert [(call.arguments, call.result) for call in reply.tool_calls] == [
        ({"city": "Oslo"}, "4 °C, rain"),
        ({"city": "Rome"}, "19 °C, sun"),
    ]
    assert reply.text == "Warm."


def test_the_rest_of_what_a_model_says_that_always_thinks_is_no_thought() -> None:
    with Server(Answer(said("Hm.</think>\n\nhalf", finish="length")), Answer(said(" and half"))) as server:
        reply = qn.ask("Q", endpoint=qn.Endpoint(server.url, model="qwq-32b", profile="vllm"), display=False)
        reply.continue_()
    assert (reply.reasoning, reply.text) == ("Hm.", "half and half")


def test_the_rest_of_an_answer_is_not_judged_by_itself() -> None:
    with Server(Answer(said('{"x": 1', finish="length")), Answer(said("2}"))) as server:
        where = qn.Endpoint(server.url, model="m", profile="vllm")
        with pytest.raises(qn.SchemaError) as cut:
            qn.ask("Q", endpoint=where, schema={"type": "object"}, schema_retries=1, display=False)
        assert cut.value.reply
        assert cut.value.reply.continue_().parsed == {"x": 12}
        assert len(server.asked) == 2


def test_what_cannot_be_continued_says_why() -> None:
    half_call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a": '}}
    with Server(Answer(said("whole")), Answer([frame({"tool_calls": [half_call]}, "length")])) as server:
        whole = ask(server)
        half = ask(server)
    with pytest.raises(qn.ConfigError, match="complete"):
        whole.continue_()
    with pytest.raises(qn.ConfigError, match="tool call"):
        half.continue_()
