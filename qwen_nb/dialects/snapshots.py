"""Texts of which each frame sends either what is new or all there is so far, and nobody says which."""

from __future__ import annotations

from typing import Literal

_SURE_LENGTH = 12
"""Characters that a text does not repeat by chance at the start of what follows."""


class Snapshots:
    """Turns frames of a text into what is new in each.

    A frame that begins with all that came before can be a snapshot, or a token that happens to look like it ("1", then "10").
    Such frames wait until one more settles it. `is_cumulative`: snapshots were asked for.
    """

    def __init__(self, *, is_cumulative: bool) -> None:
        self._mode: Literal["unknown", "new", "all"] = "all" if is_cumulative else "unknown"
        self._last = ""
        """The text so far, while frames may be snapshots of it."""
        self._waiting: list[str] = []
        self._grown = 0

    def feed(self, text: str, *, is_last: bool) -> str:
        """What is new in `text`. `is_last`: the finish came with it, and no more text comes."""
        if self._mode == "new":
            return text
        if self._mode == "all":
            return self._difference(text)
        if not self._last:
            self._last = text
            return text
        before = self._waiting[-1] if self._waiting else self._last
        if not text.startswith(before):
            return self._settle("new", text)
        self._grown += len(text) > len(before)
        if self._grown and (self._grown > 1 or is_last or len(before) >= _SURE_LENGTH):
            return self._settle("all", text)
        self._waiting.append(text)
        return self.end() if is_last else ""

    def end(self) -> str:
        """What waited, taken as new: nothing came to say that it was not."""
        return self._settle("new", "") if self._waiting else ""

    def _settle(self, mode: Literal["new", "all"], text: str) -> str:
        waiting, self._waiting = self._waiting, []
        self._mode = mode
        if mode == "new":
            return "".join(waiting) + text
        return self._difference(text)

    def _difference(self, text: str) -> str:
        if not text.startswith(self._last):
            if self._last.startswith(text):
                # A stop word was cut off again; it has been shown by now.
                return ""
            # Not a snapshot of this text: better shown twice than lost.
            self._last += text
            return text
        new = text[len(self._last) :]
        self._last = text
        return new
