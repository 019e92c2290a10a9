"""A reply in a real notebook: live, whole, in every view, and kept when it is cut off."""

from __future__ import annotations

import threading

import pytest

from tests.server import Answer, Server, said
from tools.notebook_page import NotebookPage
from tools.reply_view import ReplyView

WORDS = [f"word{number} " for number in range(60)]
WHOLE = "".join(WORDS).strip()


def paced(words: list[str] = WORDS, pause: float = 0.05) -> Answer:
    """A reply of one word every `pause` seconds."""
    first, *frames = said(*words)
    return Answer([first, *(step for frame in frames for step in (pause, frame))])


def in_two(count: int, go_on: threading.Event) -> Answer:
    """A reply of which `count` words come at once, and the others when the test lets it go on."""
    return Answer([*said(*WORDS[:count], finish=None), go_on, *said(*WORDS[count:])])


def connect(page: NotebookPage, server: Server) -> None:
    page.execute(f"%load_ext qwen_nb\nimport qwen_nb as qn\nqn.connect({server.url!r}, model='m');")


def view(page: NotebookPage, cell: int) -> ReplyView:
    return ReplyView(page.output(cell))


def test_text_is_there_before_the_stream_has_ended_and_whole_after(page: NotebookPage) -> None:
    go_on = threading.Event()
    with Server(in_two(6, go_on)) as server:
        connect(page, server)
        cell = page.run("%%qwen -o reply\nCount.")
        reply = view(page, cell)
        reply.wait_for("word5")
        assert page.is_running(cell)
        assert reply.is_live
        assert reply.answer.strip() == "".join(WORDS[:6]).strip()

        go_on.set()
        page.wait_for_cell(cell)
        page.output(cell).get_by_text("word59").wait_for()
        assert WHOLE in page.text(cell)
        assert not reply.node.count(), "plain output has taken its place, which a saved notebook keeps"
        assert page.execute("print(reply.status, reply is qn.last, reply.text)") == f"complete True {WHOLE}"


def test_a_page_reloaded_while_a_cell_blocks_has_the_whole_reply_when_it_ends(page: NotebookPage) -> None:
    with Server(paced(pause=0.15)) as server:
        connect(page, server)
        cell = page.run("%%qwen\nCount.")
        view(page, cell).wait_for("word5")
        page.save()
        page.reload()
        reply = view(page, cell)
        reply.node.wait_for()
        reply.wait_for_end()
        assert reply.answer.strip() == WHOLE


def test_a_page_reloaded_while_a_cell_awaits_goes_on_streaming(page: NotebookPage) -> None:
    with Server(paced(pause=0.2)) as server:
        connect(page, server)
        cell = page.run("await qn.ask_async('Count.', settle=False);")
        view(page, cell).wait_for("word3")
        page.save()
        page.reload()
        reply = view(page, cell)
        reply.wait_for("word5")
        assert reply.is_live
        reply.wait_for_end()
        assert reply.answer.strip() == WHOLE


def test_a_second_view_and_a_late_one_agree_with_the_first(lab: NotebookPage) -> None:
    go_on = threading.Event()
    with Server(in_two(10, go_on)) as server:
        connect(lab, server)
        cell = lab.run("qn.ask('Count.', settle=False);")
        first = view(lab, cell)
        first.wait_for("word5")
        lab.command("notebook:create-output-view")
        second = ReplyView(lab.page.locator(".jp-LinkedOutputView").nth(0))
        second.wait_for("word9")
        assert second.is_live
        go_on.set()
        first.wait_for_end()
        second.wait_for_end()

        lab.show()
        lab.command("notebook:create-output-view")
        late = ReplyView(lab.page.locator(".jp-LinkedOutputView").nth(1))
        late.wait_for("word59")
        assert first.answer.strip() == WHOLE
        assert [second.answer, late.answer] == [first.answer] * 2
        assert [second.status, late.status] == [first.status] * 2


def test_a_kernel_interrupt_keeps_what_had_arrived_and_the_next_cell_works(page: NotebookPage) -> None:
    with Server(Answer([*said(*WORDS[:5], finish=None), 60.0]), paced(["all ", "right"])) as server:
        connect(page, server)
        cell = page.run("%%qwen -o cut\nCount.")
        reply = view(page, cell)
        reply.wait_for("word4")
        page.interrupt()
        page.wait_for_cell(cell)
        arrived = "".join(WORDS[:5]).strip()
        assert arrived in page.text(cell)
        assert page.text(cell).splitlines()[-1].startswith("Interrupted: ")
        assert page.execute("print(cut.status, cut is qn.last, cut.text)") == f"interrupted True {arrived}"

        following = page.run("%%qwen\nGo on.")
        page.wait_for_cell(following)
        page.output(following).get_by_text("all right").wait_for()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer([b'{"error": {"message": "no such model: m"}}'], 404, {"content-type": "application/json"}), "StatusError"),
        (Answer([*said(*WORDS[:3], finish=None), "reset"]), "StreamError"),
        (Answer(said(*WORDS[:3], finish=None)), "TruncatedError"),
    ],
    ids=["no-such-model", "server-dies", "no-finish"],
)
def test_a_failure_is_one_plain_line_and_what_had_arrived_stays(lab: NotebookPage, answer: Answer, error: str) -> None:
    with Server(answer) as server:
        connect(lab, server)
        cell = lab.run("%%qwen\nCount.")
        lab.wait_for_cell(cell)
        shown, failure = lab.output(cell).all_inner_texts()
        assert failure.startswith(f"{error}: ")
        assert len(failure.strip().splitlines()) == 1
        arrived = lab.execute("print(qn.last.text)")
        assert arrived in shown
        assert error == "StatusError" or arrived == "".join(WORDS[:3]).strip()


COUNTED = """
import asyncio, collections, time
session = get_ipython().kernel.session
sent, send = collections.Counter(), session.send

def count(stream, message, *args, **more):
    if "comm_msg" in (message, message["header"]["msg_type"] if isinstance(message, dict) else ""):
        sent[int(time.monotonic())] += 1
    return send(stream, message, *args, **more)

session.send = count
replies = await asyncio.gather(*(qn.ask_async("Count.", settle=False) for _ in range(20)))
session.send = send
print(len(replies), all(reply.text.strip() == whole for reply in replies), max(sent.values()), sum(sent.values()))
"""


def test_twenty_streams_at_once_stay_under_the_server_s_limit_and_lose_nothing(lab: NotebookPage) -> None:
    words = [f"t{number} " for number in range(600)]
    whole = "".join(words).strip()
    with Server(paced(words, 0.01)) as server:
        connect(lab, server)
        cell = lab.run(f"whole = {whole!r}\n{COUNTED}")
        lab.wait_for_cell(cell)
        *_, counts = lab.text(cell).splitlines()
        streams, agree, most, total = counts.split()
        assert (streams, agree) == ("20", "True")
        assert int(total) > 100, "the counter has counted"
        assert int(most) <= 200, "comm messages in one second"
        views = view(lab, cell).node.locator(".answer")
        # Those out of sight are drawn a little later.
        for _ in range(50):
            shown = [text.strip() for text in views.all_inner_texts()]
            if shown == [whole] * 20:
                break
            lab.page.wait_for_timeout(100)
        assert shown == [whole] * 20
