"""A hundred replies at once in one notebook of a real JupyterLab, 50 chunks a second each: their lag, and the longest task.

    python -m benchmarks.hundred [--rounds 5] [--streams 100] [--seconds 8]

Lag is the time from the server's write of a chunk until the page has painted it: each chunk is the server's clock, in
milliseconds, and after each frame the page reads the last of every answer in view and of every answer out of it. Tasks are those
of the page's main thread. The first replies come while a hundred widgets are made, so the page is watched from the moment that all
of them stream.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.notebook import NO_LIMITS, SET_UP, model_server, notebook
from tools.chromium import launch
from tools.lab_server import JupyterServer

CELLS = 4
"""JupyterLab shows the first fifty outputs of a cell."""
BEGIN = "for _ in range({streams}): qn.ask('Go.', endpoint=qn.Endpoint('{url}', model='m'), background=True, settle=False)"
WATCH = """async ({ streams, seconds }) => {
    const texts = [...document.querySelectorAll("*")].map(each => each.shadowRoot).filter(Boolean)
        .map(root => root.querySelector(".answer")).filter(Boolean).slice(-streams);
    const seen = texts.map(() => "");
    const lags = { seen: [], unseen: [] }, tasks = [];
    let frames = 0, gap = 0;
    const observer = new PerformanceObserver(list => tasks.push(...list.getEntries().map(entry => entry.duration)));
    observer.observe({ type: "longtask" });
    const end = performance.now() + seconds * 1000;
    let last = performance.now();
    const visible = texts.map(text => {
        const box = text.getBoundingClientRect();
        return box.bottom > 0 && box.top < innerHeight;
    });
    while (performance.now() < end) {
        await new Promise(requestAnimationFrame);
        // A message is handled after the frame that it asked for: so this task follows the paint.
        await new Promise(done => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
        const now = Date.now();
        frames += 1; gap = Math.max(gap, performance.now() - last); last = performance.now();
        texts.forEach((text, number) => {
            const whole = text.textContent, from = seen[number].length;
            if (whole.length === from) return;
            seen[number] = whole;
            for (const [, sent] of whole.slice(Math.max(0, from - 20)).matchAll(/<(\\d{13})>/g)) {
                if (whole.lastIndexOf(`<${sent}>`) + 15 > from) lags[visible[number] ? "seen" : "unseen"].push(now - sent);
            }
        });
    }
    observer.disconnect();
    return { lags, tasks, frames: frames / seconds, gap, texts: texts.length };
}"""


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def once(context: BrowserContext, jupyter: JupyterServer, server: str, streams: int, seconds: float) -> dict[str, float]:
    with notebook(context, jupyter, "hundred") as page:
        page.execute(SET_UP.format(url=f"{server}/20/10", server=server))
        chunks = int(50 * (seconds + 15))
        begin = BEGIN.format(url=f"{server}/clock/20/{chunks}/v1", streams=streams // CELLS)
        for _ in range(CELLS):
            page.run(begin)
        page.page.locator(".qwen-nb .answer").nth(streams - 1).wait_for(state="attached", timeout=60_000)
        page.page.wait_for_timeout(2000)
        found = page.page.evaluate(WATCH, {"streams": streams, "seconds": seconds})
    assert found["texts"] == streams
    lags = found["lags"]
    return {
        "p50": quantile(lags["seen"] + lags["unseen"], 0.5),
        "p95": quantile(lags["seen"] + lags["unseen"], 0.95),
        "p95 in view": quantile(lags["seen"], 0.95),
        "p99": quantile(lags["seen"] + lags["unseen"], 0.99),
        "longest task": max(found["tasks"], default=0),
        "over 50": len(found["tasks"]),
        "over 100": sum(task > 100 for task in found["tasks"]),
        "frames": found["frames"],
        "longest gap": found["gap"],
    }


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--streams", type=int, default=100)
    arguments.add_argument("--seconds", type=float, default=8)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, model_server() as server, sync_playwright() as playwright:
        root = Path(folder, "root")
        root.mkdir()
        with JupyterServer(root, Path(folder, "state"), options=NO_LIMITS) as jupyter:
            browser = launch(playwright)
            context = browser.new_context(viewport={"width": 1100, "height": 900})
            rounds = [once(context, jupyter, server, options.streams, options.seconds) for _ in range(options.rounds)]
            browser.close()
    print(f"\n{options.streams} replies at once, 50 chunks a second each; medians of {options.rounds}\n")
    print("| " + " | ".join(rounds[0]) + " |\n|" + " ---: |" * len(rounds[0]))
    print("| " + " | ".join(f"{statistics.median(each[name] for each in rounds):.0f}" for name in rounds[0]) + " |")


if __name__ == "__main__":
    main()
