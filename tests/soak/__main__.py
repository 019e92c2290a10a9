"""A thousand replies in one kernel and one page of a real JupyterLab: `python -m tests.soak --rounds 1000`.

One cell asks again and again and clears its output after each reply; it is run ten times. Then cells that do nothing are run as
often as in the second half: what they add is JupyterLab's own. Exit status 1 if what kernel or page hold grows by more than 5 %
over the second half of the replies, without that.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.server import Server
from tests.soak.measuring import Measuring
from tests.soak.server import KINDS, answer
from tools.chromium import launch
from tools.lab_server import JupyterServer
from tools.notebook_page import NotebookPage, new_notebook

RUNS = 10
"""How often the cell is run; after each it is measured."""
MOST_GROWTH = 0.05
SETUP = """
%load_ext qwen_nb
import time, ipywidgets, qwen_nb as qn
from IPython.display import clear_output, display
qn.connect({url!r}, model="m")

def look(at: str) -> str:
    "Look at it."
    return "seen"

def ask(kind):
    if kind == "widget":
        plain = ipywidgets.HTML("text")
        display(plain)
        for each in (plain.style, plain.layout, plain):
            each.close()
    elif kind == "stopped":
        reply = qn.ask(kind, background=True{settle})
        time.sleep(0.06)
        reply.stop()
        reply.wait()
    else:
        try:
            qn.ask(kind, tools=[look] if kind == "tool" else None{settle})
        except qn.StreamError:
            assert kind == "failed"
"""
ROUND = """
for number in range({count}):
    ask({kinds!r}[number % {several}])
    clear_output()
"""


def soak(rounds: int, *, settle: bool, kinds: tuple[str, ...] = KINDS) -> tuple[list[dict[str, float]], dict[str, float]]:
    """What is held after each tenth of `rounds` replies, and what as many cells as in the second half add that do nothing."""
    with tempfile.TemporaryDirectory() as folder, Server(answer) as server, sync_playwright() as playwright:
        root = Path(folder) / "root"
        root.mkdir()
        new_notebook(root / "soak.ipynb")
        with JupyterServer(root, Path(folder) / "state") as jupyter:
            browser = launch(playwright)
            page = NotebookPage(browser.new_context(viewport={"width": 1100, "height": 900}), jupyter.lab("soak.ipynb"))
            page.open()
            page.execute(SETUP.format(url=server.url, settle="" if settle else ", settle=False"))
            measuring = Measuring(page)

            def run(source: str, times: int) -> Iterator[dict[str, float]]:
                cell = page.add(source)
                for _ in range(times):
                    page.clear_prompt(cell)
                    page.start_cell(cell)
                    page.wait_for_cell(cell, seconds=600)
                    yield measuring.now()

            held = []
            for number, figures in enumerate(run(ROUND.format(count=rounds // RUNS, kinds=kinds, several=len(kinds)), RUNS), 1):
                held.append({"replies": number * (rounds // RUNS), **figures})
                print("  ".join(f"{value:>14,.1f}" for value in held[-1].values()), flush=True)
            idle = list(run("pass", RUNS // 2 + 1))
            if page.errors or page.foreign:
                raise SystemExit(f"The page says: {page.errors} {page.foreign}")
            browser.close()
            return held, {name: idle[-1][name] - idle[0][name] for name in idle[0]}


def main() -> int:
    parser = argparse.ArgumentParser(description="Many replies in one kernel and one page.")
    parser.add_argument("--rounds", type=int, default=1000, help="replies in all")
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"of: {', '.join(KINDS)}; widget, to compare: one of ipywidgets'")
    parser.add_argument("--no-settle", action="store_true", help="leave each reply a live widget when it has ended")
    given = parser.parse_args()
    started = time.monotonic()
    held, idle = soak(max(given.rounds, RUNS), settle=not given.no_settle, kinds=tuple(given.kinds.split(",")))
    half, end = held[len(held) // 2 - 1], held[-1]
    print(f"{time.monotonic() - started:.0f} s; from reply {half['replies']:.0f} to reply {end['replies']:.0f}:")
    print(f"  {'':<16}{'half':>12}{'end':>12}{'cells alone':>14}{'growth':>10}")
    too_much = 0
    for name in idle:
        growth = (end[name] - half[name] - idle[name]) / half[name] if half[name] else float(end[name] > 0)
        too_much += growth > MOST_GROWTH
        remark = "  TOO MUCH" if growth > MOST_GROWTH else ""
        print(f"  {name:<16}{half[name]:>12,.1f}{end[name]:>12,.1f}{idle[name]:>+14,.1f}{growth:>+10.1%}{remark}")
    return 1 if too_much else 0


if __name__ == "__main__":
    raise SystemExit(main())
