"""How much of a text must wait, because a marker may have begun at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable


class HeldBack:
    """Finds the longest end of a text that is a proper beginning of one of `markers`."""

    def __init__(self, markers: Iterable[str]) -> None:
        starts = {marker[:length] for marker in markers for length in range(1, len(marker))}
        longest_first = sorted(starts, key=len, reverse=True)
        self._pattern = re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})\\Z") if starts else None
        self._most = len(longest_first[0]) if starts else 0

    def cut(self, text: str) -> int:
        """The position from which `text` must wait; its length if none of it must."""
        if self._pattern is None:
            return len(text)
        found = self._pattern.search(text, max(0, len(text) - self._most))
        return found.start() if found else len(text)
