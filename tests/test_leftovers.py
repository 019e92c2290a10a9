"""Replies that end at random moments, in every way: what had arrived is there, and nothing is left over."""

from __future__ import annotations

import _thread
import asyncio
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

import qwen_nb as qn
from qwen_nb.runner import loop
from tests.rounds_server import calling
from tests.server import Answer, Server, Step, said

WORDS = [f"{number} " for number in range(200)]


def paced(cut: str | None = None) -> Answer:
    steps: list[Step] = [step for frame in said(*WORDS, finish=None) for step in (frame, 0.005)]
    return Answer([*steps, "close" if cut == "close" else "reset"] if cut else [*steps, *said()])


def stop(where: qn.Endpoint, after: float) -> qn.Reply:
    reply = qn.ask("Count.", endpoint=where, display=False, background=True)
    time.sleep(after)
    reply.stop()
    return reply.wait()


def interrupt(where: qn.Endpoint, after: float) -> qn.Reply:
    timer = threading.Timer(after, _thread.interrupt_main)
    try:
        timer.start()
        qn.ask("Count.", endpoint=where, display=False)
        pytest.fail("the interrupt came too late")
    except KeyboardInterrupt:
        pass
    finally:
        timer.cancel()
    assert isinstance(qn.last, qn.Reply)
    return qn.last


def leave(where: qn.Endpoint, after: float) -> qn.Reply:
    stream, until = qn.stream("Count.", endpoint=where), time.monotonic() + after
    for _ in stream:
        if time.monotonic() > until:
            break
    return stream.reply


def cancel(where: qn.Endpoint, after: float) -> qn.Reply:
    async def awaiting() -> None:
        await asyncio.wait_for(qn.ask_async("Count.", endpoint=where, display=False), after)

    with suppress(asyncio.TimeoutError):
        asyncio.run(awaiting())
    assert isinstance(qn.last, qn.Reply)
    deadline = time.monotonic() + 5
    while qn.last.status == "streaming" and time.monotonic() < deadline:
        time.sleep(0.01)
    return qn.last


def fail(where: qn.Endpoint, _after: float) -> qn.Reply:
    with pytest.raises(qn.QwenError) as caught:
        qn.ask("Count.", endpoint=where, display=False)
    assert caught.value.reply
    return caught.value.reply


WAYS: list[Callable[[qn.Endpoint, float], qn.Reply]] = [stop, interrupt, leave, cancel, fail]


@pytest.fixture(scope="module")
def threads() -> int:
    """How many threads there are once everything has been used; openai keeps one of its own from its first request on."""
    with Server(Answer(said("one"))) as server:
        qn.ask("Count.", endpoint=qn.Endpoint(server.url, model="m"), display=False)
    return threading.active_count()


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_left_over(seed: int, threads: int) -> None:
    random.seed(seed)
    way = WAYS[seed % len(WAYS)]
    cut = random.choice(["close", "reset"]) if way is fail else None
    with Server(paced(cut)) as server:
        reply = way(qn.Endpoint(server.url, model="m"), random.uniform(0.0, 0.25))
        assert reply.status != "streaming"
        assert "".join(WORDS).startswith(reply.text)
        assert not any(part.is_open for part in reply.parts)
    deadline = time.monotonic() + 5
    while (tasks := asyncio.all_tasks(loop())) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not tasks
    assert threading.active_count() <= threads


def test_a_reply_stopped_before_it_was_sent_says_so() -> None:
    with Server(paced()) as server:
        reply = qn.ask("Count.", endpoint=qn.Endpoint(server.url, model="m"), display=False, background=True)
        reply.stop()
        assert reply.wait().status == "stopped"


def test_leaving_a_stream_keeps_what_came_in_the_same_batch() -> None:
    with Server(Answer([b"".join(said("one ", "two ", "three"))])) as server:
        stream = qn.stream("Count.", endpoint=qn.Endpoint(server.url, model="m"))
        for _ in stream:
            time.sleep(0.2)
            break
        assert stream.reply.text == "one two three"
        assert stream.reply.status == "complete"

        async def leave() -> qn.Reply:
            stream = qn.stream("Count.", endpoint=qn.Endpoint(server.url, model="m"))
            events = aiter(stream)
            await anext(events)
            await asyncio.sleep(0.2)
            await events.aclose()
            return stream.reply

        assert asyncio.run(leave()).text == "one two three"


def test_the_next_question_works_after_a_tool_was_given_up() -> None:
    released = threading.Event()

    @qn.tool(timeout=0.1)
    def hang() -> None:
        """Hang."""
        released.wait(30)

    with Server(calling(("c1", "hang", "{}")), Answer(said("On.")), Answer(said("Next."))) as server:
        where = qn.Endpoint(server.url, model="m")
        reply = qn.ask("Hang.", endpoint=where, tools=[hang], display=False)
        assert "was given up" in (reply.tool_calls[0].result or "")
        assert qn.ask("Next?", endpoint=where, display=False).text == "Next."
    released.set()
