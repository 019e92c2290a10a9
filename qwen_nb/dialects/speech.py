"""One choice of a reply: what it says goes through the filters and slots, and comes out as parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import limits
from ..events import CUT_REASONS, Kind, PartDelta
from ..request import Request
from .parts import Parts
from .stop_words import StopWords
from .think_tags import Piece, ThinkTags
from .told import Told
from .tool_calls import Call, ToolCalls
from .tool_text import ToolText


class Speech:
    """What one choice says, in order.

    Text, reasoning and refusal take turns: when one begins, the one before has ended. Calls and audio stay open to the end,
    since their fragments may come between others.
    """

    def __init__(self, parts: Parts, choice: int, request: Request, *, has_started_thinking: bool) -> None:
        self._parts = parts
        self._choice = choice
        self._kind: Kind | None = None
        """Kind of the part that is being written, `None` if none is."""
        self._index = -1
        self._texts: list[int] = []
        """Parts written by `text`, which may turn out to be of another kind."""
        self._others: dict[str, int] = {}
        """Open parts beside it: `audio` and `transcript`."""
        self._thoughts: list[str] = []
        has_tools = bool(request.tools) and request.tool_choice != "none"
        self._thinking = ThinkTags(has_started=has_started_thinking, with_calls=has_tools)
        words = [word for word in request.stop if word]
        self._stop = StopWords(words) if words else None
        self._tool_text = ToolText(request.tools) if has_tools else None
        self._is_plain = self._stop is None and self._tool_text is None
        self._waiting = 0
        """Characters that have come since any were passed on."""
        self._told: Call | None = None
        """The call that is being read from the text."""
        self.calls = ToolCalls(parts, choice)
        self.finish: str | None = None
        """Its finish_reason."""

    def text(self, text: str) -> None:
        """It says `text`, which may hold reasoning, calls and stop words that the server did not take out."""
        if self._is_plain and self._thinking.passes(text):
            self._say("text", text)
            return
        before = len(self._parts.events)
        if self._thinking.passes(text):
            self._show(self._stop.feed(text) if self._stop else text)
        else:
            for piece in self._thinking.feed(text):
                self._take(piece)
        self._waiting = self._waiting + len(text) if len(self._parts.events) == before else 0
        if self._waiting > limits.LONGEST_CALL:
            raise limits.exceeded(f"a call of more than {limits.LONGEST_CALL:,} characters in the text")

    def reasoning(self, text: str) -> None:
        """It thinks `text`, as the server says."""
        self._thinking.separated()
        self._think(text)

    def refusal(self, text: str) -> None:
        """It refuses with `text`."""
        self._say("refusal", text)

    def aside(self, kind: Kind, text: str, name: str = "") -> None:
        """It says `text` in a part that stays open beside the others: `audio`, or the transcript of it."""
        if not text:
            return
        key = name or kind
        if key not in self._others:
            self._others[key] = self._parts.start(kind, name, "", self._choice)
        self._parts.say(self._others[key], text)

    def call(self, fragment: Any) -> None:
        """It calls a tool: one fragment of it."""
        self.calls.feed(fragment, self.interrupt)

    def interrupt(self) -> None:
        """Something that is no text begins: the part that was being written has ended."""
        for piece in self._thinking.pause():
            self._take(piece)
        self._close()

    def end(self) -> None:
        """It says no more: what was held back comes out, and every part ends."""
        for piece in self._thinking.end(is_whole=self._is_whole):
            self._take(piece)
        self._release(self._is_whole)
        if self._tool_text and not self.calls and sum(map(len, self._thoughts)) <= limits.LONGEST_CALL:
            # Thinking models write a call before they have closed the thought.
            for name, arguments in self._tool_text.whole_calls("".join(self._thoughts)):
                self._tell([("call", name), ("arguments", arguments), ("end", "")])
        self.calls.end()
        for index in self._others.values():
            self._parts.end(index)
        if self._choice and self.finish:
            if self._kind is None:
                self._open("text")
            self._close(self.finish)
        self._close()

    @property
    def _is_whole(self) -> bool:
        """Whether the model has come to its end."""
        return self.finish is not None and self.finish not in CUT_REASONS

    def _take(self, piece: Piece) -> None:
        match piece.kind:
            case "text":
                self._show(self._stop.feed(piece.text) if self._stop else piece.text)
            case "reasoning":
                self._think(piece.text)
            case "calls":
                self._think_or_call(piece.text)
            case "was_reasoning":
                self._release(is_whole=True)
                self._stop = StopWords(self._stop.words) if self._stop else None
                self._rename("reasoning")
            case "was_text":
                self._rename("text")

    def _show(self, text: str) -> None:
        if self._tool_text and text:
            self._tell(self._tool_text.feed(text))
        else:
            self._say("text", text)

    def _release(self, is_whole: bool) -> None:
        """Show what the filters behind the tags held back."""
        if self._stop:
            self._show(self._stop.end())
        if self._tool_text:
            self._tell(self._tool_text.end(is_whole=is_whole))

    def _think(self, text: str) -> None:
        if self._tool_text:
            self._thoughts.append(text)
        self._say("reasoning", text)

    def _think_or_call(self, text: str) -> None:
        """Reasoning that never closed, from a `<tool_call>` on."""
        assert self._tool_text is not None
        reader = self._tool_text.again()
        told = [*reader.feed(text), *reader.end(is_whole=self._is_whole)]
        self._tell(told, shown="reasoning")

    def _tell(self, told: Iterable[Told], shown: Kind = "text") -> None:
        """Text in which there may be calls; what is none is of kind `shown`."""
        for kind, text in told:
            if kind == "text":
                self._say(shown, text)
            elif kind == "call":
                self._close()
                self._told = self.calls.begin("", text)
            elif self._told and kind == "arguments":
                self.calls.append(self._told, text)
            elif self._told:
                self.calls.close(self._told)

    def _say(self, kind: Kind, text: str) -> None:
        if not text:
            return
        if kind != self._kind:
            self._close()
            self._open(kind)
        self._parts.events.append(PartDelta(self._index, text))

    def _open(self, kind: Kind) -> None:
        self._kind = kind
        self._index = self._parts.start(kind, "", "", self._choice)
        if kind in ("text", "reasoning"):
            self._texts.append(self._index)

    def _rename(self, kind: Kind) -> None:
        for index in self._texts:
            self._parts.restart(index, kind, "", "", self._choice)
        if self._kind is not None:
            self._kind = kind

    def _close(self, reason: str = "") -> None:
        if self._kind is not None:
            self._parts.end(self._index, reason)
            self._kind = None
