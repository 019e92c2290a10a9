"""How much of a text must wait, because a marker may have begun at its end."""

from __future__ import annotations

from collections.abc import Iterable

MOST_BLANK = 100
"""Characters of white space, before a mark, that wait for it. With more it is no mark: what waits is looked at again each time."""


class HeldBack:
    """Finds the longest end of a text that is a proper beginning of one of `markers`."""

    def __init__(self, markers: Iterable[str]) -> None:
        self._markers = tuple(marker for marker in markers if marker)

    def cut(self, text: str) -> int:
        """The position from which `text` must wait; its length if none of it must."""
        cut = len(text)
        for marker in self._markers:
            at = text.find(marker[0], max(0, len(text) - len(marker) + 1))
            while 0 <= at < cut:
                if marker.startswith(text[at:]):
                    cut = at
                at = text.find(marker[0], at + 1)
        return cut
