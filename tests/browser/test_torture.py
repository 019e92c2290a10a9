"""At random moments: Stop, interrupt, reload, restart, a second view, a killed kernel, a server that goes wrong.

After each: what is shown is what had arrived, its status is the page's, no view is left streaming, no task, thread, connection
or comm is left over, and the next cell works. The seed of a round is in the message of what fails; `TORTURE=200` asks for more.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections.abc import Sequence

import pytest

from tests.browser.test_streaming import connect, view
from tests.dialects.decoding import reply
from tests.faults import FAULTS, Case
from tests.rounds_server import calling
from tests.server import Answer, Server, Step, frame, said
from tools.notebook_page import NotebookPage

ROUNDS = int(os.environ.get("TORTURE", "5"))
WORDS = [f"w{number} " for number in range(30)]
WHOLE = "".join(WORDS)
TOOL = "def look(at: str) -> str:\n    'Look.'\n    return 'seen'\n"
FAULTY = [fault for fault in FAULTS if fault.effect != ""]
LEFT_OVER = """
import asyncio, threading, time
import comm, psutil
from ipywidgets.widgets.widget import _instances
from qwen_nb.runner import loop

def left_over():
    yield from asyncio.all_tasks(loop())
    yield from (thread.name for thread in threading.enumerate() if thread.name.startswith("qwen_nb "))
    to_server = [each for each in psutil.Process().net_connections("tcp") if each.raddr and each.raddr[1] == {port}]
    yield from (each.status for each in to_server if each.status != psutil.CONN_ESTABLISHED)
    # An idle connection waits for the next question.
    yield from to_server[1:]
    comms = comm.get_comm_manager().comms
    # A page that is loaded again asks for all widgets over a comm of its own, which it closes when this cell has ended.
    names = [name for name, each in comms.items() if each.target_name != "jupyter.widget.control"]
    kinds = [type(_instances[name]).__name__ if name in _instances else name for name in names]
    # A reply keeps its widget, for a page that comes back: that and the front end's code, with its layout, are all there may be.
    yield from (kind for kind in kinds if kind not in ("StreamWidget", "Layout", "CodeWidget"))
    yield from ["StreamWidget"] * (kinds.count("StreamWidget") - {replies})
    yield from ["Layout"] * (kinds.count("Layout") - kinds.count("CodeWidget"))

until = time.monotonic() + 10
while (left := list(left_over())) and time.monotonic() < until:
    time.sleep(0.05)
print(left)
"""
WORD = {"complete": r"\d", "stopped": "stopped", "interrupted": "interrupted", "truncated": "cut off", "error": "failed"}


def paced(steps: Sequence[Step]) -> list[Step]:
    """`steps` over some 1.5 seconds, however many."""
    pause = 0.04 if len(steps) < 100 else 0.0002
    return [each for step in steps for each in (step, pause)]


def rounds(case: Case) -> tuple[Answer, Answer]:
    """A thought, a call, and after its result a text; some 3 seconds in all, if the server lives that long."""
    thought = paced([frame({"reasoning_content": word}) for word in WORDS[:8]])
    called = calling(("c1", "look", '{"at": "it"}'))
    answer = case.answer
    return Answer([*thought, *called.steps]), Answer(paced(answer.steps), answer.status, answer.headers)


def act(page: NotebookPage, cell: int, action: str, kernel: int) -> None:
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
    elif action == "the kernel is killed":
        os.kill(kernel, signal.SIGKILL)
        page.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
        page.wait_until_ready()


ACTIONS = (
    "stop",
    "interrupt",
    "a server fault",
    "reload",
    "the kernel is killed",
    "restart",
    "second view",
    "nothing",
)


@pytest.mark.parametrize("first", range(0, ROUNDS, len(ACTIONS)))
def test_nothing_is_lost_and_nothing_is_left_over_whatever_happens(lab: NotebookPage, first: int) -> None:
    replies = 0
    for seed in range(first, min(first + len(ACTIONS), ROUNDS)):
        chance = random.Random(seed)
        action = ACTIONS[seed % len(ACTIONS)]
        background = action != "interrupt" and chance.random() < 0.5
        what = f"round {seed}: {action}, background={background}"
        frames = said(*WORDS)
        case = Case(Answer(frames), b"".join(frames), "ends")
        if action == "a server fault":
            fault = chance.choice(FAULTY)
            at = chance.choice(fault.at(frames))
            case = fault.make(frames, at)
            what += f": {fault.name} at frame {at}"
        with Server(*rounds(case)) as server:
            connect(lab, server)
            kernel = int(lab.execute(f"{TOOL}import os\nprint(os.getpid())"))
            cell = lab.run(f"reply = qn.ask('Look.', tools=[look], settle=False, timeout=3, background={background})")
            lab.page.wait_for_timeout(chance.uniform(0, 2500))
            act(lab, cell, action, kernel)
            if action in ("restart", "the kernel is killed"):
                replies = 0
                check_page(lab, cell, what)
                deadline = time.monotonic() + 10
                while server.connections and time.monotonic() < deadline:
                    time.sleep(0.05)
                assert not server.connections, f"{what}: the connection outlived the kernel"
            else:
                replies += 1
                # A cell that is sent while this one runs is not run if this one fails; but a page that was loaded again does not
                # know that it ran.
                if action != "reload":
                    lab.wait_for_cell(cell)
                assert lab.execute(LEFT_OVER.format(port=server.port, replies=replies)) == "[]", what
                text, status = lab.execute("print(qn.last.text, qn.last.status, sep='|', end='')").split("|")
                check_page(lab, cell, what, text.strip(), status)
                if action in ("a server fault", "nothing"):
                    said_by_server = reply(case.arrived, status="error" if case.end in ("breaks", "hangs") else None)
                    assert text.strip() == said_by_server.text.strip(), what
                    assert status == ("error" if case.end == "refused" else said_by_server.status), what
            assert lab.execute("print('works')") == "works", what


def check_page(page: NotebookPage, cell: int, what: str, arrived: str | None = None, status: str | None = None) -> None:
    """No view streams, and all show what `arrived` and how it ended; if the kernel took that with it, a beginning of the text."""
    page.cell(cell).scroll_into_view_if_needed()
    live = page.page.locator(".qwen-nb .reply.live")
    node = view(page, cell).node
    right = False
    for _ in range(100):
        shown = {text.strip() for text in node.locator(".answer").all_inner_texts()}
        words = node.locator(".footer .phase").all_inner_texts()
        if arrived is None:
            right = all(WHOLE.startswith(text) for text in shown)
        elif status is not None:
            right = shown == ({arrived} if arrived and words else set()) and all(re.match(WORD[status], word) for word in words)
        if right and not live.count():
            break
        page.page.wait_for_timeout(100)
    assert not live.count(), f"{what}: a view still streams"
    assert right, f"{what}: {shown} and {words} are shown, {arrived!r} had arrived, {status}"
    assert all(WHOLE.startswith(text.strip()) for text in page.page.locator(".qwen-nb .answer").all_inner_texts()), what
