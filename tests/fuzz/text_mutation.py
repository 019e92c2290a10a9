"""Damages to texts and to bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

LONGEST = 2000
"""Bytes of a damaged body: more of the same finds nothing more, but takes longer."""
LONGEST_TEXT = 160
"""Characters of a damaged text, which is read character by character."""

ODD = ("\n", "\r", "\r\n", " ", "\t", "\x00", "\x0b", "\x85", "\u2028", "\ufeff", "\ufffd", "é", "中", "🦀", "\u200b", "\u202e")
BYTES = (b"\n", b"\r", b"\x00", b'"', b"{", b"}", b"[", b"]", b"\\", b"\xff", b"\xef\xbb\xbf", b"null", b"[]", b"data:", b":", b",")


def text_mutator(words: Sequence[str]) -> Callable[[bytes, random.Random], bytes]:
    """Damages UTF-8 text: pieces of it go, come twice, change places; one of `words`, or an odd character, comes in."""

    def mutate(data: bytes, chance: random.Random) -> bytes:
        return mutated_text(data.decode("utf-8", "replace"), words, chance).encode("utf-8", "replace")

    return mutate


def mutated_text(text: str, words: Sequence[str], chance: random.Random) -> str:
    """`text` with one damage."""
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.choice((0, 1, 1, 2, 5, 20, 100)))
    word = chance.choice(words) if chance.random() < 0.8 else chance.choice(ODD)
    match chance.randrange(7):
        case 0 | 1:
            middle = word
        case 2:
            middle = text[start:end] + word
        case 3:
            middle = ""
        case 4:
            middle = text[start:end] * chance.choice((2, 2, 3, 10))
        case 5:
            middle = text[start:end][::-1]
        case _:
            cut = chance.randrange(len(text) + 1)
            text = text[cut:] + text[:cut]
            middle = text[start:end]
    return (text[:start] + middle + text[end:])[:LONGEST_TEXT]


def mutated_bytes(data: bytes, chance: random.Random) -> bytes:
    """`data` with some bits turned, some bytes overwritten, or an end cut off."""
    if not data:
        return chance.choice(BYTES)
    at = chance.randrange(len(data))
    match chance.randrange(4):
        case 0:
            changed = bytearray(data)
            changed[at] ^= 1 << chance.randrange(8)
            return bytes(changed)
        case 1 | 2:
            return data[:at] + chance.choice(BYTES) + data[at + chance.randint(0, 3) :]
        case _:
            return data[:at]
