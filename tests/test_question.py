"""What people hand over that is no plain JSON: it is sent as what it stands for, or refused in words before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy
import pytest
from openai.types.chat import ChatCompletionMessage

import qwen_nb as qn
from tests.kernel import running_kernel
from tests.rounds_server import calling
from tests.server import Answer, Server, said

HALF = "a\ud83db"
"""Half of an emoji, as scraped JSON has it."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Answer(said("ok"))) as running:
        yield running


def sent(server: Server, prompt: Any, **options: Any) -> Any:
    """The body that the server got."""
    reply = qn.ask(prompt, endpoint=qn.Endpoint(server.url, model="m", profile="vllm"), display=False, **options)
    assert reply.text == "ok"
    return server.asked[-1].body


def test_half_a_character_is_sent_as_one_that_is_unknown(server: Server) -> None:
    body = sent(server, HALF, system=HALF, stop=HALF, extra={"user": HALF})
    assert [message["content"] for message in body["messages"]] == ["a�b", "a�b"]
    assert (body["stop"], body["user"]) == (["a�b"], "a�b")
    assert sent(server, [{"role": "user", "content": "\ud83d\ude00"}])["messages"][0]["content"] == "😀"
    results = qn.map(["x", HALF], endpoint=qn.Endpoint(server.url, model="m"), progress=False)
    assert results.texts == ["ok", "ok"]


def test_half_a_character_of_a_variable_or_a_tool_reaches_model_and_page() -> None:
    with Server(calling(("c1", "page", "{}")), Answer(said("ok"))) as server, running_kernel() as kernel:
        kernel.run(f"%load_ext qwen_nb\nimport qwen_nb as qn\nqn.connect({server.url!r}, model='m')")
        kernel.run("text = 'a\\ud83db'\ndef page() -> str:\n    return text")
        cell = kernel.run("%%qwen --tools page\nSum up {text}")
        assert cell.status == "ok", cell.traceback
        assert cell.text.endswith("a�bok")
        assert kernel.value("qn.last.parts[0].text") == "'Filled in: {text}: a�b.'"
    assert [message["content"] for message in server.asked[1].body["messages"]] == ["Sum up a�b", "", "a�b"]


def test_messages_of_an_openai_client_are_messages(server: Server) -> None:
    question = {"role": "user", "content": "Who?"}
    answer = ChatCompletionMessage(role="assistant", content="I am Qwen.")
    said_before = [question, {"role": "assistant", "content": "I am Qwen."}, question]
    assert sent(server, [question, answer, question])["messages"] == said_before
    (reply,) = qn.map([[question, answer, question]], endpoint=qn.Endpoint(server.url, model="m"), progress=False).replies.values()
    assert reply.text == "ok"
    assert server.asked[-1].body["messages"] == said_before


def test_numbers_of_numpy_are_numbers(server: Server) -> None:
    extra = {"top_k": numpy.int32(5), "logit_bias": {numpy.int64(7): numpy.float64(1)}, "ids": numpy.arange(3)}
    body = sent(server, "x", seed=numpy.int64(3), max_tokens=numpy.int64(4), temperature=numpy.float32(0.5), extra=extra)
    assert (body["seed"], body["max_tokens"], body["temperature"]) == (3, 4, 0.5)
    assert (body["top_k"], body["logit_bias"], body["ids"]) == (5, {"7": 1.0}, [0, 1, 2])
    assert sent(server, "x", thinking=numpy.bool_(False))["chat_template_kwargs"] == {"enable_thinking": False}


@pytest.mark.parametrize(
    ("prompt", "options", "message"),
    [
        (None, {}, "a text or a list of messages, and no NoneType"),
        (["hello"], {}, "'hello' is none. For many prompts there is map"),
        ([{"content": "hello"}], {}, "is none"),
        ({"role": "user", "content": "hi"}, {}, "no dict: one message goes into a list, too"),
        (ChatCompletionMessage(role="assistant"), {}, "one message goes into a list, too"),
        ([{"role": "user", "content": 3}], {}, "content of a message is a text or a list of parts, and not 3"),
        ([{"role": "user", "content": b"x"}], {}, "messages cannot be sent: JSON has no bytes"),
        ([], {}, "The prompt is empty"),
        ("x", {"extra": {"a": {1}}}, "extra cannot be sent: JSON has no set"),
        ("x", {"extra": {(1, 2): 3}}, "extra cannot be sent: JSON has no tuple"),
        ("x", {"extra": [1]}, "extra takes a dict"),
        ("x", {"temperature": float("nan")}, "temperature cannot be sent: JSON has no nan"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words(server: Server, prompt: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(qn.ConfigError, match=message):
        sent(server, prompt, **options)
    assert not server.asked
