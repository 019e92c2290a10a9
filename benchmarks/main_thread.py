"""What a reply costs the main thread of the page, in a real JupyterLab: ours beside the peers'.

    python -m benchmarks.main_thread [--rounds 5] [--quick] [--only peers,paced,growth,long]

- `peers`: 500 chunks of 6 characters as fast as they come, for everybody; and the bytes over the page's websockets.
- `paced`: 4,000 chunks at 100 a second, ours and `update_display`, whose page has minutes of work: one round of it.
- `growth`: ours, 4,000 chunks and 16,000, 2,000 a second.
- `long`: an answer of 200 kB in chunks of 20 characters, 1,000 a second, for those whose page can bear it; before it one of 20 kB,
  which ipylangchat's can.

CPU time of the main thread, drawing included, from before the cell until the page has nothing to do. Every reply has a notebook and
a kernel of its own, in which a short reply has been shown. Contestants take turns; medians.
"""

from __future__ import annotations

from .harness.contestants import DISPLAY, IPYLANGCHAT, MAGICS, OURS, PEERS, Contestant
from .harness.lab import Counted, Lab, finish, lab
from .harness.model_server import model_server
from .harness.report import judged, medians, options, ratio, table, title, verdict, versions

FEW, MANY, TIMES = 500, 4000, 4
LONG = 10_000
"""Chunks of 20 characters: 200 kB."""
MOST = 3
"""Rounds where one takes minutes."""


def reply(found: Lab, contestant: Contestant, url: str, *, count: bool = False) -> dict[str, float]:
    """Seconds of main thread for one reply; the bytes that came, which it costs time to count, if `count`."""
    with found.prepared(contestant, url) as page:
        counted = Counted(page)
        if count:
            counted.listen()
        before = counted.main_thread()
        finish(page, page.run(contestant.ask))
        return {"bytes": counted.bytes} if count else {"page": counted.main_thread() - before}


def turns(found: Lab, contestants: dict[str, tuple[Contestant, str]], rounds: int) -> dict[str, dict[str, float]]:
    """Medians of each."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, (contestant, url) in contestants.items():
            runs[name].append(reply(found, contestant, url))
    return {name: medians(each) for name, each in runs.items()}


def peers(found: Lab, server: str, rounds: int) -> None:
    """Everybody, a text that everybody can bear."""
    url = f"{server}/0/{FEW}"
    rows = turns(found, {each.name: (each, url) for each in (OURS, *PEERS)}, rounds)
    for each in (OURS, *PEERS):
        rows[each.name] |= reply(found, each, url, count=True)
    ours = rows[OURS.name]
    title(f"{FEW} chunks at full speed: main thread, medians of {rounds}; bytes, one run")
    table(
        ["", "main thread, s", "ours of it", "bytes over the websockets", "ours of them"],
        [
            [
                name,
                f"{row['page']:.2f}",
                ratio(ours["page"], row["page"]),
                f"{row['bytes']:,.0f}",
                ratio(ours["bytes"], row["bytes"]),
            ]
            for name, row in rows.items()
        ],
    )


def paced(found: Lab, server: str, rounds: int, chunks: int) -> None:
    """The goal's case."""
    url = f"{server}/10/{chunks}"
    ours = turns(found, {OURS.name: (OURS, url)}, rounds)[OURS.name]["page"]
    theirs = reply(found, DISPLAY, url)["page"]
    title(f"{chunks} chunks, 100 a second: ours, median of {rounds}; update_display, one run")
    table(["", "main thread, s"], [[OURS.name, f"{ours:.2f}"], [DISPLAY.name, f"{theirs:.2f}"]])
    table(["goal", "figure", ""], [["main thread ≤ 1/40 of update_display's", ratio(ours, theirs), verdict(ours * 40 <= theirs)]])


def growth(found: Lab, server: str, rounds: int) -> None:
    """Ours, and ours of a longer text at the same pace."""
    short, long = f"{MANY} chunks", f"{TIMES * MANY} chunks"
    contestants = {short: (OURS, f"{server}/0.5/{MANY}"), long: (OURS, f"{server}/0.5/{TIMES * MANY}")}
    rows = turns(found, contestants, rounds)
    title(f"{OURS.name}, 2,000 chunks a second; medians of {rounds}")
    table(["", "main thread, s"], [[name, f"{row['page']:.2f}"] for name, row in rows.items()])
    grown = rows[long]["page"] / rows[short]["page"]
    table(["goal", "figure", ""], [[f"{TIMES} × the text: main thread ≤ 4.4 ×", *judged(grown, 4.4)]])


def long(found: Lab, server: str, rounds: int, chunks: int, those: tuple[Contestant, ...]) -> None:
    """`those` with a text of so many chunks."""
    contestants = {each.name: (each, f"{server}/long/1/{chunks}") for each in those}
    rows = turns(found, contestants, rounds)
    title(f"An answer of {chunks * 20:,} characters, 1,000 chunks a second; medians of {rounds}")
    table(
        ["", "main thread, s", "ours of it"],
        [[name, f"{row['page']:.2f}", ratio(rows[OURS.name]["page"], row["page"])] for name, row in rows.items()],
    )


def main() -> None:
    given = options(__doc__)
    parts = given.only.split(",") if given.only else ["peers", "paced", "growth", "long"]
    few = min(given.rounds, MOST)
    versions()
    with model_server() as server, lab() as found:
        if "peers" in parts:
            peers(found, server, few)
        if "paced" in parts:
            paced(found, server, few, FEW if given.quick else MANY)
        if "growth" in parts:
            growth(found, server, given.rounds)
        if "long" in parts:
            long(found, server, few, LONG // 10, (OURS, MAGICS, IPYLANGCHAT))
            if not given.quick:
                long(found, server, few, LONG, (OURS, MAGICS))


if __name__ == "__main__":
    main()
