"""Names that look like what they are: a model can write one that looks like another, or that turns a line around."""

from __future__ import annotations

import unicodedata

_HIDDEN = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
"""Categories of characters that show nothing, or change how others are shown."""


def visible(name: str) -> str:
    """`name` with `U+202E` for each character that shows nothing or moves others, and for a space at either end."""
    if name.isascii() and name.isprintable() and name == name.strip():
        return name
    inner = name.strip()
    start = name.find(inner) if inner else len(name)
    return "".join(
        f"U+{ord(character):04X}"
        if unicodedata.category(character) in _HIDDEN or not start <= place < start + len(inner)
        else character
        for place, character in enumerate(name)
    )
