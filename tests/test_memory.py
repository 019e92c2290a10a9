"""Replies that have been shown and forgotten leave nothing behind in the kernel."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernel import Kernel, running_kernel
from tests.server import Server
from tests.soak.__main__ import ROUND, SETUP
from tests.soak.measuring import PROBE
from tests.soak.server import KINDS, answer

LINGER = 0.3
SOONER = f"import qwen_nb.widget\nqwen_nb.widget.KEPT, qwen_nb.widget.LINGER = 0, {LINGER}"


def held(kernel: Kernel) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kernel.run(PROBE).printed)
    return found


def settled(kernel: Kernel, **wanted: int) -> dict[str, Any]:
    """What is held once it is what is `wanted`, or after five seconds."""
    deadline = time.monotonic() + 5
    while True:
        found = held(kernel)
        if all(found[f"kernel {name}"] <= most for name, most in wanted.items()) or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with Server(answer) as server, running_kernel() as kernel:
        cell = kernel.run(SETUP.format(url=server.url, settle="") + SOONER)
        assert cell.status == "ok", cell.traceback
        yield kernel


def test_dozens_of_replies_with_their_outputs_cleared_leave_no_widget_comm_or_reply_behind(kernel: Kernel) -> None:
    batch = ROUND.format(count=2 * len(KINDS), kinds=KINDS, several=len(KINDS))
    assert kernel.run(batch).status == "ok"
    before = settled(kernel, replies=1, widgets=6)
    assert before["kernel widgets"] <= 6, "those that carry the code, and what ipywidgets makes for each"
    for _ in range(3):
        cell = kernel.run(batch)
        assert cell.status == "ok", cell.traceback
    after = settled(kernel, replies=1, widgets=before["kernel widgets"])
    assert after["kernel replies"] == 1, "qn.last"
    for name in ("kernel widgets", "kernel comms"):
        assert after[name] == before[name]
    assert after["kernel objects"] < before["kernel objects"] + 300, "ten for each reply would be a leak"


def test_comparisons_leave_no_widget_behind_but_those_that_are_shown_again(kernel: Kernel) -> None:
    batch = "for number in range(5):\n    qn.compare('text', ['a', 'b', 'c'])\n    clear_output()"
    assert kernel.run(batch).status == "ok"
    before = settled(kernel, replies=1, widgets=6)
    assert before["kernel widgets"] <= 6, "those that carry the code, and what ipywidgets makes for each"
    assert kernel.run(batch).status == "ok"
    after = settled(kernel, replies=1, widgets=before["kernel widgets"])
    for name in ("kernel replies", "kernel widgets", "kernel comms"):
        assert after[name] == before[name]
    cell = kernel.run("both = qn.compare('text', ['a', 'b'])\none = both['a']._view\nboth['a'].show()\ntime.sleep(0.8)")
    assert cell.status == "ok", cell.traceback
    assert kernel.value("both['a']._view is one, bool(one.comm), both['b']._view") == "(True, True, None)"
    cell = kernel.run("both.show()\ntime.sleep(0.8)\nprint(*(bool(each._view.comm) for each in both))")
    assert cell.printed.split() == ["True", "True"]
    cell = kernel.run(
        "both = qn.compare('text', ['a', 'b'], settle=False)\ntime.sleep(0.8)\nprint(all(each._view for each in both))"
    )
    assert cell.printed.split() == ["True"]
    kernel.run("for each in both: each.close_view(each._view.uses)\nboth = one = None")


def test_a_widget_that_is_asked_for_before_it_has_gone_stays_and_another_comes_after(kernel: Kernel) -> None:
    cell = kernel.run("reply = qn.ask('text')\none = reply.view()\ntime.sleep(0.8)\nprint(one is reply.view(), bool(one.comm))")
    assert cell.printed.split() == ["True", "True"]
    cell = kernel.run("reply = qn.ask('text')\none = reply._view\ntime.sleep(0.8)\nprint(one is reply.view(), bool(one.comm))")
    assert cell.printed.split() == ["False", "False"]
    assert kernel.run("reply.show()").contents("display_data")[0]["data"]["application/vnd.jupyter.widget-view+json"]
    assert kernel.value("reply.view().get_state('snapshot')['snapshot']['events'][0]['type']") == "'part_start'"


def test_a_widget_has_a_layout_if_it_is_given_one(kernel: Kernel) -> None:
    cell = kernel.run("view = qn.ask('text').view()\nprint(view.layout)\nview.layout = {'width': '50%'}\nprint(view.layout.width)")
    assert cell.printed.split() == ["None", "50%"], cell.traceback
    assert kernel.value("view.get_state('layout')['layout'] == 'IPY_MODEL_' + view.layout.model_id") == "True"
    kernel.run("view.layout.close()\nview.reply.close_view(view.uses)\nview = None")


def test_the_widgets_of_the_last_replies_stay(kernel: Kernel) -> None:
    kernel.run("qwen_nb.widget.KEPT = 2")
    cell = kernel.run("replies = [qn.ask('text') for _ in range(5)]\ntime.sleep(0.8)\nprint(*(bool(one._view) for one in replies))")
    kernel.run("qwen_nb.widget.KEPT = 0")
    assert cell.printed.split() == [*["False"] * 3, *["True"] * 2]


def test_a_reply_that_goes_on_keeps_the_widget_in_which_it_does(kernel: Kernel) -> None:
    cell = kernel.run("reply = qn.ask('stopped', background=True)\ntime.sleep(0.1)\nreply.stop()\nreply.wait()\none = reply._view")
    assert cell.status == "ok", cell.traceback
    cell = kernel.run(
        "more = reply.resume()\ntime.sleep(0.8)\nprint(reply.status, one is reply._view, bool(one.comm))\nmore.stop()"
    )
    assert cell.printed.split() == ["streaming", "True", "True"]


def test_who_closes_all_widgets_can_go_on(kernel: Kernel) -> None:
    assert kernel.run("import ipywidgets\nfirst = qn.ask('text')\nipywidgets.Widget.close_all()").status == "ok"
    cell = kernel.run("second = qn.ask('text')")
    assert cell.status == "ok", cell.traceback
    assert cell.text
    opened = {each["comm_id"] for each in cell.contents("comm_open")}
    states = [each["data"]["state"] for each in cell.contents("comm_open")]
    assert any(state.get("hash") for state in states), "the page gets the code again"
    assert {state["_code"] for state in states if "_code" in state} <= opened
    cell = kernel.run("first.show()")
    assert cell.status == "ok", cell.traceback
    assert cell.contents("comm_open")
