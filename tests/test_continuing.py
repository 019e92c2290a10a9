"""A reply that was cut off goes on, as its server can."""

from __future__ import annotations

from typing import Any

import pytest

import qwen_nb as qn
from tests.server import Answer, Server, frame, said


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


def test_a_reply_is_continued_as_often_as_it_is_cut_off() -> None:
    with Server(Answer(said("a", finish="length")), Answer(said("b", finish="length")), Answer(said("c"))) as server:
        reply = ask(server, "vllm").continue_().continue_()
        last = server.asked[2].body["messages"][-1]
    assert (reply.text, last["content"]) == ("abc", "ab")


def test_a_server_without_a_way_is_asked_in_words_to_go_on() -> None:
    with Server(Answer([*said("half", finish=None), "close"]), Answer(said(" and half"))) as server:
        with pytest.raises(qn.StreamError) as cut:
            ask(server, "transformers")
        reply = cut.value.reply
        assert reply
        assert reply.continue_().text == "half and half"
        roles = [message["role"] for message in server.asked[1].body["messages"]]
    assert roles == ["user", "assistant", "user"]


def test_what_cannot_be_continued_says_why() -> None:
    half_call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a": '}}
    with Server(Answer(said("whole")), Answer([frame({"tool_calls": [half_call]}, "length")])) as server:
        whole = ask(server)
        half = ask(server)
    with pytest.raises(qn.ConfigError, match="complete"):
        whole.continue_()
    with pytest.raises(qn.ConfigError, match="tool call"):
        half.continue_()
