"""Chat Completions: the body, and the dialect."""

from __future__ import annotations

from typing import Any

from ..profiles import Profile, Schema
from ..request import Message, Request
from ..structured import is_strict
from .chat_decoder import ChatDecoder
from .content import with_media
from .legacy_messages import legacy_functions, legacy_messages
from .settings import merged, schema_form, thinking_fields, unsaid, with_schema_told

_REASONING_FIELDS = ("reasoning_content", "reasoning")


class ChatDialect:
    """`POST …/chat/completions`."""

    def path(self, request: Request) -> str:  # noqa: ARG002  # one path for all
        """Relative to the endpoint's `base_url`."""
        return "/chat/completions"

    def headers(self) -> dict[str, str]:
        """None of its own."""
        return {}

    def streams(self, request: Request, profile: Profile) -> bool:
        """Always, but for functions on the legacy server: it refuses them in a stream, and drops the stream after a result."""
        last = request.messages[-1].get("role") if request.messages else ""
        return not (profile.legacy_functions and (request.tools or last in ("tool", "function", "assistant")))

    def decoder(self, request: Request, profile: Profile) -> ChatDecoder:
        """A decoder for the reply to `request`."""
        return ChatDecoder(request, profile, unsaid(request, profile, profile.thinking))

    def body(self, request: Request, profile: Profile) -> dict[str, Any]:
        """The body. Fields that `request` leaves open are left out; `extra` goes over everything."""
        body: dict[str, Any] = {"model": request.model} if request.model else {}
        body["messages"] = _messages(request, profile)
        body["stream"] = self.streams(request, profile)
        if profile.usage:
            body["stream_options"] = {"include_usage": True}
        if request.tools:
            body |= legacy_functions(request) if profile.legacy_functions else _tools(request)
        options = {
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_tokens": request.max_tokens,
            "stop": list(request.stop) or None,
            "seed": request.seed,
            "n": request.n,
        }
        body |= {name: value for name, value in options.items() if value is not None}
        body |= thinking_fields(request, profile, profile.thinking)
        if request.schema is not None and (form := schema_form(request, profile)) != "prompt":
            body["response_format"] = _response_format(request.schema, form)
        if request.voice:
            # The samples come without a header, whatever the format says.
            body |= {"modalities": ["text", "audio"], "audio": {"voice": request.voice, "format": "wav"}}
        if profile.prefix == "continue_final_message" and is_continued(request):
            body |= {"add_generation_prompt": False, "continue_final_message": True}
        return merged(body, request.extra)


DIALECT = ChatDialect()


def is_continued(request: Request) -> bool:
    """Whether the last message is the beginning of the answer that is asked for."""
    return bool(request.messages) and request.messages[-1].get("role") == "assistant"


def _messages(request: Request, profile: Profile) -> list[Message]:
    messages: list[Message] = list(request.messages)
    if request.schema is not None and schema_form(request, profile) != "json_schema":
        messages = with_schema_told(request.messages, request.schema)
    if profile.legacy_functions:
        return legacy_messages(messages)
    messages = [with_media(with_reasoning(message, profile), profile) for message in messages]
    if profile.prefix == "partial" and is_continued(request):
        messages[-1] = {**messages[-1], "partial": True}
    return messages


def with_reasoning(message: Message, profile: Profile) -> Message:
    """`message` with its earlier reasoning in the field that this server reads, or without it."""
    said = next((message[name] for name in _REASONING_FIELDS if message.get(name)), None)
    if not any(name in message for name in _REASONING_FIELDS):
        return message
    rest = {name: value for name, value in message.items() if name not in _REASONING_FIELDS}
    return {**rest, profile.keeps_reasoning: said} if said and profile.keeps_reasoning else rest


def _tools(request: Request) -> dict[str, Any]:
    fields: dict[str, Any] = {"tools": [dict(tool) for tool in request.tools]}
    if request.tool_choice is not None:
        fields["tool_choice"] = request.tool_choice
    return fields


def _response_format(schema: Any, form: Schema) -> dict[str, Any]:
    if form == "json_object":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": named_schema(schema)}


def named_schema(schema: Any) -> dict[str, Any]:
    """A schema with the name that it must have, and `strict` where it can be."""
    return {"name": "answer", "schema": schema, **({"strict": True} if is_strict(schema) else {})}
