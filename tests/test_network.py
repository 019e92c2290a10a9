"""Questions over real sockets: encrypted, through a proxy, many at once, slow in either direction."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

import qwen_nb as qn
from qwen_nb import retry
from qwen_nb.network import Backend
from qwen_nb.transport import CROWD, transport
from tests.server import Answer, Server, Step, said

TLS = Path(__file__).parent / "tls"
"""A certificate for `localhost` and 127.0.0.1 that nobody else trusts."""


def ask(url: str, **options: Any) -> qn.Reply:
    return qn.ask("Go.", endpoint=qn.Endpoint(url, model="m"), display=False, **options)


@pytest.fixture
def encrypted() -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "certificate.pem", TLS / "key.pem")
    with Server(Answer(said("one ", "two " * 50_000)), tls=context) as server:
        yield server


def test_an_encrypted_reply_is_whole(encrypted: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "certificate.pem"))
    assert ask(encrypted.url).text == "one " + "two " * 50_000
    assert ask(encrypted.url).status == "complete"
    assert len({asked.peer for asked in encrypted.asked}) == 1, "the connection is used again"


def test_a_certificate_that_nobody_has_signed_is_refused_and_named(encrypted: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)
    with pytest.raises(qn.ConnectError, match="certificate verify failed"):
        ask(encrypted.url)
    assert encrypted.asked == []


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(Answer(said("by proxy"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.removesuffix("/v1"))
        assert ask("http://model.invalid/v1").text == "by proxy"
        assert [asked.path for asked in proxy.asked] == ["http://model.invalid/v1/chat/completions"]


def test_a_name_with_two_addresses_is_tried_at_both() -> None:
    with Server(Answer(said("here"))) as server:
        assert ask(server.url.replace("127.0.0.1", "localhost")).text == "here"


def addresses(monkeypatch: pytest.MonkeyPatch, *ports: int) -> None:
    """Any name has these ports of this machine as its addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses, or takes the connection")
def test_an_address_that_does_not_answer_is_not_waited_for_where_there_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, Server(Answer(said("here"))) as server:
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            addresses(monkeypatch, port, server.port)
            began = time.monotonic()
            assert ask("http://model.example/v1").text == "here"
    assert time.monotonic() - began < 5


def test_the_addresses_that_refuse_are_passed_over_and_the_last_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT", 0.01)
    closed = closed_port()
    with Server(Answer(said("here"))) as server:
        addresses(monkeypatch, closed, server.port)
        assert ask("http://model.example/v1").text == "here"
    addresses(monkeypatch, closed, closed)
    with pytest.raises(qn.ConnectError, match=rf"Connect call failed .*{closed}"):
        ask("http://model.example/v1")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses, or takes the connection")
def test_a_reply_that_is_stopped_while_it_connects_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            endpoint = qn.Endpoint(f"http://127.0.0.1:{port}/v1", model="m")
            reply = qn.ask("Go.", endpoint=endpoint, display=False, background=True)
            time.sleep(0.2)
            reply.stop()
            assert reply.wait().status == "stopped"


@pytest.mark.parametrize("moment", range(20))
def test_a_connection_that_is_not_wanted_any_more_is_closed_at_whatever_moment(moment: int) -> None:
    async def cancelled() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            connecting = asyncio.ensure_future(Backend().connect_tcp("127.0.0.1", listening.getsockname()[1]))
            for _ in range(moment):
                await asyncio.sleep(0)
            if not connecting.cancel():
                await (await connecting).aclose()
            await asyncio.wait([connecting])

    asyncio.run(cancelled())
    gc.collect()  # A socket that nobody has closed warns here.


def test_a_long_question_reaches_a_server_that_is_slow_to_read_it() -> None:
    question = "x" * 8_000_000
    with socket.create_server(("127.0.0.1", 0)) as listening:
        received = bytearray()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                while len(received) < len(question):
                    time.sleep(0.002)
                    received.extend(connection.recv(200_000))
                body = b"".join(said("read"))
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body) + body
                )

        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        reply = qn.ask(question, endpoint=qn.Endpoint(f"http://127.0.0.1:{port}/v1", model="m"), display=False)
        thread.join()
    assert reply.text == "read"
    assert question.encode() in received


def test_a_refusal_that_comes_before_all_of_the_question_was_sent_is_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 413 X\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1_000_000):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        endpoint = qn.Endpoint(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", model="m")
        with pytest.raises(qn.StatusError, match="too large"):
            qn.ask("x" * 8_000_000, endpoint=endpoint, display=False)
        thread.join()


def test_what_comes_faster_than_it_is_read_waits_at_the_server() -> None:
    sent = bytes(range(256)) * 40_000

    async def read() -> tuple[bytes, bool]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            loop = asyncio.get_running_loop()
            stream = await Backend().connect_tcp("127.0.0.1", listening.getsockname()[1])
            connection, _ = await loop.sock_accept(listening)
            with connection:
                sending = asyncio.create_task(loop.sock_sendall(connection, sent))
                await asyncio.sleep(0.3)
                waits = not sending.done()
                received = bytearray()
                while len(received) < len(sent):
                    received += await stream.read(10_000, timeout=5)
                await sending
            assert await stream.read(10_000, timeout=5) == b""
            await stream.aclose()
            return bytes(received), waits

    received, waits = asyncio.run(read())
    assert received == sent
    assert waits


def test_only_a_silence_that_is_too_long_ends_a_reply() -> None:
    steps: list[Step] = []
    for text in "abcdef":
        steps += [*said(text, finish=None), 0.25]
    with Server(Answer([*steps, 5.0])) as server, pytest.raises(qn.StreamError, match=r"No data for 0\.6 s") as caught:
        ask(server.url, timeout=0.6)
    assert caught.value.reply
    assert caught.value.reply.text == "abcdef"


def test_a_crowd_is_answered_and_leaves_few_connections() -> None:
    async def crowd(url: str) -> list[str]:
        endpoint = qn.Endpoint(url, model="m")
        replies = await asyncio.gather(*(qn.ask_async("Go.", endpoint=endpoint, display=False) for _ in range(3 * CROWD)))
        return [reply.text for reply in replies]

    with Server(Answer([*said("one ", finish=None), 0.5, *said("two")])) as server:
        assert asyncio.run(crowd(server.url)) == ["one two"] * 3 * CROWD
        until = time.monotonic() + 10
        while server.connections > CROWD and time.monotonic() < until:
            time.sleep(0.05)
        assert server.connections <= CROWD


def test_it_is_these_sockets_that_are_used() -> None:
    """The HTTP client has no public way to say so: this tells when a new version wants it said otherwise."""

    async def used(url: str) -> str:
        async with httpx2.AsyncClient(transport=transport(httpx2.Limits())) as client, client.stream("GET", url) as response:
            await response.aread()
            return type(response.extensions["network_stream"]).__module__

    with Server(Answer(said("one"))) as server:
        assert asyncio.run(used(server.url)) == Backend.__module__
