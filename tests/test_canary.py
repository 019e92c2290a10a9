"""A key is found nowhere: not in what is shown, kept, logged or raised, whatever the server echoes, and however it spells it."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import logging
import math
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from IPython.core.ultratb import VerboseTB

import qwen_nb as qn
from qwen_nb import retry
from qwen_nb.connection import connection
from qwen_nb.fallback import mimebundle
from tests.canary import CANARY, leaks
from tests.rounds_server import get_weather
from tests.server import Answer, Asked, Server, frame, said

JSON = {"content-type": "application/json"}
BEARER = base64.b64encode(f"Bearer {CANARY}".encode()).decode()
ESCAPED = "".join(f"\\u{ord(character):04x}" for character in CANARY)
DONE = b"data: [DONE]\n\n"


def refused(status: int, message: str = "No.", headers: dict[str, str] | None = None, **fields: Any) -> Answer:
    body = json.dumps({"error": {"message": message, **fields}})
    return Answer([body.encode()], status, {**JSON, **(headers or {})})


def data(document: Any) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def call(name: str = "get_weather", arguments: str = "{}", call_id: str = "c1") -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "id": call_id, "function": {"name": name, "arguments": arguments}}]}


HALF = len(CANARY) // 2

ECHOES: dict[str, Answer] = {
    "nothing": Answer(said("Hello")),
    "401 in the message": refused(401, f"Incorrect API key provided: {CANARY}. Find yours at https://example.com."),
    "401 of a part of it": refused(401, f"Incorrect API key provided: {CANARY[:14]}***{CANARY[-13:]}"),
    "400 in a URL": refused(400, f"Bad request: /v1/chat/completions?api_key={quote(CANARY, safe='')}"),
    "400 in its code and id": refused(400, code=CANARY, request_id=CANARY),
    "500 in base64": refused(500, f"Headers: Authorization: {BEARER}"),
    "401 in escapes": Answer([b'{"error": {"message": "key %s"}}' % ESCAPED.encode()], 401, JSON),
    "401 in twice escaped text": refused(401, f"key {ESCAPED}"),
    "401 in HTML": Answer([f"<html><title>{CANARY}</title></html>".encode()], 401, {"content-type": "text/html"}),
    "401 as text": Answer([f"key={CANARY}".encode()], 401, {"content-type": "text/plain"}),
    "401 in headers": refused(401, headers={"x-request-id": CANARY, "www-authenticate": f"Bearer {CANARY}", "x-key": CANARY}),
    "200 in headers": Answer(said("Hello"), 200, {"content-type": "text/event-stream", "x-request-id": CANARY, "x-key": CANARY}),
    "422 in a list": Answer([json.dumps({"detail": [{"loc": ["header"], "msg": CANARY}]}).encode()], 422, JSON),
    "a document that is no reply": Answer([json.dumps({"got": {"authorization": f"Bearer {CANARY}"}}).encode()], 200, JSON),
    "a document that is a reply": Answer(
        [json.dumps({"choices": [{"message": {"content": f"You are {CANARY}."}, "finish_reason": "stop"}]}).encode()], 200, JSON
    ),
    "a redirect": refused(307, headers={"location": f"http://example.invalid/{quote(CANARY, safe='')}"}),
    "an error in the stream": Answer([*said("Half", finish=None), data({"error": {"message": f"bad {CANARY}", "code": CANARY}})]),
    "an error event": Answer([*said("Half", finish=None), f"event: error\ndata: {CANARY}\n\n".encode()]),
    "a frame that is no JSON": Answer([f"data: {CANARY}\n\n".encode(), *said("Hello")]),
    "the answer": Answer(said(f"Your key is {CANARY}, is it not?")),
    "the answer in two frames": Answer(said("Your key is " + CANARY[:HALF], CANARY[HALF:] + ", is it not?")),
    "the answer in single characters": Answer(said(*f"Your key is {CANARY}.")),
    "reasoning": Answer([frame({"reasoning_content": CANARY[:15]}), frame({"reasoning_content": CANARY[15:]}), *said("Hello")]),
    "arguments of a call": Answer([frame(call(arguments=json.dumps({"city": CANARY}))), frame({}, "tool_calls"), DONE]),
    "the name of a call": Answer([frame(call(name=CANARY, call_id=CANARY)), frame({}, "tool_calls"), DONE]),
    "names": Answer([frame({"content": "Hello"}, model=CANARY, id=CANARY), frame({}, CANARY), DONE]),
    "beside the answer": Answer(
        [*said("Hello")[:-1], data({"choices": [], "usage": {"completion_tokens": 1, "key": CANARY}}), DONE]
    ),
    "a stream that breaks": Answer([*said(f"Half {CANARY}", finish=None), "reset"]),
}


@pytest.fixture
def log() -> Iterator[list[str]]:
    """All that is logged by anybody, at DEBUG."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.name}: {self.format(record)}")

    handler, root = Keep(), logging.getLogger()
    names = [
        name
        for name in root.manager.loggerDict
        if name.partition(".")[0] in ("openai", "httpx2", "httpcore2", "asyncio", "qwen_nb")
    ]
    loggers = [root, *map(logging.getLogger, [*names, "httpcore2", "openai", "httpx2", "asyncio", "qwen_nb"])]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield lines
    root.removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)


