"""Responses, as OpenAI, DashScope, vLLM, llama.cpp, Ollama and transformers serve stream it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..profiles import Profile
from ..request import Request
from ..sse import Frame
from .decoding import StreamDecoder
from .failure import failure_of
from .payload import items, mapping, string
from .responses_items import Item, Items
from .speech import Speech

_TERMINAL = ("completed", "incomplete", "failed", "cancelled")


class ResponsesDecoder(StreamDecoder):
    """Decodes `response.…` events by their `type`, and a whole `response`. Event names are believed only where there is none."""

    def __init__(self, request: Request, profile: Profile, unsaid: Sequence[str] = ()) -> None:
        super().__init__(request, profile, unsaid)
        self._outputs = Items()

    @property
    def _voice(self) -> Speech:
        return self._speech(0)

    def _read(self, document: dict[str, Any], frame: Frame) -> None:
        if not isinstance(document.get("type"), str) and frame.event.startswith("response."):
            document = {**document, "type": frame.event}
        super()._read(document, frame)

    def _answer(self, document: dict[str, Any]) -> None:
        kind = string(document.get("type"))
        if not kind and ("output" in document or document.get("object") == "response"):
            self._end_response(document)
            return
        if response := mapping(document.get("response")):
            self._describe(response)
        match kind.removeprefix("response."):
            case "output_text.delta":
                self._say(document)
            case "refusal.delta":
                if refusal := string(document.get("delta")):
                    self._voice.refusal(refusal)
            case "reasoning_text.delta":
                self._think(document, "text", string(document.get("delta")))
            case "reasoning_summary_text.delta":
                self._think(document, "summary", string(document.get("delta")))
            case "function_call_arguments.delta":
                self._argue(self._called(document), string(document.get("delta")))
            case "output_text.done":
                item = self._outputs.find("message", document) or self._outputs.add("message", document)
                self._catch_up(item, document, string(document.get("text")))
            case "reasoning_text.done":
                item = self._outputs.find("reasoning", document) or self._outputs.add("reasoning", document)
                self._think_rest(item, document, "text", string(document.get("text")))
            case "function_call_arguments.done":
                self._called(document, name=string(document.get("name")), whole=string(document.get("arguments")))
            case "output_item.added":
                self._begin_item(document, mapping(document.get("item")))
            case "output_item.done":
                self._end_item(document, mapping(document.get("item")))
            case "output_text.annotation.added":
                if annotation := mapping(document.get("annotation")):
                    self._keep_item(f"annotation {len(self._items)}", annotation)
            case status if status in _TERMINAL:
                self._end_response({"status": status, **mapping(document.get("response"))})

    def _say(self, event: dict[str, Any]) -> None:
        if text := string(event.get("delta")):
            item = self._outputs.find("message", event) or self._outputs.add("message", event)
            if not item.is_whole:
                item.said.append(text)
                self._voice.text(text)
        if (logprobs := items(event.get("logprobs"))) and self._has_room():
            self._logprobs.setdefault("0", []).extend(logprobs)

    def _think(self, event: dict[str, Any], source: str, text: str) -> None:
        if not text:
            return
        item = self._outputs.find("reasoning", event) or self._outputs.add("reasoning", event)
        if item.is_whole or item.source not in ("", source):
            return
        section = event.get("summary_index")
        if item.source and section != item.section:
            text = "\n\n" + text
        item.source, item.section = source, section
        item.said.append(text)
        self._voice.reasoning(text)

    def _think_rest(self, item: Item, event: dict[str, Any], source: str, whole: str) -> None:
        """Think what of a reasoning no delta brought."""
        if item.source in ("", source) and (rest := item.missing(whole)):
            self._think({**event, "summary_index": item.section}, source, rest)

    def _catch_up(self, item: Item, event: dict[str, Any], whole: str) -> None:
        """Say what of a text no delta brought."""
        if rest := item.missing(whole):
            self._say({**event, "delta": rest, "logprobs": None})

    def _called(self, event: dict[str, Any], *ids: str, name: str = "", whole: str = "") -> Item:
        """The call that `event` is about, begun if it has not been; with its `name`, and what of its arguments is missing."""
        item = self._outputs.find("function_call", event, *ids) or self._outputs.add("function_call", event, *ids)
        call_id = ids[0] if ids else ""
        if item.call is None:
            self._voice.interrupt()
            item.call = self._voice.calls.begin(call_id, name)
        elif call_id or name:
            self._voice.calls.describe(item.call, call_id, name)
        self._argue(item, item.missing(whole))
        return item

    def _argue(self, item: Item, text: str) -> None:
        if text and item.call:
            item.said.append(text)
            self._voice.calls.append(item.call, text)

    def _begin_item(self, event: dict[str, Any], item: dict[str, Any]) -> None:
        kind, own_id = string(item.get("type")), string(item.get("id"))
        if kind == "function_call":
            self._take_call(event, item)
        elif kind in ("message", "reasoning"):
            if not own_id or not self._outputs.exact(kind, {}, own_id):
                self._outputs.add(kind, event, own_id)
        elif kind:
            self._keep_item(self._key(event, item), item)

    def _end_item(self, event: dict[str, Any], item: dict[str, Any]) -> None:
        kind, own_id = string(item.get("type")), string(item.get("id"))
        if kind == "function_call":
            found = self._take_call(event, item)
            found.is_over = True
            if found.call:
                self._voice.calls.close(found.call)
        elif kind in ("message", "reasoning"):
            found = self._outputs.find(kind, event, own_id) or self._outputs.add(kind, event, own_id)
            if kind == "message":
                whole = _text_of(item)
                self._catch_up(found, {**event, "item_id": own_id}, whole)
            else:
                source, whole = _thought_of(item, found.source)
                self._think_rest(found, {**event, "item_id": own_id}, source, whole)
            found.is_over = True
            found.is_whole = bool(whole) and found.text == whole
        elif kind:
            self._keep_item(self._key(event, item), item)

    def _take_call(self, event: dict[str, Any], item: dict[str, Any]) -> Item:
        call_id = string(item.get("call_id")) or string(item.get("id"))
        # llama.cpp gives its calls no id of their own, and names them `fc_` and the call_id in its deltas.
        names = [name for name in (call_id, string(item.get("id")), f"fc_{call_id}") if name]
        return self._called(event, *names, name=string(item.get("name")), whole=string(item.get("arguments")))

    def _key(self, event: dict[str, Any], item: dict[str, Any]) -> str:
        return string(item.get("id")) or f"output {event.get('output_index', len(self._items))}"

    def _end_response(self, response: dict[str, Any]) -> None:
        """The terminal event, or a whole response. Its `output` is believed for what no event has brought."""
        self._describe(response)
        self._is_marked_done = True
        outputs = [mapping(item) for item in items(response.get("output"))]
        for kind in ("reasoning", "message", "function_call"):
            if not any(item.said or item.call for item in self._outputs.of_type(kind)):
                for item in outputs:
                    if item.get("type") == kind:
                        self._begin_item({}, item)
                        self._end_item({}, item)
        for item in outputs:
            if string(item.get("type")) not in ("reasoning", "message", "function_call", ""):
                self._items.setdefault(self._key({}, item), item)
        status = string(response.get("status"))
        if status == "failed" or response.get("error"):
            self._fail(failure_of(response.get("error"), response))
        elif status in _TERMINAL or not status:
            reason = string(mapping(response.get("incomplete_details")).get("reason"))
            self._voice.finish = self._voice.finish or reason or status or "completed"


def _text_of(item: dict[str, Any]) -> str:
    return "".join(string(mapping(part).get("text")) for part in items(item.get("content")))


def _thought_of(item: dict[str, Any], source: str) -> tuple[str, str]:
    """Where a reasoning item has its text, and the text: the content, else the summary."""
    content = _text_of(item)
    summary = "\n\n".join(string(mapping(part).get("text")) for part in items(item.get("summary")))
    if source == "summary" or (not source and not content):
        return "summary", summary
    return "text", content
