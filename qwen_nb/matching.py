"""What the body of a request asks, in any protocol: by that, what was recorded is found again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .dialects.payload import items, mapping


def prompt_of(body: Mapping[str, Any]) -> str:
    """The last user message of a request's body, in one line; `""` if there is none."""
    for message in reversed(_messages(body)):
        if message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, list):
                content = " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
            return " ".join(str(content).split())
    return ""


def said_in(body: Mapping[str, Any]) -> str:
    """What was said, without what differs from run to run and from server to server: ids of calls, earlier reasoning."""
    said = [
        [message.get("role", message.get("type")), message.get("content", message.get("output")), _called(message)]
        for message in _messages(body)
    ]
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def tools_in(body: Mapping[str, Any]) -> list[str]:
    """The names of the tools that the model could call."""
    return sorted(str((mapping(mapping(tool).get("function")) or mapping(tool)).get("name")) for tool in items(body.get("tools")))


def _messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    for holder in (body.get("messages"), body.get("input"), (body.get("input") or {})):
        messages = holder.get("messages") if isinstance(holder, dict) else holder
        if isinstance(messages, list):
            return [message for message in messages if isinstance(message, dict)]
        if isinstance(messages, str):
            return [{"role": "user", "content": messages}]
    return []


def _called(message: Mapping[str, Any]) -> list[Any]:
    calls = items(message.get("tool_calls")) or ([{"function": message}] if "arguments" in message else [])
    functions = [mapping(mapping(call).get("function")) for call in calls]
    return [[function.get("name"), function.get("arguments")] for function in functions]
