"""What the HTTP client's own sockets cost, and ours: CPU time of a chunk, a hundred paced replies at once, without display.

    python -m benchmarks.sockets [--rounds 5] [--quick]

All of a chunk is counted: the socket, HTTP, frames, events. The two take turns.
"""

from __future__ import annotations

import asyncio
import time
from unittest.mock import patch

import qwen_nb as qn

from .harness.model_server import model_server
from .harness.report import medians, options, ratio, table, title, versions

STREAMS = 100
CHUNKS = 300
PAUSE = 20
"""Milliseconds between two chunks of a reply."""


async def all_at_once(url: str) -> None:
    endpoint = qn.Endpoint(url, model="m")
    await asyncio.gather(*(qn.ask_async("Go.", endpoint=endpoint, display=False) for _ in range(STREAMS)))


def measured(url: str) -> float:
    """CPU microseconds a chunk."""
    began = time.process_time()
    asyncio.run(all_at_once(url))
    return (time.process_time() - began) / STREAMS / CHUNKS * 1e6


def main() -> None:
    given = options(__doc__)
    versions()
    runs = []
    with model_server() as server:
        # An address of its own, and so a client, for each.
        theirs, ours = f"{server}/theirs/{PAUSE}/{CHUNKS}/v1", f"{server}/ours/{PAUSE}/{CHUNKS}/v1"
        for _ in range(given.rounds):
            with patch("qwen_nb.connection.transport", return_value=None):
                run = {"theirs": measured(theirs)}
            runs.append(run | {"ours": measured(ours)})
    found = medians(runs)
    title(f"{STREAMS} replies at once, {1000 // PAUSE} chunks a second each; medians of {given.rounds}")
    table(
        ["sockets", "CPU µs a chunk", "ratio"],
        [
            ["the HTTP client's own", f"{found['theirs']:.0f}", "1"],
            ["ours", f"{found['ours']:.0f}", ratio(found["ours"], found["theirs"])],
        ],
    )


if __name__ == "__main__":
    main()
