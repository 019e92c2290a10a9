"""A real HTTP server on loopback that says what a test wants said, also what no good server would."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

Step = bytes | float | threading.Event | Literal["reset", "close"]
"""Bytes sent as one HTTP chunk; seconds of silence, or silence until the test goes on; a TCP reset; or a close that leaves the body
unfinished."""


class Raw(bytes):
    """Bytes sent as they are, for HTTP that is wrong."""


@dataclass(frozen=True)
class Answer:
    """One response. Without `"reset"` or `"close"` its body ends as it should.

    The body is chunked, unless `headers` say otherwise: a `content-length`, or `connection: close`, which `"close"` ends.
    """

    steps: Sequence[Step] = ()
    status: int | None = 200
    """`None`: no head is sent, only the steps."""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})

    @property
    def is_chunked(self) -> bool:
        return "content-length" not in self.headers and self.headers.get("connection") != "close"

    @property
    def head(self) -> bytes:
        headers = {"transfer-encoding": "chunked", **self.headers} if self.is_chunked else self.headers
        lines = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return b"" if self.status is None else "\r\n".join(lines).encode()

    def framed(self, piece: bytes) -> bytes:
        """`piece` as it crosses the wire."""
        return b"%x\r\n%b\r\n" % (len(piece), piece) if self.is_chunked and not isinstance(piece, Raw) else piece


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    peer: str = ""
    """The client's address: one for each connection."""


class Server:
    """Answers each request with the next of `answers`, the last of them again. `with Server(Answer(…)) as server: server.url`."""

    def __init__(self, *answers: Answer | Callable[[Asked], Answer], tls: ssl.SSLContext | None = None) -> None:
        self._answers = list(answers)
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncio.Task[None]] = set()
        self.asked: list[Asked] = []
        self.hung_up = threading.Event()
        """Set when a client has closed its connection before the body had ended."""

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/v1"

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    def __enter__(self) -> Server:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**24, ssl=self._tls), self._loop
        ).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        # What was accepted just now has its task in the next round.
        await asyncio.sleep(0.01)
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        # Transports that are closed let go of their sockets a round later.
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except ConnectionError:
            self.hung_up.set()
        except asyncio.CancelledError:
            pass
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        except asyncio.IncompleteReadError:
            return False
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method, path, headers, json.loads(raw) if raw else None, str(writer.get_extra_info("peername")))
        answer = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(asked)
        return await self._send(answer(asked) if callable(answer) else answer, reader, writer)

    async def _send(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        # So that what has been sent has left before the connection is reset.
        writer.transport.set_write_buffer_limits(1)
        writer.write(answer.head)
        for step in answer.steps:
            if step == "reset":
                await _reset(writer)
                return False
            if step == "close":
                return False
            if isinstance(step, (float, threading.Event)):
                await _silence(step, reader)
            elif step:
                writer.write(answer.framed(step))
                await writer.drain()
            if reader.at_eof():
                self.hung_up.set()
                return False
        if answer.is_chunked:
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        return True


async def _reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection off, as the kernel of a machine does whose process has died."""
    import fcntl
    import termios

    connection = writer.get_extra_info("socket")
    # A reset takes back what is still on its way, and under load that may be half of the reply.
    while int.from_bytes(fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    # A close that waits for nothing is a reset; `abort` alone would only end the stream.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _silence(until: float | threading.Event, reader: asyncio.StreamReader) -> None:
    """Wait, but no longer than the client does."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    def is_over() -> bool:
        return until.is_set() if isinstance(until, threading.Event) else loop.time() >= began + until

    while not is_over() and not reader.at_eof():  # noqa: ASYNC110  # a stream tells nobody that it ended
        await asyncio.sleep(0.005)


def frame(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    """One Chat Completions chunk as an SSE frame."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"model": "m", "choices": [choice], **more}, ensure_ascii=False).encode() + b"\n\n"


def said(*texts: str, finish: str | None = "stop") -> list[bytes]:
    """A whole reply: a role frame, one frame a text, a finish frame, `[DONE]`."""
    last = [frame({}, finish), b"data: [DONE]\n\n"] if finish else []
    return [frame({"role": "assistant", "content": ""}), *(frame({"content": text}) for text in texts), *last]
