"""What is left of a reply in a notebook that was saved, wherever it is looked at."""

from __future__ import annotations

import io
import subprocess
import sys
from unicodedata import normalize

from playwright.sync_api import BrowserContext, Locator, expect
from pypdf import PdfReader

from tests.browser.conftest import SCREENSHOTS
from tests.browser.showpiece import TOOLS, showpiece
from tests.browser.test_streaming import connect
from tests.server import Answer, Server, frame, said
from tools.lab_server import JupyterServer
from tools.notebook_page import NotebookPage

CUT = Answer([frame({"reasoning_content": "A rhyme on rain."}), *said("The rain in", finish=None)])


def saved(page: NotebookPage) -> tuple[int, int]:
    """Have one reply with all that there is and one that was cut off, and save them. Their cells."""
    with Server(*showpiece(), CUT) as server:
        connect(page, server)
        page.execute(TOOLS)
        whole = page.run("%%qwen --tools get_weather,run_python\nShow.")
        page.wait_for_cell(whole)
        cut = page.run("%%qwen\nRhyme.")
        page.wait_for_cell(cut)
        page.save()
    return whole, cut


def assert_shown(whole: Locator, cut: Locator) -> None:
    """Both replies are there as a reader expects them."""
    folds = whole.locator("details")
    expect(folds).to_have_count(4)
    for text in ("I need the weather.", "Now I know enough.", "light rain", "no Python here"):
        assert not whole.get_by_text(text).first.is_visible(), "thoughts and calls are folded"
    expect(whole.get_by_role("heading", name="A heading")).to_be_visible()
    expect(whole.locator("strong", has_text="平均")).to_be_visible()
    expect(whole.get_by_text("<script>alert(1)</script>")).to_be_visible()
    expect(cut.get_by_text("The rain in")).to_be_visible()
    expect(cut.get_by_text("Cut off: the stream ended before")).to_be_visible()
    expect(cut.get_by_text("TruncatedError: ")).to_be_visible()
    for fold in folds.all():
        fold.locator("summary").click()
    for text in ("I need the weather.", "Now I know enough.", "light rain", "no Python here"):
        expect(whole.get_by_text(text).first).to_be_visible()


def test_a_notebook_reopened_without_its_kernel_shows_its_replies(lab: NotebookPage, jupyter: JupyterServer) -> None:
    whole, cut = saved(lab)
    jupyter.end_kernels()
    lab.reload()
    lab.wait_until_ready()
    assert_shown(lab.cell(whole).locator(".jp-OutputArea"), lab.cell(cut).locator(".jp-OutputArea"))
    assert not lab.page.get_by_text("model not found").count()


def test_nbconvert_makes_a_page_and_a_pdf_that_show_the_replies(
    lab: NotebookPage, jupyter: JupyterServer, browser: BrowserContext
) -> None:
    whole, cut = saved(lab)
    notebook = jupyter.root / lab.path
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", str(notebook)], check=True)
    page = browser.new_page()
    # Its scripts for formulas are elsewhere; the replies do not need them.
    page.route("http*://**", lambda route: route.abort())
    page.goto(notebook.with_suffix(".html").as_uri())
    cells = page.locator(".jp-Cell")
    assert_shown(cells.nth(whole), cells.nth(cut))
    page.screenshot(path=SCREENSHOTS / "nbconvert.png", full_page=True)
    # As `nbconvert --to webpdf` prints it; that one starts only a Chromium that Playwright has downloaded.
    sheets = PdfReader(io.BytesIO(page.pdf())).pages
    # Fonts join letters, lines end anywhere.
    text = " ".join(normalize("NFKC", " ".join(sheet.extract_text() for sheet in sheets)).split())
    page.close()
    for words in ("A heading", "quicksort", "I need the weather.", "light rain", "The rain in", "Cut off: the stream ended"):
        assert words in text
