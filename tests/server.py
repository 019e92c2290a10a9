"""A real HTTP server on loopback that says what a test wants said, also what no good server would."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

Step = bytes | float | Literal["reset", "close"]
"""Bytes sent as one HTTP chunk; seconds of silence; a TCP reset; or a close that leaves the body unfinished."""


@dataclass(frozen=True)
class Answer:
    """One response. Without `"reset"` or `"close"` its body ends as it should."""

    steps: Sequence[Step] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "text/event-stream"})


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

    def __init__(self, *answers: Answer | Callable[[Asked], Answer]) -> None:
        self._answers = list(answers)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncio.Task[None]] = set()
        self.asked: list[Asked] = []
        self.hung_up = threading.Event()
        """Set when a client has closed its connection before the body had ended."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Server:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**24), self._loop
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
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.CancelledError):
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
        head = {"transfer-encoding": "chunked", **answer.headers}
        writer.write(
            f"HTTP/1.1 {answer.status} X\r\n".encode() + b"".join(f"{n}: {v}\r\n".encode() for n, v in head.items()) + b"\r\n"
        )
        for step in answer.steps:
            if step == "reset":
                writer.transport.abort()
                return False
            if step == "close":
                return False
            if isinstance(step, float):
                await _silence(step, reader)
            elif step:
                writer.write(f"{len(step):x}\r\n".encode() + step + b"\r\n")
                await writer.drain()
            if reader.at_eof():
                self.hung_up.set()
                return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _silence(seconds: float, reader: asyncio.StreamReader) -> None:
    """Wait, but no longer than the client does."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0 and not reader.at_eof():  # noqa: ASYNC110  # a stream tells nobody that it ended
        await asyncio.sleep(min(left, 0.005))


def frame(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    """One Chat Completions chunk as an SSE frame."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"model": "m", "choices": [choice], **more}, ensure_ascii=False).encode() + b"\n\n"


def said(*texts: str, finish: str | None = "stop") -> list[bytes]:
    """A whole reply: a role frame, one frame a text, a finish frame, `[DONE]`."""
    last = [frame({}, finish), b"data: [DONE]\n\n"] if finish else []
    return [frame({"role": "assistant", "content": ""}), *(frame({"content": text}) for text in texts), *last]
