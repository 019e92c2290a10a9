"""Chat Completions, as DashScope, vLLM, SGLang, llama.cpp, Ollama, LM Studio, OpenRouter and others stream it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..profiles import Profile
from ..request import Request
from .decoding import StreamDecoder
from .payload import items, mapping, string
from .speech import Speech
from .tool_calls import fragments

_LEGACY_FUNCTIONS = "This reply did not stream: the legacy Qwen server calls functions only when it answers in one piece."


class ChatDecoder(StreamDecoder):
    """Decodes `chat.completion.chunk` frames, and a whole `chat.completion`."""

    def __init__(self, request: Request, profile: Profile, unsaid: Sequence[str] = ()) -> None:
        super().__init__(request, profile, unsaid)
        self._is_legacy = profile.legacy_functions and bool(request.tools)

    def _why_whole(self) -> str:
        return _LEGACY_FUNCTIONS if self._is_legacy else super()._why_whole()

    def _answer(self, document: dict[str, Any]) -> None:
        self._describe(document)
        for position, choice in enumerate(items(document.get("choices"))):
            if isinstance(choice, dict):
                number = choice.get("index")
                if not isinstance(number, int) or isinstance(number, bool) or number < 0:
                    number = position
                self._take_choice(choice, number)

    def _take_choice(self, choice: dict[str, Any], number: int) -> None:
        speech = self._speech(number)
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            take_delta(speech, delta)
        elif text := string(choice.get("text")):
            speech.text(text)
        if logprobs := mapping(choice.get("logprobs")):
            self._logprobs.setdefault(str(number), []).extend(items(logprobs.get("content")))
        if finish := finish_reason(choice):
            speech.finish = speech.finish or finish


def take_delta(speech: Speech, delta: dict[str, Any]) -> None:
    """What a delta, or a whole message, adds to `speech`. Absent, `null`, `""` and `[]` all mean nothing."""
    if thought := reasoning(delta):
        speech.reasoning(thought)
    if text := content(delta.get("content")):
        speech.text(text)
    if refusal := string(delta.get("refusal")):
        speech.refusal(refusal)
    if audio := mapping(delta.get("audio")):
        if transcript := string(audio.get("transcript")):
            speech.aside("text", transcript, "transcript")
        if data := string(audio.get("data")):
            speech.aside("audio", data)
    for fragment in fragments(delta.get("tool_calls")):
        speech.call(fragment)
    if call := mapping(delta.get("function_call")):
        speech.call(call)


def reasoning(delta: dict[str, Any]) -> str:
    """The reasoning in a delta: the first of the places that says something. Some servers say it in two of them."""
    said = string(delta.get("reasoning_content")) or string(delta.get("reasoning"))
    if said or not delta.get("reasoning_details"):
        return said
    details = [mapping(detail) for detail in items(delta["reasoning_details"])]
    return "".join(string(detail.get("text")) or string(detail.get("summary")) for detail in details)


def content(value: Any) -> str:
    """The text of a `content`: a string, or the texts of a list of parts."""
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else string(mapping(part).get("text")) for part in items(value))


def finish_reason(choice: dict[str, Any]) -> str:
    """The finish_reason, `""` while there is none. DashScope's own protocol sends the string `null` until the end."""
    reason = string(choice.get("finish_reason"))
    return "" if reason == "null" else reason
