"""What `map` costs beside a bare `asyncio.gather` over the `openai` package, and its memory over an iterator of many.

    python -m benchmarks.map [--rounds 3] [--quick]

A server in another process answers each prompt with 20 frames at once, so that the client is what is measured: rates are those of
the CPU. The bare loop streams, joins the text, and keeps nothing else. Runs take turns; the table has medians.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai

import qwen_nb as qn

from .decode import frames
from .harness.report import options, table, title, versions

PROMPTS = 2000
LONG = 20_000
"""Prompts of the iterator."""
CONCURRENCY = 32
FRAMES = 20


def serve(sent: Any) -> None:
    """Answer every request with the same short reply, in one HTTP chunk."""
    reply = b"".join(frames(FRAMES))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(reply), reply)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            await reader.readexactly(length)
            writer.write(whole)
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000)
        sent.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def bare_openai(base_url: str, prompts: list[str]) -> int:
    """What one writes first: a semaphore and `gather`."""

    async def one(client: openai.AsyncOpenAI, limit: asyncio.Semaphore, prompt: str) -> str:
        async with limit:
            chunks = await client.chat.completions.create(
                model="qwen-plus", messages=[{"role": "user", "content": prompt}], stream=True
            )
            return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks if chunk.choices])

    async def run() -> int:
        limit = asyncio.Semaphore(CONCURRENCY)
        async with openai.AsyncOpenAI(base_url=base_url, api_key="none") as client:
            return len(await asyncio.gather(*(one(client, limit, prompt) for prompt in prompts)))

    return asyncio.run(run())


def mapped(base_url: str, prompts: list[str]) -> int:
    """`map` without a checkpoint."""
    endpoint = qn.Endpoint(base_url, model="qwen-plus", profile="dashscope")
    return len(qn.map(prompts, endpoint=endpoint, concurrency=CONCURRENCY, progress=False).replies)


def mapped_with_checkpoint(base_url: str, prompts: list[str]) -> int:
    """`map` with one."""
    endpoint = qn.Endpoint(base_url, model="qwen-plus", profile="dashscope")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kept.jsonl")
        return len(qn.map(prompts, endpoint=endpoint, concurrency=CONCURRENCY, checkpoint=path, progress=False).replies)


def megabytes() -> float:
    """What this process takes by now, not what it took at most."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def memory(base_url: str, count: int) -> None:
    """Ask `count` prompts of an iterator; print what the process takes on the way."""
    endpoint = qn.Endpoint(base_url, model="qwen-plus", profile="dashscope")
    began = time.perf_counter()
    rows = []
    marks = {count // 100, count // 4, count // 2, count}
    for number, _ in enumerate(qn.map((f"prompt {n}" for n in range(count)), endpoint=endpoint, progress=False), 1):
        if number in marks:
            rows.append([f"{number:,}", f"{megabytes():.1f}", f"{time.perf_counter() - began:.1f}"])
    table(["prompts", "memory, MB", "s"], rows)


def main() -> None:
    given = options(__doc__, rounds=3)
    versions()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    base_url = f"http://127.0.0.1:{ours.recv()}/v1"
    prompts = [f"prompt {number}" for number in range(PROMPTS)]
    cases: dict[str, Callable[[str, list[str]], int]] = {
        "bare gather over openai": bare_openai,
        "map": mapped,
        "map with a checkpoint": mapped_with_checkpoint,
    }
    rates: dict[str, list[float]] = {name: [] for name in cases}
    for run in cases.values():
        run(base_url, prompts[:50])
    for _ in range(given.rounds):
        for name, run in cases.items():
            before = time.process_time()
            assert run(base_url, prompts) == len(prompts)
            rates[name].append((time.process_time() - before) / len(prompts) * 1e3)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    title(f"{len(prompts):,} prompts, {CONCURRENCY} at a time, {FRAMES} frames each; medians of {given.rounds}")
    table(
        ["", "CPU, ms a prompt", "of the bare gather"],
        [[name, f"{median:.2f}", f"{median / medians['bare gather over openai']:.2f}"] for name, median in medians.items()],
    )
    long = LONG // 10 if given.quick else LONG
    title(f"Memory over an iterator of {long:,} prompts")
    memory(base_url, long)
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
