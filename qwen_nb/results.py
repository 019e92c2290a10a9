"""What `map` returns: the replies in the order of their prompts, and errors where there is no reply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Union, overload

from .errors import ConfigError, Interrupted, QwenError
from .reply import Reply

if TYPE_CHECKING:
    from pandas import DataFrame

Result = Union[Reply, QwenError]
"""What came of one prompt. An error has what had arrived as its `.reply`."""


class Results(Sequence[Result]):
    """A `Reply` for each prompt, in order, or the `QwenError` that stands in its place.

    >>> results = qn.map(["Hello! Who are you?", "Tell me a long story."], progress=False, retries=0)
    >>> results
    <Results: 1 replies, 1 error, 12 tokens>
    >>> results[0].text
    'I am Qwen.'
    >>> results.texts
    ['I am Qwen.', None]
    >>> results.replies[0].status, results.errors[1].reply.text
    ('complete', 'Once upon')
    """

    def __init__(self, results: Sequence[Result], index: Any = None) -> None:
        self._results = list(results)
        self._index = index

    @overload
    def __getitem__(self, at: int) -> Result: ...
    @overload
    def __getitem__(self, at: slice) -> list[Result]: ...
    def __getitem__(self, at: int | slice) -> Result | list[Result]:
        return self._results[at]

    def __len__(self) -> int:
        return len(self._results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    @property
    def replies(self) -> dict[int, Reply]:
        """The replies, by the numbers of their prompts, from 0."""
        return {number: result for number, result in enumerate(self) if isinstance(result, Reply)}

    @property
    def errors(self) -> dict[int, QwenError]:
        """What went wrong, by the numbers of the prompts, from 0."""
        return {number: result for number, result in enumerate(self) if not isinstance(result, Reply)}

    @property
    def texts(self) -> list[str | None]:
        """The answers; `None` where there is an error."""
        return [result.text if isinstance(result, Reply) else None for result in self]

    def to_frame(self) -> DataFrame:
        """A pandas DataFrame with a row for each prompt, under the index of the column or table that was asked about.

        Its columns: `text`, `reasoning`, `error`, `finish_reason`, `input_tokens`, `output_tokens`, `seconds`.

        >>> results = qn.map(["Hello! Who are you?", "Count to three."], progress=False)
        >>> results.to_frame()[["text", "output_tokens"]]
                 text  output_tokens
        0  I am Qwen.             12
        1    1, 2, 3.             12
        """
        try:
            import pandas
        except ImportError:
            raise ConfigError("to_frame needs pandas: pip install pandas.") from None
        return pandas.DataFrame([_row(result) for result in self], columns=list(_row(QwenError())), index=self._index)

    def __repr__(self) -> str:
        failed = len(self.errors)
        tokens = sum(reply.usage.output_tokens or 0 for reply in self.replies.values())
        facts = [f"{len(self) - failed:,} replies"]
        if failed:
            facts.append(f"{failed:,} {'error' if failed == 1 else 'errors'}")
        if tokens:
            facts.append(f"{tokens:,} tokens")
        return f"<Results: {', '.join(facts)}>"


class MapInterrupted(Interrupted):
    """A run of `map` was interrupted; `.results` has what was there, and an error for each prompt that was not answered."""

    results: Results


def _row(result: Result) -> dict[str, Any]:
    reply = result if isinstance(result, Reply) else result.reply
    answered = isinstance(result, Reply)
    return {
        "text": result.text if isinstance(result, Reply) else None,
        "reasoning": (reply.reasoning or None) if reply and answered else None,
        "error": None if answered else str(result),
        "finish_reason": reply.finish_reason if reply else None,
        "input_tokens": reply.usage.input_tokens if reply else None,
        "output_tokens": reply.usage.output_tokens if reply else None,
        "seconds": reply.timing.total if reply else None,
    }
