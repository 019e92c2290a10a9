"""The demo without a person: run the first notebook in a real JupyterLab in Chromium, and look."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import TimeoutError as PageTimeoutError
from playwright.sync_api import sync_playwright

import qwen_nb as qn
from qwen_nb.endpoint import RECORDED
from tools.chromium import launch
from tools.lab_server import JupyterServer
from tools.notebook_page import NotebookPage
from tools.reply_view import ReplyView

PLAYING = 180
"""Seconds that one recording may take to play."""
BADGE = "recorded: no model is running"


@dataclass
class Report:
    """Prints a line for each check; counts those that failed."""

    failed: int = field(default=0)

    def check(self, what: str, holds: bool, seen: object = "") -> None:
        """Say whether `what` holds; if not, what was `seen` instead."""
        self.failed += not holds
        print(f"{'ok' if holds else 'FAILED':<7}{what}{'' if holds or seen == '' else f'; seen: {seen!r}'}", flush=True)


def check(root: Path, notebook: str, front_end: str) -> int:
    """Run `notebook` of the project at `root` in `front_end`, `lab` or `notebook`; print what was seen.

    0 if all is as it should be, else 1.
    """
    build = root / "build"
    copy = build / f"demo-{front_end}"
    shutil.rmtree(copy, ignore_errors=True)
    (copy / notebook).parent.mkdir(parents=True)
    _copy_without_outputs(root / notebook, copy / notebook)
    report = Report()
    with (
        JupyterServer(copy, copy / "jupyter") as server,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        context = browser.new_context(viewport={"width": 1200, "height": 900})
        page = NotebookPage(context, server.lab(notebook) if front_end == "lab" else server.notebook(notebook))
        try:
            page.open()
            report.check(f"{page.title} has opened the notebook and its kernel is idle", True)
            _run(page, copy / notebook, report, copy)
        except PageTimeoutError as error:
            report.check("what is waited for comes", False, error.message)
        finally:
            page.screenshot(f"{copy}-end.png")
        report.check("no error in the page", not page.errors, page.errors)
        report.check("no request to another host than the notebook's server", not page.foreign, page.foreign)
    print(f"Screenshots are in {build.relative_to(root)}/", flush=True)
    return 1 if report.failed else 0


def _copy_without_outputs(notebook: Path, copy: Path) -> None:
    """What is looked for must come from this run."""
    document = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    copy.write_text(json.dumps(document), encoding="utf-8")


def _run(page: NotebookPage, path: Path, report: Report, pictures: Path) -> None:
    """Run all cells as a person does; look at each reply while it streams or when it has ended."""
    sources = ["".join(cell["source"]) for cell in _cells(path)]
    asked = [index for index, source in enumerate(sources) if source.startswith("%%qwen")]
    with_tools = next(index for index, source in enumerate(sources) if "tools=" in source)
    page.run_all()
    _watch_text(page, asked[0], report, pictures)
    _watch_tools(page, with_tools, report, pictures)
    for index, source in enumerate(sources):
        if page.is_code(index):
            page.wait_for_cell(index, seconds=PLAYING)
        if index in asked:
            prompt = source.partition("\n")[2].strip()
            _look_for_all_of(_recorded(prompt).text, page, index, prompt, report)
    errors = page.page.locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts()
    report.check("every cell has run without an error", not errors, errors)

    page.save()
    saved = {index: _plain_text(_cells(path)[index]) for index in asked}
    whole = {index: _recorded(sources[index].partition("\n")[2]).text for index in asked}
    report.check("the saved notebook has the replies to the letter", saved == whole, saved)


def _watch_text(page: NotebookPage, cell: int, report: Report, pictures: Path) -> None:
    """A reply that thinks first and then answers, from its beginning to its end."""
    reply = ReplyView(page.output(cell))
    reply.reasoning.wait_for()
    page.cell(cell).scroll_into_view_if_needed()
    report.check("the thinking is unfolded while the model thinks", reply.is_live and reply.is_reasoning_open)
    page.screenshot(f"{pictures}-thinking.png")
    reply.wait_for_text()
    early = reply.answer
    report.check("text is in the page before the stream has ended", reply.is_live and page.is_running(cell), early)
    report.check("the thinking has folded itself", not reply.is_reasoning_open)
    report.check("a badge says that the reply is recorded", reply.badge.inner_text() == BADGE, reply.badge.inner_text())
    facts = ("answering", RECORDED.model, "first token", "tok/s")
    said = _until(page, lambda: all(fact in reply.status for fact in facts))
    report.check("the status line says phase, model, first token and speed", said, reply.status)
    page.screenshot(f"{pictures}-streaming.png")
    grown = _until(page, lambda: len(reply.answer) > 4 * len(early))
    report.check("the text grows while it streams", grown and reply.is_live, reply.answer)
    page.page.wait_for_timeout(4_000)
    page.screenshot(f"{pictures}-reply.png")
    page.wait_for_cell(cell, seconds=PLAYING)


def _watch_tools(page: NotebookPage, cell: int, report: Report, pictures: Path) -> None:
    """A reply that calls tools, while it does."""
    reply = ReplyView(page.output(cell))
    reply.tools.nth(1).wait_for(timeout=PLAYING * 1000)
    page.cell(cell).scroll_into_view_if_needed()
    report.check("two calls are in the page before the stream has ended", reply.is_live and reply.tools.count() == 2)
    done = _until(page, lambda: reply.tools.and_(page.page.locator("[data-state='done']")).count() == 2)
    report.check("both have run, and the reply goes on", done and reply.is_live, reply.tools.all_inner_texts())
    reply.wait_for_text()
    page.screenshot(f"{pictures}-tools.png")
    page.wait_for_cell(cell, seconds=PLAYING)


def _until(page: NotebookPage, holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether `holds` becomes true in time."""
    for _ in range(int(seconds / 0.05)):
        if holds():
            return True
        page.page.wait_for_timeout(50)
    return False


def _look_for_all_of(markdown: str, page: NotebookPage, cell: int, prompt: str, report: Report) -> None:
    """Whether each line of `markdown` that looks the same when it is drawn is in the output of `cell`."""
    lines = list(_verbatim(markdown))

    def missing() -> list[str]:
        shown = _spaced(page.text(cell))
        return [line for line in lines if line not in shown]

    all_there = _until(page, lambda: not missing())
    title = prompt if len(prompt) <= 40 else f"{prompt[:37]}..."
    report.check(f"the whole reply is in the page, {len(lines)} lines: {title}", bool(lines) and all_there, missing())


def _verbatim(markdown: str) -> Iterator[str]:
    """The lines of code and of simple prose, as they look when they are drawn."""
    in_code = False
    for line in markdown.splitlines():
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif line.strip() and (in_code or not re.search(r"[_$\\|<>\[\]]", line)):
            yield _spaced(line if in_code else re.sub(r"^\s*(?:-|\d+\.|#+) ", "", line))


def _spaced(text: str) -> str:
    """`text` with single spaces, and without the marks of emphasis and code."""
    return " ".join(re.sub(r"[*`]", "", text).split())


def _recorded(prompt: str) -> qn.Reply:
    """The recorded reply, played by the same client."""
    return qn.ask(prompt.strip(), endpoint=replace(RECORDED, speed=1e6), display=False)


def _cells(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def _plain_text(cell: dict[str, Any]) -> str:
    return "".join(text for output in cell["outputs"] for text in output.get("data", {}).get("text/plain", []))
