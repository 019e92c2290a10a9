"""How a reply looks, and that everybody can use it: contrast, themes, widths, directions, print; and that it fetches nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.showpiece import TOOLS, showpiece
from tests.browser.test_streaming import connect, view
from tests.server import Server
from tools.notebook_page import NotebookPage
from tools.reply_view import ReplyView

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "screenshots" / "looks"
AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
LIVE_REPLY = "qn.ask('Show.', tools=[get_weather, run_python], settle=False);"


MARGINS = """(reply, text) => {
    const paragraph = [...reply.querySelectorAll('.answer p')].find(node => node.textContent.includes(text));
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    const box = paragraph.getBoundingClientRect(), line = range.getClientRects()[0];
    return [line.left - box.left, box.right - line.right];
}"""
"""The space left and right of the first line of the paragraph with a text, in pixels."""
DIRECTIONS = """reply => [...reply.querySelectorAll('.answer :is(ol, ul, blockquote)')]
    .map(node => `${node.localName} ${getComputedStyle(node).direction}`)"""
STICKING_OUT = """reply => {
    const { right } = reply.getBoundingClientRect();
    const scrolls = node => node !== reply && (getComputedStyle(node).overflowX !== 'visible' || scrolls(node.parentElement));
    return [...reply.querySelectorAll('*')]
        .filter(node => node.getBoundingClientRect().right > right + 1 && !node.closest('.unseen') && !scrolls(node))
        .map(node => node.outerHTML.slice(0, 80));
}"""
"""What is wider than the reply. A formula, a table or code that is too wide scrolls in a box of its own."""
LEFT = "node => { const range = document.createRange(); range.selectNodeContents(node); return range.getClientRects()[0].left; }"
"""Where the text of a paragraph begins."""


@pytest.fixture
def shown(lab: NotebookPage) -> Iterator[tuple[NotebookPage, int, ReplyView]]:
    """A page with a reply that has everything, the index of its cell, and the reply."""
    with Server(*showpiece()) as server:
        connect(lab, server)
        lab.execute(TOOLS)
        cell = lab.run(LIVE_REPLY)
        yield lab, cell, view(lab, cell)


def complaints(page: NotebookPage) -> list[Any]:
    """What axe finds wrong with the replies of the page: the rule, and where."""
    found = page.page.evaluate("async () => (await axe.run({ include: ['.qwen-nb'] })).violations")
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


def change_theme(page: NotebookPage, name: str) -> None:
    page.page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })", name)
    page.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=name)


def picture(page: NotebookPage, cell: int, name: str) -> None:
    page.output(cell).first.screenshot(path=PICTURES / f"{name}.png")


def test_axe_finds_nothing_while_it_streams(lab: NotebookPage) -> None:
    go_on = threading.Event()
    with Server(*showpiece(go_on)) as server:
        connect(lab, server)
        lab.execute(TOOLS)
        reply = view(lab, lab.run(LIVE_REPLY))
        reply.wait_for("two")
        assert reply.is_live
        lab.page.evaluate(AXE.read_text(encoding="utf-8"))
        assert complaints(lab) == []
        go_on.set()
        reply.wait_for_end()


def test_axe_finds_nothing_when_it_has_ended_in_any_theme(shown: tuple[NotebookPage, int, ReplyView]) -> None:
    page, cell, reply = shown
    page.page.evaluate(AXE.read_text(encoding="utf-8"))
    reply.wait_for_end()
    for theme in ("JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"):
        change_theme(page, theme)
        assert complaints(page) == [], theme
        picture(page, cell, theme.lower().replace(" ", "-"))
    change_theme(page, "JupyterLab Light")
    page.page.emulate_media(forced_colors="active")
    picture(page, cell, "forced-colors")
    # Axe looks into shadow roots: else it would have found nothing anywhere.
    reply.node.evaluate("node => node.append(document.createElement('button'))")
    assert [rule for rule, _ in complaints(page)] == ["button-name"]


def test_every_line_is_where_it_belongs_in_narrow_and_wide_windows_and_in_print(shown: tuple[NotebookPage, int, ReplyView]) -> None:
    page, cell, reply = shown
    reply.wait_for_end()
    left, right = reply.node.evaluate(f"reply => ({MARGINS})(reply, 'مرحبا')")
    assert right < 2 < left, "Arabic begins at the right"
    left, right = reply.node.evaluate(f"reply => ({MARGINS})(reply, '杭州')")
    assert left < 2 < right
    assert reply.node.evaluate(DIRECTIONS) == [
        *("ol ltr", "ul ltr", "blockquote ltr"),
        *("ol rtl", "ul rtl", "blockquote rtl"),
        "ol ltr",
    ]
    left, right = reply.node.evaluate(f"reply => ({MARGINS})(reply, 'اقتباس')")
    assert right < 2 < left

    page.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.page.set_viewport_size({"width": 420, "height": 900})
    assert reply.node.evaluate(STICKING_OUT) == []
    picture(page, cell, "narrow")
    page.page.set_viewport_size({"width": 1900, "height": 900})
    assert reply.node.evaluate(STICKING_OUT) == []
    picture(page, cell, "wide")
    page.page.set_viewport_size({"width": 1100, "height": 900})

    page.page.emulate_media(media="print")
    assert "The note itself." in reply.answer
    assert reply.node.get_by_role("button", name="Copy").count() == 0
    picture(page, cell, "print")


def test_nothing_is_fetched_before_the_reader_asks_and_the_keyboard_reaches_all(shown: tuple[NotebookPage, int, ReplyView]) -> None:
    page, _, reply = shown
    reply.wait_for_end()
    assert page.foreign == []
    link = reply.node.get_by_role("link", name="link")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == ("https://example.com/page", "noopener noreferrer")

    page.page.route("https://pictures.example.com/**", lambda route: route.fulfill(status=204))
    reply.node.get_by_role("button", name="Load image: a picture, from pictures.example.com").click()
    page.page.wait_for_timeout(300)
    assert page.foreign == ["https://pictures.example.com/remote.png"]
    page.foreign.clear()

    thought = reply.reasoning.first.locator("summary")
    thought.focus()
    page.page.keyboard.press("Enter")
    assert reply.is_reasoning_open
    reached = []
    for _ in range(30):
        page.page.keyboard.press("Tab")
        focused = reply.node.evaluate(
            "node => { const at = node.getRootNode().activeElement; return at && at.textContent.trim(); }"
        )
        if focused is None:
            break
        reached.append(focused)
    assert "Raw" in reached
    assert reached[-1] == "Copy", "the last control of the reply"
    assert any("link" in name for name in reached)


def test_plain_output_takes_the_place_of_the_widget_without_a_jump(lab: NotebookPage) -> None:
    go_on = threading.Event()
    with Server(*showpiece(go_on)) as server:
        connect(lab, server)
        lab.execute(TOOLS)
        cell = lab.run("%%qwen --tools get_weather,run_python\nShow.")
        reply = view(lab, cell)
        reply.wait_for("two")
        live = reply.node.locator("p", has_text="Plain text").evaluate(LEFT)
        go_on.set()
        lab.wait_for_cell(cell)
        settled = lab.output(cell).locator("p", has_text="Plain text")
        settled.wait_for()
        assert abs(settled.evaluate(LEFT) - live) <= 1
        picture(lab, cell, "settled")
