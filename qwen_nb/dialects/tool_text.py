"""Tool calls that a server left in the text, because it has no parser for them or its parser gave up.

Two ways of writing them, after Qwen's chat templates:

    <tool_call>{"name": "f", "arguments": {…}}</tool_call>                                       Qwen2.5, Qwen3, QwQ
    <tool_call><function=f><parameter=k>value</parameter></function></tool_call>                 Qwen3-Coder, Qwen3.5 and later

In both, `<tool_call>` or what closes it may be missing. Only a tool that was offered is called; anything else is text and stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .held_back import MOST_BLANK, HeldBack
from .json_scanner import arguments_state
from .payload import mapping, string
from .told import Reader, Told
from .tool_text_json import JsonCall
from .tool_text_xml import XmlCall

_OPEN = "<tool_call>"
_FUNCTION = "<function="


class ToolText:
    """Text in; text and calls out, in order. What is no call comes out as it went in."""

    def __init__(self, tools: Sequence[Mapping[str, Any]]) -> None:
        self._schemas: dict[str, dict[str, Any]] = {}
        for tool in tools:
            function = mapping(tool.get("function")) or dict(tool)
            if name := string(function.get("name")):
                self._schemas[name] = mapping(mapping(function.get("parameters")).get("properties"))
        self._opens = HeldBack((_OPEN, _FUNCTION))
        self._held = ""
        """Text that may be the beginning of a call."""
        self._blank: list[str] | None = []
        """White space after a call, or before anything; `None` once text came after it."""
        self._has_called = False
        self._reader: Reader | None = None
        self._read: list[str] = []
        """What the reader has been fed, while it may still be text."""

    def feed(self, text: str) -> list[Told]:
        """What `text` makes certain."""
        told: list[Told] = []
        if self._reader is None and not self._held and "<" not in text:
            self._text(text, told)
            return told
        text = self._held + text
        self._held = ""
        while text:
            text = self._step(text, told)
        return told

    def end(self, *, is_whole: bool) -> list[Told]:
        """What the end makes certain. `is_whole`: the model stopped by itself, and had not been cut off."""
        told: list[Told] = []
        if self._reader:
            told += self._reader.end(is_whole=is_whole)
            self._held = self._finish(told)
        held, self._held = self._held, ""
        self._text(held, told)
        if self._blank and not self._has_called:
            told.append(("text", "".join(self._blank)))
        self._blank = None
        return told

    def again(self) -> ToolText:
        """A reader of another text, for the same tools."""
        reader = ToolText(())
        reader._schemas = self._schemas
        return reader

    def whole_calls(self, text: str) -> list[tuple[str, str]]:
        """Name and arguments of each sound call in `text`, whatever else it says."""
        reader = self.again()
        calls: list[tuple[str, str]] = []
        for kind, piece in [*reader.feed(text), *reader.end(is_whole=True)]:
            if kind == "call":
                calls.append((piece, ""))
            elif kind == "arguments":
                name, so_far = calls[-1]
                calls[-1] = (name, so_far + piece)
        return [call for call in calls if arguments_state(call[1]) == "whole"]

    def _step(self, text: str, told: list[Told]) -> str:
        """Use up some of `text` and return the rest."""
        if self._reader is None:
            return self._look(text, told)
        if not self._reader.is_call:
            self._read.append(text)
        told += self._reader.feed(text)
        return self._finish(told) if self._reader.rest is not None else ""

    def _look(self, text: str, told: list[Told]) -> str:
        """Find where a call begins."""
        found = [(at, mark) for mark in (_OPEN, _FUNCTION) if (at := text.find(mark)) >= 0]
        if not found:
            cut = self._opens.cut(text)
            self._text(text[:cut], told)
            self._held = text[cut:]
            return ""
        at, mark = min(found)
        self._text(text[:at], told)
        text = text[at:]
        body = text[len(_OPEN) :].lstrip() if mark == _OPEN else text
        if len(text) - len(body) > len(_OPEN) + MOST_BLANK:
            self._text(_OPEN, told)
            return text[len(_OPEN) :]
        if body.startswith("{"):
            self._reader = JsonCall(self._schemas)
        elif body.startswith(_FUNCTION):
            self._reader = XmlCall(self._schemas)
        elif _FUNCTION.startswith(body):
            self._held = text
            return ""
        else:
            self._text(_OPEN, told)
            return text[len(_OPEN) :]
        self._read = [text[: len(text) - len(body)]]
        return body

    def _finish(self, told: list[Told]) -> str:
        """The reader is done: its rest is to be looked at, or all of it was text."""
        reader, self._reader = self._reader, None
        assert reader is not None
        rest = reader.rest or ""
        if reader.is_call:
            self._has_called, self._blank = True, []
            return rest
        text = "".join(self._read)
        self._text(text[: len(text) - len(rest)], told)
        return rest

    def _text(self, text: str, told: list[Told]) -> None:
        """Pass on text, but no white space that only stands between calls."""
        if self._blank is not None:
            self._blank.append(text)
            if not text.strip():
                return
            text, self._blank = "".join(self._blank), None
        if text:
            told.append(("text", text))