def failure_of(run: Callable[[], qn.Reply], *, with_verbose: bool = False) -> tuple[qn.Reply, list[str]]:
    """The reply, and what can be seen of an error: as text, as tracebacks with all variables, and whatever caused it."""
    try:
        return run(), []
    except qn.QwenError as error:
        seen = [traceback.format_exc(), "\n".join(error._render_traceback_())]
        seen += ["".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())]
        if with_verbose:
            colours = "NoColor" if sys.version_info < (3, 11) else "nocolor"
            seen.append("\n".join(VerboseTB(colours).structured_traceback(*sys.exc_info())))
        chain: list[BaseException] = [error]
        for each in chain:
            chain += [other for other in (each.__cause__, each.__context__) if other is not None and other not in chain]
            seen += [str(each), repr(each), repr(vars(each)), repr(each.args)]
        seen.append(pickle.dumps(error).decode("latin-1"))
        return error.reply or qn.Reply(), seen


def shown(reply: qn.Reply) -> list[str]:
    """What can be seen of a reply."""
    seen = [repr(reply), str(reply), reply.text, reply.reasoning, repr(vars(reply)), repr(vars(copy.copy(reply)))]
    seen += [repr(list(reply.events())), repr(reply.tool_calls), repr(reply.raw), repr(reply.usage), repr(reply.warnings)]
    seen += [reply.error, reply.model, reply.request_id, repr(reply.finish_reason), *mimebundle(reply).values()]
    seen.append(json.dumps(reply.view().get_state(), default=repr))
    seen.append(pickle.dumps(reply).decode("latin-1"))
    return seen


CLOSELY = ("401 in the message", "an error in the stream", "a document that is no reply", "a stream that breaks")
"""These also compressed, with IPython's longest traceback, and in the other protocols."""
CASES = [*((echo, "chat") for echo in ECHOES), *((echo, other) for other in ("responses", "dashscope") for echo in CLOSELY)]


@pytest.mark.parametrize(("echo", "protocol"), CASES)
def test_whatever_a_server_echoes(echo: str, protocol: Any, log: list[str], tmp_path: Path) -> None:
    is_closely = echo in CLOSELY and protocol == "chat"
    cassettes = [tmp_path / name for name in ("one.jsonl", *(["one.jsonl.gz"] if is_closely else []))]
    with Server(ECHOES[echo]) as server:
        where = qn.Endpoint(server.url, api_key=CANARY, model="m", protocol=protocol)
        for cassette in cassettes:
            with qn.record(cassette):
                ask = partial(qn.ask, "Hi.", endpoint=where, tools=[get_weather], display=False)
                reply, seen = failure_of(ask, with_verbose=(echo, protocol) == CASES[-1] or (is_closely and echo == CLOSELY[0]))
        assert server.asked[0].headers["authorization"] == f"Bearer {CANARY}", "the key was not even sent"
    assert [leak for place in [*seen, *shown(reply)] for leak in leaks(place)] == []
    assert [leak for line in log for leak in leaks(line)] == []
    for cassette in cassettes:
        raw = cassette.read_bytes()
        assert leaks(gzip.decompress(raw) if cassette.suffix == ".gz" else raw) == []
    if echo.startswith("the answer") and protocol == "chat":
        assert "key is " in reply.text
        assert "[key]" in reply.text, "the reader sees that something was taken out"
        assert "Hello" not in reply.text


def test_no_server(log: list[str]) -> None:
    with Server(Answer()) as server:
        url = server.url
    for where in (
        qn.Endpoint(url, api_key=CANARY, model="m"),
        qn.Endpoint(url.replace("://", f"://user:{quote(CANARY, safe='')}@")),
    ):
        reply, seen = failure_of(partial(qn.ask, "Hi.", endpoint=where, display=False))
        assert seen
        assert [leak for place in [*seen, *shown(reply), *log] for leak in leaks(place)] == []


