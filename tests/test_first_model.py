"""A question that names no model goes to the first that the server lists."""

from __future__ import annotations

from dataclasses import replace

import pytest

import qwen_nb as qn
from qwen_nb import retry, silence
from tests.server import Answer, Server, said
from tests.test_client import answered, endpoint, failed


def test_the_first_model_of_the_list_is_asked_if_none_is_named() -> None:
    models = Answer(
        [b'{"object": "list", "data": [{"id": "qwen3-8b", "object": "model"}]}'], 200, {"content-type": "application/json"}
    )
    with Server(models, Answer(said("one"))) as server:
        answered(replace(endpoint(server), model=""))
        assert server.asked[0].path == "/v1/models"
        assert server.asked[1].body["model"] == "qwen3-8b"


JSON = {"content-type": "application/json"}
REFUSALS = {
    "wrong key": ("/v1", Answer([b'{"error": {"message": "No."}}'], 401, JSON), "HTTP 401", "Check the key"),
    "no version": ("", Answer([b"Cannot GET /models"], 404, {"content-type": "text/plain"}), "HTTP 404", "usually ends in /v1"),
    "no list": ("/v1", Answer([b'{"detail": "Not Found"}'], 404, JSON), "does not say which models", "name one with model="),
    "no such method": ("/v1", Answer([b""], 405, JSON), "does not say which models", "name one with model="),
    "neither yes nor no": ("/v1", Answer([b""], 300, JSON), "does not say which models", "name one with model="),
}


@pytest.mark.parametrize(("path", "answer", "fact", "advice"), REFUSALS.values(), ids=REFUSALS)
def test_a_server_that_refuses_its_list_is_told_as_one_that_refuses_a_question(
    path: str, answer: Answer, fact: str, advice: str
) -> None:
    with Server(answer) as server:
        where = replace(endpoint(server), base_url=server.url.removesuffix("/v1") + path, model="")
        error, reply = failed(where)
        assert len(server.asked) == 1
    assert fact in str(error)
    assert advice in str(error)
    assert isinstance(error, qn.StatusError if "HTTP" in fact else qn.ConfigError)
    assert reply.status == "error"


def test_a_server_that_still_loads_its_model_is_asked_for_its_list_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "FIRST_NOTICE", 0.2)
    loading = Answer([b'{"error": {"message": "Loading model"}}'], 503, {**JSON, "retry-after-ms": "10"})
    slow = Answer([0.5, b'{"data": [{"id": "qwen3-8b"}]}'], 200, JSON)
    with Server(loading, slow, Answer(said("one"))) as server:
        reply = answered(replace(endpoint(server), model=""))
        assert [asked.method for asked in server.asked] == ["GET", "GET", "POST"]
    assert reply.text == "one"
    assert [notice.code for notice in reply.warnings] == ["retry", "silence"]
    assert "Loading model" in reply.warnings[0].text


def test_a_server_that_does_not_list_its_models_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)
    with Server(Answer([30.0], 200, JSON)) as server:
        error, _ = failed(replace(endpoint(server), model=""), timeout=0.1)
        assert len(server.asked) == 4
    assert isinstance(error, qn.ConnectError)
