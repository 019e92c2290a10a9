"""What a reader does with a reply that was not shown while it came, and with the code in it, in a real notebook."""

from __future__ import annotations

from tests.browser.test_streaming import WHOLE, connect, paced, view
from tests.server import Answer, Server, said
from tools.notebook_page import NotebookPage


def test_code_of_a_reply_goes_into_a_new_cell_below_it(page: NotebookPage) -> None:
    with Server(Answer(said("Try this:\n\n```python\n", "answer = 6 * 7\nprint(answer)\n", "```\n"))) as server:
        connect(page, server)
        page.execute("reply = qn.ask('Show me.', display=False)")
        cell = page.run("reply.show()")
        page.wait_for_cell(cell)
        page.add("# what was below")
        page.output(cell).get_by_role("button", name="Put code in a new cell").click()
        code = "answer = 6 * 7\nprint(answer)"
        assert page.sources[cell + 1 :] == [code, "# what was below"]
        page.start_cell(cell + 1)
        page.wait_for_cell(cell + 1)
        assert page.text(cell + 1) == "42"


def test_a_reply_that_runs_unseen_is_live_from_where_it_is_shown(lab: NotebookPage) -> None:
    with Server(paced(pause=0.1)) as server:
        connect(lab, server)
        lab.execute(
            "import time\nreply = qn.ask('Count.', display=False, background=True)\n"
            "while 'word5 ' not in reply.text: time.sleep(0.01)"
        )
        cell = lab.run("reply.show()")
        reply = view(lab, cell)
        reply.wait_for("word5")
        assert reply.is_live
        assert reply.answer.strip() != WHOLE
        reply.wait_for_end()
        assert reply.answer.strip() == WHOLE


def test_a_reply_that_is_read_event_by_event_can_be_shown_on_the_way(lab: NotebookPage) -> None:
    with Server(paced(pause=0.02)) as server:
        connect(lab, server)
        cell = lab.run(
            "stream = qn.stream('Count.')\n"
            "for event in stream:\n"
            "    if 'word5 ' in stream.reply.text and stream.reply._shown_in is None:\n"
            "        stream.reply.show()\n"
        )
        reply = view(lab, cell)
        lab.wait_for_cell(cell)
        reply.wait_for_end()
        assert reply.answer.strip() == WHOLE


def test_a_reply_that_is_shown_later_has_its_formulas_and_its_colours(lab: NotebookPage) -> None:
    with Server(Answer(said("Euler: $e^x$\n\n```python\n", "import os\n```\n"))) as server:
        connect(lab, server)
        lab.execute("reply = qn.ask('Show me.', display=False)")
        output = lab.output(lab.run("reply.show()"))
        output.locator("math").wait_for()
        output.locator("pre .hl-keyword").wait_for()
