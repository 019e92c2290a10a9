"""`map`: many prompts, some at a time, with a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sized
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from typing_extensions import Unpack

from .checkpoint import Checkpoint, digest_of, key_of
from .errors import ConfigError, Interrupted, QwenError, StatusError
from .filling import Filled
from .pool import Job, LocalPool, Pool, reply_from
from .progress import Progress
from .question import Options, Prompt, Question, check_names
from .reply import Reply
from .request import Request
from .results import MapInterrupted, Result, Results
from .rows import prompts_of

if TYPE_CHECKING:
    import distributed

_AHEAD = 16
"""Results for each of the concurrent questions that may wait for an earlier one, of prompts that come from an iterator."""
_HOPELESS = 20
"""So many failures and no reply: what is wrong is wrong for all prompts."""
_READABLE = (str, int, float, bool)


@overload
def map(  # noqa: A001  # `qn.map`, beside Python's
    prompts: Iterator[Any],
    *,
    template: str | None = None,
    concurrency: int = 32,
    checkpoint: str | Path | None = None,
    retries: int = 2,
    progress: bool = True,
    client: distributed.Client | None = None,
    **options: Unpack[Options],
) -> Generator[Result, None, None]: ...
@overload
def map(  # noqa: A001
    prompts: Collection[Any],
    *,
    template: str | None = None,
    concurrency: int = 32,
    checkpoint: str | Path | None = None,
    retries: int = 2,
    progress: bool = True,
    client: distributed.Client | None = None,
    **options: Unpack[Options],
) -> Results: ...
def map(  # noqa: A001
    prompts: Iterable[Any],
    *,
    template: str | None = None,
    concurrency: int = 32,
    checkpoint: str | Path | None = None,
    retries: int = 2,
    progress: bool = True,
    client: distributed.Client | None = None,
    **options: Unpack[Options],
) -> Results | Generator[Result, None, None]:
    """Ask each of `prompts`, `concurrency` at a time: a reply for each, in their order, or the error that stands in its place.

    A list, a column or a table gives `Results` when all are through. An iterator gives an iterator, as Python's `map` does: it asks
    while it is read, a bounded way ahead, so memory does not grow with the number of prompts; `close()` ends it early.

    A prompt is what `ask` takes. With a `template` it is a row of a DataFrame or a dict, whose columns fill the template's fields
    (`"Translate {text}"`, `{Review Text}`, `{text[:500]}`), or a value, which fills `{prompt}`, and in a named column also that
    name; what looks like a field and is no column is refused. `options` are those of `ask` and hold for all; nothing is shown but
    one bar, unless `progress=False`.

    With `checkpoint`, a path, each answer is written down when it is whole. The same call after a kill, an interrupt or an error
    takes those from the file and asks only for the rest; what failed is asked again. Other options need another file.

    A question that breaks is asked again: by the client while nothing has come, then from the start up to `retries` times.
    On a Dask cluster (`client=`, extra `dask`) the workers ask, `concurrency` at a time in all.

    Raises `ConfigError` if nothing can be asked, the last error if the first 20 prompts all fail for reasons of their server,
    and `Interrupted` on a kernel interrupt: it ends all questions, and its `.results` are what is there.

    >>> qn.map(["Paris", "Oslo"], template="In which country is {prompt}?", progress=False).texts
    ['France', 'Norway']
    """
    if isinstance(prompts, (str, Filled)):
        raise ConfigError("map takes many prompts, such as a list; for one there is ask.")
    check_names(options)
    if concurrency < 1 or retries < 0:
        raise ConfigError("concurrency is at least 1, and retries at least 0.")
    probe = Question.of("?", options)
    total = len(prompts) if isinstance(prompts, Sized) else None
    run = _Run(
        prompts=prompts_of(prompts, template),
        total=total,
        # The endpoint is looked up once, and stays the same when the user connects to another meanwhile.
        options={**options, "endpoint": probe.endpoint},
        settings=_settings(probe, template),
        concurrency=concurrency,
        retries=retries,
        path=Path(checkpoint) if checkpoint is not None else None,
        client=client,
        progress=Progress(total, is_shown=False),
        is_shown=progress,
    )
    return run.in_order() if total is None else run.all(getattr(prompts, "index", None))


@dataclass
class _Run:
    """One call of `map` on its way."""

    prompts: Iterator[Prompt | ConfigError]
    total: int | None
    options: Mapping[str, Any]
    settings: Mapping[str, Any]
    concurrency: int
    retries: int
    path: Path | None
    client: distributed.Client | None
    progress: Progress
    is_shown: bool
    checkpoint: Checkpoint | None = field(default=None, init=False)
    unread: list[tuple[int, Result]] = field(default_factory=list, init=False)
    """Results that were there when the run was ended, by the numbers of their prompts."""
    following: int = field(default=0, init=False)
    """The number of the prompt whose result is next in order."""

    def all(self, index: Any) -> Results:
        """Every result. `index` is a table's; lists have a method of that name."""
        assert self.total is not None
        results: list[Result | None] = [None] * self.total
        try:
            for number, result in self._finished(lambda: None):
                results[number] = result
        except KeyboardInterrupt:
            for number, result in self.unread:
                results[number] = result
            missing = QwenError("Not answered: map was interrupted.")
            interrupted = MapInterrupted(self._how_far("In the error's .results (sys.last_value.results) they are kept"))
            interrupted.results = Results([result or missing for result in results], None if callable(index) else index)
            raise interrupted from None
        return Results([result for result in results if result is not None], None if callable(index) else index)

    def in_order(self) -> Generator[Result, None, None]:
        """The results as they are asked for."""
        early: dict[int, Result] = {}
        try:
            for number, result in self._finished(lambda: self.following + _AHEAD * self.concurrency):
                early[number] = result
                while self.following in early:
                    self.following += 1
                    yield early.pop(self.following - 1)
        except KeyboardInterrupt:
            raise Interrupted(self._how_far("Those that were not read yet are lost")) from None

    def _finished(self, limit: Callable[[], int | None]) -> Generator[tuple[int, Result], None, None]:
        """The results by the numbers of their prompts, as they come, of prompts with numbers below `limit()`."""
        with ExitStack() as ends:
            if self.path:
                self.checkpoint = Checkpoint(self.path, self.settings)
                ends.callback(self.checkpoint.close)
            pool = self._pool()
            self.progress = Progress(self.total, is_shown=self.is_shown)
            ends.callback(self.progress.close)
            ends.callback(self._end, pool)
            yield from self._through(pool, limit)

    def _end(self, pool: Pool) -> None:
        for job, result in pool.stop():
            self.progress.count(result)
            self.unread.append((job.number, result))

    def _through(self, pool: Pool, limit: Callable[[], int | None]) -> Generator[tuple[int, Result], None, None]:
        number = asked = failed = answered = 0
        is_more = True
        while True:
            while is_more and asked < 2 * self.concurrency and ((most := limit()) is None or number < most):
                try:
                    job = self._job(number, next(self.prompts))
                except StopIteration:
                    is_more = False
                    break
                number += 1
                if isinstance(job, Job):
                    pool.put(job)
                    asked += 1
                else:
                    self.progress.count(job, is_kept=isinstance(job, Reply))
                    yield number - 1, job
            if not asked:
                if is_more:
                    continue
                return
            done, result = pool.get()
            asked -= 1
            self.progress.count(result)
            if self.checkpoint:
                self.checkpoint.sync()
            if isinstance(result, Reply):
                answered += 1
            elif _is_of_the_server(result):
                failed += 1
                if failed == _HOPELESS and not answered:
                    raise result
            yield done.number, result

    def _job(self, number: int, prompt: Prompt | ConfigError) -> Job | Result:
        """What is to be asked; or the result, if that is there or nothing can be asked."""
        if isinstance(prompt, ConfigError):
            return prompt
        try:
            question = replace(Question.of(prompt, self.options), notices=())
        except ConfigError as error:
            return error
        if not self.checkpoint:
            return Job(number, question)
        key = key_of(question.request.messages)
        kept = self.checkpoint.take(key)
        return Job(number, question, key) if kept is None else reply_from(question, kept)

    def _pool(self) -> Pool:
        if self.client is None:
            return LocalPool(self.concurrency, self.retries, self._keep)
        from .dask_pool import DaskPool

        return DaskPool(self.client, self.concurrency, self.retries, self._keep)

    def _keep(self, job: Job, result: Result) -> None:
        if self.checkpoint and isinstance(result, Reply):
            self.checkpoint.keep(job.key, job.number, list(result.events()))

    def _how_far(self, otherwise: str) -> str:
        """What an interrupt says; `otherwise`, where there is no checkpoint, says what became of the answers."""
        of = f" of {self.total:,}" if self.total is not None else ""
        kept = (
            f"The same call goes on from {self.path}"
            if self.path
            else f"{otherwise}; with checkpoint= a call goes on where it stopped"
        )
        return f"{self.progress.replies:,}{of} prompts are answered. {kept}."


def _settings(probe: Question, template: str | None) -> dict[str, Any]:
    """What the answers depend on besides the prompts. Long values, and those that may hold secrets, by their digest."""
    request = probe.request
    settings: dict[str, Any] = {"model": request.model or f"the first of {probe.endpoint.title}"}
    if template is not None:
        settings["template"] = template
    for message in request.messages[:-1]:
        settings[str(message["role"])] = message["content"]
    if not isinstance(media := request.messages[-1]["content"], str):
        settings["media"] = digest_of(media)
    untouched = Request(())
    for name in (each.name for each in fields(request) if each.name not in ("model", "messages", "timeout")):
        value = getattr(request, name)
        if value != getattr(untouched, name):
            settings[name] = list(value) if name == "stop" else value if isinstance(value, _READABLE) else digest_of(value)
    return settings


def _is_of_the_server(error: QwenError) -> bool:
    """Whether it says nothing of the prompt."""
    if isinstance(error, ConfigError):
        return False
    return not isinstance(error, StatusError) or error.status not in (400, 413, 422)
