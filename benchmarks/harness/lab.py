"""A real JupyterLab in headless Chromium: notebooks in it, what their pages get, and how long the main thread works."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Error, sync_playwright

from tools.chromium import launch
from tools.lab_server import JupyterServer
from tools.notebook_page import NotebookPage, new_notebook

from .contestants import Contestant

NO_LIMITS = (
    "--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=0",
    "--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=0",
    '--ServerApp.tornado_settings={"ws_ping_interval": 0}',
)
"""Else the server drops what `update_display` sends above a megabyte a second, the end of the cell included, and hangs up on a page
that is so far behind that it does not answer a ping for a minute and a half."""
PATIENCE = 900.0
"""Seconds that a reply may take, with all that the page does for it."""
PAUSE = 0.25
"""Seconds between two looks whether it has ended: a look in each frame would be measured with the reply."""


class Counted:
    """Bytes that come over the page's websockets, and the CPU time of its main thread."""

    def __init__(self, page: NotebookPage) -> None:
        self.bytes = 0
        self._session: CDPSession = page.page.context.new_cdp_session(page.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def listen(self) -> None:
        """Count bytes, too, which costs the page time."""
        self._session.on("Network.webSocketFrameReceived", self._hear)
        self._session.send("Network.enable")

    def _hear(self, event: dict[str, Any]) -> None:
        payload = event["response"]["payloadData"]
        self.bytes += len(payload) * 3 // 4 if event["response"]["opcode"] == 2 else len(payload.encode())

    def main_thread(self) -> float:
        """Seconds of CPU so far."""
        found = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in found if metric["name"] == "TaskDuration"))


@dataclass
class Lab:
    """A server and a browser."""

    context: BrowserContext
    jupyter: JupyterServer

    @contextmanager
    def notebook(self, name: str = "one", kernel: str = "python3") -> Iterator[NotebookPage]:
        """A new notebook, open; its kernel ends with it."""
        path = self.jupyter.root / f"{name}.ipynb"
        new_notebook(path, kernel=kernel)
        page = NotebookPage(self.context, self.jupyter.lab(path.name))
        page.open()
        try:
            yield page
        finally:
            page.page.close()
            self.jupyter.end_kernels()

    @contextmanager
    def prepared(self, contestant: Contestant, url: str) -> Iterator[NotebookPage]:
        """A notebook in which `contestant` has shown a short reply, and will ask the server at `url`."""
        with self.notebook(kernel=contestant.kernel) as page:
            for source in (contestant.prepared(url), contestant.warm_up):
                page.wait_for_cell(page.run(source), seconds=120)
            settle(page)
            yield page


def settle(page: NotebookPage) -> None:
    """Wait until the page has nothing to do."""
    page.page.wait_for_function("() => new Promise(done => requestIdleCallback(() => done(true)))", timeout=PATIENCE * 1000)


def finish(page: NotebookPage, cell: int) -> None:
    """Wait until the reply in `cell` is all that it will be. Raises `RuntimeError` with the traceback if the cell failed."""
    page.wait_for_cell(cell, seconds=PATIENCE, pause=PAUSE)
    settle(page)
    failed = page.cell(cell).locator('[data-mime-type="application/vnd.jupyter.stderr"]')
    if failed.count():
        raise RuntimeError(failed.first.inner_text())


@contextmanager
def lab() -> Iterator[Lab]:
    """A running JupyterLab and a browser."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder, "root")
        root.mkdir()
        with JupyterServer(root, Path(folder, "state"), options=NO_LIMITS) as jupyter:
            browser = launch(playwright)
            print(f"Chromium {browser.version}", flush=True)
            try:
                yield Lab(browser.new_context(viewport={"width": 1100, "height": 900}), jupyter)
            finally:
                # A page that is busy for minutes would not let go.
                with suppress(Error):
                    browser.close()
