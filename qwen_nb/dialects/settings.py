"""What is alike in the bodies of all protocols."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..profiles import Profile, Schema, Thinking
from ..request import Message, Request


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`body` with `extra` over it. Objects are merged, field by field; everything else is replaced."""
    result = dict(body)
    for name, value in extra.items():
        before = result.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[name] = merged(before, value) if both else value  # type: ignore[arg-type]  # both are mappings
    return result


def thinking_fields(request: Request, profile: Profile, form: Thinking) -> dict[str, Any]:
    """Thinking and its budget in the fields of `form`; nothing that this server would refuse."""
    thinking = request.thinking
    if thinking is None and request.schema is not None and profile.schema_excludes_thinking:
        thinking = None if schema_form(request, profile) == "prompt" else False
    fields: dict[str, Any] = {}
    if thinking is not None:
        match form:
            case "enable_thinking":
                fields["enable_thinking"] = thinking
            case "chat_template_kwargs":
                fields["chat_template_kwargs"] = {"enable_thinking": thinking}
            case "reasoning_effort":
                fields["reasoning_effort"] = "medium" if thinking else "none"
            case "reasoning":
                fields["reasoning"] = {"effort": "medium" if thinking else "none"}
            case "none":
                pass
    if request.thinking_budget is not None and thinking is not False and (name := _budget_field(profile, form)):
        budget = request.thinking_budget
        fields |= {"reasoning": {"max_tokens": budget}} if name == "reasoning" else {name: budget}
    return fields


def unsaid(request: Request, profile: Profile, form: Thinking) -> list[str]:
    """The settings about thinking in `request` that this server has no field for, by their names."""
    names = []
    if request.thinking is not None and form == "none":
        names.append("thinking")
    if request.thinking_budget is not None and not _budget_field(profile, form):
        names.append("thinking_budget")
    return names


def _budget_field(profile: Profile, form: Thinking) -> str:
    """The field for the budget: beside the one for thinking, and where the server reads it."""
    if form == profile.thinking:
        return profile.thinking_budget
    return "thinking_budget" if form == "enable_thinking" else ""


def schema_form(request: Request, profile: Profile) -> Schema:
    """How this server is told of the schema of `request`: as its profile says, or in words where that would forbid something."""
    # A server that holds each token to a schema leaves the model no way to call.
    has_tools = bool(request.tools) and request.tool_choice != "none"
    is_refused = bool(request.thinking) and profile.schema_excludes_thinking
    return "prompt" if has_tools or is_refused else request.schema_form or profile.schema


def with_schema_told(messages: tuple[Message, ...], schema: Mapping[str, Any]) -> list[Message]:
    """`messages`, with the schema in the system message: for servers that hold a model to JSON, but not to a schema."""
    order = "Answer with one JSON object and nothing else. It must follow this JSON schema:\n" + json.dumps(
        schema, ensure_ascii=False
    )
    first = messages[0] if messages else None
    if first and first.get("role") == "system" and isinstance(first.get("content"), str):
        return [{**first, "content": f"{first['content']}\n\n{order}"}, *messages[1:]]
    return [{"role": "system", "content": order}, *messages]
