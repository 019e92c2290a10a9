"""The one background event loop: start a coroutine there, wait for it so that a kernel interrupt gets through, cancel it.

An async task on a loop of its own stops in about a millisecond, also while its server is silent; a blocked synchronous read
does not stop at all. So everything that waits for bytes runs here, whatever the cell does.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import os
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Generic, TypeVar, cast

from .events import Status

T = TypeVar("T")

_POLL = 0.1
"""Seconds. On Windows a wait without a timeout cannot be interrupted; an awaiting cell notices an interrupt when its loop wakes."""

_statuses: weakref.WeakKeyDictionary[asyncio.Task[Any], Status] = weakref.WeakKeyDictionary()
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_pid = 0


def loop() -> asyncio.AbstractEventLoop:
    """The loop, running in its own daemon thread; a new one after a fork."""
    global _loop, _pid
    with _lock:
        if _loop is None or _pid != os.getpid():
            _loop, _pid = asyncio.new_event_loop(), os.getpid()
            threading.Thread(target=_run, args=(_loop,), name="qwen_nb", daemon=True).start()
        return _loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    while True:
        # A task that ends with one of these, such as one that a user's tool has started, throws it out of the loop: others go on.
        with suppress(SystemExit, KeyboardInterrupt):
            loop.run_forever()


def status_of(cancelled: asyncio.CancelledError) -> Status:
    """How the task that runs now, which got this error, was told to end."""
    said = cancelled.args[0] if cancelled.args else ""
    if said in ("stopped", "interrupted"):
        return cast(Status, said)
    # Up to Python 3.10 gather loses what the error says, and a scope of anyio that ends at the same moment has words of its own.
    task = asyncio.current_task()
    return _statuses.get(task, "stopped") if task else "stopped"


def is_here() -> bool:
    """Whether this is the loop's own thread, which must not wait for what runs on it."""
    return threading.current_thread().name == "qwen_nb"


async def in_thread(function: Callable[[], T]) -> T:
    """`function()` in a daemon thread of its own, in a copy of the context. Unlike a pool's it never keeps a kernel from ending."""
    done: concurrent.futures.Future[T] = concurrent.futures.Future()
    # From here on it cannot be cancelled, so the thread of a call that was given up finds somewhere to put its result.
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            value = function()
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(value)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name=f"qwen_nb {getattr(function, '__name__', 'tool')}", daemon=True).start()
    return await asyncio.wrap_future(done)


async def within(seconds: float, awaitable: Awaitable[T]) -> T:
    """Its result; `asyncio.TimeoutError` if that takes longer, and then it is cancelled.

    As `asyncio.wait_for`, which up to Python 3.11 can forget that its caller was cancelled: a Stop would be lost.
    """
    task = asyncio.ensure_future(awaitable)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise asyncio.TimeoutError
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


class _Heartbeat:
    """Wakes a loop every `_POLL` seconds while somebody waits on it: a loop that sleeps notices no interrupt."""

    def __init__(self) -> None:
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        self._waiting += 1
        if self._waiting == 1:
            self._beat()

    def __exit__(self, *_: object) -> None:
        self._waiting -= 1
        if not self._waiting and self._timer:
            self._timer.cancel()

    def _beat(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_POLL, self._beat)


_heartbeats: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Heartbeat] = weakref.WeakKeyDictionary()
"""One for each loop on which replies are awaited, however many they are."""


class Running(Generic[T]):
    """A coroutine that runs on the background loop, in a copy of the caller's context, so that its output stays with its cell."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._task: asyncio.Task[T] | None = None
        self._loop = loop()
        self._loop.call_soon_threadsafe(self._start, coroutine, context=contextvars.copy_context())

    def _start(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._task = self._loop.create_task(coroutine)
        self._task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self._future.cancel()
            self._future.set_running_or_notify_cancel()
        elif error := task.exception():
            self._future.set_exception(error)
        else:
            self._future.set_result(task.result())

    def cancel(self, status: Status) -> None:
        """Ask the coroutine to end. It sees `CancelledError(status)` at once. From any thread; does not wait."""
        self._loop.call_soon_threadsafe(self._cancel, status)

    def _cancel(self, status: Status) -> None:
        # In the loop's next round: a task that is cancelled before its first step never runs, and could not say how it ended.
        if self._task:
            _statuses[self._task] = status
            self._loop.call_soon(self._task.cancel, status)

    @property
    def is_done(self) -> bool:
        """Whether it has ended, however."""
        return self._future.done()

    def wait(self) -> T:
        """Its result; raises what it raised, or `CancelledError`. `KeyboardInterrupt` gets through at once and cancels nothing."""
        if is_here():
            raise RuntimeError("The background loop cannot wait for itself: use ask_async inside an async tool.")
        while not self._future.done():
            concurrent.futures.wait({self._future}, _POLL)
        return self.result()

    async def ended(self) -> None:
        """Wait on another event loop until it has ended, however. A `CancelledError` is the caller's, and cancels nothing here."""
        future = asyncio.wrap_future(self._future)
        # Else asyncio would complain that nobody has looked what it raised.
        future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        with _heartbeats.setdefault(asyncio.get_running_loop(), _Heartbeat()):
            await asyncio.wait({future})

    def result(self) -> T:
        """Its result, once it has ended; raises what it raised, or `CancelledError`."""
        try:
            return self._future.result()
        except concurrent.futures.CancelledError:
            raise asyncio.CancelledError from None
