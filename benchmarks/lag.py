"""How late the page is: from the server's write of a chunk to the frame in which it is painted. Real kernel, real JupyterLab.

    python -m benchmarks.lag [--rounds 5] [--quick] [--only lag,first]

- `lag`: a reply at 100 chunks a second, and at 2,000, ours and `update_display` at 100.
- `first`: the first chunk of short replies, one after the other, of a server that answers after 200 ms and of one that does at
  once.

Each chunk is the time at which the server writes it. After each frame the page looks which are there that were not: a message
channel is asked within the frame, and answers when it has been painted. What Chromium's compositor does then is not in the figure.
Server and page have one clock, of milliseconds.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from .harness import contestants
from .harness.contestants import DISPLAY, Contestant
from .harness.lab import Lab, finish, lab
from .harness.model_server import model_server
from .harness.report import medians, options, quantile, table, title, verdict, versions

SECONDS = 6
MOST = 3
"""Rounds of short replies."""
GOAL = 50
"""Milliseconds, for 95 of 100."""
REPLIES = 20
"""Short replies of a round."""

OURS = replace(contestants.OURS, ask='qn.ask("Go.", settle=False);')
"""Plain output that takes its place would hide the end of it."""
ROOTS = {
    OURS: "[...document.querySelectorAll('.qwen-nb')].map(node => node.shadowRoot.querySelector('.answer')).filter(Boolean)",
    DISPLAY: "[...document.querySelectorAll('.jp-RenderedMarkdown')]",
}
"""The answers of a page."""
WATCH = """async ([roots, until]) => {
    const answers = Function("return " + roots), old = new Set(answers()), lags = [];
    const painted = () => new Promise(done => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = done;
        port2.postMessage(0);
    }));
    let last = 0, quiet = performance.now();
    for (;;) {
        await painted();
        const now = Date.now(), answer = answers().filter(each => !old.has(each)).pop();
        const lastBefore = last;
        if (answer) {
            // From the end backwards, to what was there before.
            const walker = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT);
            while (walker.lastChild()) {}
            for (let node = walker.currentNode, older = false; node && node !== answer && !older; node = walker.previousNode()) {
                for (const [, stamp] of [...node.data.matchAll(/<(\\d{13})>/g)].reverse()) {
                    older = Number(stamp) <= lastBefore;
                    if (older) break;
                    lags.push(now - stamp);
                    last = Math.max(last, stamp);
                }
            }
        }
        if (last > lastBefore) quiet = performance.now();
        if (lags.length >= until || performance.now() - quiet > 20_000) return lags;
    }
}"""


def watch(page: Any, contestant: Contestant, chunks: int) -> list[float]:
    """Ask, and return the lag of each chunk, in milliseconds; those that are written in the same millisecond may count once."""
    page.page.evaluate("([script, ...given]) => { window.lags = eval(script)(given); }", [WATCH, ROOTS[contestant], chunks])
    cell = page.run(contestant.ask)
    lags = page.page.evaluate("window.lags")
    finish(page, cell)
    return list(lags)


def lag(found: Lab, server: str, contestant: Contestant, pause: float, chunks: int) -> dict[str, float]:
    """One reply; quantiles of its lag."""
    url = f"{server}/clock/{pause}/{chunks}"
    with found.prepared(contestant, url) as page:
        # Chunks of one millisecond look alike: where the frame ends between two of them, one is not seen.
        lags = watch(page, contestant, int(chunks * 0.97))
    assert len(lags) >= chunks * 0.97, f"{len(lags)} of {chunks} chunks were seen"
    return {"p50": quantile(lags, 0.5), "p95": quantile(lags, 0.95), "p99": quantile(lags, 0.99), "most": max(lags)}


def steady(found: Lab, server: str, rounds: int, seconds: int) -> None:
    """Replies that flow."""
    runs: dict[str, list[dict[str, float]]] = {}
    for _ in range(rounds):
        for contestant, pause in ((OURS, 10), (OURS, 0.5), (DISPLAY, 10)):
            name = f"{contestant.name}, {1000 / pause:,.0f} chunks a second"
            runs.setdefault(name, []).append(lag(found, server, contestant, pause, int(seconds * 1000 / pause)))
    title(f"Lag in ms from the server's write to the painted frame, {seconds} s; medians of {rounds}")
    show(runs)


def first(found: Lab, server: str, rounds: int) -> None:
    """Replies that begin."""
    runs: dict[str, list[dict[str, float]]] = {}
    for _ in range(rounds):
        for contestant, words in itertools.product((OURS, DISPLAY), ("clock/late", "clock")):
            with found.prepared(contestant, f"{server}/{words}/10/5") as page:
                lags = [watch(page, contestant, 1)[-1] for _ in range(REPLIES)]
            figures = {"p50": quantile(lags, 0.5), "p95": quantile(lags, 0.95), "most": max(lags)}
            name = "after 200 ms" if "late" in words else "at once"
            runs.setdefault(f"{contestant.name}, the server answers {name}", []).append(figures)
    title(f"From the server's first chunk to the first paint, ms; {REPLIES} replies in one notebook; medians of {rounds}")
    show(runs)


def show(runs: dict[str, list[dict[str, float]]]) -> None:
    """A row each, and whether ours meet the goal."""
    rows = {name: medians(each) for name, each in runs.items()}
    names = list(next(iter(rows.values())))
    table(
        ["", *names, f"p95 ≤ {GOAL}"],
        [
            [name, *(f"{row[key]:.0f}" for key in names), verdict(row["p95"] <= GOAL) if name.startswith(OURS.name) else ""]
            for name, row in rows.items()
        ],
    )


def main() -> None:
    given = options(__doc__)
    parts = given.only.split(",") if given.only else ["lag", "first"]
    versions()
    with model_server() as server, lab() as found:
        if "lag" in parts:
            steady(found, server, given.rounds, 3 if given.quick else SECONDS)
        if "first" in parts:
            first(found, server, min(given.rounds, MOST))


if __name__ == "__main__":
    main()
