"""A conversation follows the cells of a real JupyterLab: the cases of docs/decisions/2026-11-20-conversations-follow-cells.md."""

from __future__ import annotations

from tests.browser.test_streaming import connect
from tests.server import Answer, Asked, Server, said
from tools.notebook_page import NotebookPage


def echo(asked: Asked) -> Answer:
    """Answers how many messages it got, and the last."""
    messages = asked.body["messages"]
    return Answer(said(f"{len(messages)}: {messages[-1]['content']}"))


def ask(page: NotebookPage, prompt: str) -> int:
    """A new cell that goes on with the conversation; its index."""
    cell = page.run(f"%%qwen --chat trip\n{prompt}")
    page.wait_for_cell(cell)
    return cell


def again(page: NotebookPage, cell: int) -> str:
    """Run a cell again; the text of its output."""
    page.clear_prompt(cell)
    page.start_cell(cell)
    page.wait_for_cell(cell)
    return page.text(cell)


def chats(page: NotebookPage) -> list[str]:
    return [" ".join(line.split()) for line in page.execute("%qwen chats").splitlines()[1:]]


def test_run_twice_run_below_run_above_move_delete_restart(lab: NotebookPage) -> None:
    with Server(echo) as server:
        connect(lab, server)
        one, two, three = ask(lab, "One."), ask(lab, "Two."), ask(lab, "Three.")
        assert "5: Three." in lab.text(three)

        # Run twice: its own turn is replaced, those below are stale.
        assert "3: Two." in again(lab, two)
        assert chats(lab) == ["One.", "Two.", "stale Three."]
        # Run below: it goes on from what is above, and is fresh again.
        assert "5: Three." in again(lab, three)
        assert chats(lab) == ["One.", "Two.", "Three."]
        # Move: nothing changes.
        lab.select(three)
        lab.command("notebook:move-cell-up")
        assert chats(lab) == ["One.", "Two.", "Three."]
        # Run above: the front end sends no order, so a new cell goes to the end wherever it stands.
        lab.select(one)
        lab.command("notebook:insert-cell-above")
        lab.write(one, "%%qwen --chat trip\nAbove.")
        assert "7: Above." in again(lab, one)
        assert chats(lab) == ["One.", "Two.", "Three.", "Above."]
        # Delete: the turn stays until it is stale.
        lab.select(lab.find("Three."))
        lab.command("notebook:delete-cell")
        assert chats(lab) == ["One.", "Two.", "Three.", "Above."]
        again(lab, lab.find("Two."))
        again(lab, lab.find("Above."))
        assert chats(lab) == ["One.", "Two.", "Above."]
        # Restart: conversations live in the kernel.
        lab.restart()
        connect(lab, server)
        assert lab.execute("%qwen chats").startswith("No conversations.")
