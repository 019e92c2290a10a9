"""What is alike in the bodies of all protocols."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..profiles import Profile
from ..request import Message, Request


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`body` with `extra` over it. Objects are merged, field by field; everything else is replaced."""
    result = dict(body)
    for name, value in extra.items():
        before = result.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[name] = merged(before, value) if both else value  # type: ignore[arg-type]  # both are mappings
    return result


def thinking_fields(request: Request, profile: Profile) -> dict[str, Any]:
    """Thinking and its budget, in the fields that this server has for them; nothing that it would refuse."""
    thinking, budget = request.thinking, request.thinking_budget
    if thinking is None and request.schema is not None and profile.schema_excludes_thinking:
        thinking = False
    fields: dict[str, Any] = {}
    if thinking is not None:
        match profile.thinking:
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
    if budget is not None and thinking is not False:
        if profile.thinking == "reasoning":
            fields["reasoning"] = {"max_tokens": budget}
        elif profile.thinking_budget:
            fields[profile.thinking_budget] = budget
    return fields


def unsaid(request: Request, profile: Profile) -> list[str]:
    """The settings of `request` that this server has no field for, by their names."""
    names = []
    if request.thinking is not None and profile.thinking == "none":
        names.append("thinking")
    if request.thinking_budget is not None and not (profile.thinking_budget or profile.thinking == "reasoning"):
        names.append("thinking_budget")
    return names


def with_schema_told(messages: tuple[Message, ...], schema: Mapping[str, Any]) -> list[Message]:
    """`messages`, with the schema in the system message: for servers that hold a model to JSON, but not to a schema."""
    order = "Answer with one JSON object and nothing else. It must follow this JSON schema:\n" + json.dumps(
        schema, ensure_ascii=False
    )
    first = messages[0] if messages else None
    if first and first.get("role") == "system" and isinstance(first.get("content"), str):
        return [{**first, "content": f"{first['content']}\n\n{order}"}, *messages[1:]]
    return [{"role": "system", "content": order}, *messages]
