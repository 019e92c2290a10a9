"""Text from a server, made fit for a line that a user reads."""

from __future__ import annotations

import re

_KEY = re.compile(r"\b(sk-|sk_|gsk_|hf_)[\w.*-]{5,}[\w*]")
_MOST = 500
_LOOKED_AT = 10_000
"""Characters. Of a text without end no more is read: everything else on the loop would wait."""


def one_line(text: str, most: int = _MOST) -> str:
    """`text` on one line, at most `most` characters, with what looks like an API key taken out: servers echo them."""
    line = without_keys(" ".join(text[:_LOOKED_AT].split()))
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= most and len(text) <= _LOOKED_AT else f"{line[: most - 1]}…"


def without_keys(text: str) -> str:
    """`text` without what looks like an API key."""
    return _KEY.sub(r"\1[key]", text)
