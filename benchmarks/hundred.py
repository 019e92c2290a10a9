"""A hundred replies at once in one notebook of a real JupyterLab, 50 chunks a second each: their lag, and the longest task.

    python -m benchmarks.hundred [--rounds 5] [--quick] [--only 100]

Each chunk is the time at which the server writes it; after each frame the page looks which are there that were not. `in view` are
the replies of which a part is in the window; the page draws the others four times a second. Tasks are those of the page's main
thread. The page is watched when all replies have begun.
"""

from __future__ import annotations

from .harness.contestants import OURS
from .harness.lab import Lab, lab
from .harness.model_server import model_server
from .harness.report import medians, options, quantile, table, title, verdict, versions

STREAMS = 100
SECONDS = 8
CELLS = 4
"""JupyterLab shows the first fifty outputs of a cell."""
MOST_LAG = 150
"""Milliseconds, for 95 of 100 chunks in view."""
MOST_TASK = 100
"""Milliseconds."""
BEGIN = "for _ in range({streams}): qn.ask('Go.', background=True, settle=False)"
WATCH = """async ({ streams, seconds }) => {
    const texts = [...document.querySelectorAll("*")].map(each => each.shadowRoot).filter(Boolean)
        .map(root => root.querySelector(".answer")).filter(Boolean).slice(-streams);
    const newest = texts.map(() => 0);
    const lags = { seen: [], unseen: [] }, tasks = [];
    let frames = 0, gap = 0;
    const observer = new PerformanceObserver(list => tasks.push(...list.getEntries().map(entry => entry.duration)));
    observer.observe({ type: "longtask" });
    const end = performance.now() + seconds * 1000;
    let last = performance.now();
    // What is in view changes while those above grow.
    const visible = new Set();
    const sight = new IntersectionObserver(entries => {
        for (const { target, isIntersecting } of entries) isIntersecting ? visible.add(target) : visible.delete(target);
    });
    for (const text of texts) sight.observe(text);
    while (performance.now() < end) {
        await new Promise(requestAnimationFrame);
        // A message is handled after the frame that it asked for: so this task follows the paint.
        await new Promise(done => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
        const now = Date.now();
        frames += 1; gap = Math.max(gap, performance.now() - last); last = performance.now();
        texts.forEach((text, number) => {
            // The paragraph that grows is the last; of the one before a few chunks at most are new.
            const grown = [...text.querySelectorAll("p")].slice(-2).map(each => each.lastChild?.data ?? "").join(" ").slice(-400);
            for (const [, sent] of grown.matchAll(/<(\\d{13})>/g)) {
                if (sent > newest[number]) lags[visible.has(text) ? "seen" : "unseen"].push(now - (newest[number] = +sent));
            }
        });
    }
    observer.disconnect();
    sight.disconnect();
    return { lags, tasks, frames: frames / seconds, gap, texts: texts.length };
}"""


def once(found: Lab, server: str, streams: int, seconds: int) -> dict[str, float]:
    """One page with so many replies."""
    with found.prepared(OURS, f"{server}/clock/20/{50 * (seconds + 15)}") as page:
        for _ in range(CELLS):
            page.run(BEGIN.format(streams=streams // CELLS))
        page.page.locator(".qwen-nb .answer").nth(streams - 1).wait_for(state="attached", timeout=60_000)
        page.page.wait_for_timeout(2000)
        seen = page.page.evaluate(WATCH, {"streams": streams, "seconds": seconds})
    lags = seen["lags"]
    return {
        "p50 in view": quantile(lags["seen"], 0.5),
        "p95 in view": quantile(lags["seen"], 0.95),
        "p95 out of view": quantile(lags["unseen"], 0.95),
        "longest task": max(seen["tasks"], default=0),
        "tasks over 50": len(seen["tasks"]),
        "frames a second": seen["frames"],
        "longest gap": seen["gap"],
    }


def main() -> None:
    given = options(__doc__)
    streams = int(given.only or STREAMS)
    versions()
    with model_server() as server, lab() as found:
        row = medians([once(found, server, streams, SECONDS) for _ in range(given.rounds)])
    title(f"{streams} replies at once, 50 chunks a second each, seen for {SECONDS} s; ms; medians of {given.rounds}")
    good = row["p95 in view"] <= MOST_LAG and row["longest task"] <= MOST_TASK
    goals = f"p95 ≤ {MOST_LAG}, no task > {MOST_TASK}"
    table(["", *row, goals], [["ours", *(f"{value:.0f}" for value in row.values()), verdict(good)]])


if __name__ == "__main__":
    main()
