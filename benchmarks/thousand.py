"""A thousand replies at once, none of them displayed: whether all are whole, what memory each takes, what CPU time a chunk.

    python -m benchmarks.thousand [--rounds 3] [--quick] [--only 1000]

Paced, so that all stream at the same time: memory is what the process resides in when half of each has come, beyond what it was
before and beyond the texts, in the round that took most. As fast as they come: CPU time, requests and connections included, beside
one reply that comes as fast, which `decode` takes apart. What a request costs by itself, with hardly a reply, is in a row of its
own. `--only` says how many chunks a reply has that is not paced.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import psutil

import qwen_nb as qn

from .harness.answer import SIZE, TEXT
from .harness.model_server import model_server
from .harness.report import judged, medians, options, table, title, verdict, versions

STREAMS = 1000
CHUNKS = 100
PAUSE = 100
"""Milliseconds between two chunks of one reply: 10,000 chunks a second in all."""
LONG = 1000
"""Chunks of a reply that is not paced: an answer of a page."""
SHORT = 4
MOST_MEMORY = 100
"""Kilobytes a reply."""
MOST_CPU = 1.2


def ask(url: str) -> Any:
    """One reply, not displayed."""
    return qn.ask_async("Go.", endpoint=qn.Endpoint(f"{url}/v1", model="m"), display=False, timeout=300)


async def whole(url: str, count: int, chunks: int) -> bool:
    """Ask so many times at once; whether all that was sent has come."""
    replies = await asyncio.gather(*(ask(url) for _ in range(count)))
    return all(reply.text == TEXT[: chunks * SIZE] for reply in replies)


async def watched(url: str, pause: int, chunks: int) -> dict[str, float]:
    """All at once: memory after half of the time, CPU time a chunk in microseconds, how many were whole."""
    process = psutil.Process()
    before, began = process.memory_info().rss, time.process_time()
    asked = asyncio.gather(*(ask(url) for _ in range(STREAMS)))
    await asyncio.sleep(pause / 1000 * chunks / 2)
    resident = process.memory_info().rss - before - STREAMS * chunks // 2 * SIZE
    replies = await asked
    return {
        "kB a reply": resident / STREAMS / 1000,
        "µs a chunk": (time.process_time() - began) / STREAMS / chunks * 1e6,
        "whole": sum(reply.text == TEXT[: chunks * SIZE] for reply in replies),
    }


def one_by_one(url: str, chunks: int) -> float:
    """CPU microseconds a chunk of replies one after the other, each as fast as it comes."""
    began = time.process_time()
    assert asyncio.run(whole(url, 1, chunks))
    return (time.process_time() - began) / chunks * 1e6


def main() -> None:
    given = options(__doc__, rounds=3)
    long = int(given.only or LONG)
    versions()
    runs = []
    with model_server() as server:
        asyncio.run(whole(f"{server}/0/{CHUNKS}", 1, CHUNKS))
        for _ in range(given.rounds):
            paced = asyncio.run(watched(f"{server}/{PAUSE}/{CHUNKS}", PAUSE, CHUNKS))
            fast = asyncio.run(watched(f"{server}/0/{long}", 0, long))
            short = asyncio.run(watched(f"{server}/0/{SHORT}", 0, SHORT))
            runs.append(
                {
                    "memory": paced["kB a reply"],
                    "paced": paced["µs a chunk"],
                    "fast": fast["µs a chunk"],
                    "request": short["µs a chunk"] * SHORT / 1000,
                    "one": one_by_one(f"{server}/0/20000", 20_000),
                    "whole": min(paced["whole"], fast["whole"]),
                }
            )
    found = medians(runs)
    title(f"{STREAMS} replies at once, without display; medians of {given.rounds}")
    all_whole = min(run["whole"] for run in runs)
    # Later rounds take what the first has given back to the process, and seem to need nothing.
    memory = judged(max(run["memory"] for run in runs), MOST_MEMORY)
    cpu = judged(found["fast"] / found["one"], MOST_CPU)
    table(
        ["", "figure", "goal", ""],
        [
            ["whole", f"{all_whole:.0f}", STREAMS, verdict(all_whole == STREAMS)],
            ["kB a reply beyond its text", memory[0], MOST_MEMORY, memory[1]],
            [f"CPU µs a chunk, {long} as fast as they come", f"{found['fast']:.1f}", "", ""],
            ["CPU µs a chunk, one reply as fast as it comes", f"{found['one']:.1f}", "", ""],
            ["ratio of these", cpu[0], MOST_CPU, cpu[1]],
            [f"CPU ms a request, {SHORT} chunks", f"{found['request']:.1f}", "", ""],
            [f"CPU µs a chunk, {CHUNKS} paced", f"{found['paced']:.1f}", "", ""],
        ],
    )


if __name__ == "__main__":
    main()
