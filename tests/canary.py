"""A key that must be found nowhere, and the search for it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

CANARY = "sk-cAnArY-7Qx/2+Zw9Lk%4Tg~Vb8RmPz3Hs"
"""It has what URLs, JSON and base64 spell in another way."""

PIECE = 12
"""Characters of it in a row that are a leak."""


def spellings(key: str) -> Iterator[tuple[str, str, int]]:
    """Each way of writing it down: what it is called, the text, and how much of that in a row is a leak."""
    yield "raw", key, PIECE
    yield "reversed", key[::-1], PIECE
    yield "in a URL", quote(key, safe=""), PIECE + 6
    yield "in JSON", json.dumps(key)[1:-1].replace("/", "\\/"), PIECE
    yield "escaped", "".join(f"\\u{ord(character):04x}" for character in key), 6 * PIECE
    yield "in hex", key.encode().hex(), 2 * PIECE
    for shift in range(3):
        packed = base64.b64encode(b"." * shift + key.encode()).decode().rstrip("=")
        yield f"in base64, shifted by {shift}", packed[shift and shift + 1 : -2], 4 * PIECE // 3 + 2


_PIECES = {text[at : at + least]: name for name, text, least in spellings(CANARY) for at in range(len(text) - least + 1)}


def leaks(data: object) -> list[str]:
    """Where there are pieces of the key in `data` (text, bytes, or what `repr` says of it), and how they are spelled."""
    if isinstance(data, bytes):
        data = data.decode("latin-1")
    text = data if isinstance(data, str) else repr(data)
    found = {name: text.index(piece) for piece, name in _PIECES.items() if piece in text}
    return [f"{name}: …{text[max(0, at - 200) : at + 60]}…" for name, at in found.items()]
