"""What Markdown that streams costs the main thread of Chromium, ours beside others.

    node benchmarks/page/build.mjs && python benchmarks/page/run.py [--rounds 5] [--only answer,open,long]

Needs `npm ci` in `js` and `benchmarks/page`, playwright, and Chromium (`CHROMIUM`, else `/usr/bin/chromium`). Contestants take
turns, each run in a page of its own; medians are shown. Times of one flush are wall time from its first character until the
page is laid out; `cpu` is the CPU time of the main thread for all that it did, drawing included.
"""

from __future__ import annotations

import argparse
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

BUILD = Path(__file__).parent / "build"
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

OURS = "ours"
LAID_OUT = "ours, all laid out"
"""Without `content-visibility`."""
SMD = "streaming-markdown"
MARKED = "marked + DOMPurify + innerHTML"


@dataclass(frozen=True)
class Order:
    """What is run; the fields are those of `Order` in `page.ts`."""

    contestant: str
    document: str
    size: int
    step: int = 20
    sample: int = 1


class Handler(SimpleHTTPRequestHandler):
    """Serves the build; isolated, so that the page's clock has a resolution of 5 us rather than 100."""

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of the method above it
        pass


@contextmanager
def served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(BUILD)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/page.html"
    finally:
        server.shutdown()


def measure(browser: Browser, url: str, order: Order) -> dict[str, Any]:
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    try:
        page.goto(url)
        page.wait_for_function("typeof run === 'function'")
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        result: dict[str, Any] = page.evaluate("order => run(order)", asdict(order))
        page.wait_for_timeout(300)
        after = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        result["cpu"] = 1000 * (after["TaskDuration"] - before["TaskDuration"])
        result["script"] = 1000 * (after["ScriptDuration"] - before["ScriptDuration"])
        result["style"] = 1000 * (after["RecalcStyleDuration"] - before["RecalcStyleDuration"])
        result["layout"] = 1000 * (after["LayoutDuration"] - before["LayoutDuration"])
        result["long_task"] = max(page.evaluate("longTasks"), default=0)
        return result
    finally:
        page.close()


def orders(only: set[str]) -> list[Order]:
    found: list[Order] = []
    if "answer" in only:
        for size in (100_000, 200_000):
            found += [Order(OURS, "answer", size), Order(SMD, "answer", size)]
        found += [Order(OURS, "answer", 200_000, step=4), Order(SMD, "answer", 200_000, step=4)]
    if "open" in only:
        for document in (
            "fence of 64 kB",
            "table of 700 rows",
            "list of 400 items",
            "nested list of 400 items",
            "paragraph of 20 kB",
        ):
            for size in (1, 2):
                found += [Order(OURS, document, size), Order(SMD, document, size)]
    if "marked" in only:
        found += [Order(MARKED, "answer", 200_000, step=20, sample=400), Order(MARKED, "answer", 200_000, step=4, sample=2000)]
    if "long" in only:
        found += [Order(OURS, "answer", 1_000_000), Order(LAID_OUT, "answer", 200_000), Order(OURS, "answer", 200_000)]
    if "longest" in only:
        # Five minutes for each round.
        found += [Order(SMD, "answer", 1_000_000)]
    return found


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--only", default="answer,open,marked,long")
    options = arguments.parse_args()
    results: dict[Order, list[dict[str, Any]]] = defaultdict(list)
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        print(f"Chromium {browser.version}, medians of {options.rounds}")
        for _ in range(options.rounds):
            for order in orders(set(options.only.split(","))):
                results[order].append(measure(browser, url, order))
        browser.close()
    columns = ("total", "p50", "p99", "worst", "end", "long_task", "cpu", "script", "style", "layout", "nodes")
    print(f"{'':66}" + "".join(f"{column:>10}" for column in columns))
    for order, runs in results.items():
        name = f"{order.document} {order.size} by {order.step}, {order.contestant}"
        print(f"{name:66}" + "".join(f"{median(run[column] for run in runs):10.2f}" for column in columns))


if __name__ == "__main__":
    main()
