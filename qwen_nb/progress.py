"""How far a run with many prompts has come: one bar, with rate, errors and tokens, that settles into one line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .host import has_kernel
from .reply import Reply

if TYPE_CHECKING:
    from tqdm.std import tqdm

_IN_A_LOG = 30.0
"""Seconds between two lines where standard error is no terminal."""


class Progress:
    """A bar over `total` prompts (`None` if nobody knows) where somebody looks. `close` puts a line in its place.

    For one thread. `is_shown=False` counts only.
    """

    def __init__(self, total: int | None, *, is_shown: bool) -> None:
        self.replies = 0
        self.errors = 0
        self.kept = 0
        """Replies out of a checkpoint; they are among `replies`."""
        self.tokens = 0
        """Output tokens of the replies that were asked for now."""
        self._bar: tqdm[Any] | None = None
        self._output: Any = None
        if not is_shown:
            return
        if has_kernel():
            from IPython.display import display
            from tqdm.notebook import tqdm_notebook

            notebook_bar = tqdm_notebook(total=total, unit=" prompts", display=False)
            self._bar, self._output = notebook_bar, display(notebook_bar.container, display_id=True)
        else:
            from tqdm.std import tqdm

            interval = 0.1 if sys.stderr.isatty() else _IN_A_LOG
            self._bar = tqdm(total=total, unit=" prompts", mininterval=interval, maxinterval=interval + 10, dynamic_ncols=True)

    def count(self, result: object, *, is_kept: bool = False) -> None:
        """One more prompt is through; `is_kept` if its answer was there before."""
        if isinstance(result, Reply):
            self.replies += 1
            self.kept += is_kept
            self.tokens += 0 if is_kept else result.usage.output_tokens or 0
        else:
            self.errors += 1
        if self._bar is None:
            return
        if is_kept:
            # Not `update`: the rate is of what was asked for.
            self._bar.initial += 1
            self._bar.n += 1
            return
        self._bar.set_postfix_str(self._postfix(), refresh=False)
        self._bar.update()

    def close(self) -> None:
        """Say how it ended."""
        if self._bar is None:
            return
        self._bar.refresh()
        seconds = self._bar.format_dict["elapsed"]
        self._bar.close()
        if self._output is not None:
            facts = [f"{self.replies:,} {'reply' if self.replies == 1 else 'replies'}", self._postfix()]
            if self.kept:
                facts.insert(1, f"{self.kept:,} of them from the checkpoint")
            time = f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
            line = f"{', '.join(fact for fact in facts if fact)}, in {time}"
            self._output.update({"text/plain": line}, raw=True)

    def _postfix(self) -> str:
        facts = [f"{self.errors:,} {'error' if self.errors == 1 else 'errors'}"] if self.errors else []
        if self.tokens:
            facts.append(f"{self.tokens:,} tokens")
        return ", ".join(facts)
