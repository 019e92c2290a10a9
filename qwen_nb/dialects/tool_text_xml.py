"""A call written as markup: `<function=f><parameter=k>value</parameter></function>` and what may close it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from .held_back import MOST_BLANK, HeldBack
from .payload import items, mapping
from .told import Told

_LONGEST_NAME = 256
_NAME_START = "<function="
_NAME = re.compile(rf"{_NAME_START}([^>\n]{{0,{_LONGEST_NAME}}})>")
_PARAMETER_START = "<parameter="
_PARAMETER = re.compile(rf"{_PARAMETER_START}([^>\n]{{0,{_LONGEST_NAME}}})>")
_VALUE_END = re.compile(r"</parameter>|(?=<parameter=)|(?=</function>)|(?=</tool_call>)")
_CLOSING = ("</function>", "</tool_call>")
_ENDS = HeldBack(("</parameter>", _PARAMETER_START, *_CLOSING))


class XmlCall:
    """Reads one call. Arguments become JSON, one parameter at a time, with the types that the tool's schema has for them."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any]]) -> None:
        self.rest: str | None = None
        self.is_call = False
        self._schemas = schemas
        self._name = ""
        self._state: Literal["name", "between", "value", "closing"] = "name"
        self._held = ""
        """Text that says too little by itself."""
        self._key = ""
        self._value: list[str] = []
        self._count = 0
        self._closing: tuple[str, ...] = _CLOSING
        """What may close the call."""

    def feed(self, text: str) -> list[Told]:
        """What `text` makes certain."""
        told: list[Told] = []
        text = self._held + text
        self._held = ""
        while text and self.rest is None:
            match self._state:
                case "name":
                    text = self._read_name(text)
                case "between":
                    text = self._read_between(text, told)
                case "value":
                    text = self._read_value(text, told)
                case "closing":
                    text = self._read_closing(text)
        return told

    def end(self, *, is_whole: bool) -> list[Told]:
        """What the end of all text makes certain. Closing tags may be missing if the model stopped by itself."""
        told: list[Told] = []
        if self._state == "value":
            self._value.append(self._held)
            self._held = ""
            self._add(told)
            if not is_whole and told[-1][1].endswith('"'):
                # Cut off in the middle: the text stays, without the quote that would make it look whole.
                told[-1] = ("arguments", told[-1][1][:-1])
        if self.is_call and self._state != "closing":
            if is_whole:
                told.append(("arguments", "}"))
            told.append(("end", ""))
        self.rest = self._held if self.is_call and is_whole else ""
        return told

    def _read_name(self, text: str) -> str:
        found = _NAME.match(text)
        if found and found[1].strip() in self._schemas:
            self._name, self._state = found[1].strip(), "between"
            return text[found.end() :]
        if found or "\n" in text or len(text) > len(_NAME_START) + _LONGEST_NAME:
            # No tool has such a name: this is text. What follows may hold a call all the same.
            self.rest = text[found.end() if found else len(_NAME_START) :]
        else:
            self._held = text
        return ""

    def _read_between(self, text: str, told: list[Told]) -> str:
        word = text.lstrip()
        if self.is_call:
            text = word
        is_near = len(text) - len(word) <= MOST_BLANK
        if is_near and (found := _PARAMETER.match(word)):
            self._begin(told)
            self._key, self._state = found[1].strip(), "value"
            return word[found.end() :]
        is_parameter = word.startswith(_PARAMETER_START) and len(word) <= len(_PARAMETER_START) + _LONGEST_NAME
        if is_near and (is_parameter or _may_become(word, (_PARAMETER_START, *_CLOSING))):
            self._held = text
            return ""
        if not self.is_call and not (is_near and word.startswith(_CLOSING)):
            # Neither a parameter nor an end: the text only speaks of the function.
            self.rest = text
            return ""
        self._begin(told)
        told += [("arguments", "}" if self._count else "{}"), ("end", "")]
        self._state = "closing"
        return word

    def _read_value(self, text: str, told: list[Told]) -> str:
        found = _VALUE_END.search(text)
        cut = found.start() if found else _ENDS.cut(text)
        self._value.append(text[:cut])
        if not found:
            self._held = text[cut:]
            return ""
        self._add(told)
        self._state = "between"
        return text[found.end() :]

    def _read_closing(self, text: str) -> str:
        word = text.lstrip()
        mark = next((mark for mark in self._closing if word.startswith(mark)), None)
        if mark:
            word = word[len(mark) :]
            self._closing = self._closing[self._closing.index(mark) + 1 :]
            if self._closing:
                return word
        elif _may_become(word, self._closing):
            self._held = word
            return ""
        self.rest = word
        return ""

    def _begin(self, told: list[Told]) -> None:
        if not self.is_call:
            self.is_call = True
            told.append(("call", self._name))

    def _add(self, told: list[Told]) -> None:
        """An argument, with what JSON has before it."""
        value = "".join(self._value).removeprefix("\n").removesuffix("\n")
        self._value = []
        converted = json.dumps(_converted(value, self._schemas[self._name].get(self._key)), ensure_ascii=False)
        told.append(("arguments", f"{', ' if self._count else '{'}{json.dumps(self._key, ensure_ascii=False)}: {converted}"))
        self._count += 1


def _may_become(text: str, marks: tuple[str, ...]) -> bool:
    """Whether `text` is the beginning of a mark, and no more than that."""
    return any(mark.startswith(text) and text != mark for mark in marks)


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
