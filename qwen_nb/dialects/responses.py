"""Responses: the body, and the dialect."""

from __future__ import annotations

from typing import Any

from ..profiles import Profile, Schema
from ..request import Request
from .chat import named_schema
from .responses_decoder import ResponsesDecoder
from .responses_input import flat_choice, flat_tools, input_items
from .settings import merged, schema_form, thinking_fields, unsaid, with_schema_told


class ResponsesDialect:
    """`POST …/responses`. Nothing is kept on the server: each request carries the whole conversation."""

    def path(self, request: Request) -> str:  # noqa: ARG002  # one path for all
        """Relative to the endpoint's `base_url`."""
        return "/responses"

    def headers(self) -> dict[str, str]:
        """None of its own."""
        return {}

    def streams(self, request: Request, profile: Profile) -> bool:  # noqa: ARG002
        """Always."""
        return True

    def decoder(self, request: Request, profile: Profile) -> ResponsesDecoder:
        """A decoder for the reply to `request`."""
        missing = unsaid(request, profile, profile.thinking_in_responses)
        others = (("seed", request.seed), ("n", request.n), ("voice", request.voice or None))
        missing += [name for name, value in others if value is not None]
        return ResponsesDecoder(request, profile, missing)

    def body(self, request: Request, profile: Profile) -> dict[str, Any]:
        """The body. `stop`, which the protocol does not have, is kept by the decoder."""
        messages = list(request.messages)
        if request.schema is not None and schema_form(request, profile) != "json_schema":
            messages = with_schema_told(request.messages, request.schema)
        body: dict[str, Any] = {"model": request.model} if request.model else {}
        body |= {"input": input_items(messages, profile), "stream": True}
        if request.tools:
            body["tools"] = flat_tools(request.tools)
        options = {
            "tool_choice": None if request.tool_choice is None else flat_choice(request.tool_choice),
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_output_tokens": request.max_tokens,
        }
        body |= {name: value for name, value in options.items() if value is not None}
        body |= thinking_fields(request, profile, profile.thinking_in_responses)
        if request.schema is not None and (form := schema_form(request, profile)) != "prompt":
            body["text"] = {"format": _format(request.schema, form)}
        return merged(body, request.extra)


DIALECT = ResponsesDialect()


def _format(schema: Any, form: Schema) -> dict[str, Any]:
    return {"type": "json_object"} if form == "json_object" else {"type": "json_schema", **named_schema(schema)}
