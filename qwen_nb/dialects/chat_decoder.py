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

_LEGACY_FUNCTIONS = "This reply did not stream: with functions, the legacy Qwen server answers in one piece only."


class ChatDecoder(StreamDecoder):
    """Decodes `chat.completion.chunk` frames, and a whole `chat.completion`."""

    def __init__(self, request: Request, profile: Profile, unsaid: Sequence[str] = ()) -> None:
        super().__init__(request, profile, unsaid)
        self._is_legacy = profile.legacy_functions

    def _why_whole(self) -> str:
        return _LEGACY_FUNCTIONS if self._is_legacy else super()._why_whole()

    def _answer(self, document: dict[str, Any]) -> None:
        self._describe(document)
        for position, choice in enumerate(items(document.get("choices"))):
            if isinstance(choice, dict):
                self._take_choice(choice, choice_number(choice, position))

    def _take_choice(self, choice: dict[str, Any], number: int) -> None:
        speech = self._speech(number)
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            take_delta(speech, delta)
        elif "text" in choice:
            speech.text(string(choice["text"]))
        if choice.get("logprobs"):
            self._keep_logprobs(choice, number)
        if choice.get("finish_reason"):
            speech.finish = speech.finish or finish_reason(choice)


def choice_number(choice: dict[str, Any], position: int) -> int:
    """Which choice it is: by its `index`, else by its place in the list."""
    number = choice.get("index")
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else position


def take_delta(speech: Speech, delta: dict[str, Any]) -> None:
    """What a delta, or a whole message, adds to `speech`. Absent, `null`, `""` and `[]` all mean nothing."""
    text = delta.get("content")
    if text and len(delta) == 1:
        speech.text(content(text))
        return
    said = {name: value for name, value in delta.items() if value}
    if thought := reasoning(said):
        speech.reasoning(thought)
    if text:
        speech.text(content(text))
    _take_others(speech, said)


def _take_others(speech: Speech, said: dict[str, Any]) -> None:
    """What is neither text nor reasoning, of fields that all say something."""
    if "refusal" in said:
        speech.refusal(string(said["refusal"]))
    if "audio" in said:
        audio = mapping(said["audio"])
        speech.aside("text", string(audio.get("transcript")), "transcript")
        if data := string(audio.get("data")):
            # One line for each piece: each is padded by itself, so they must stay apart when deltas are merged.
            speech.aside("audio", f"{data}\n")
    if "tool_calls" in said:
        for fragment in fragments(said["tool_calls"]):
            speech.call(fragment)
    if "function_call" in said:
        speech.call(mapping(said["function_call"]))


def reasoning(delta: dict[str, Any]) -> str:
    """The reasoning in a delta: the first of the places that says something. Some servers say it in two of them."""
    said = delta.get("reasoning_content") or delta.get("reasoning")
    if isinstance(said, str) or not delta.get("reasoning_details"):
        return string(said)
    details = [mapping(detail) for detail in items(delta["reasoning_details"])]
    return "".join(string(detail.get("text")) or string(detail.get("summary")) for detail in details)


def content(value: Any) -> str:
    """The text of a `content`: a string, or the texts of a list of parts."""
    if isinstance(value, str):
        return value
    return "".join(part if isinstance(part, str) else string(mapping(part).get("text")) for part in items(value))


def finish_reason(choice: dict[str, Any]) -> str | None:
    """The finish_reason, `None` while there is none. DashScope's own protocol sends the string `null` until the end."""
    reason = string(choice.get("finish_reason"))
    return reason if reason not in ("", "null") else None
