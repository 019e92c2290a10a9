"""A call written as markup: `<function=f><parameter=k>value</parameter></function>` and what may close it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from .payload import items, mapping
from .told import Told

_NAME = re.compile(r"<function=([^>\n]*)>")
_PARAMETER_START = "<parameter="
_PARAMETER = re.compile(r"\s*<parameter=([^>\n]*)>")
_VALUE_END = re.compile(r"</parameter>|(?=<parameter=)|(?=</function>)|(?=</tool_call>)")
_CLOSE = re.compile(r"\s*(?:</function>)?\s*(?:</tool_call>)?")
_CLOSING = ("</function>", "</tool_call>")
_LONGEST_NAME = 256
_LONGEST_MARK = 16
"""Characters in which any mark that ends a value shows itself."""


class XmlCall:
    """Reads one call. Arguments become JSON, one parameter at a time, with the types that the tool's schema has for them."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any]]) -> None:
        self.rest: str | None = None
        self.is_call = False
        self._schemas = schemas
        self._name = ""
        self._state: Literal["name", "between", "value", "closing"] = "name"
        self._held: list[str] = []
        self._tail = ""
        self._key = ""
        self._count = 0

    def feed(self, text: str) -> list[Told]:
        """What `text` makes certain."""
        told: list[Told] = []
        self._held.append(text)
        self._tail = (self._tail + text)[-(_LONGEST_MARK + len(text)) :]
        if self._state == "value" and "<" not in self._tail:
            return told
        text = "".join(self._held)
        while self.rest is None and (after := self._step(text, told)) is not None:
            text = after
        self._held = [text]
        self._tail = text[-_LONGEST_MARK:]
        return told

    def end(self, *, is_whole: bool) -> list[Told]:
        """What the end of all text makes certain. Closing tags may be missing if the model stopped by itself."""
        told: list[Told] = []
        if self._state == "value":
            self._add("".join(self._held), told)
            if not is_whole and told[-1][1].endswith('"'):
                # Cut off in the middle: the text stays, without the quote that would make it look whole.
                told[-1] = ("arguments", told[-1][1][:-1])
        if self.is_call and self._state != "closing":
            if is_whole:
                told.append(("arguments", "}"))
            told.append(("end", ""))
        self.rest = ""
        return told

    def _step(self, text: str, told: list[Told]) -> str | None:
        """Use up some of `text`: the rest, or `None` if more must come first."""
        match self._state:
            case "name":
                return self._read_name(text)
            case "between":
                return self._read_between(text, told)
            case "value":
                found = _VALUE_END.search(text)
                if not found:
                    return None
                self._add(text[: found.start()], told)
                self._state = "between"
                return text[found.end() :]
            case "closing":
                return self._read_closing(text)

    def _read_name(self, text: str) -> str | None:
        found = _NAME.match(text)
        if found and found[1].strip() in self._schemas:
            self._name, self._state = found[1].strip(), "between"
            return text[found.end() :]
        if found or "\n" in text or len(text) > _LONGEST_NAME:
            # No tool has such a name: this is text.
            self.rest = text[found.end() :] if found else ""
        return None

    def _read_between(self, text: str, told: list[Told]) -> str | None:
        word = text.lstrip()
        if found := _PARAMETER.match(text):
            self._begin(told)
            self._key, self._state = found[1].strip(), "value"
            return text[found.end() :]
        if _PARAMETER_START.startswith(word[: len(_PARAMETER_START)]) and len(word) < _LONGEST_NAME:
            return None
        if any(mark.startswith(word) and word != mark for mark in _CLOSING):
            return None
        if not self.is_call and not word.startswith(_CLOSING):
            # Neither a parameter nor an end: the text only speaks of the function.
            self.rest = text
            return None
        self._begin(told)
        told += [("arguments", "}" if self._count else "{}"), ("end", "")]
        self._state = "closing"
        return text

    def _begin(self, told: list[Told]) -> None:
        if not self.is_call:
            self.is_call = True
            told.append(("call", self._name))

    def _read_closing(self, text: str) -> str | None:
        found = _CLOSE.match(text)
        rest = text[found.end() :] if found else text
        # A closing tag may be on its way, unless the last one has come.
        if not text.rstrip().endswith(_CLOSING[1]) and any(mark.startswith(rest) for mark in _CLOSING):
            return None
        self.rest = rest
        return None

    def _add(self, value: str, told: list[Told]) -> None:
        """An argument, with what JSON has before it."""
        value = value.removeprefix("\n").removesuffix("\n")
        converted = json.dumps(_converted(value, self._schemas[self._name].get(self._key)), ensure_ascii=False)
        told.append(("arguments", f"{', ' if self._count else '{'}{json.dumps(self._key, ensure_ascii=False)}: {converted}"))
        self._count += 1


def _converted(text: str, schema: Any) -> Any:
    """`text` as the type that `schema` names; the text itself if it names none or the text is not of it."""
    types = _types(mapping(schema))
    word = text.strip()
    if "string" in types or not types:
        return None if "null" in types and word == "null" else text
    if "boolean" in types and word in ("True", "False"):
        return word == "True"
    try:
        value = json.loads(word)
    except (ValueError, RecursionError):
        return text
    is_bool = isinstance(value, bool)
    fits = {
        "integer": isinstance(value, int) and not is_bool,
        "number": isinstance(value, (int, float)) and not is_bool,
        "boolean": is_bool,
        "null": value is None,
        "array": isinstance(value, list),
        "object": isinstance(value, dict),
    }
    return value if any(fits[name] for name in types if name in fits) else text


def _types(schema: dict[str, Any]) -> set[str]:
    """Every type that a value of `schema` may have."""
    named = schema.get("type")
    types = {name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str)}
    for choice in (*items(schema.get("anyOf")), *items(schema.get("oneOf"))):
        types |= _types(mapping(choice))
    if "$ref" in schema:
        types |= {"object", "array"}
    return types
