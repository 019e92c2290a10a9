"""Many questions at once on a Dask cluster: a task for each, which the scheduler moves when its worker dies.

So a prompt is asked again if its worker dies before its answer has come here, which takes milliseconds.

Workers that ask profile no more: the sampler of Dask looks at the frames of all threads, and with many of them a collection of
garbage in the midst of it has brought workers to a halt for good (Python 3.11.7, distributed 2026.8; never without it).

A question goes to the workers with its endpoint, key included: in memory, and over the cluster's connections, which are encrypted
where the cluster is set up so. Workers need this package, and a way to the server.
"""

from __future__ import annotations

import importlib
import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import distributed

from .errors import ConfigError, ConnectError, QwenError
from .events import Event
from .pool import Job, answered, checked, reply_from
from .question import Question
from .reply import Reply
from .results import Result
from .runner import Running, loop

_POLL = 0.1
"""Seconds. On Windows a wait without a timeout cannot be interrupted."""


@dataclass(frozen=True)
class _Parcel:
    """A result on its way between processes: a `Reply` cannot travel, nor can every error."""

    events: list[Event]
    kind: type[QwenError] | None = None
    said: tuple[Any, ...] = ()
    facts: dict[str, Any] | None = None

    @classmethod
    def of(cls, result: Result) -> _Parcel:
        """What goes on its way."""
        if isinstance(result, Reply):
            return cls(list(result.events()))
        events = list(result.reply.events()) if result.reply else []
        return cls(events, type(result), result.args, {name: fact for name, fact in vars(result).items() if name != "reply"})

    def result(self, question: Question) -> Result:
        """What arrives: the result of `question`."""
        reply = reply_from(question, self.events)
        if self.kind is None:
            return checked(question, reply)
        error = self.kind.__new__(self.kind)
        error.args = self.said
        vars(error).update(self.facts or {}, reply=reply)
        return error


class _Ready(distributed.WorkerPlugin):
    """Makes each worker ready to ask, also one that starts later: it imports what that takes, and stops its profiler."""

    name = "qwen_nb"
    idempotent = True

    def setup(self, worker: distributed.Worker) -> None:
        """On a worker, in the thread of its own loop."""
        importlib.import_module(".client", __package__)
        loop()
        for name in ("profile", "profile-cycle"):
            if name in worker.periodic_callbacks:
                worker.periodic_callbacks[name].stop()


class DaskPool:
    """`concurrency` questions at a time on the workers of `client`.

    `keep` gets each result as soon as it has come here, in a thread of the pool. `ConfigError` if the client is asynchronous or has
    no worker.
    """

    def __init__(self, client: distributed.Client, concurrency: int, retries: int, keep: Callable[[Job, Result], None]) -> None:
        if client.asynchronous:
            raise ConfigError("map needs a Client that waits: distributed.Client(…) without asynchronous=True.")
        if not client.scheduler_info()["workers"]:
            raise ConfigError("The Dask cluster has no worker: cluster.scale(2) starts two.")
        client.register_plugin(_Ready())
        self._client = client
        self._concurrency = concurrency
        self._retries = retries
        self._keep = keep
        self._run = uuid.uuid4().hex
        self._todo: deque[Job] = deque()
        self._asked: dict[Any, tuple[Job, distributed.Future[_Parcel]]] = {}
        self._lock = threading.Lock()
        self._ended: queue.SimpleQueue[distributed.Future[_Parcel] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Job, Result] | BaseException] = queue.SimpleQueue()
        self._collector = threading.Thread(target=self._collect, name="qwen_nb dask", daemon=True)
        self._collector.start()

    def put(self, job: Job) -> None:
        """Take a job."""
        self._todo.append(job)
        self._fill()

    def get(self) -> tuple[Job, Result]:
        """The next job that is through."""
        while True:
            with suppress(queue.Empty):
                done = self._done.get(timeout=_POLL)
                if isinstance(done, BaseException):
                    raise done
                return done

    def stop(self) -> list[tuple[Job, Result]]:
        """Interrupt all questions, on all workers."""
        with self._lock:
            self._todo.clear()
            asked = [future for _, future in self._asked.values()]
        if asked:
            self._client.cancel(asked)
            self._client.run(_stop, self._run, on_error="ignore")
        self._ended.put(None)
        self._collector.join()
        ended = [self._done.get() for _ in range(self._done.qsize())]
        return [each for each in ended if not isinstance(each, BaseException)]

    def _fill(self) -> None:
        with self._lock:
            free = self._concurrency - len(self._asked)
            jobs = [self._todo.popleft() for _ in range(min(free, len(self._todo)))]
            if not jobs:
                return
            questions = [_travelling(job.question) for job in jobs]
            # One graph for all: the scheduler takes as long for one of a hundred tasks as for ten of one.
            futures = self._client.map(_ask, questions, times=self._retries, run=self._run, pure=False)
            for job, future in zip(jobs, futures, strict=True):
                self._asked[future.key] = job, future
                future.add_done_callback(self._ended.put)

    def _collect(self) -> None:
        """Fetch results as they come, those that are there by now together."""
        try:
            while True:
                futures = [self._ended.get()]
                while not self._ended.empty():
                    futures.append(self._ended.get())
                if None in futures:
                    return
                self._fetch([future for future in futures if future])
        except BaseException as error:
            self._done.put(error)

    def _fetch(self, futures: list[distributed.Future[_Parcel]]) -> None:
        whole = [future for future in futures if future.status == "finished"]
        parcels = dict(zip((future.key for future in whole), self._client.gather(whole), strict=True))
        # Before anything else: what its worker held is computed again when that dies while somebody wants it.
        for future in whole:
            future.release()
        for future in futures:
            parcel, status = parcels.get(future.key), future.status
            if not parcel and status == "cancelled":
                raise ConnectError("The Dask cluster is gone.")
            if not parcel and status != "error":
                # It was there, and its worker died with it: it is asked again.
                time.sleep(_POLL)
                future.add_done_callback(self._ended.put)
                continue
            with self._lock:
                job, _ = self._asked.pop(future.key)
            result = parcel.result(job.question) if parcel else ConnectError(f"The Dask worker failed: {future.exception()}")
            self._keep(job, result)
            self._done.put((job, result))
        self._fill()


def _travelling(question: Question) -> Question:
    """`question` without what a worker has no use for, and might not be able to load: the classes of a notebook."""
    return question if question.schema_retries else replace(question, shape=None)


_here: dict[str, set[Running[Result]]] = {}
"""On a worker: what is being asked, by run."""


def _ask(question: Question, times: int, run: str) -> _Parcel:
    """On a worker: ask, without holding one of its few threads for computations."""
    distributed.secede()
    running = Running(answered(question, times))
    asked = _here.setdefault(run, set())
    asked.add(running)
    try:
        return _Parcel.of(running.wait())
    finally:
        asked.discard(running)


def _stop(run: str) -> None:
    """On a worker: end everything that this run asks."""
    for running in list(_here.get(run, ())):
        running.cancel("interrupted")
