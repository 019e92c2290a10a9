"""Stop words that a server let through. They never show in the answer, nor does what came after them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .held_back import HeldBack


class StopWords:
    """Passes text on up to the first stop word. The end of it waits while it may be the beginning of one."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        # Where two begin at the same place, either cuts there.
        self._words = re.compile("|".join(map(re.escape, words)))
        self._held_back = HeldBack(words)
        self._held = ""
        self._has_stopped = False

    def feed(self, text: str) -> str:
        """What of the text so far can be shown and has not been."""
        if self._has_stopped:
            return ""
        text = self._held + text
        found = self._words.search(text)
        if found:
            self._has_stopped = True
            self._held = ""
            return text[: found.start()]
        cut = self._held_back.cut(text)
        self._held = text[cut:]
        return text[:cut]

    def end(self) -> str:
        """What was held back: no more text comes, so it is no stop word."""
        held, self._held = self._held, ""
        return held
