"""Reasoning that a server without a reasoning parser leaves in the text, between `<think>` and `</think>`.

The opening tag counts at the start of a message only. Templates of thinking-only models write it themselves; then nothing but
the closing tag arrives, and what came before it turns out to have been reasoning. One newline goes with each tag, and all that
follow a closing one.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from .held_back import MOST_BLANK, HeldBack

_OPEN = "<think>"
_CLOSE = "</think>"
_CALL = "<tool_call>"


class Piece(NamedTuple):
    """A piece of what a message turned out to be."""

    kind: Literal["text", "reasoning", "calls", "was_reasoning", "was_text"]
    """`calls`: text from a `<tool_call>` on, in reasoning that never closed. `was_…`: all texts so far were of this kind."""
    text: str = ""


State = Literal["start", "guessing", "thinking", "calling", "answering", "closed", "over"]
"""Before the first word; in what ought to be reasoning although no tag said so; in reasoning; in a call written inside it; in
what looks like an answer; behind a closing tag, before the answer's first word; past all tags."""


class ThinkTags:
    """Text in, pieces out. `has_started` says that the template opened the reasoning; `with_calls` that tools were offered, so
    that a `<tool_call>` inside reasoning may be one."""

    def __init__(self, *, has_started: bool = False, with_calls: bool = False) -> None:
        self.state: State = "start"
        self._has_started = has_started
        self._held = ""
        self._calls: list[str] = []
        self._shown = ""
        """The last text that was passed on, for what stands before a tag."""
        self._after_open = False
        """Whether a newline that comes now follows the opening tag."""
        self._keeps_newlines = False
        """Whether newlines at the start of the answer are its own: no tag stood before them."""
        self._ends_thought = HeldBack(("\n" + _CLOSE, _CLOSE, *(("\n" + _CALL, _CALL) if with_calls else ())))
        self._marks_thought = (_CLOSE, _CALL) if with_calls else (_CLOSE,)
        self._marks_answer = HeldBack(("\n" + _CLOSE, _CLOSE, _OPEN))

    def passes(self, text: str) -> bool:
        """Whether `text` is an answer as it stands, and need not be fed: nearly all texts of a server with no tags to send."""
        if self.state == "over":
            return True
        if self.state == "answering" and not self._held and "<" not in text and text[-1:] != "\n":
            self._shown = text
            return True
        return False

    def feed(self, text: str) -> list[Piece]:
        """The pieces that `text` makes certain."""
        pieces: list[Piece] = []
        text = self._held + text
        self._held = ""
        while text:
            text = self._step(text, pieces)
        return pieces

    def separated(self) -> None:
        """The server sends reasoning in a field of its own: tags in the text are the answer's, but for a leaked closing one."""
        if self.state in ("start", "guessing"):
            self.state, self._keeps_newlines = "closed", True
        elif self.state == "answering":
            self.state = "over"

    def pause(self) -> list[Piece]:
        """Something else than text comes now: what waited for the text to go on waits no longer."""
        held, self._held = self._held, ""
        if held and self.state in ("thinking", "guessing"):
            return [Piece("reasoning", held)]
        if held and (self.state in ("start", "answering") or self._keeps_newlines):
            return [Piece("text", held)]
        self._held = held
        return []

    def end(self, *, is_whole: bool) -> list[Piece]:
        """The pieces that the end makes certain. `is_whole`: the model stopped by itself."""
        held, self._held = self._held, ""
        if self.state == "calling":
            return [Piece("calls", "".join(self._calls) + held)]
        if self.state == "guessing":
            pieces = [Piece("reasoning", held)] if held else []
            return [*pieces, Piece("was_text")] if is_whole else pieces
        kind: Literal["text", "reasoning"] = "reasoning" if self.state == "thinking" else "text"
        return [Piece(kind, held)] if held else []

    def _step(self, text: str, pieces: list[Piece]) -> str:
        """Use up some of `text` and return the rest."""
        match self.state:
            case "start":
                return self._start(text)
            case "guessing" | "thinking":
                return self._think(text, pieces)
            case "calling":
                return self._call(text, pieces)
            case "answering":
                return self._answer(text, pieces)
            case "closed":
                return self._close(text)
            case "over":
                pieces.append(Piece("text", text))
                return ""

    def _start(self, text: str) -> str:
        word = text.lstrip()
        is_near = len(text) - len(word) <= MOST_BLANK
        if is_near and word.startswith(_OPEN):
            self.state, self._after_open = "thinking", True
            return word[len(_OPEN) :]
        if is_near and word.startswith(_CLOSE):
            self.state = "closed"
            return word[len(_CLOSE) :]
        if is_near and (_OPEN.startswith(word) or _CLOSE.startswith(word)):
            self._held = text
            return ""
        self.state = "guessing" if self._has_started else "answering"
        return text

    def _think(self, text: str, pieces: list[Piece]) -> str:
        if self._after_open:
            text, self._after_open = text.removeprefix("\n"), False
        marks = [(at, mark) for mark in self._marks_thought if (at := text.find(mark)) >= 0]
        if not marks:
            cut = self._ends_thought.cut(text)
            if cut:
                pieces.append(Piece("reasoning", text[:cut]))
            self._held = text[cut:]
            return ""
        at, mark = min(marks)
        before = text[:at].removesuffix("\n")
        if before:
            pieces.append(Piece("reasoning", before))
        if mark == _CLOSE:
            self.state = "closed"
            return text[at + len(_CLOSE) :]
        self.state = "calling"
        return text[len(before) :]

    def _call(self, text: str, pieces: list[Piece]) -> str:
        at = text.find(_CLOSE)
        if at < 0:
            cut = self._ends_thought.cut(text)
            self._calls.append(text[:cut])
            self._held = text[cut:]
            return ""
        # The thought went on and was closed: it had only spoken of a call.
        thought = "".join(self._calls) + text[:at].removesuffix("\n")
        self._calls = []
        pieces.append(Piece("reasoning", thought))
        self.state = "closed"
        return text[at + len(_CLOSE) :]

    def _answer(self, text: str, pieces: list[Piece]) -> str:
        close, opened = text.find(_CLOSE), text.find(_OPEN)
        if opened >= 0 and (close < 0 or opened < close):
            # Not at the start: the answer is about tags.
            self.state = "over"
            return text
        if close < 0:
            cut = self._marks_answer.cut(text)
            if cut:
                self._shown = text[:cut]
                pieces.append(Piece("text", self._shown))
            self._held = text[cut:]
            return ""
        if (text[:close] or self._shown).endswith("`"):
            # Quoted: the answer is about tags.
            self.state = "over"
            return text
        before = text[:close].removesuffix("\n")
        if before:
            pieces.append(Piece("text", before))
        pieces.append(Piece("was_reasoning"))
        self.state = "closed"
        return text[close + len(_CLOSE) :]

    def _close(self, text: str) -> str:
        word = text.lstrip("\r\n")
        if not self._keeps_newlines:
            text = word
        is_near = len(text) - len(word) <= MOST_BLANK
        if is_near and word.startswith(_CLOSE):
            # Some models close twice, also where the server has taken the first tag out.
            self._keeps_newlines = False
            return word[len(_CLOSE) :]
        if is_near and _CLOSE.startswith(word):
            self._held = text
            return ""
        self.state = "over"
        return text
