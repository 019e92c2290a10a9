"""At random moments: Stop, interrupt, reload, restart, a second view, a server that dies. `TORTURE=200` asks for more of it.

After each: what is shown is what had arrived, no view is left streaming, no task, thread or connection is left over, and the next
cell works. The seed of a round is in the message of what fails.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.browser.test_streaming import connect, view
from tests.rounds_server import calling
from tests.server import Answer, Server, Step, frame, said
from tools.notebook_page import NotebookPage

ROUNDS = int(os.environ.get("TORTURE", "7"))
WORDS = [f"w{number} " for number in range(30)]
WHOLE = "".join(WORDS)
TOOL = "def look(at: str) -> str:\n    'Look.'\n    return 'seen'\n"
LEFT_OVER = """
import asyncio, threading, time
from qwen_nb.runner import loop
until = time.monotonic() + 20
while (tasks := asyncio.all_tasks(loop())) and time.monotonic() < until:
    time.sleep(0.05)
print(len(tasks), sum(thread.name.startswith("qwen_nb ") for thread in threading.enumerate()))
"""


def rounds(dies: bool) -> tuple[Answer, Answer]:
    """A thought, a call, and after its result a text; some 3 seconds in all, if the server lives that long."""
    thought = [step for word in WORDS[:8] for step in (frame({"reasoning_content": word}), 0.04)]
    called = calling(("c1", "look", '{"at": "it"}'))
    text: list[Step] = [step for each in said(*WORDS)[:-2] for step in (each, 0.04)]
    return Answer([*thought, *called.steps]), Answer([*text, "reset"] if dies else [*text, *said()])


def act(page: NotebookPage, cell: int, action: str) -> None:
    """What a user does, or what happens."""
    if action == "stop":
        button = view(page, cell).stop
        if button.count() and button.is_enabled():
            button.click()
    elif action == "interrupt":
        page.interrupt()
    elif action == "reload":
        page.save()
        page.reload()
        page.wait_until_ready()
    elif action == "second view":
        page.select(cell)
        page.command("notebook:create-output-view")
        page.show()
    elif action == "restart":
        page.restart()


ACTIONS = ("stop", "interrupt", "second view", "reload", "the server dies", "restart", "nothing")


@pytest.mark.parametrize("first", range(0, ROUNDS, len(ACTIONS)))
def test_nothing_is_lost_and_nothing_is_left_over_whatever_happens(lab: NotebookPage, first: int) -> None:
    for seed in range(first, min(first + len(ACTIONS), ROUNDS)):
        chance = random.Random(seed)
        action = ACTIONS[seed % len(ACTIONS)]
        background = action != "interrupt" and chance.random() < 0.5
        what = f"round {seed}: {action}, background={background}"
        with Server(*rounds(dies=action == "the server dies")) as server:
            connect(lab, server)
            lab.execute(TOOL)
            cell = lab.run(f"reply = qn.ask('Look.', tools=[look], settle=False, background={background})")
            lab.page.wait_for_timeout(chance.uniform(0, 2500))
            act(lab, cell, action)
            check(lab, cell, what, restarted=action == "restart")


def check(page: NotebookPage, cell: int, what: str, *, restarted: bool) -> None:
    if not restarted:
        assert page.execute(LEFT_OVER) == "0 0", what
    arrived = None if restarted else page.execute("print(qn.last.text, end='')").strip()
    page.cell(cell).scroll_into_view_if_needed()
    live = page.page.locator(".qwen-nb .reply.live")
    answers = page.page.locator(".qwen-nb .reply").locator(".answer")
    for _ in range(100):
        shown = {text.strip() for text in view(page, cell).node.locator(".answer").all_inner_texts()}
        if not live.count() and (restarted or shown <= {arrived}):
            break
        page.page.wait_for_timeout(100)
    assert not live.count(), f"{what}: a view still streams"
    assert all(WHOLE.startswith(text.strip()) for text in answers.all_inner_texts()), what
    assert restarted or shown <= {arrived}, f"{what}: {shown} is shown, {arrived!r} had arrived"
    assert page.execute("print('works')") == "works", what
