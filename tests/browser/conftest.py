"""A real JupyterLab and Notebook 7, and a page of either for a test. No test may see an error in it, or a request elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from tools.chromium import launch
from tools.lab_server import JupyterServer
from tools.notebook_page import NotebookPage, new_notebook

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture(scope="package")
def browser() -> Iterator[BrowserContext]:
    # For this folder only: while it is there, an event loop runs in this thread, and no other test could start one.
    with sync_playwright() as playwright:
        browser = launch(playwright)
        # One context, so that JupyterLab comes from the cache after the first test.
        yield browser.new_context(viewport={"width": 1100, "height": 900})
        browser.close()


@pytest.fixture(scope="package")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    folder = tmp_path_factory.mktemp("jupyter")
    root = folder / "root"
    root.mkdir()
    kernels = os.environ.get("KERNELS_OF_TESTS")
    with JupyterServer(root, folder / "state", environment={"JUPYTER_PATH": kernels} if kernels else None) as server:
        yield server


@pytest.fixture
def open_page(
    jupyter: JupyterServer, browser: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[Callable[..., NotebookPage]]:
    """`open_page("lab")` or `open_page("notebook")`: a notebook that was empty before this test."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    path = jupyter.root / f"{name}.ipynb"
    new_notebook(path)
    pages: list[NotebookPage] = []

    def open_page(front_end: str = "lab") -> NotebookPage:
        url = jupyter.lab(path.name) if front_end == "lab" else jupyter.notebook(path.name)
        page = NotebookPage(browser, url)
        pages.append(page)
        page.open()
        return page

    yield open_page

    for number, page in enumerate(pages):
        page.screenshot(SCREENSHOTS / f"{name}-{number}.png")
        page.page.close()
    jupyter.end_kernels()
    assert [error for page in pages for error in page.errors] == []
    assert [url for page in pages for url in page.foreign] == []


@pytest.fixture
def lab(open_page: Callable[..., NotebookPage]) -> NotebookPage:
    """An empty notebook in JupyterLab."""
    return open_page("lab")


@pytest.fixture(params=["lab", "notebook"])
def page(open_page: Callable[..., NotebookPage], request: pytest.FixtureRequest) -> NotebookPage:
    """An empty notebook, once in JupyterLab and once in Notebook 7."""
    return open_page(request.param)
