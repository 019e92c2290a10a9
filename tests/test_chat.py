"""Conversations: what goes along, what is remembered, how they follow the cells of a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import qwen_nb as qn
from tests.rounds_server import calling, get_weather
from tests.server import Answer, Asked, Server, frame, said


def echo(asked: Asked) -> Answer:
    """Answers how many messages it got, and the last."""
    messages = asked.body["messages"]
    return Answer(said(f"{len(messages)}: {messages[-1]['content']}"))


def chat(server: Server, **options: Any) -> qn.Chat:
    return qn.Chat(endpoint=qn.Endpoint(server.url, model="m", profile="vllm"), **options)


def ask(conversation: qn.Chat, prompt: str, cell: str = "", deleted: tuple[str, ...] = ()) -> str:
    return conversation(prompt, display=False, cell=cell, deleted=deleted).text


def prompts(conversation: qn.Chat) -> list[tuple[str, bool]]:
    return [(turn.prompt, turn.is_stale) for turn in conversation.turns]


def test_what_was_said_goes_along() -> None:
    with Server(echo) as server:
        conversation = chat(server, system="Be short.")
        assert [ask(conversation, "one"), ask(conversation, "two")] == ["2: one", "4: two"]
    assert conversation.messages == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "2: one"},
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": "4: two"},
    ]


def test_calls_and_results_are_part_of_it_and_tokens_add_up() -> None:
    with Server(calling(("c1", "get_weather", '{"city": "Oslo"}')), Answer(said("Cold.")), echo) as server:
        conversation = chat(server, tools=[get_weather])
        ask(conversation, "Oslo?")
        ask(conversation, "And now?")
        roles = [message["role"] for message in server.asked[-1].body["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert conversation.usage.output_tokens == 5


def test_forks_go_their_own_way_and_undo_forgets() -> None:
    with Server(echo) as server:
        conversation = chat(server)
        ask(conversation, "one")
        forked = conversation.fork()
        ask(forked, "two")
        assert (len(conversation), len(forked)) == (1, 2)
        undone = forked.undo()
    assert undone
    assert undone.prompt == "two"
    assert prompts(forked) == [("one", False)]


def test_a_conversation_is_saved_and_loaded_without_keys(tmp_path: Path) -> None:
    with Server(echo) as server:
        conversation = qn.Chat(system="Be short.", endpoint=qn.Endpoint(server.url, api_key="sk-canary", model="m"))
        ask(conversation, "一", cell="a")
        conversation.save(tmp_path / "chat.json")
        loaded = qn.Chat.load(tmp_path / "chat.json", endpoint=qn.Endpoint(server.url, model="m"))
        assert loaded.messages == conversation.messages
        assert ask(loaded, "again", cell="a") == "2: again"
    assert "canary" not in (tmp_path / "chat.json").read_text()
    with pytest.raises(qn.ConfigError, match="no conversation"):
        qn.Chat.load(tmp_path / "nothing.json")


def test_a_failed_question_leaves_no_trace_but_a_half_answer_stays() -> None:
    broken = Answer([*said("half", finish=None), "close"])
    refused = Answer([b'{"error": {"message": "No."}}'], 400, {"content-type": "application/json"})
    with Server(refused, broken, echo) as server:
        conversation = chat(server)
        with pytest.raises(qn.StatusError):
            ask(conversation, "one")
        assert conversation.messages == []
        with pytest.raises(qn.StreamError):
            ask(conversation, "two")
        ask(conversation, "three")
    assert [message["content"] for message in conversation.messages] == ["two", "half", "three", "3: three"]


def test_a_half_answer_that_is_continued_is_whole_in_the_conversation() -> None:
    with Server(Answer(said("half", finish="length")), Answer(said(" and half")), echo) as server:
        conversation = chat(server)
        conversation("one", display=False).continue_()
        ask(conversation, "two")
    assert [message["content"] for message in conversation.messages] == ["one", "half and half", "two", "3: two"]


def test_a_full_context_says_what_to_do_or_makes_room() -> None:
    def small(asked: Asked) -> Answer:
        if len(asked.body["messages"]) > 3:
            body = b'{"error": {"message": "This model has a maximum context length of 3.", "code": "context_length_exceeded"}}'
            return Answer([body], 400, {"content-type": "application/json"})
        return echo(asked)

    with Server(small) as server:
        conversation = chat(server)
        ask(conversation, "one")
        ask(conversation, "two")
        with pytest.raises(qn.StatusError, match="drop_oldest"):
            ask(conversation, "three")
        conversation.drop_oldest = True
        assert ask(conversation, "three") == "3: three"
    assert prompts(conversation) == [("two", False), ("three", False)]


def test_a_context_that_is_full_of_results_does_not_run_the_tools_again() -> None:
    runs: list[str] = []

    def read_file(name: str) -> str:
        runs.append(name)
        return "much"

    def full_after_results(asked: Asked) -> Answer:
        message = asked.body["messages"][-1]
        if message["role"] == "tool":
            return Answer([b'{"error": {"code": "context_length_exceeded"}}'], 400, {"content-type": "application/json"})
        return calling(("c1", "read_file", '{"name": "a"}')) if message["content"] == "Read it." else echo(asked)

    with Server(full_after_results) as server:
        conversation = chat(server, tools=[read_file], drop_oldest=True)
        ask(conversation, "one")
        with pytest.raises(qn.StatusError, match="Its tools have run"):
            ask(conversation, "Read it.")
        assert (runs, len(server.asked)) == (["a"], 3)
        assert [turn.prompt for turn in conversation.turns] == ["one", "Read it."]


def test_a_question_and_a_fork_have_the_system_message_that_holds_for_them() -> None:
    with Server(lambda asked: Answer(said(asked.body["messages"][0]["content"]))) as server:
        conversation = chat(server, system="A")
        assert conversation("one", system="B", display=False).text == "B"
        assert ask(conversation, "two") == "A"
        conversation.system = "C"
        assert ask(conversation.fork(), "three") == "C"


def test_tools_from_a_generator_are_offered_with_each_question() -> None:
    with Server(echo) as server:
        conversation = chat(server, tools=(each for each in [get_weather]))
        ask(conversation, "one")
        ask(conversation, "two")
        assert [len(asked.body["tools"]) for asked in server.asked] == [1, 1]


def test_a_call_that_nobody_runs_is_not_sent_again_without_a_result() -> None:
    elsewhere = {"type": "function", "function": {"name": "elsewhere", "parameters": {"type": "object"}}}
    with Server(calling(("c1", "elsewhere", "{}")), echo) as server:
        conversation = chat(server, tools=[get_weather, elsewhere])
        reply = conversation("one", display=False)
        assert [call.name for call in reply.tool_calls] == ["elsewhere"]
        ask(conversation, "two")
        sent = server.asked[1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert "tool_calls" not in sent[1]


def test_an_option_that_there_is_not_is_refused() -> None:
    with Server(echo) as server:
        conversation = chat(server)
        with pytest.raises(qn.ConfigError, match="max_token: no such option here"):
            conversation("hi", display=False, max_token=5)  # type: ignore[call-arg]
        assert not server.asked
    for option in ("temprature", "display"):
        with pytest.raises(qn.ConfigError, match=option):
            qn.Chat(**{option: 0})  # type: ignore[arg-type]


def test_one_question_at_a_time() -> None:
    conversation: list[qn.Chat] = []

    def again() -> str:
        """Ask while the conversation waits."""
        return conversation[0]("inside", display=False).text

    with Server(calling(("c1", "again", "{}")), Answer(said("done"))) as server:
        conversation.append(chat(server, tools=[again]))
        reply = conversation[0]("outside", display=False)
    assert "waits for a reply" in (reply.tool_calls[0].result or "")


class TestCells:
    """The rules of `docs/decisions/`, each with its case."""

    def test_a_cell_that_runs_again_replaces_its_turn_and_later_ones_are_stale(self) -> None:
        with Server(echo) as server:
            conversation = chat(server)
            for prompt, cell in [("one", "a"), ("two", "b"), ("three", "c")]:
                ask(conversation, prompt, cell)
            assert ask(conversation, "two, better", "b") == "3: two, better"
            assert prompts(conversation) == [("one", False), ("two, better", False), ("three", True)]
            assert ask(conversation, "three", "c") == "5: three"
        assert prompts(conversation) == [("one", False), ("two, better", False), ("three", False)]

    def test_a_new_cell_goes_to_the_end_wherever_it_stands(self) -> None:
        with Server(echo) as server:
            conversation = chat(server)
            ask(conversation, "one", "a")
            ask(conversation, "above", "b")
        assert prompts(conversation) == [("one", False), ("above", False)]

    def test_a_deleted_cell_drops_out_when_its_turn_is_stale(self) -> None:
        with Server(echo) as server:
            conversation = chat(server)
            ask(conversation, "one", "a")
            ask(conversation, "two", "b")
            ask(conversation, "three", "c", deleted=("b",))
            assert prompts(conversation) == [("one", False), ("two", False), ("three", False)]
            ask(conversation, "one again", "a")
            assert ask(conversation, "four", "d") == "5: four"
        assert prompts(conversation) == [("one again", False), ("three", True), ("four", False)]

    def test_a_run_that_fails_keeps_the_old_turn_stale(self) -> None:
        refused = Answer([b'{"error": {"message": "No."}}'], 400, {"content-type": "application/json"})
        with Server(echo, refused) as server:
            conversation = chat(server)
            ask(conversation, "one", "a")
            with pytest.raises(qn.StatusError):
                ask(conversation, "one again", "a")
        assert prompts(conversation) == [("one", True)]

    def test_without_cells_turns_are_appended(self) -> None:
        with Server(Answer([frame({"content": "yes"}, "stop")])) as server:
            conversation = chat(server)
            ask(conversation, "one")
            ask(conversation, "one")
        assert len(conversation) == 2
