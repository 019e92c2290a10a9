"""Text from a server, made fit for a line that a user reads."""

from __future__ import annotations

from ..redaction import without_keys

_MOST = 500
_LOOKED_AT = 20_000
"""Characters of a text in which its line is looked for: an error may come with a page, or with no end."""


def one_line(text: str, most: int = _MOST) -> str:
    """`text` on one line, at most `most` characters, with what looks like an API key taken out: servers echo them."""
    line = without_keys(" ".join(text[:_LOOKED_AT].split()))
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= most and len(text) <= _LOOKED_AT else f"{line[: most - 1]}…"
