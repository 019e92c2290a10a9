"""DashScope's own protocol, text and multimodal, with new text in each frame or all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..events import Event, Status
from ..profiles import Profile
from ..request import Request
from .chat_decoder import choice_number, content, finish_reason, reasoning, take_delta
from .decoding import StreamDecoder
from .payload import items, mapping
from .snapshots import Snapshots


class DashScopeDecoder(StreamDecoder):
    """Decodes `output` frames. There is no `[DONE]`, and the finish_reason is the string `null` until the last one."""

    def __init__(self, request: Request, profile: Profile, unsaid: Sequence[str] = ()) -> None:
        super().__init__(request, profile, unsaid)
        self._texts: dict[tuple[int, str], Snapshots] = {}
        parameters = {**request.extra, **mapping(request.extra.get("parameters"))}
        # Whoever asks for snapshots gets them; whoever does not may get them all the same.
        self._is_cumulative = parameters.get("incremental_output") is False

    def end(self, status: Status | None = None, *, error: str = "", code: str = "", http_status: int | None = None) -> list[Event]:
        """As of any decoder."""
        for (number, kind), snapshots in self._texts.items():
            if rest := snapshots.end():
                (self._speech(number).reasoning if kind == "reasoning" else self._speech(number).text)(rest)
        return super().end(status, error=error, code=code, http_status=http_status)

    def _answer(self, document: dict[str, Any]) -> None:
        self._describe(document, "request_id")
        output = mapping(document.get("output"))
        choices = items(output.get("choices"))
        if not choices and ("text" in output or "finish_reason" in output):
            # result_format "text": the answer stands in the output itself.
            choices = [{"message": {"content": output.get("text")}, "finish_reason": output.get("finish_reason")}]
        for position, choice in enumerate(choices):
            if isinstance(choice, dict):
                self._take_choice(choice, choice_number(choice, position))
        if found := mapping(output.get("search_info")):
            self._items["search_info"] = {"type": "search_info", **found}

    def _take_choice(self, choice: dict[str, Any], number: int) -> None:
        speech = self._speech(number)
        finish = finish_reason(choice)
        message = mapping(choice.get("message")) or mapping(choice.get("delta"))
        thought = self._new(number, "reasoning", reasoning(message), bool(finish))
        text = self._new(number, "text", content(message.get("content")), bool(finish))
        take_delta(speech, {**message, "reasoning_content": thought, "reasoning": None, "content": text})
        self._keep_logprobs(choice, number)
        speech.finish = speech.finish or finish

    def _new(self, number: int, kind: str, text: str, is_last: bool) -> str:
        """What is new in a text of choice `number`."""
        snapshots = self._texts.get((number, kind))
        if snapshots is None:
            snapshots = self._texts[number, kind] = Snapshots(is_cumulative=self._is_cumulative)
        if text:
            return snapshots.feed(text, is_last=is_last)
        # Where all there is comes with each frame, none is empty any more.
        return snapshots.end()
