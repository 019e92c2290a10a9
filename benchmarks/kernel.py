"""What a reply costs the kernel and the websocket: CPU time and bytes, ours, a bare loop's and the peers'. No page is open.

    python -m benchmarks.kernel [--rounds 5] [--quick] [--only speed,paced]

- `speed`: 4,000 chunks of 6 characters as fast as they come. CPU time of all threads of the kernel from before the cell until after
  it: the request, decoding, assembling, sending. Everybody has a kernel, and has shown a short reply in it; they take turns.
- `paced`: the same at 100 chunks a second, ours and `update_display`, once, at the same time.

Bytes are those of all messages of the cell, headers included, as jupyter_server writes them to the websocket. Panel sends nothing
where no page has asked for it: its bytes are in `benchmarks.main_thread`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from .harness.answer import chunk
from .harness.contestants import BARE, CHATLAS, DISPLAY, OURS, PANEL, PEERS, Contestant
from .harness.kernels import CountedKernel, code_bytes, kernel_for
from .harness.model_server import model_server
from .harness.report import judged, medians, options, ratio, table, title, verdict, versions

CHUNKS = 4000
TIMES = 4
"""How much longer the text is whose growth is measured."""
PACE = 10
"""Milliseconds between two chunks: 100 a second."""
SLOW = {PANEL: 500}
"""Chunks for those whose cost would take minutes."""


def measured(kernel: CountedKernel, contestant: Contestant) -> dict[str, float]:
    """One reply."""
    before = kernel.cpu()
    traffic = kernel.run(contestant.ask)
    return {"cpu": kernel.cpu() - before, "bytes": traffic.bytes, "messages": traffic.messages}


def length(chunks: int) -> int:
    """Bytes of a text."""
    return sum(len(chunk(number).encode()) for number in range(chunks))


def at_full_speed(server: str, rounds: int) -> None:
    """Everybody, in turns."""
    contestants = {each.name: (each, SLOW.get(each, CHUNKS)) for each in (BARE, OURS, *PEERS)}
    longer = f"qwen_nb, {TIMES} times the text"
    contestants[longer] = (OURS, TIMES * CHUNKS)
    with ExitStack() as stack:
        kernels = {
            name: stack.enter_context(kernel_for(each, f"{server}/0/{chunks}")) for name, (each, chunks) in contestants.items()
        }
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in kernels}
        for _ in range(rounds):
            for name, kernel in kernels.items():
                runs[name].append(measured(kernel, contestants[name][0]))
    found = {name: medians(each) for name, each in runs.items()}
    per_chunk = {name: row["cpu"] / contestants[name][1] * 1e6 for name, row in found.items()}
    ours, bare, peer = found[OURS.name], found[BARE.name], found[CHATLAS.name]
    text = length(CHUNKS)
    title(f"{CHUNKS} chunks, {text:,} bytes of text, at full speed; medians of {rounds}")
    table(
        ["", "kernel CPU, µs a chunk", "of the bare loop's", "messages", "bytes over the websocket", "times the text"],
        [
            [
                name if contestants[name][1] in (CHUNKS, TIMES * CHUNKS) else f"{name}, {contestants[name][1]} chunks",
                f"{per_chunk[name]:.1f}",
                f"{per_chunk[name] / per_chunk[BARE.name]:.2f}",
                f"{row['messages']:,.0f}" if contestants[name][0] is not PANEL else "needs a page",
                f"{row['bytes']:,.0f}" if contestants[name][0] is not PANEL else "needs a page",
                f"{row['bytes'] / length(contestants[name][1]):.1f}",
            ]
            for name, row in found.items()
        ],
    )
    code, core = code_bytes()
    grown = found[longer]
    table(
        ["goal", "figure", ""],
        [
            ["kernel CPU a chunk ≤ 0.35 of the bare loop's", *judged(ours["cpu"] / bare["cpu"], 0.35)],
            [
                f"bytes less 50 kB ≤ 3 × the text; the code, once a page, is {core:,} more, {code:,} with math and colours",
                *judged((ours["bytes"] - 50_000) / text, 3),
            ],
            ["the same with all of that code", *judged((ours["bytes"] + code - 50_000) / text, 3)],
            [
                f"bytes ≤ 1/400 of {CHATLAS.name}'s",
                ratio(ours["bytes"], peer["bytes"]),
                verdict(ours["bytes"] * 400 <= peer["bytes"]),
            ],
            [f"{TIMES} × the text: kernel CPU ≤ 4.4 ×", *judged(grown["cpu"] / ours["cpu"], 4.4)],
            [f"{TIMES} × the text: bytes ≤ 4.4 ×", *judged(grown["bytes"] / ours["bytes"], 4.4)],
        ],
    )


def paced(server: str, chunks: int) -> None:
    """Ours and `update_display`, side by side: bytes do not depend on who else works."""
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        found = {}
        for each in (OURS, DISPLAY):
            kernel = stack.enter_context(kernel_for(each, f"{server}/{PACE}/{chunks}"))
            found[each.name] = pool.submit(measured, kernel, each)
        ours, peer = found[OURS.name].result(), found[DISPLAY.name].result()
    title(f"{chunks} chunks, {1000 // PACE} a second; one run")
    table(
        ["", "messages", "bytes over the websocket", "kernel CPU, s"],
        [
            [name, f"{row['messages']:,.0f}", f"{row['bytes']:,.0f}", f"{row['cpu']:.2f}"]
            for name, row in ((OURS.name, ours), (DISPLAY.name, peer))
        ],
    )
    goal = verdict(ours["bytes"] * 100 <= peer["bytes"])
    table(["goal", "figure", ""], [["bytes ≤ 1/100 of update_display's", ratio(ours["bytes"], peer["bytes"]), goal]])


def main() -> None:
    given = options(__doc__)
    parts = given.only.split(",") if given.only else ["speed", "paced"]
    versions()
    with model_server() as server:
        if "speed" in parts:
            at_full_speed(server, given.rounds)
        if "paced" in parts:
            paced(server, CHUNKS // 4 if given.quick else CHUNKS)


if __name__ == "__main__":
    main()
