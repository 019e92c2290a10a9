"""Say that a server is silent, while it is: a notice that grows, and how long it was once bytes come again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

FIRST_NOTICE = 10.0
"""Seconds without a byte before anything is said."""


class Silence:
    """Watches for bytes from now on; calls `say(text, is_over)` with what to append to the notice. Close it when done.

    Comments count as bytes: they show that the connection lives.
    """

    def __init__(self, say: Callable[[str, bool], None]) -> None:
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._last_byte = self._loop.time()
        self._said = 0.0
        self._timer = self._loop.call_later(FIRST_NOTICE, self._look)

    def broken_by(self, moment: float) -> None:
        """Bytes came at `moment` of `time.monotonic`, which is the loop's clock too."""
        if self._said:
            self._say(f" It went on after {moment - self._last_byte:.0f} s.", True)
            self._said = 0.0
        self._last_byte = moment

    def _look(self) -> None:
        quiet = self._loop.time() - self._last_byte
        due = 2 * self._said or FIRST_NOTICE
        if quiet >= due:
            self._say(f" {due:.0f} s…" if self._said else f"No data from the server for {due:.0f} s…", False)
            self._said, due = due, 2 * due
        self._timer = self._loop.call_later(max(due - quiet, 0.05), self._look)

    def close(self) -> None:
        """Stop watching."""
        self._timer.cancel()
