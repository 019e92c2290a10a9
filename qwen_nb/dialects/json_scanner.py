"""Where a JSON value ends in text that is still arriving, without parsing it again at each piece."""

from __future__ import annotations

import json
import re
from typing import Literal

from .. import limits

_IN_STRING = re.compile(r'["\\]')
_OUTSIDE = re.compile(r'["{}\[\]<]')


class JsonScanner:
    """Follows brackets and strings through pieces of a JSON text. Linear."""

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        """How many brackets are open."""
        self.deepest = depth
        """How many have been at once."""
        self._in_string = False
        self._escaped = False

    def scan(self, text: str, at: int = 0, floor: int = 0) -> int:
        """The position behind the bracket that brings the depth down to `floor`; or of a `<` outside a string, which no JSON
        has: markup begins there; or -1 if `text[at:]` has neither."""
        if self._escaped and at < len(text):
            self._escaped = False
            at += 1
        while found := (_IN_STRING if self._in_string else _OUTSIDE).search(text, at):
            at = found.end()
            mark = found[0]
            if mark == '"':
                self._in_string = not self._in_string
            elif mark == "\\":
                self._escaped = at == len(text)
                at += 1
            elif mark == "<":
                return at - 1
            elif mark in "{[":
                self.depth += 1
                self.deepest = max(self.deepest, self.depth)
            else:
                self.depth -= 1
                if self.depth <= floor:
                    return at
        return -1


def is_excessive(text: str) -> bool:
    """Whether the arguments of a call are longer, or nested deeper, than any model writes them."""
    if len(text) > limits.LONGEST_CALL:
        return True
    if text.count("{") + text.count("[") <= limits.DEEPEST:
        return False
    scanner = JsonScanner()
    scanner.scan(text)
    return scanner.deepest > limits.DEEPEST


def arguments_state(text: str) -> Literal["whole", "extra", "broken"]:
    """Whether `text` can be the arguments of a call: a JSON object (nothing counts as `{}`), one with closing brackets too many
    (`extra`; what stands before them is whole), or neither."""
    text = text.strip()
    if not text:
        return "whole"
    if is_excessive(text):
        return "broken"
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return "broken"
    if not isinstance(value, dict):
        return "broken"
    if end == len(text):
        return "whole"
    return "extra" if not text[end:].strip("}] \t\r\n") else "broken"
