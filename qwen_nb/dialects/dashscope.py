"""DashScope's own protocol: the body, and the dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..profiles import Profile
from ..request import Message, Request
from .chat import is_continued, with_reasoning
from .content import as_address
from .dashscope_decoder import DashScopeDecoder
from .payload import string
from .settings import merged, schema_form, thinking_fields, with_schema_told

_GENERATION = "/services/aigc/text-generation/generation"
_MULTIMODAL = "/services/aigc/multimodal-generation/generation"
_MULTIMODAL_MODELS = re.compile(r"-vl|qvq|omni|ocr|audio|qwen3\.5|qwen3\.\d+-plus")
_TOP_LEVEL = ("model", "input", "parameters")
_NATIVE_PARTS = {"image_url": "image", "video_url": "video", "input_audio": "audio", "video": "video"}


class DashScopeDialect:
    """`POST …/services/aigc/…-generation/generation`. A header, not a field, asks for a stream."""

    def path(self, request: Request) -> str:
        """Relative to the endpoint's `base_url`: models that see, and some newer ones, are served at another path."""
        return _MULTIMODAL if _is_multimodal(request) else _GENERATION

    def headers(self) -> dict[str, str]:
        """The header that turns streaming on."""
        return {"X-DashScope-SSE": "enable"}

    def streams(self, request: Request, profile: Profile) -> bool:  # noqa: ARG002
        """Always."""
        return True

    def decoder(self, request: Request, profile: Profile) -> DashScopeDecoder:
        """A decoder for the reply to `request`."""
        return DashScopeDecoder(request, profile, ["voice"] if request.voice else [])

    def body(self, request: Request, profile: Profile) -> dict[str, Any]:
        """The body. Of `extra`, `model`, `input` and `parameters` go over the same fields; anything else is a parameter."""
        messages: list[Message] = list(request.messages)
        if request.schema is not None:
            messages = with_schema_told(request.messages, request.schema)
        # It holds a model to some JSON, whatever is asked for.
        is_held = request.schema is not None and schema_form(request, profile) != "prompt"
        messages = [_message(with_reasoning(message, profile), request) for message in messages]
        if is_continued(request):
            messages[-1] = {**messages[-1], "partial": True}
        options = {
            "tools": [dict(tool) for tool in request.tools] or None,
            "tool_choice": request.tool_choice if request.tools else None,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_tokens": request.max_tokens,
            "stop": list(request.stop) or None,
            "seed": request.seed,
            "n": request.n,
            "response_format": {"type": "json_object"} if is_held else None,
        }
        body: dict[str, Any] = {"model": request.model} if request.model else {}
        body |= {
            "input": {"messages": messages},
            "parameters": {
                "result_format": "message",
                "incremental_output": True,
                **{name: value for name, value in options.items() if value is not None},
                **thinking_fields(request, profile, "enable_thinking"),
            },
        }
        over = {name: value for name, value in request.extra.items() if name in _TOP_LEVEL}
        parameters = {name: value for name, value in request.extra.items() if name not in _TOP_LEVEL}
        return merged(merged(body, {"parameters": parameters}), over)


DIALECT = DashScopeDialect()


def _is_multimodal(request: Request) -> bool:
    if _MULTIMODAL_MODELS.search(request.model.lower()):
        return True
    parts = (part for message in request.messages if not isinstance(message.get("content"), str) for part in _parts(message))
    return any(part.get("type") in _NATIVE_PARTS for part in parts)


def _parts(message: Message) -> list[Mapping[str, Any]]:
    return [part for part in message.get("content") or () if isinstance(part, Mapping)]


def _message(message: Message, request: Request) -> dict[str, Any]:
    """`message` with its content as a string, or as `[{"text": …}, {"image": …}]` where the model reads more than text."""
    content = message.get("content")
    if not _is_multimodal(request):
        text = content if isinstance(content, str) else "\n".join(string(part.get("text")) for part in _parts(message))
        return {**message, "content": text}
    if content is None or isinstance(content, str):
        return {**message, "content": [{"text": content}] if content else []}
    return {**message, "content": [_part(part) for part in _parts(message)]}


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    kind = string(part.get("type"))
    if kind == "text":
        return {"text": part.get("text", "")}
    if kind not in _NATIVE_PARTS:
        return dict(part)
    value = part.get(kind)
    if isinstance(value, Mapping):
        value = as_address(value["data"]) if "data" in value else value.get("url")
    beside = {name: said for name, said in part.items() if name not in ("type", kind)}
    return {_NATIVE_PARTS[kind]: value, **beside}
