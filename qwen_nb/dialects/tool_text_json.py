"""A call written as JSON: `{"name": "f", "arguments": {…}}` and what may close it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Literal

from .held_back import MOST_BLANK
from .json_scanner import JsonScanner
from .payload import mapping
from .told import Told

_CLOSE = "</tool_call>"
_EXTRA = "} \t\r\n"
"""What may stand before it."""
_HEAD = re.compile(r'\{\s*"name"\s*:\s*"([^"\\]+)"\s*,\s*"arguments"\s*:\s*(?=\{)')
_LONGEST_HEAD = 512
"""Characters in which the name must have come for the arguments to be passed on as they arrive."""


class JsonCall:
    """Reads one call. Arguments that come after the name are passed on as they arrive, any others once the object is whole."""

    def __init__(self, names: Collection[str]) -> None:
        self.rest: str | None = None
        self.is_call = False
        self._names = names
        self._state: Literal["head", "arguments", "tail", "closing"] = "head"
        self._scanner = JsonScanner()
        self._object: list[str] = []
        self._head = ""
        self._held = ""

    def feed(self, text: str) -> list[Told]:
        """What `text` makes certain."""
        told: list[Told] = []
        while text and self.rest is None:
            match self._state:
                case "head":
                    text = self._read_head(text, told)
                case "arguments":
                    text = self._read_arguments(text, told)
                case "tail":
                    text = self._read_tail(text)
                case "closing":
                    text = self._read_closing(text)
        return told

    def end(self, *, is_whole: bool) -> list[Told]:
        """What the end of all text makes certain. A call whose arguments did not end is left broken."""
        self.rest = self._held.lstrip(_EXTRA) if is_whole else ""
        return [("end", "")] if self._state == "arguments" else []

    def _read_head(self, text: str, told: list[Told]) -> str:
        self._object.append(text)
        end = self._scanner.scan(text)
        if len(self._head) <= _LONGEST_HEAD:
            self._head += text
            if (found := _HEAD.match(self._head)) and found[1] in self._names:
                text = self._head[found.end() :]
                self.is_call = True
                told.append(("call", found[1]))
                self._state, self._scanner = "arguments", JsonScanner(depth=1)
                return text
        if end < 0:
            return ""
        whole = "".join(self._object)
        self._read_whole(whole[: len(whole) - len(text) + end], told)
        if self.is_call:
            self._state = "closing"
            return text[end:]
        self.rest = text[end:]
        return ""

    def _read_whole(self, text: str, told: list[Told]) -> None:
        """A call whose parts came in another order, or whose arguments are a string."""
        try:
            call = mapping(json.loads(text))
        except (ValueError, RecursionError):
            return
        name, arguments = call.get("name"), call.get("arguments", call.get("parameters"))
        if not isinstance(name, str) or name not in self._names:
            return
        self.is_call = True
        text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
        told += [("call", name), ("arguments", text), ("end", "")]

    def _read_arguments(self, text: str, told: list[Told]) -> str:
        end = self._scanner.scan(text, floor=1)
        piece = text if end < 0 else text[:end]
        if piece:
            told.append(("arguments", piece))
        if end < 0:
            return ""
        told.append(("end", ""))
        self._state = "tail"
        return text[end:]

    def _read_tail(self, text: str) -> str:
        """The rest of the object, up to its bracket or to the markup that comes before it."""
        end = self._scanner.scan(text)
        if end < 0:
            return ""
        self._state = "closing"
        return text[end:]

    def _read_closing(self, text: str) -> str:
        """Brackets too many, and the closing tag, if they are there."""
        text = self._held + text
        self._held = ""
        word = text.lstrip(_EXTRA)
        is_near = len(text) - len(word) <= MOST_BLANK
        if is_near and word.startswith(_CLOSE):
            self.rest = word[len(_CLOSE) :]
        elif is_near and _CLOSE.startswith(word):
            self._held = text
        else:
            self.rest = text
        return ""
