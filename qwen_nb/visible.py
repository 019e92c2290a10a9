"""Names and arguments that look like what they are: a model can write what looks like something else, or turns a line around."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
"""Categories of characters that show nothing, or change how others are shown."""
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that show nothing either. What makes a sign an emoji (U+FE0E, U+FE0F) is not among them."""
_PERHAPS = re.compile("(?<=[\u0600-\u0dff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]|([^\\t\\n\\r -~\u4e00-\u9fff])")
"""Joiners where scripts and emoji need them; else, as a group, what is worth a closer look."""


def visible(name: str) -> str:
    """`name` with `U+202E` for each character that shows nothing or moves others, and for a space at either end."""
    if name.isascii() and name.isprintable() and name == name.strip():
        return name
    inner = name.strip()
    start = name.find(inner) if inner else len(name)
    return "".join(
        f"U+{ord(character):04X}" if _is_hidden(character) or not start <= place < start + len(inner) else character
        for place, character in enumerate(name)
    )


def escaped(json: str) -> str:
    """JSON with `\\u202e` for each character that shows nothing or moves others: it means the same. Lines and tabs stay."""
    return _PERHAPS.sub(lambda found: _escape(found[0]) if found[1] and _is_hidden(found[1]) else found[0], json)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN or bool(_BLANK.match(character))


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True))
