"""The demo without a person: run the first notebook in a real JupyterLab in Chromium, and look."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import TimeoutError as PageTimeoutError
from playwright.sync_api import sync_playwright

import qwen_nb as qn
from qwen_nb.endpoint import RECORDED
from tools.chromium import launch
from tools.lab_server import JupyterServer
from tools.notebook_page import NotebookPage
from tools.reply_view import ReplyView

PLAYING = 300.0
"""Seconds that the recordings may take to play."""


class Report:
    """Prints a line for each check; counts those that failed."""

    def __init__(self) -> None:
        self.failed = 0

    def check(self, what: str, holds: bool, seen: object = "") -> None:
        """Say whether `what` holds; if not, what was `seen` instead."""
        self.failed += not holds
        print(f"{'ok' if holds else 'FAILED':<7}{what}{'' if holds or seen == '' else f': {seen!r}'}", flush=True)


def check(root: Path, notebook: str) -> int:
    """Run `notebook` of the project at `root`; print what was seen. 0 if all is as it should be, else 1."""
    build = root / "build"
    copy = build / "demo-check"
    shutil.rmtree(copy, ignore_errors=True)
    (copy / notebook).parent.mkdir(parents=True)
    shutil.copy(root / notebook, copy / notebook)
    sources = ["".join(cell["source"]) for cell in _cells(root / notebook)]
    report = Report()
    with (
        JupyterServer(copy, copy / "jupyter") as server,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        context = browser.new_context(viewport={"width": 1200, "height": 900})
        page = NotebookPage(context, server.lab(notebook))
        try:
            page.open()
            report.check("JupyterLab has opened the notebook and its kernel is idle", True)
            _run(page, sources, report, build)
        except PageTimeoutError as error:
            report.check("the notebook does what is waited for", False, error.message.splitlines())
        finally:
            page.screenshot(build / "demo-end.png")
        report.check("no error in the page", not page.errors, page.errors)
        report.check("no request to another host than the notebook's server", not page.foreign, page.foreign)
    print(f"Screenshots are in {build.relative_to(root)}/", flush=True)
    return 1 if report.failed else 0


def _cells(path: Path) -> list[dict[str, list[str]]]:
    cells: list[dict[str, list[str]]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def _run(page: NotebookPage, sources: list[str], report: Report, build: Path) -> None:
    """Run all cells as a person does, and look at the first reply while it streams and at all of them after."""
    first = next(index for index, source in enumerate(sources) if source.startswith("%%qwen"))
    page.run_all()
    reply = ReplyView(page.output(first))
    reply.reasoning.wait_for()
    page.cell(first).scroll_into_view_if_needed()
    report.check("the thinking is there, unfolded, while the model thinks", reply.is_live and reply.is_reasoning_open)
    page.screenshot(build / "demo-thinking.png")
    reply.wait_for_text()
    early = reply.answer
    report.check("text is in the page before the stream has ended", reply.is_live and page.is_running(first), early)
    page.screenshot(build / "demo-streaming.png")
    reply.wait_for_end()
    report.check("the answer has grown since", len(reply.answer) > len(early), reply.answer)
    report.check("the thinking has folded itself", not reply.is_reasoning_open)
    page.screenshot(build / "demo-reply.png")

    _wait_for_all(page, len(sources))
    errors = page.page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']").all_inner_texts()
    report.check("every cell has run without an error", not errors, errors)

    for index, source in enumerate(sources):
        if source.startswith("%%qwen"):
            _look_at(ReplyView(page.output(index)), source.partition("\n")[2], report)
    tools = page.page.locator(".qwen-nb .tool[data-state='done']")
    report.check("two tools were called, and their results are there", tools.count() == 2, tools.all_inner_texts())
    views = ReplyView(page.page.locator(".jp-Notebook"))
    badges = views.badge.all_inner_texts()
    report.check(
        "every reply says that it is recorded",
        len(badges) == views.node.count() and set(badges) == {"recorded: no model is running"},
        badges,
    )


def _wait_for_all(page: NotebookPage, cells: int) -> None:
    deadline = time.monotonic() + PLAYING
    while any(page.is_running(index) for index in range(cells)):
        if time.monotonic() > deadline:
            raise PageTimeoutError(f"The cells still run after {PLAYING:.0f} s.")
        page.page.wait_for_timeout(200)


def _look_at(reply: ReplyView, prompt: str, report: Report) -> None:
    """Whether the whole recorded reply to `prompt` is in the page, and what is said about it."""
    expected = qn.ask(prompt, endpoint=replace(RECORDED, speed=1e6), display=False)
    name = prompt.strip().splitlines()[0]
    name = name if len(name) < 40 else f"{name[:37]}..."
    raw = reply.raw()
    report.check(f"the whole reply is in the page: {name}", raw.strip() == expected.text.strip(), raw)
    status = reply.status
    facts = [expected.model, "first token", "tok/s", f"{expected.usage.output_tokens:,}"]
    report.check(f"its status line says model, times and tokens: {name}", all(fact in status for fact in facts), status)
