"""The one server of a run, in a process of its own: what Chat Completions sends, as fast or as slowly as the path says.

`/PAUSE/CHUNKS/v1/chat/completions` answers with so many chunks of `answer.TEXT`, one every so many milliseconds. Words before the
numbers change that: with `clock` a chunk is the time at which the server writes it, `<milliseconds since 1970> `, in paragraphs;
with `late` the reply begins after 200 ms, as models do; with `long` a chunk has 20 characters. A prompt that says `Warm up` gets a
short reply at once, with all that Markdown has.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .answer import SIZE, chunk

LATE = 0.2
"""Seconds until a reply begins that is `late`."""
LONG = 20
"""Characters of a chunk that is `long`."""
WARM_UP = 100
"""Chunks of the reply to `Warm up`: a section and more."""
PARAGRAPH = 40
"""Chunks of a paragraph of times."""


def document(kind: str, **choice: Any) -> bytes:
    """A chunk of DashScope's shape, about 300 bytes, or the whole of a reply that is not streamed."""
    fields = {
        "choices": [{"index": 0, "logprobs": None, "finish_reason": None, **choice}],
        "object": kind,
        "usage": None,
        "created": 1763000000,
        "system_fingerprint": None,
        "model": "qwen-plus",
        "id": "chatcmpl-3fb97886-742d-9162-b92b-2bb1ae0c2a2f",
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def frame(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """One frame in an HTTP chunk of its own, as real servers send it."""
    data = b"data: " + document("chat.completion.chunk", delta=delta, finish_reason=finish) + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def text_of(number: int, words: list[str]) -> str:
    """Chunk `number` of a reply of this kind."""
    if "clock" not in words:
        return chunk(number, LONG if "long" in words else SIZE)
    return f"<{time.time() * 1000:.0f}> " + ("\n\n" if number % PARAGRAPH == PARAGRAPH - 1 else "")


async def stream(writer: asyncio.StreamWriter, pause: float, chunks: int, words: list[str]) -> None:
    """Send a reply; `pause` in seconds."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    loop = asyncio.get_running_loop()
    due = loop.time()
    for number in range(chunks):
        if due > loop.time():
            await asyncio.sleep(due - loop.time())
        due += pause
        writer.write(frame({"content": text_of(number, words)}))
        await writer.drain()
    done = b"data: [DONE]\n\n"
    writer.write(frame({"content": ""}, "stop") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(done), done))
    await writer.drain()


def whole(chunks: int, words: list[str]) -> bytes:
    """The reply to somebody who does not want a stream."""
    content = "".join(text_of(number, words) for number in range(chunks))
    body = document("chat.completion", message={"role": "assistant", "content": content}, finish_reason="stop")
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    while True:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
            asked = json.loads(await reader.readexactly(length))
            *words, pause, chunks = head.split(" ")[1].split("/v1")[0].split("/")[1:]
            if "Warm up" in json.dumps(asked["messages"][-1]):
                words, pause, chunks = [], "0", str(WARM_UP)
            await asyncio.sleep(LATE if "late" in words else 0)
            if asked.get("stream"):
                await stream(writer, float(pause) / 1000, int(chunks), words)
            else:
                # It would have taken the model as long.
                await asyncio.sleep(float(pause) / 1000 * int(chunks))
                writer.write(whole(int(chunks), words))
        except (asyncio.IncompleteReadError, ConnectionError):
            break
    writer.close()


def serve(sent: Any) -> None:
    """Say on which port, and serve until the process ends."""

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000)
        sent.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def model_server() -> Iterator[str]:
    """A running server; its address."""
    receiving, sending = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(sending,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{receiving.recv()}"
    finally:
        process.terminate()
        process.join()
