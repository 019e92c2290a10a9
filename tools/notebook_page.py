"""A notebook open in a browser, driven as a person would drive it: the same class for JupyterLab and Notebook 7."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Request

CELL = ".jp-Notebook .jp-Cell"
PATIENCE = 30_000
"""Milliseconds that anything may take."""

NOT_OURS = re.compile(
    "|".join(
        [
            # Notebook 7.6 says these of itself in a profile without settings.
            r"^Cannot read properties of undefined \(reading 'schema'\)$",
            r"^Command 'filebrowser:open-path' not registered\.$",
            # JupyterLab asks for a subshell, and the kernel restarts meanwhile.
            r"^(Error: )?Canceled future for create_subshell_request ",
            # The debugger's panel, when a kernel restarts.
            r"^Could not restore the debugger state",
        ]
    )
)
"""Errors of the page that are there without us."""


class NotebookPage:
    """The notebook at `url`, and all that went wrong in its page.

    `errors` are uncaught exceptions and `console.error`; `foreign` are requests to another host than the notebook's server.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self._url = url
        self._host = urlsplit(url).netloc
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", self._on_error)
        self.page.on("console", self._on_console)
        self.page.on("request", self._on_request)

    def _on_error(self, error: Error) -> None:
        if not NOT_OURS.match(error.message):
            self.errors.append(f"uncaught: {error.message}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not NOT_OURS.match(message.text):
            self.errors.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("blob", "data") and parts.netloc != self._host:
            self.foreign.append(request.url)

    def open(self) -> None:
        """Load the page and wait until its kernel is idle."""
        self.page.goto(self._url)
        self.wait_until_ready()

    def reload(self) -> None:
        """Load the page again, and wait for its cells but not for the kernel, which may be busy."""
        self.page.reload()
        self.page.wait_for_selector(CELL)

    def wait_until_ready(self) -> None:
        """Wait until the notebook is shown and its kernel is idle."""
        self.page.wait_for_selector(CELL)
        self.page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.widgets?.length > 0")
        self._evaluate("await notebook.sessionContext.ready; await notebook.context.ready")
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'", timeout=2 * PATIENCE
        )

    @property
    def title(self) -> str:
        """The name of the application."""
        return str(self.page.evaluate("window.jupyterapp.name"))

    def _evaluate(self, body: str, argument: Any = None) -> Any:
        """Run JavaScript with `notebook` (the panel) and `commands` of the application."""
        script = "async argument => { const { commands, shell } = window.jupyterapp; const notebook = shell.currentWidget; %s }"
        return self.page.evaluate(script % body, argument)

    def command(self, name: str) -> Any:
        """Run a command of the application and wait until it has ended."""
        return self._evaluate("return await commands.execute(argument)", name)

    def start(self, name: str) -> None:
        """Run a command of the application and do not wait for it."""
        self._evaluate("void commands.execute(argument)", name)

    @property
    def path(self) -> str:
        """Where the notebook's file is, below the server's root."""
        return str(self._evaluate("return notebook.context.path"))

    @property
    def sources(self) -> list[str]:
        """What stands in the cells."""
        return list(self._evaluate("return notebook.content.model.sharedModel.cells.map(cell => cell.getSource())"))

    # Cells

    def cell(self, index: int) -> Locator:
        """Cell number `index`, from 0."""
        return self.page.locator(CELL).nth(index)

    def output(self, index: int) -> Locator:
        """The outputs of cell `index`, in the cell."""
        return self.cell(index).locator(".jp-OutputArea-output")

    def prompt(self, index: int) -> str:
        """`[*]:` while cell `index` runs, then its number."""
        prompt = self.cell(index).locator(".jp-InputPrompt").first
        return prompt.inner_text().strip() if prompt.count() else ""

    def is_running(self, index: int) -> bool:
        """Whether cell `index` runs or waits to run."""
        return self.prompt(index) == "[*]:"

    def add(self, source: str) -> int:
        """Append a code cell; return its index."""
        return int(
            self._evaluate(
                "const shared = notebook.content.model.sharedModel;"
                "shared.insertCell(shared.cells.length, { cell_type: 'code', source: argument });"
                "return shared.cells.length - 1",
                source,
            )
        )

    def select(self, index: int) -> None:
        """Make cell `index` the active one."""
        self._evaluate("notebook.content.deselectAll(); notebook.content.activeCellIndex = argument", index)

    def write(self, index: int, source: str) -> None:
        """Replace the source of cell `index`."""
        self._evaluate("notebook.content.model.sharedModel.cells[argument[0]].setSource(argument[1])", [index, source])

    def find(self, text: str) -> int:
        """The index of the first cell whose source has `text`."""
        found = self._evaluate(
            "return notebook.content.model.sharedModel.cells.findIndex(cell => cell.getSource().includes(argument))", text
        )
        return int(found)

    def clear_prompt(self, index: int) -> None:
        """Let cell `index` look as if it had not run, so that `wait_for_cell` waits for its next run."""
        self._evaluate("notebook.content.model.sharedModel.cells[argument].execution_count = null", index)

    def start_cell(self, index: int) -> None:
        """Run cell `index` and do not wait for it."""
        self.select(index)
        self.start("notebook:run-cell")

    def run(self, source: str) -> int:
        """Append a code cell, start it, and return its index."""
        index = self.add(source)
        self.start_cell(index)
        return index

    def run_all(self) -> None:
        """Choose *Run*, *Run All Cells* in the menu, and do not wait for them."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def is_code(self, index: int) -> bool:
        """Whether cell `index` is one that runs."""
        return "jp-CodeCell" in (self.cell(index).get_attribute("class") or "")

    def wait_for_cell(self, index: int, seconds: float = PATIENCE / 1000, pause: float | None = None) -> None:
        """Wait until cell `index` has run: look every `pause` seconds, or in each frame, which keeps the page busy."""
        self.page.wait_for_function(
            "([cell, index]) => /\\[\\d+\\]/.test("
            "document.querySelectorAll(cell)[index]?.querySelector('.jp-InputPrompt')?.textContent ?? '')",
            arg=[CELL, index],
            timeout=seconds * 1000,
            polling=pause * 1000 if pause else "raf",
        )

    def execute(self, source: str) -> str:
        """Append a code cell, run it, and return the text of its output."""
        index = self.run(source)
        self.wait_for_cell(index)
        return self.text(index)

    def text(self, index: int) -> str:
        """The text of the output of cell `index`, as a reader sees it."""
        # What has not been in sight has no text yet.
        self.cell(index).scroll_into_view_if_needed()
        return "\n".join(self.output(index).all_inner_texts()).strip()

    def show(self) -> None:
        """Come back to the notebook from another tab of JupyterLab."""
        self.page.locator(".lm-TabBar-tab[data-id]", has_text=".ipynb").first.click()

    # Kernel and file

    def interrupt(self) -> None:
        """Interrupt the kernel."""
        self._evaluate("await notebook.sessionContext.session.kernel.interrupt()")

    def restart(self) -> None:
        """Restart the kernel, and wait until it is idle."""
        self._evaluate("await notebook.sessionContext.session.kernel.restart()")
        self.wait_until_ready()

    def save(self) -> None:
        """Save the notebook to its file."""
        self._evaluate("await notebook.context.save()")

    def screenshot(self, path: Path | str) -> None:
        """Save what the page shows now."""
        self.page.screenshot(path=path)


def new_notebook(path: Path, sources: Sequence[str] = ("",), kernel: str = "python3") -> None:
    """Write a notebook with one code cell for each of `sources`; `kernel` names the kernelspec."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"cell-{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for i, source in enumerate(sources)
    ]
    spec = {"name": kernel, "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": cells}
    path.write_text(json.dumps(notebook), encoding="utf-8")
