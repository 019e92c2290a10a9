"""What decoding costs beside the `openai` package: CPU time for each chunk, from the socket and from memory.

    python -m benchmarks.decode [--rounds 5] [--quick]

A server in another process sends the same stream to all, each frame in an HTTP chunk of its own (which is what real servers do)
and 64 frames to a chunk (which is what a proxy makes of them). Consumers take turns within a round; the table has medians.
Process CPU time, since wall time on a shared machine says little.
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import openai

from qwen_nb.client import stream
from qwen_nb.dialects import dialect
from qwen_nb.endpoint import Endpoint
from qwen_nb.events import Event
from qwen_nb.profiles import PROFILES
from qwen_nb.request import Request
from qwen_nb.sse import SSEDecoder

from .harness.report import judged, options, table, title, versions

CHUNKS = 20_000
GOAL = 0.15
"""Of the bare loop, for bytes to events."""
REQUEST = Request(({"role": "user", "content": "hi"},), model="qwen-plus")
PROFILE = PROFILES["dashscope"]
LOOP = asyncio.new_event_loop()
"""One for all rounds: the client keeps its connections, which belong to a loop."""


def frames(count: int) -> list[bytes]:
    """A reply of DashScope's shape, about 300 bytes a frame."""

    def frame(choices: list[Any], usage: Any = None) -> bytes:
        document = {
            "choices": choices,
            "object": "chat.completion.chunk",
            "usage": usage,
            "created": 1763000000,
            "system_fingerprint": None,
            "model": "qwen-plus",
            "id": "chatcmpl-3fb97886-742d-9162-b92b-2bb1ae0c2a2f",
        }
        return b"data: " + json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"

    def choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {"delta": delta, "finish_reason": finish, "index": 0, "logprobs": None}

    words = [frame([choice({"content": f"token {number} "})]) for number in range(count)]
    usage = {"prompt_tokens": 9, "completion_tokens": count, "total_tokens": count + 9}
    first, last = frame([choice({"content": "", "role": "assistant"})]), frame([choice({"content": ""}, "stop")])
    return [first, *words, last, frame([], usage), b"data: [DONE]\n\n"]


def serve(sent: Any, count: int) -> None:
    """Answer every request with the stream; the path says how many frames go into an HTTP chunk."""
    bodies = {}
    for size in (1, 64):
        pieces = frames(count)
        blocks = [b"".join(pieces[at : at + size]) for at in range(0, len(pieces), size)]
        bodies[size] = [b"%x\r\n%s\r\n" % (len(block), block) for block in blocks] + [b"0\r\n\r\n"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in bodies[64 if b"/64/" in head else 1]:
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        sent.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def bare_openai(base_url: str) -> int:
    """The loop that anybody writes first."""
    with openai.OpenAI(base_url=base_url, api_key="none") as client:
        count = 0
        chunks = client.chat.completions.create(model="qwen-plus", messages=[{"role": "user", "content": "hi"}], stream=True)
        for chunk in chunks:
            if chunk.choices and chunk.choices[0].delta.content:
                count += 1
        return count


def bytes_to_events(base_url: str) -> int:
    """The same bytes over the same transport, through our decoders."""

    async def run() -> int:
        async with openai.AsyncOpenAI(base_url=base_url, api_key="none") as client:
            response: httpx2.Response = await client.post(
                "/chat/completions",
                cast_to=httpx2.Response,
                body={"stream": True},
                stream=True,
                stream_cls=openai.AsyncStream[Any],
            )  # type: ignore[assignment]
            return await decode(response.aiter_bytes())

    return LOOP.run_until_complete(run())


async def decode(chunks: AsyncIterator[bytes]) -> int:
    """Count the deltas of a body."""
    splitter, decoder, count = SSEDecoder(), dialect("chat").decoder(REQUEST, PROFILE), 0
    async for chunk in chunks:
        for frame in splitter.feed(chunk):
            count += len(decoder.feed(frame))
    return count


def transport_only(base_url: str) -> int:
    """The bytes, unread: what no decoder can save."""

    async def run() -> int:
        async with httpx2.AsyncClient() as client, client.stream("POST", f"{base_url}/chat/completions", json={}) as response:
            return sum([1 async for _ in response.aiter_bytes()])

    return LOOP.run_until_complete(run())


def whole_client(base_url: str) -> int:
    """`qwen_nb.client.stream`, with its clock, its notices and its sink."""
    count = 0

    def sink(events: list[Event]) -> None:
        nonlocal count
        count += len(events)

    LOOP.run_until_complete(stream(REQUEST, Endpoint(base_url, profile="dashscope"), sink))
    return count


def from_memory(pieces: list[bytes]) -> Callable[[str], int]:
    """No socket: the decoders alone."""

    def run(_: str) -> int:
        splitter, decoder, count = SSEDecoder(), dialect("chat").decoder(REQUEST, PROFILE), 0
        for piece in pieces:
            for frame in splitter.feed(piece):
                count += len(decoder.feed(frame))
        return count

    return run


def measured(run: Callable[[str], int], base_url: str, chunks: int) -> float:
    """Microseconds of CPU time a chunk."""
    gc.collect()
    before = time.process_time()
    count = run(base_url)
    spent = time.process_time() - before
    assert run is transport_only or count >= chunks, f"{run} saw {count} of {chunks} chunks"
    return spent / chunks * 1e6


def main() -> None:
    given = options(__doc__)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, CHUNKS), daemon=True)
    server.start()
    port = ours.recv()
    pieces = frames(CHUNKS)
    blocks = [b"".join(pieces[at : at + 64]) for at in range(0, len(pieces), 64)]
    versions()
    for size, memory in ((1, pieces), (64, blocks)):
        consumers: dict[str, Callable[[str], int]] = {
            "bare openai loop": bare_openai,
            "bytes to events, over HTTP": bytes_to_events,
            "qwen_nb.client.stream": whole_client,
            "transport only": transport_only,
            "bytes to events, from memory": from_memory(memory),
        }
        url = f"http://127.0.0.1:{port}/{size}/v1"
        times: dict[str, list[float]] = {name: [] for name in consumers}
        for run in consumers.values():
            run(url)
        for _ in range(given.rounds):
            for name, run in consumers.items():
                times[name].append(measured(run, url, CHUNKS))
        medians = {name: statistics.median(values) for name, values in times.items()}
        base = medians["bare openai loop"]
        title(
            f"{CHUNKS:,} chunks of {len(pieces[1])} bytes, {'one frame' if size == 1 else f'{size} frames'} in each HTTP chunk;"
            f" medians of {given.rounds}"
        )
        table(
            ["", "CPU, µs a chunk", "of the bare loop", "from", "to"],
            [
                [name, f"{median:.1f}", f"{median / base:.3f}", f"{min(times[name]):.1f}", f"{max(times[name]):.1f}"]
                for name, median in medians.items()
            ],
        )
        figure, met = judged(medians["bytes to events, over HTTP"] / base, GOAL)
        table(["goal", "figure", ""], [[f"bytes to events ≤ {GOAL} of the bare loop", figure, met]])
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
