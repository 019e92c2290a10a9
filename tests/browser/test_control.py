"""What a user does to a reply while its cell runs: stop it, and let a tool run or not."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.test_streaming import connect, view
from tests.rounds_server import calling
from tests.server import Answer, Server, said
from tools.notebook_page import NotebookPage

ERASE = """
@qn.tool(confirm=True)
def erase(number: int) -> str:
    "Erase a number."
    return f"{number} is gone"
"""


def test_stop_ends_a_silent_stream_at_once_and_the_cell_without_an_error(page: NotebookPage) -> None:
    with Server(Answer([*said("half", finish=None), 60.0])) as server:
        connect(page, server)
        cell = page.run("%%qwen -o reply\nSlowly.")
        reply = view(page, cell)
        reply.wait_for("half")
        reply.stop.click()
        assert server.hung_up.wait(3), "the connection was left open"
        page.wait_for_cell(cell)
        assert "half" in page.text(cell)
        assert "Stopped" in page.text(cell)
        assert page.execute("print(reply.status, reply.text)") == "stopped half"


def test_stop_in_one_of_two_streams_leaves_the_other(lab: NotebookPage) -> None:
    with Server(
        Answer([*said("first", finish=None), 60.0]), Answer([*said("second ", finish=None), 2.0, *said("goes on")])
    ) as server:
        connect(lab, server)
        one = lab.run("%%qwen --background -o one\nOne.")
        lab.wait_for_cell(one)
        view(lab, one).wait_for("first")
        two = lab.run("%%qwen --background -o two\nTwo.")
        view(lab, two).wait_for("second")
        view(lab, one).stop.click()
        assert lab.execute("print(one.wait().status, two.wait().status)") == "stopped complete"
        assert "goes on" in lab.text(two)


def approve(page: NotebookPage, server: Server, button: str, tool: str = ERASE, options: str = "") -> int:
    """Ask for a call that asks first, and press `button` in its card once it is there; the index of the cell."""
    connect(page, server)
    page.execute(tool)
    cell = page.run(f"%%qwen --tools erase -o reply {options}\nErase 1.")
    page.output(cell).get_by_role("button", name=button, exact=True).click()
    return cell


def test_a_tool_runs_when_the_user_says_so(page: NotebookPage) -> None:
    with Server(calling(("c1", "erase", '{"number": 1}')), Answer(said("Done."))) as server:
        page.wait_for_cell(approve(page, server, "Run"))
    assert page.execute("print(reply.tool_calls[0].result, reply.text)") == "1 is gone Done."


def test_a_tool_does_not_run_when_the_user_says_no(lab: NotebookPage) -> None:
    with Server(calling(("c1", "erase", '{"number": 1}')), Answer(said("Fine."))) as server:
        lab.wait_for_cell(approve(lab, server, "Deny", "def erase(number: int) -> None: ...", "--confirm"))
        told = server.asked[1].body["messages"][-1]["content"]
    assert told == "erase was not run. The user said no."


def test_a_tool_runs_with_the_arguments_that_the_user_wrote(lab: NotebookPage) -> None:
    with Server(calling(("c1", "erase", '{"number": 1}')), Answer(said("Done."))) as server:
        cell = approve(lab, server, "Edit")
        box = lab.output(cell).get_by_role("textbox")
        expect(box).to_be_visible()
        box.fill(json.dumps({"number": 2}))
        lab.output(cell).get_by_role("button", name="Run", exact=True).click()
        lab.wait_for_cell(cell)
        told = server.asked[1].body["messages"][-1]["content"]
    assert told == 'The user changed the arguments to {"number": 2}. With these:\n2 is gone'
    expect(lab.output(cell).locator("details", has_text="erase")).to_contain_text("Arguments as the user changed them")
    assert lab.execute("print(reply.tool_calls[0].result, reply.tool_calls[0].arguments)") == "2 is gone {'number': 2}"


def test_numbers_that_javascript_would_round_run_as_they_are_shown(lab: NotebookPage) -> None:
    written = json.dumps({"number": 2**53 + 1, "why": [{"note": "x" * 80, "id": 2**53 + 3}]})
    tool = ERASE.replace("number: int", "number: int, why: list[dict]").replace("{number} is", "{number} {why[0]['id']} are")
    with Server(calling(("c1", "erase", written)), Answer(said("Done."))) as server:
        cell = approve(lab, server, "Edit", tool)
        output = lab.output(cell)
        expect(output.locator("dd").last).to_contain_text(str(2**53 + 3))
        box = output.get_by_role("textbox")
        box.fill(box.input_value().replace("xxx", "yyy"))
        output.get_by_role("button", name="Run", exact=True).click()
        lab.wait_for_cell(cell)
    assert lab.execute("print(reply.tool_calls[0].result)") == f"{2**53 + 1} {2**53 + 3} are gone"


def test_the_keyboard_stays_in_the_reply_when_its_button_goes(page: NotebookPage) -> None:
    focused = "reply => reply.getRootNode().activeElement?.className"
    with Server(calling(("c1", "erase", '{"number": 1}')), Answer([*said("half", finish=None), 60.0])) as server:
        connect(page, server)
        page.execute(ERASE)
        cell = page.run("qn.ask('Erase 1.', tools=[erase], settle=False);")
        reply = view(page, cell)
        page.output(cell).get_by_role("button", name="Run", exact=True).press("Enter")
        reply.wait_for("half")
        assert reply.node.evaluate(focused) == "tool"
        reply.stop.press("Enter")
        reply.wait_for_end()
        assert reply.node.evaluate(focused) == "actions"


def test_a_reply_that_was_cut_off_goes_on_in_its_place(page: NotebookPage) -> None:
    with Server(Answer([*said("half", finish=None), "close"]), Answer(said(" and half"))) as server:
        connect(page, server)
        cell = page.run("qn.ask('All of it.', settle=False);")
        page.wait_for_cell(cell)
        reply = view(page, cell)
        page.output(cell).get_by_role("button", name="Continue", exact=True).click()
        reply.wait_for("half and half")
        reply.wait_for_end()
        assert reply.answer.strip() == "half and half", "one paragraph, as if it had never been cut"
        assert not page.output(cell).get_by_role("button", name="Continue", exact=True).count()
        assert page.execute("print(qn.last.status, qn.last.text)") == "complete half and half"


def test_stop_is_heard_where_the_front_end_uses_no_subshells(lab: NotebookPage) -> None:
    with Server(Answer([*said("half", finish=None), 60.0])) as server:
        connect(lab, server)
        if lab.execute("import ipykernel; print(ipykernel.version_info >= (7, 4))") == "False":
            pytest.skip("before 7.4 ipykernel keeps the message until the cell has ended, so Stop interrupts the kernel")
        lab.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.commsOverSubshells = 'disabled'")
        cell = lab.run("%%qwen -o reply\nSlowly.")
        reply = view(lab, cell)
        reply.wait_for("half")
        reply.stop.click()
        lab.wait_for_cell(cell)
        assert "Stopped" in lab.text(cell)
        assert lab.execute("print(reply.status, reply.text)") == "stopped half"
