"""A server that means harm: memory stays bounded, the reply ends with words that say why, and what had arrived is kept.

The client runs in a process of its own, so that its memory can be measured. `HOSTILE=full` attacks at full size: a frame of a
gigabyte, a million calls, limits as they are. By default some limits are lowered, so that they are met in a moment.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile_server import FINISH, JSON, STREAM, Attack, Endless, HostileServer, delta, frame, same, then

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="a peak of memory is read as Linux tells it")

IS_FULL = os.environ.get("HOSTILE") == "full"
LOWERED: dict[str, int] = {} if IS_FULL else {"LARGEST_REPLY": 2**22, "LONGEST_CALL": 400_000, "MOST_BESIDE": 2**20}
MEMORY = 1000.0 if IS_FULL else 260.0
"""MB that any attack may cost."""
LENGTH = 2**30 if IS_FULL else 2**26
"""Bytes of what has no end of its own."""

Told = dict[str, Any]


class Victim:
    def __init__(self) -> None:
        path = Path(__file__).with_name("hostile_victim.py")
        environment = {**os.environ, "PYTHONPATH": str(path.parents[1]), "NO_PROXY": "*"}
        self._process = subprocess.Popen(
            [sys.executable, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, server: HostileServer, protocol: str = "chat", **order: Any) -> Told:
        assert self._process.stdin
        assert self._process.stdout
        endpoint = {"base_url": server.url, "protocol": protocol, **order.pop("endpoint", {})}
        print(json.dumps({"endpoint": endpoint, "limits": LOWERED, **order}), file=self._process.stdin, flush=True)
        told: Told = json.loads(self._process.stdout.readline())
        assert told["peak"] <= MEMORY
        assert told["open"] == 0, "no part streams for ever"
        return told

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    victim = Victim()
    yield victim
    victim.close()


def attacked(victim: Victim, attack: Attack, **order: Any) -> Told:
    with HostileServer(attack) as server:
        told = victim.ask(server, **order)
        print(f"{server.sent / 2**20:,.0f} MB sent, {told['peak']} MB peak, {told['seconds']} s")
        return told


def call(number: int, arguments: str = "{}", name: str = "get_weather", at: int | None = None) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"tool_calls": [{"index": number if at is None else at, "id": f"c{number}", "type": "function", "function": function}]}


def more(text: str) -> bytes:
    return delta({"tool_calls": [{"index": 0, "function": {"arguments": text}}]})


def event(kind: str, **fields: Any) -> bytes:
    return frame({"type": f"response.{kind}", **fields})


def values(count: int) -> bytes:
    """A frame with many empty lists, each thirty times as large in Python as in JSON."""
    return b'data: {"choices": [' + b"[]," * count + b"[]]}\n\n"


UNNAMED = {"model": "", "profile": ""}
WITH_TOOLS = {"options": {"with_tools": True}}

CUT: dict[str, tuple[Attack, Told, str]] = {
    "text": (then(same(delta({"content": "x" * 1000}))), {}, "a reply of more than"),
    "text in single characters": (then(same(delta({"content": "字"}))), {}, "a reply of more than"),
    "reasoning": (then(same(delta({"reasoning_content": "x" * 1000}))), {}, "a reply of more than"),
    "arguments of a call": (then(delta(call(0, "")), same(more("[[[["))), WITH_TOOLS, "a reply of more than"),
    "a line": (then(b"data: ", same(b"x" * 2**20)), {}, "a frame of more than 32 MB"),
    "a comment": (then(b": ", same(b"x" * 2**20)), {}, "a frame of more than 32 MB"),
    "lines of one frame": (then(same(b"data: x\n")), {}, "a frame of more than 32 MB"),
    "calls": (then(Endless(lambda n: delta(call(n)))), WITH_TOOLS, "more than 2,000 parts"),
    "calls in one frame": (
        then(delta({"tool_calls": [call(n)["tool_calls"][0] for n in range(10**6 if IS_FULL else 10**5)]}), FINISH),
        WITH_TOOLS,
        "more than",
    ),
    "parts": (
        then(Endless(lambda n: delta({"content": "a"}) + delta({"reasoning_content": "b"}))),
        {},
        "more than 2,000 parts",
    ),
    "choices": (then(Endless(lambda n: delta({}, index=n))), {}, "more than 256 choices"),
    "a crowd of values": (then(values(10**7)), {}, "more than 1,000,000 values"),
    "output items": (
        then(Endless(lambda n: event("output_item.added", output_index=n, item={"type": "message", "id": f"i{n}"}))),
        {"protocol": "responses"},
        "more than 2,000",
    ),
    "a call in the text": (
        then(delta({"content": "<tool_call><function=get_weather><parameter=city>"}), same(delta({"content": "x" * 1000}))),
        WITH_TOOLS,
        "a call of more than",
    ),
    "white space": (then(same(delta({"content": " " * 40_000}))), {}, "a reply of more than"),
}


@pytest.mark.parametrize("name", CUT)
def test_what_has_no_end_is_cut_off(name: str, victim: Victim) -> None:
    attack, order, why = CUT[name]
    told = attacked(victim, attack, **order)
    assert told["status"] == "error"
    assert why in told["error"]
    assert "what had arrived is kept" in told["error"]
    assert "Check that the address" in told["error"]
    assert told["text"].startswith("hello") or name == "output items"
    assert told["bundle"] < 5_000_000, "a saved notebook stays small"


@pytest.mark.parametrize("piece", [delta({}), b"data: {}\n\n", b": ping\n\n", b"\n", b"event: x\n\n"])
def test_what_says_nothing_costs_nothing_and_can_be_stopped(piece: bytes, victim: Victim) -> None:
    told = attacked(victim, then(same(piece)), stop=0.3)
    assert (told["status"], told["text"]) == ("stopped", "hello")
    assert told["stopped"] < 1.0
    assert told["peak"] < MEMORY / 2


def zipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(9, wbits=31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


@pytest.mark.parametrize("filling", [b"x" * 2**20, b"\n" * 2**20, b"data: 1\n" * 2**17], ids=["one line", "empty lines", "lines"])
def test_a_few_compressed_bytes_do_not_become_gigabytes_at_once(filling: bytes, victim: Victim) -> None:
    def attack() -> Iterator[bytes]:
        yield STREAM.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
        # An empty line costs a hundred nanoseconds: a matter of time, not of memory.
        length = LENGTH // 16 if filling[:1] == b"\n" else LENGTH
        bomb = (filling for _ in range(length // len(filling)))
        hello = delta({"content": "hello"})
        # In one piece, as it would come from a fast network.
        yield b"".join(zipped(piece for pieces in ((hello, b"data: "), bomb) for piece in pieces))

    told = attacked(victim, attack)
    assert told["status"] == ("truncated" if filling[:1] == b"\n" else "error")
    assert told["text"] == "hello"


def test_an_honest_proxy_may_compress(victim: Victim) -> None:
    def attack() -> Iterator[bytes]:
        yield STREAM.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
        yield gzip.compress(delta({"content": "hello"}) + FINISH)

    told = attacked(victim, attack)
    assert (told["status"], told["text"]) == ("complete", "hello")


def test_a_packing_that_nobody_asked_for_is_named(victim: Victim) -> None:
    head = STREAM.replace(b"\r\n\r\n", b"\r\ncontent-encoding: br\r\n\r\n")
    told = attacked(victim, lambda: [head, b"\x8b\x01\x80hello\x03"])
    assert "packed its answer as 'br'" in told["error"]


def test_deep_json_is_no_frame_and_no_call(victim: Victim) -> None:
    deep = "[" * 100_000
    told = attacked(victim, then(b"data: " + deep.encode() + b"]" * 100_000 + b"\n\n", delta({"content": " again"}), FINISH))
    assert (told["status"], told["text"]) == ("complete", "hello again")
    assert any("no JSON" in notice for notice in told["notices"])

    nested = '{"city": ' + "[" * 900 + "]" * 900 + "}"
    told = attacked(victim, then(delta(call(0, nested)), FINISH), **WITH_TOOLS)
    name, arguments, result = told["calls"][0]
    assert (name, arguments) == ("get_weather", None)
    assert "was not run" in result


def test_absurd_numbers_and_names_are_not_believed(victim: Victim) -> None:
    usage = b'data: {"choices": [], "usage": {"completion_tokens": %s, "prompt_tokens": -1}}\n\n'
    for number in (b"9" * 4000, b"9" * 10**6, b"1e400", b"NaN", b"-5", b'"many"', b"true"):
        told = attacked(victim, then(usage % number, FINISH))
        assert (told["status"], told["tokens"]) == ("complete", None)
    told = attacked(victim, then(frame({"model": "m" * 10**6, "choices": []}), FINISH), endpoint={"model": "m"})
    assert len(told["model"]) < 300


def test_a_name_that_grows_without_end_costs_no_more_than_a_long_one(victim: Victim) -> None:
    grow = delta({"tool_calls": [{"index": 0, "function": {"name": "x"}}]})
    told = attacked(victim, then(delta(call(0, "", "x")), grow * 2_000, FINISH), **WITH_TOOLS)
    assert told["status"] in ("complete", "error")
    assert len(told["calls"][0][0]) <= 256


def test_what_is_kept_beside_the_answer_has_an_end(victim: Victim) -> None:
    entry = {"token": "x", "logprob": -1.0, "top_logprobs": [{"token": "y", "logprob": -2.0}] * 20}
    noted = frame({"choices": [{"index": 0, "delta": {}, "logprobs": {"content": [entry] * 50}}]})
    told = attacked(victim, then(noted * (2000 if IS_FULL else 40), FINISH))
    assert told["status"] == "complete"
    assert any("reply.raw holds the first" in notice for notice in told["notices"])


@pytest.mark.parametrize("head", [JSON, JSON.replace(b"200 OK", b"400 No"), JSON.replace(b"200 OK", b"401 No")])
@pytest.mark.parametrize("body", [b'{"error": {"message": "', b"[", b"<html>"])
def test_a_document_or_an_error_without_end_is_read_to_a_point(head: bytes, body: bytes, victim: Victim) -> None:
    told = attacked(victim, lambda: (piece for pieces in ([head, body], same(b"x" * 2**20)) for piece in pieces))
    assert told["status"] == "error"
    assert len(told["error"]) < 1500
    assert ("HTTP 4" in told["error"]) == (b"200" not in head)


@pytest.mark.parametrize("packing", ["", "content-encoding: gzip\r\n"])
def test_a_list_of_models_without_end_is_read_to_a_point(packing: str, victim: Victim) -> None:
    start, filling = b'{"data": [{"id": "', b"x" * 2**20
    listed = [start + filling * 64] if not packing else [gzip.compress(start + filling * (LENGTH // 2**20))]
    head = JSON.replace(b"\r\n\r\n", f"\r\n{packing}\r\n".encode())
    told = attacked(victim, lambda: [head, *listed], endpoint=UNNAMED)
    assert "a document of more than 8 MB" in told["error"]


def test_a_list_of_models_that_is_nonsense_is_none(victim: Victim) -> None:
    for body in (b"[" * 100_000, b"{}", b"null", b"\xff", b'{"data": [[], {"id": 7}]}'):
        told = attacked(victim, lambda body=body: [JSON, body], endpoint=UNNAMED)  # type: ignore[misc]
        assert "name one with model=" in told["error"]


def test_headers_without_end_are_no_answer(victim: Victim) -> None:
    def attack() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        for number in range(10**6):
            yield b"x-%d: y\r\n" % number

    told = attacked(victim, attack)
    assert told["error"].startswith("ConnectError")


def test_redirects_lead_to_no_other_server_and_not_for_ever(victim: Victim) -> None:
    head = b"HTTP/1.1 307 Go\r\ncontent-length: 0\r\nconnection: close\r\nlocation: %s\r\n\r\n"
    with HostileServer(lambda: [head % b"/v1/chat/completions"]) as server:
        told = victim.ask(server)
        assert "redirects" in told["error"]
        assert len(server.requests) <= 25
    with HostileServer(lambda: [STREAM, delta({"content": "stolen"}), FINISH]) as thief:
        with HostileServer(lambda: [head % f"http://localhost:{thief.port}/v1".encode()]) as server:
            told = victim.ask(server, endpoint={"api_key": "sk-canary-0123456789", "headers": {"x-token": "canary-0123456789"}})
        assert "redirects to another, 'localhost'" in told["error"]
        assert not thief.requests


@pytest.mark.parametrize(
    "asked", ["inf", "1e9", "NaN", "-1", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2359"]
)
def test_an_absurd_retry_after_is_neither_obeyed_nor_fatal(asked: str, victim: Victim) -> None:
    head = f"HTTP/1.1 429 No\r\ncontent-length: 0\r\nconnection: close\r\nretry-after: {asked}\r\nretry-after-ms: {asked}\r\n\r\n"
    responses = iter([[head.encode()], [STREAM, delta({"content": "hello"}), FINISH]])
    told = attacked(victim, lambda: next(responses))
    if asked in ("inf", "1e9") or "9999" in asked:
        assert "HTTP 429" in told["error"]
    else:
        assert told["text"] == "hello"
    assert told["seconds"] < 3


def test_stop_gets_through_a_bomb(victim: Victim) -> None:
    head = STREAM.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n")
    bomb = b"".join(zipped(iter([delta({"content": "hello"}), *[b"\n" * 2**20] * 256])))
    told = attacked(victim, lambda: [head, bomb], stop=1.0)
    assert (told["status"], told["text"]) == ("stopped", "hello")
    assert told["stopped"] < 2.0
