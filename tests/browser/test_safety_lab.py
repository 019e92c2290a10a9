"""Attacks in a real JupyterLab: streamed, settled into output that JupyterLab draws itself, reopened, and made a web page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import nbformat
from nbconvert import HTMLExporter
from playwright.sync_api import BrowserContext, Page

from tests.browser.test_streaming import connect, view
from tests.server import Answer, Server, frame, said
from tests.xss.own import HTML, MARKDOWN, MATH
from tests.xss.site import Site
from tools.lab_server import JupyterServer
from tools.notebook_page import NotebookPage

SHORT = [text for text in (*HTML, *MARKDOWN, *MATH) if len(text) < 400]
WATCH = """
window.tripped = [];
for (const name of ["alert", "confirm", "prompt", "print", "msgbox", "open"])
  window[name] = (...given) => void tripped.push(`${name}(${given}) ${new Error().stack}`.slice(0, 900));
null;
"""
"""What a script of a payload calls is noted."""

OFFENCES = """
() => {
  const found = [...window.tripped];
  const dangerous = /^(script|iframe|frame|object|embed|form|base|meta|link|video|portal|template)$/;
  const visit = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) visit(node.shadowRoot);
      if (dangerous.test(node.localName)) found.push(`<${node.localName}>`);
      for (const { name, value } of node.attributes) {
        if (/^on/.test(name)) found.push(`${name}=${value}`);
        if (/href$/.test(name) && !/^(https?:|mailto:|#)/i.test(value)) found.push(`${name}=${value}`);
        if (name === "src" && !/^data:image/.test(value)) found.push(`src=${value}`);
      }
    }
  };
  for (const output of document.querySelectorAll(".jp-OutputArea-output")) visit(output);
  return found;
}
"""


def attacks(texts: Sequence[str]) -> Answer:
    """A reply that thinks and says all of `texts`, from a model with a name that is one."""
    whole = "\n\n".join(texts)
    pieces = [whole[at : at + 40] for at in range(0, len(whole), 40)]
    named = frame({"reasoning_content": whole}, model=texts[0])
    return Answer([named, *said(*pieces)])


def refusal(text: str) -> Answer:
    """An error that says `text`."""
    return Answer([json.dumps({"error": {"message": text, "code": text}}).encode()], 400, {"content-type": "application/json"})


def requests_of(page: Page) -> list[str]:
    """What the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def test_attacks_do_nothing_in_jupyterlab_nor_in_what_is_saved(
    lab: NotebookPage, jupyter: JupyterServer, browser: BrowserContext
) -> None:
    with Site() as site:
        texts = [site.armed(text) for text in SHORT]
        lab.page.evaluate(WATCH)
        lab.page.add_init_script(WATCH)
        asked = requests_of(lab.page)
        with Server(attacks(texts[::2]), attacks(texts[1::2]), refusal("".join(HTML[:20]))) as server:
            connect(lab, server)
            live = lab.run("qn.ask('Attack.', settle=False);")
            lab.wait_for_cell(live, 60)
            assert "alert(1)" in view(lab, live).answer
            assert lab.page.evaluate(OFFENCES) == []
            # A view of a kernel that is gone would say so.
            lab.select(live)
            lab.command("notebook:clear-cell-output")
            lab.wait_for_cell(lab.run("%%qwen\nAttack."), 60)
            lab.wait_for_cell(lab.run("%%qwen\nAttack."), 60)
        # Each by itself, too: what one leaves open swallows those that follow.
        lab.execute(
            "from qwen_nb.notebook_markdown import for_notebooks\nfrom IPython.display import display\n"
            f"for text in {texts!r}: display({{'text/markdown': for_notebooks(text)}}, raw=True)"
        )
        assert lab.page.evaluate(OFFENCES) == []
        lab.save()
        jupyter.end_kernels()
        lab.reload()
        lab.page.locator(".jp-OutputArea-output").get_by_text("alert(1)").last.wait_for(state="attached")
        lab.page.wait_for_timeout(500)
        assert lab.page.evaluate(OFFENCES) == []
        assert [url for url in asked if "/seen" in url] == site.seen == []

        saved = nbformat.read(jupyter.root / lab.path, as_version=4)
        assert sum(len(cell.get("outputs", [])) for cell in saved.cells) >= len(texts)
        fetched, tripped = converted(browser, saved)
        fetched_without, _ = converted(browser, nbformat.v4.new_notebook())
        assert tripped == []
        assert fetched == fetched_without, "nbconvert's own scripts, and no more"
        assert site.seen == []


def converted(browser: BrowserContext, notebook: Any) -> tuple[set[str], list[str]]:
    """What the page that nbconvert makes of `notebook` asks for, and what runs in it that should not."""
    html, _ = HTMLExporter().from_notebook_node(notebook)
    page = browser.new_page()
    # Without its scripts for formulas and diagrams, which are elsewhere.
    page.route("http*://**", lambda route: route.abort())
    page.add_init_script(WATCH)
    asked = requests_of(page)
    page.goto("about:blank")
    page.set_content(html)
    page.wait_for_timeout(500)
    tripped = page.evaluate(OFFENCES)
    page.close()
    return {url for url in asked if not url.startswith(("data:", "about:"))}, tripped
