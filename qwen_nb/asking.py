"""A question on its way: the loop runs it, the reply grows, somebody waits."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from .errors import Interrupted, QwenError
from .events import Event, PartStart, StreamEnd
from .question import Question
from .reply import Reply
from .runner import Running, within

if TYPE_CHECKING:
    from .rounds import Ask

last: Reply | None = None
"""The newest reply, complete or not."""


class Asking:
    """A question that has been sent. `sink` gets its events on the background loop; the `StreamEnd` is the last.

    `ask` is asked before a tool runs that wants the user's approval; without it such tools do not run. A `reply` that has ended
    goes on: new parts come after those it has, and its time runs on.
    """

    def __init__(self, question: Question, reply: Reply, sink: Callable[[list[Event]], object], ask: Ask | None = None) -> None:
        global last
        last = self.reply = reply
        reply.delivered_by(self)
        if reply.parts:
            sink = _going_on(reply, sink)
        self._running = Running(question.send(sink, ask=ask, started=reply.asked_at))

    def stop(self) -> None:
        """End the stream now and keep what has arrived, with status `stopped`. From any thread; does not wait."""
        self._running.cancel("stopped")

    def interrupt(self) -> NoReturn:
        """End the stream as a kernel interrupt does, and raise `Interrupted`."""
        self._running.cancel("interrupted")
        with suppress(asyncio.CancelledError, QwenError):
            self._running.wait()
        raise Interrupted("the reply was stopped by a kernel interrupt. What had arrived is in qn.last.") from None

    @property
    def is_done(self) -> bool:
        """Whether it has ended, however."""
        return self._running.is_done

    def wait(self) -> Reply:
        """The reply once it has ended. A kernel interrupt ends it, and is raised again as `Interrupted`."""
        with self._ended():
            self._running.wait()
        return self.reply

    async def wait_async(self) -> Reply:
        """The same for a cell that awaits. Cancelling the caller ends the reply with status `interrupted`."""
        try:
            await self._running.ended()
        except asyncio.CancelledError:
            self._running.cancel("interrupted")
            raise
        except KeyboardInterrupt:
            self.interrupt()
        with self._ended():
            self._running.result()
        return self.reply

    @contextmanager
    def _ended(self) -> Iterator[None]:
        try:
            yield
            self.reply.check()
        except KeyboardInterrupt:
            self.interrupt()
        except asyncio.CancelledError:
            # It was stopped, and says so itself.
            pass
        except QwenError as error:
            error.reply = self.reply
            raise


class EventStream:
    """The events of one reply, as they come: `for event in …` or `async for event in …`, once.

    `reply` grows along. Leaving the loop early stops the stream. Errors are raised after the last event, the `StreamEnd`.

    >>> stream = qn.stream("Count slowly.")
    >>> for event in stream:
    ...     if stream.reply.text:
    ...         break
    >>> stream.reply.status, stream.reply.text
    ('stopped', '1, ')
    """

    def __init__(self, question: Question, reply: Reply | None = None, ask: Ask | None = None) -> None:
        self._question = question
        self._ask = ask
        self.reply = reply or question.reply()

    def __iter__(self) -> Generator[Event, None, None]:
        arrived: queue.SimpleQueue[list[Event]] = queue.SimpleQueue()
        asking = Asking(self._question, self.reply, arrived.put, self._ask)
        batch: Iterator[Event] = iter(())
        try:
            while not (asking.is_done and arrived.empty()):
                # The timeout is for Windows, where a wait without one cannot be interrupted.
                with suppress(queue.Empty):
                    for event in (batch := iter(arrived.get(timeout=0.1))):
                        self.reply.apply(event)
                        yield event
            asking.wait()
        except KeyboardInterrupt:
            asking.interrupt()
        finally:
            asking.stop()
            with suppress(asyncio.CancelledError, QwenError):
                asking.wait()
            self._keep(batch)
            while not arrived.empty():
                self._keep(arrived.get())
            self.reply.catch_up()

    async def __aiter__(self) -> AsyncGenerator[Event, None]:
        loop = asyncio.get_running_loop()
        # No asyncio.Queue: it would be filled by the caller's loop, which the caller may keep busy until the stream has ended.
        arrived: queue.SimpleQueue[list[Event]] = queue.SimpleQueue()
        more = asyncio.Event()

        def put(events: list[Event]) -> None:
            arrived.put(events)
            loop.call_soon_threadsafe(more.set)

        asking = Asking(self._question, self.reply, put, self._ask)
        batch: Iterator[Event] = iter(())
        try:
            while not (asking.is_done and arrived.empty()):
                if arrived.empty():
                    with suppress(asyncio.TimeoutError):
                        await within(0.1, more.wait())
                    more.clear()
                    continue
                for event in (batch := iter(arrived.get())):
                    self.reply.apply(event)
                    yield event
            await asking.wait_async()
        finally:
            asking.stop()
            with suppress(asyncio.CancelledError, QwenError):
                await asking.wait_async()
            self._keep(batch)
            while not arrived.empty():
                self._keep(arrived.get())
            self.reply.catch_up()

    def _keep(self, events: Iterable[Event]) -> None:
        """Let the reply have what came after the caller left."""
        for event in events:
            self.reply.apply(event)


def _going_on(reply: Reply, sink: Callable[[list[Event]], object]) -> Callable[[list[Event]], object]:
    """`sink`, for a stream that goes on with `reply`: its parts come after, its first text is the rest of the last."""
    count = len(reply.parts)
    numbers: dict[int, int] = {}
    seen: set[int] = set()
    last = next((index for index in reversed(range(count)) if reply.parts[index].kind != "notice"), None)
    last_text = last if last is not None and reply.parts[last].kind == "text" else None

    def move(events: list[Event]) -> None:
        nonlocal last_text
        moved: list[Event] = []
        for event in events:
            if isinstance(event, StreamEnd):
                moved.append(event)
                continue
            if isinstance(event, PartStart) and event.index not in seen:
                seen.add(event.index)
                if event.kind == "text" and last_text is not None:
                    numbers[event.index] = last_text
                if event.kind not in ("notice", "reasoning"):
                    # What is said after a text or a call is no rest of what was said before.
                    last_text = None
            if not isinstance(event, PartStart) or event.index not in numbers:
                moved.append(replace(event, index=numbers.get(event.index, event.index + count)))
        sink(moved)

    return move
