"""Tools that do what tools should not, and many at once, in a real notebook."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from tests.browser.test_streaming import connect, view
from tests.rounds_server import calling
from tests.server import Answer, Server, said
from tools.notebook_page import NotebookPage

TOOLS = """
import time

def nap(number: int) -> str:
    "Sleep."
    print(f"napping {number}")
    time.sleep(0.2)
    return f"slept {number}"

def fail() -> None:
    "Raise."
    raise RuntimeError("on purpose")

@qn.tool(timeout=0.5)
def hang() -> None:
    "Hang."
    time.sleep(60)

def much() -> str:
    "Ten megabytes."
    return "x" * 10_000_000

def ask() -> str:
    "Ask the user."
    return input("Your name? ")
"""


def results(page: NotebookPage) -> list[str]:
    return [
        str(text)
        for text in json.loads(page.execute("import json; print(json.dumps([c.result[:80] for c in qn.last.tool_calls]))"))
    ]


def test_fifty_calls_at_once_run_side_by_side_each_in_a_card(lab: NotebookPage) -> None:
    calls = calling(*((f"c{number}", "nap", json.dumps({"number": number})) for number in range(50)))
    with Server(calls, Answer(said("Rested."))) as server:
        connect(lab, server)
        lab.execute(TOOLS)
        cell = lab.run(
            "started = time.monotonic(); reply = qn.ask('Rest.', tools=[nap], settle=False); took = time.monotonic() - started"
        )
        lab.wait_for_cell(cell)
        cards = view(lab, cell).tools
        expect(cards).to_have_count(50)
        assert {card.get_attribute("data-state") for card in cards.all()} == {"done"}
        assert [f"slept {number}" in text for number, text in enumerate(cards.all_inner_texts())] == [True] * 50
        assert results(lab) == [f"slept {number}" for number in range(50)]
        assert lab.execute("print(took < 50 * 0.2)") == "True"
        printed = lab.output(cell).filter(has_text="napping").all_inner_texts()
        said_so = re.findall(r"napping \d+", "\n".join(printed))
        assert sorted(said_so) == sorted(f"napping {number}" for number in range(50))


def test_a_tool_that_raises_hangs_or_returns_ten_megabytes(lab: NotebookPage) -> None:
    calls = calling(("c1", "fail", "{}"), ("c2", "hang", "{}"), ("c3", "much", "{}"))
    with Server(calls, Answer(said("Enough."))) as server:
        connect(lab, server)
        lab.execute(TOOLS)
        cell = lab.run("%%qwen --tools fail,hang,much\nTry.")
        lab.wait_for_cell(cell)
        raised, hung, huge = results(lab)
        assert "on purpose" in raised
        assert "given up" in hung
        assert huge.startswith("xxxx")
        assert len(json.dumps(server.asked[1].body)) < 200_000, "the model got all of it"
        assert "Enough." in lab.text(cell)


def test_a_tool_that_asks_for_input_is_answered_in_the_notebook(lab: NotebookPage) -> None:
    with Server(calling(("c1", "ask", "{}")), Answer(said("Hello."))) as server:
        connect(lab, server)
        lab.execute(TOOLS)
        cell = lab.run("%%qwen --tools ask\nAsk me.")
        box = lab.cell(cell).locator(".jp-Stdin-input")
        box.fill("Ada")
        box.press("Enter")
        lab.wait_for_cell(cell)
        assert results(lab) == ["Ada"]
