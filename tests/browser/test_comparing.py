"""Replies side by side in a real notebook."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import SCREENSHOTS
from tests.browser.test_streaming import connect, paced
from tests.server import Answer, Asked, Server, said
from tools.notebook_page import NotebookPage
from tools.reply_view import ReplyView


def answer(asked: Asked) -> Answer:
    model = asked.body["model"]
    if model == "missing":
        return Answer([b'{"error": {"message": "no such model: missing"}}'], 404, {"content-type": "application/json"})
    if model == "left":
        return Answer([*said(*(f"left{number} " for number in range(6)), finish=None), 60.0])
    return paced([f"{model}{number} " for number in range(40)], 0.1)


def test_columns_stream_side_by_side_and_settle_into_one_table(page: NotebookPage) -> None:
    with Server(answer) as server:
        connect(page, server)
        cell = page.run("found = qn.compare('Count.', ['left', 'missing', 'right'])")
        left, missing, right = (page.output(cell).locator(".widget-vbox").nth(number) for number in range(3))
        views = [ReplyView(column) for column in (left, right)]
        views[0].wait_for("left5")
        views[1].wait_for("right5")
        assert page.is_running(cell)
        missing.locator(".note", has_text="no such model: missing").wait_for()
        boxes: list[Any] = [column.bounding_box() for column in (left, missing, right)]
        assert boxes[0]["y"] == boxes[1]["y"], "in one row"
        assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
        page.screenshot(SCREENSHOTS / "compare-live.png")
        views[0].stop.click()
        page.wait_for_cell(cell)
        table = page.output(cell).locator("table")
        table.wait_for()
        assert table.locator("tbody tr").all_inner_texts()[1].split()[-1] == "error"
        assert "right39" in page.text(cell)
        assert not page.output(cell).locator(".qwen-nb").count()
        assert page.execute("print([reply.status for reply in found])") == "['stopped', 'error', 'complete']"
