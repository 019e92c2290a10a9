"""The background loop: interrupts get through, a cancelled coroutine learns why, nothing is left over."""

from __future__ import annotations

import _thread
import asyncio
import contextvars
import threading
import time

import pytest

from qwen_nb.runner import Running, loop, within

cell = contextvars.ContextVar("cell", default="")


async def forever(why: list[object]) -> None:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as cancelled:
        why += cancelled.args
        raise


def test_a_result_and_an_error_come_back() -> None:
    async def five() -> int:
        return 5

    async def fail() -> None:
        raise TimeoutError("its own")

    assert Running(five()).wait() == 5
    with pytest.raises(TimeoutError, match="its own"):
        Running(fail()).wait()


def test_a_cancelled_coroutine_learns_why() -> None:
    why: list[object] = []
    running = Running(forever(why))
    running.cancel("stopped")
    running.cancel("interrupted")
    with pytest.raises(asyncio.CancelledError):
        running.wait()
    # One that is cancelled before it has begun never runs.
    assert why in ([], ["stopped"])


def _interrupted_while(running: Running[None]) -> None:
    threading.Timer(0.1, _thread.interrupt_main).start()
    running.wait()


def test_an_interrupt_reaches_a_waiting_cell_at_once() -> None:
    why: list[object] = []
    running = Running(forever(why))
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        _interrupted_while(running)
    assert time.monotonic() - started < 5
    assert not running.is_done
    running.cancel("interrupted")
    with pytest.raises(asyncio.CancelledError):
        running.wait()
    assert why == ["interrupted"]


def test_output_stays_with_its_cell() -> None:
    async def where() -> str:
        return cell.get()

    cell.set("In [3]")
    assert Running(where()).wait() == "In [3]"


def test_an_awaiting_cell_waits_without_blocking_its_loop() -> None:
    ticked = threading.Event()

    async def slow() -> str:
        await asyncio.to_thread(ticked.wait, 60)
        return "done"

    async def awaiting() -> str:
        running, ticks = Running(slow()), 0
        waiting = asyncio.ensure_future(running.ended())
        while not waiting.done():
            await asyncio.sleep(0.01)
            if (ticks := ticks + 1) > 5:
                ticked.set()
        return running.result()

    assert asyncio.run(awaiting()) == "done"


def test_the_loop_does_not_wait_for_itself() -> None:
    async def inside() -> None:
        Running(asyncio.sleep(0)).wait()

    with pytest.raises(RuntimeError, match="ask_async"):
        Running(inside()).wait()
    assert loop().is_running()


def test_a_stop_in_the_moment_in_which_the_wait_is_over_is_not_forgotten() -> None:
    async def stopped() -> None:
        value: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        waiting = asyncio.ensure_future(within(5, value))
        await asyncio.sleep(0)
        value.set_result(1)
        waiting.cancel()
        await waiting

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(stopped())


def test_what_takes_too_long_is_cancelled_and_has_ended() -> None:
    why: list[object] = []
    ended = []

    async def long() -> None:
        try:
            await forever(why)
        finally:
            await asyncio.sleep(0.01)
            ended.append(True)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(within(0.01, long()))
    assert ended
