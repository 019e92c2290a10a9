"""Takes keys out of what a server says. Servers echo them: in errors, in headers, in answers that describe the request.

What is looked for is not the key but any `PIECE` of it in a row, also as URLs, JSON and base64 spell it. So a key is found that was
cut, and one that comes in pieces: of a key that comes a character at a time, the first few get through and the rest does not.
"""

from __future__ import annotations

import base64
import logging
import re
import weakref
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

SHORTEST = 8
"""Characters. Shorter ones, such as `none` and `EMPTY`, are no secrets but placeholders."""
PIECE = 10
"""Characters of a key in a row that do not get through. Shorter ones would also be found where a text only speaks of keys: many
begin with the same few characters (`sk-or-v1-`)."""
MASK = "[key]"
_KEY = re.compile(r"\b(sk-|sk_|gsk_|hf_)[\w.*-]{5,}[\w*]")

_SIGN = 4
"""Characters by which a piece is looked for."""


class _Form(NamedTuple):
    """One way of spelling a key."""

    text: str
    least: int
    """Characters of it in a row that do not get through."""


class Redaction:
    """Takes some secrets out of texts. Linear; nearly free for a text in which there is nothing."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secrets)
        forms = {form for secret in self._secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        self._places: dict[str, list[tuple[_Form, int]]] = {}
        for form in forms:
            # Every piece has one of these whole.
            for at in range(0, len(form.text) - _SIGN + 1, form.least - _SIGN + 1):
                self._places.setdefault(form.text[at : at + _SIGN], []).append((form, at))
        signs = "|".join(map(re.escape, self._places))
        self._signs = re.compile(signs) if signs else None
        self._all_signs = re.compile(f"(?=({signs}))")
        _everything.add(self)

    def __bool__(self) -> bool:
        """Whether there is anything to take out."""
        return self._signs is not None

    def with_secrets(self, secrets: Iterable[str]) -> Redaction:
        """One that takes these out as well."""
        more = tuple(secrets)
        return redaction_of((*self._secrets, *more)) if more else self

    def clean(self, text: str) -> str:
        """`text` with `[key]` for each piece of a secret."""
        return self.clean_after(0, text)

    def clean_after(self, start: int, text: str) -> str:
        """The same for what stands in `text` from `start` on, where what stands before it has been passed on."""
        if self._signs is None or self._signs.search(text) is None:
            return text[start:]
        kept: list[str] = []
        at, marked = start, 0
        for first, end, least in sorted(self._pieces(text)):
            if end > at:
                # One that was long enough before `start` has been marked there, and two that overlap are one.
                kept += text[at:first], MASK if first + least > start and first >= marked else ""
                at = marked = end
        return "".join(kept) + text[at:]

    def clean_bytes(self, data: bytes) -> bytes:
        """`clean` for the bytes of a text: keys are ASCII, whatever else it holds."""
        return self.clean(data.decode("latin-1")).encode("latin-1")

    def _pieces(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Start and end of each piece in `text`, and how long it must be at least."""
        for found in self._all_signs.finditer(text):
            for form, at in self._places[found[1]]:
                first, last = found.start(), found.start() + _SIGN
                before, after = at, at + _SIGN
                while first and before and text[first - 1] == form.text[before - 1]:
                    first, before = first - 1, before - 1
                while last < len(text) and after < len(form.text) and text[last] == form.text[after]:
                    last, after = last + 1, after + 1
                if last - first >= form.least:
                    yield first, last, form.least


class Redactor:
    """The same for one text that comes in pieces. Nothing waits: what a secret began with has been passed on when it shows."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._tail = ""

    def feed(self, text: str) -> str:
        """`text` with `[key]` for what goes on a piece of a secret, or is one."""
        # No key has spaces or letters of other alphabets, so most texts are done with here.
        whole = self._tail + text if "!" <= text[:1] <= "~" else text
        self._tail = whole[-_TAIL:] if "!" <= whole[-1:] <= "~" else ""
        return text if len(whole) < SHORTEST else self._redaction.clean_after(len(whole) - len(text), whole)


_TAIL = 20
"""Characters before a piece that are looked at again: as long as any spelling but the escaped one must be."""
_everything: weakref.WeakSet[Redaction] = weakref.WeakSet()


@lru_cache(maxsize=256)
def redaction_of(secrets: tuple[str, ...]) -> Redaction:
    """The one `Redaction` of these secrets."""
    return Redaction(secrets)


def _forms(secret: str) -> Iterator[_Form]:
    least = min(PIECE, len(secret))
    escaped = "".join(f"\\u{ord(character):04x}" for character in secret)
    spelled = {secret, quote(secret, safe=""), secret.replace("/", "\\/"), secret.replace('"', '\\"')}
    yield from (_Form(text, least) for text in spelled)
    yield _Form(escaped, 6 * least)
    data = secret.encode()
    yield _Form(data.hex(), 2 * least)
    for shift in range(3):
        # Where base64 of a longer text holds the secret, it stands there in one of three ways; its ends depend on what is around.
        packed = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        core = packed[0 if shift == 0 else shift + 1 : (len(data) + shift) * 4 // 3]
        yield from (
            _Form(text, min(len(core), PIECE + 4))
            for text in {core, core.replace("+", "-").replace("/", "_")}
            if len(core) >= SHORTEST
        )


def without_keys(text: str) -> str:
    """`text` without what looks like an API key, whosever it is."""
    return _KEY.sub(r"\1[key]", text)


class QuietFilter(logging.Filter):
    """Takes the keys of all endpoints that were asked out of what other packages log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record may be changed."""
        said = record.getMessage()
        cleaned = said
        for redaction in list(_everything):
            cleaned = redaction.clean(cleaned)
        if cleaned != said:
            record.msg, record.args = cleaned, ()
        return True