def test_wherever_the_key_is_kept(log: list[str], tmp_path: Path) -> None:
    echo = Answer(said("Authorization was ", CANARY))
    password, token = {"base": f"user:{quote(CANARY, safe='')}@"}, {"X-Api-Token": CANARY}
    cassette = tmp_path / "one.jsonl"
    with Server(echo) as server, qn.record(cassette):
        asked: list[tuple[qn.Endpoint, dict[str, Any]]] = [
            (qn.Endpoint(server.url.replace("://", f"://{password['base']}"), model="m"), {}),
            (qn.Endpoint(server.url, headers=token, model="m"), {}),
            (qn.Endpoint(server.url, headers={"Authorization": f"Bearer {CANARY}"}, model="m"), {}),
            (qn.Endpoint(server.url, model="m"), {"extra": {"api_key": CANARY, "auth": {"token": CANARY}}}),
        ]
        for where, options in asked:
            reply, seen = failure_of(partial(qn.ask, "Hi.", endpoint=where, display=False, **options))
            places = [*seen, *shown(reply), *log, repr(where), repr(vars(where))]
            assert [leak for place in places for leak in leaks(place)] == []
            assert reply.text == "Authorization was [key]"
        basic, header, bearer, extra = server.asked
    assert base64.b64decode(basic.headers["authorization"].removeprefix("Basic ")).decode() == f"user:{CANARY}"
    assert header.headers["x-api-token"] == CANARY
    assert bearer.headers["authorization"] == f"Bearer {CANARY}"
    assert (extra.body["api_key"], extra.body["auth"]["token"]) == (CANARY, CANARY)
    assert leaks(cassette.read_bytes()) == []
    with qn.replay(cassette, speed=math.inf):
        assert qn.ask("Hi.", model="m", display=False).text == "Authorization was [key]"


def test_an_address_keeps_no_secret_and_an_error_about_one_does_not_quote_it() -> None:
    for address in (
        f"http://host/v1?api_key={CANARY}",
        f"user:{CANARY}@host",
        CANARY,
        f"ftp://{CANARY}@host",
        f"http://[{CANARY}@",
    ):
        with pytest.raises(qn.ConfigError) as caught:
            qn.connect(address)
        assert leaks(str(caught.value)) == []
        assert len(str(caught.value)) > 40
    with pytest.raises(qn.ConfigError, match="nothing after a \\?"):
        qn.Endpoint(f"http://host/v1?api_key={CANARY}")
    for key in (f"{CANARY}\nx", f"{CANARY}“"):
        with pytest.raises(qn.ConfigError, match="copy it again") as caught:
            qn.Endpoint("http://host/v1", api_key=key)
        assert leaks(str(caught.value)) == []
    assert qn.Endpoint("http://host/v1", api_key=f" {CANARY}\n").api_key == CANARY


def test_objects_do_not_show_it() -> None:
    where = qn.Endpoint("http://host/v1", api_key=CANARY, headers={"x-token": CANARY, "x-title": "Mine"}, model="m")
    for twin in (where, copy.copy(where), copy.deepcopy(where), pickle.loads(pickle.dumps(where))):
        assert twin == where
        assert twin.api_key == CANARY
        for seen in (repr(twin), str(twin), repr(vars(twin)), repr(asdict(twin)), f"{twin}"):
            assert leaks(seen) == []
    client = connection(where)
    chat = qn.Chat(endpoint=where)
    for thing in (client, chat, vars(chat)):
        assert leaks(repr(thing)) == []
    assert leaks(repr(vars(client))) == []


def test_what_map_keeps(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"

    def answer(asked: Asked) -> Answer:
        return ECHOES["the answer in two frames"] if "1" in str(asked.body["messages"]) else ECHOES["401 in the message"]

    with Server(answer) as server:
        where = qn.Endpoint(server.url, api_key=CANARY, model="m", headers={"x-token": CANARY})
        results = qn.map(["1", "2"], endpoint=where, checkpoint=kept, progress=False, retries=0, extra={"api_key": CANARY})
    assert leaks(kept.read_bytes()) == []
    assert "key is" in kept.read_text()
    assert leaks(repr(results)) == []
    assert leaks(repr(list(results))) == []


def test_a_conversation_that_is_written_down(tmp_path: Path) -> None:
    with Server(ECHOES["the answer"]) as server:
        chat = qn.Chat(endpoint=qn.Endpoint(server.url, api_key=CANARY, model="m"))
        chat("Who am I?", display=False)
        chat("Once more?", display=False)
        assert leaks(json.dumps(server.asked[1].body)) == [], "what the model is told again"
    chat.save(tmp_path / "chat.json")
    assert leaks((tmp_path / "chat.json").read_bytes()) == []


def test_a_defect_shows_no_key_in_the_variables_of_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("qwen_nb.dialects.chat_decoder.take_delta", broken)
    with Server(Answer(said("Hello"))) as server:
        where = qn.Endpoint(server.url, api_key=CANARY, model="m", headers={"x-token": CANARY})
        with pytest.raises(ZeroDivisionError) as caught:
            qn.ask("Hi.", endpoint=where, display=False)
    seen = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "endpoint = " in seen
    assert leaks(seen) == []


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        CANARY[5:20],
        CANARY[::-1],
        quote(CANARY, safe=""),
        ESCAPED,
        BEARER,
        base64.b64encode(f"me:{CANARY}".encode()).decode(),
    ],
)
def test_the_search_finds_it(text: str) -> None:
    assert leaks(f"some {text} more")
    assert leaks(text.encode())
    assert not leaks("sk-cAnArY and 7Qx/2+Zw9")
