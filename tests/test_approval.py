"""Tools that ask first: run, edit, deny, and nobody there."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import qwen_nb as qn
from qwen_nb import approval
from qwen_nb.approval import Approver
from qwen_nb.asking import Asking
from qwen_nb.events import Event, PartStart
from qwen_nb.question import Question
from tests.rounds_server import calling
from tests.server import Answer, Server, said


def answered(*messages: dict[str, Any]) -> tuple[qn.Reply, list[int], list[str]]:
    """The reply to a question whose call asks first and gets `messages` from a page; what ran; the kinds of its parts."""
    ran: list[int] = []

    @qn.tool(confirm=True)
    def erase(number: int) -> str:
        """Erase a number."""
        ran.append(number)
        return f"{number} is gone"

    approver = Approver()
    is_asked = threading.Event()
    with Server(calling(("c1", "erase", '{"number": 1}')), Answer(said("Fine."))) as server:
        question = Question.of("Erase.", {"endpoint": qn.Endpoint(server.url, model="m"), "tools": [erase]})
        reply = question.reply()

        def take(events: list[Event]) -> None:
            reply.extend(events)
            if any(isinstance(event, PartStart) and event.kind == "approval" for event in events):
                is_asked.set()

        asking = Asking(question, reply, take, approver.ask)
        assert is_asked.wait(5)
        for message in messages:
            approver.receive(message)
        asking.wait()
    return reply, ran, [f"{part.kind}: {part.reason}" for part in reply.parts]


def test_the_user_lets_it_run() -> None:
    reply, ran, parts = answered({"type": "here"}, {"type": "approval", "id": "c1", "verdict": "run"})
    assert ran == [1]
    assert parts == ["tool: ", "approval: run", "result: done", "text: "]
    assert reply.tool_calls[0].result == "1 is gone"


def test_the_user_changes_the_arguments() -> None:
    _, ran, _ = answered({"type": "approval", "id": "c1", "verdict": "run", "arguments": '{"number": 2}'})
    assert ran == [2]


def test_what_the_user_wrote_runs_neither_rounded_nor_taken_for_what_equals_it_in_python() -> None:
    message = {"type": "approval", "id": "c1", "verdict": "run", "arguments": '{"number": 9007199254740993}'}
    reply, ran, _ = answered(message)
    assert ran == [9007199254740993]
    assert reply.tool_calls[0].arguments == {"number": 9007199254740993}
    reply, _, _ = answered({**message, "arguments": '{"number": true}'})
    assert str(reply.tool_calls[0].arguments) == "{'number': True}", "in Python it equals 1, which the model wrote"


@pytest.mark.parametrize(
    "arguments", ["", "{", "[2]", "null", "9" * 5_000, "[" * 100_000, None, 2, {"number": 2}], ids=lambda value: repr(value)[:20]
)
def test_changed_arguments_that_are_no_object_run_nothing(arguments: Any) -> None:
    reply, ran, parts = answered({"type": "approval", "id": "c1", "verdict": "run", "arguments": arguments})
    assert not ran
    assert parts == ["tool: ", "approval: deny", "result: denied", "text: "]
    assert reply.tool_calls[0].result == "erase was not run. The user changed the arguments, but not to a JSON object."


@pytest.mark.parametrize("verdict", ["deny", "yes", None])
def test_anything_but_run_is_no(verdict: Any) -> None:
    reply, ran, parts = answered({"type": "approval", "id": "c1", "verdict": verdict})
    assert not ran
    assert parts == ["tool: ", "approval: deny", "result: denied", "text: "]
    assert reply.tool_calls[0].result == "erase was not run. The user said no."


def test_a_page_that_never_shows_itself_or_is_gone_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approval, "FIRST_SIGN", 0.1)
    monkeypatch.setattr(approval, "LONGEST_ABSENCE", 0.2)
    for messages in ([], [{"type": "here"}], [{"type": "approval", "id": "other", "verdict": "run"}]):
        reply, ran, _ = answered(*messages)
        assert not ran
        assert "nobody is here" in (reply.tool_calls[0].result or "")
