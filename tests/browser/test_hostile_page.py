"""A server that means harm, and a real page: it stays alive, shows a bounded part, and says so."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.browser.test_streaming import view
from tests.hostile_server import Endless, HostileServer, delta, same, then
from tools.notebook_page import NotebookPage

LOWERED = "%load_ext qwen_nb\nimport qwen_nb as qn, qwen_nb.limits\nqwen_nb.limits.LARGEST_REPLY = 2**24\n"


def answers_at_once(page: NotebookPage) -> bool:
    started = time.monotonic()
    page.page.evaluate("new Promise(requestAnimationFrame)")
    return time.monotonic() - started < 2


def test_floods_end_and_leave_the_page_alive(lab: NotebookPage) -> None:
    with HostileServer(then(same(delta({"content": "word " * 200 + "\n\n"})))) as server:
        lab.execute(f"{LOWERED}qn.connect({server.url!r}, model='m');")
        cell = lab.run("qn.ask('Hi.', settle=False)")
        lab.wait_for_cell(cell)
        expect(lab.output(cell).get_by_text("Only the first 1,000,000 characters are shown").first).to_be_visible()
        expect(lab.output(cell).get_by_text("a reply of more than 16 MB").first).to_be_visible()
        assert answers_at_once(lab)
        assert lab.execute("print(qn.last.status, len(qn.last.text) > 5_000_000)") == "error True"

    name = "\u202eliam_dnes"
    flood = Endless(
        lambda n: (
            delta({"tool_calls": [{"index": n, "id": f"c{n}", "function": {"name": name, "arguments": "[" * 500}}]})
            + delta({"content": "a"})
        )
    )
    with HostileServer(then(flood)) as server:
        lab.execute(f"qn.connect({server.url!r}, model='m');")
        cell = lab.run("qn.ask('Hi.', settle=False)")
        lab.wait_for_cell(cell)
        expect(lab.output(cell).get_by_text("more than 2,000 parts").first).to_be_visible()
        assert answers_at_once(lab)
        assert view(lab, cell).tools.count() <= 2_000
        expect(lab.output(cell).get_by_text("U+202Eliam_dnes").first).to_be_attached()
