"""Text that UTF-8 can carry."""

from __future__ import annotations


def well_formed(text: str) -> str:
    """`text` with U+FFFD for each half of a surrogate pair: Python and JSON can hold one alone, but nothing can send it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        # Two halves side by side are a character.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
