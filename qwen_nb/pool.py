"""Many questions at once on the background loop: a fixed number of workers, each with one question at a time."""

from __future__ import annotations

import asyncio
import queue
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from .errors import ConfigError, ConnectError, QwenError, StatusError, StreamError, TruncatedError
from .events import Event
from .question import Question
from .reply import Reply
from .results import Result
from .runner import Running, is_here, loop

_POLL = 0.1
"""Seconds. On Windows a wait without a timeout cannot be interrupted."""
_SPARE_FILES = 32
"""Files that a kernel opens meanwhile: sockets of its front ends, modules, a history."""
_LONGEST_WAIT = 30.0
"""Seconds between two questions of the same prompt."""


@dataclass(frozen=True)
class Job:
    """One prompt of a run."""

    number: int
    """From 0, in the order of the prompts."""
    question: Question
    key: bytes = b""
    """What its answer is found by in a checkpoint."""


class Pool(Protocol):
    """Whatever answers jobs."""

    def put(self, job: Job) -> None:
        """Take a job. Does not wait."""

    def get(self) -> tuple[Job, Result]:
        """The next job that is through. A kernel interrupt gets through at once; what stops the whole pool is raised."""

    def stop(self) -> list[tuple[Job, Result]]:
        """End everything and wait until it has ended. The jobs that were through, and that nobody has got yet."""


class LocalPool:
    """`concurrency` questions at a time in this process.

    `keep` gets each result on the background loop as soon as it is there. `ConfigError` if the process may not open enough files.
    """

    def __init__(self, concurrency: int, retries: int, keep: Callable[[Job, Result], None]) -> None:
        check_open_files(concurrency)
        self._retries = retries
        self._keep = keep
        self._todo: asyncio.Queue[Job] = asyncio.Queue()
        self._done: queue.SimpleQueue[tuple[Job, Result]] = queue.SimpleQueue()
        self._loop = loop()
        self._running = Running(self._work(concurrency))

    def put(self, job: Job) -> None:
        """Take a job."""
        self._loop.call_soon_threadsafe(self._todo.put_nowait, job)

    def get(self) -> tuple[Job, Result]:
        """The next job that is through."""
        while True:
            with suppress(queue.Empty):
                return self._done.get(timeout=_POLL)
            if self._running.is_done:
                self._running.wait()

    def stop(self) -> list[tuple[Job, Result]]:
        """Interrupt all questions, and wait until their connections are closed."""
        self._running.cancel("interrupted")
        # An iterator of `map` that nobody reads to its end is collected on any thread, the loop's own included.
        if not is_here():
            with suppress(asyncio.CancelledError):
                self._running.wait()
        return [self._done.get() for _ in range(self._done.qsize())]

    async def _work(self, concurrency: int) -> None:
        workers = [asyncio.ensure_future(self._worker()) for _ in range(concurrency)]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for worker in workers:
                worker.cancel("interrupted")
            ended = await asyncio.gather(*workers, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _worker(self) -> None:
        while True:
            job = await self._todo.get()
            result = await answered(job.question, self._retries)
            self._keep(job, result)
            self._done.put((job, result))


async def answered(question: Question, retries: int) -> Result:
    """The reply to `question`, or the error after `retries` further questions. On the background loop.

    The client asks again by itself while nothing has come. Here nobody has seen what had come when a stream broke, so that is asked
    again, too.
    """
    for attempt in range(retries + 1):
        reply = question.reply()
        try:
            await replace(question, said=[]).send(reply.extend, started=reply.asked_at)
        except QwenError as error:
            error.reply = reply_from(question, list(reply.events()))
            if attempt == retries or not may_pass(error):
                return error
            await asyncio.sleep(min(2.0**attempt, _LONGEST_WAIT) * random.uniform(0.5, 1.0))
        except Exception as error:  # of a server that nobody foresaw, or the user's own type: other prompts go on
            return _failed(question, reply_from(question, list(reply.events())), error)
        else:
            return checked(question, reply_from(question, list(reply.events())))
    raise AssertionError("the last attempt returns")


def reply_from(question: Question, events: list[Event]) -> Reply:
    """The reply to `question` that `events` lead to: each text in one piece, which takes a fraction of the memory of streaming."""
    reply = question.reply()
    for event in events:
        reply.apply(event)
    return reply


def checked(question: Question, reply: Reply) -> Result:
    """`reply`; or the error that it is none if it does not follow the schema that was asked for."""
    try:
        reply.check()
    except QwenError as error:
        error.reply = reply
        return error
    except Exception as error:  # a validator of the user's may raise anything
        return _failed(question, reply, error)
    return reply


def _failed(question: Question, reply: Reply, cause: Exception) -> QwenError:
    """What stands for a reply that broke on something that is no error of ours."""
    error = QwenError(question.endpoint.redaction.clean(f"This question failed: {type(cause).__name__}: {cause}"))
    # Without its frames, which hold the key.
    error.__cause__ = cause.with_traceback(None)
    error.reply = reply
    return error


def may_pass(error: QwenError) -> bool:
    """Whether the same question may be answered in a while."""
    if isinstance(error, StatusError):
        return error.status in (408, 409, 429) or error.status >= 500
    return isinstance(error, (ConnectError, StreamError, TruncatedError))


def check_open_files(concurrency: int) -> None:
    """`ConfigError` if this process may not have a connection for each of so many questions."""
    if sys.platform == "win32":
        return
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = len(list(Path("/dev/fd").iterdir())) + concurrency + _SPARE_FILES
    if most not in (resource.RLIM_INFINITY, -1) and wanted > most:
        raise ConfigError(
            f"concurrency={concurrency:,} takes {wanted:,} open files, and this process may have {most:,}: "
            f"take concurrency={max(1, concurrency - (wanted - most)):,}, or run `ulimit -n {2 * wanted}` before Jupyter starts."
        )
