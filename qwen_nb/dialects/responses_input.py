"""Messages of Chat Completions as the input items of Responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..profiles import Profile
from ..request import Message
from .payload import items, mapping, string


def input_items(messages: Iterable[Message], profile: Profile) -> list[dict[str, Any]]:
    """`messages` as input items: an assistant's reasoning, text and calls become items of their own, in that order."""
    result: list[dict[str, Any]] = []
    for message in messages:
        role = message.get("role")
        if role == "tool":
            output = _plain(message.get("content"))
            result.append({"type": "function_call_output", "call_id": message.get("tool_call_id", ""), "output": output})
            continue
        thought = string(message.get("reasoning_content")) or string(message.get("reasoning"))
        calls = items(message.get("tool_calls"))
        if role == "assistant" and thought and profile.keeps_reasoning:
            part = {"type": "reasoning_text", "text": thought}
            result.append({"type": "reasoning", "id": f"rs_{len(result)}", "summary": [], "content": [part]})
        elif not message.get("content"):
            # A message that does nothing but call.
            result += [_call(mapping(call)) for call in calls]
            continue
        result.append({"role": role, "content": _content(message.get("content"), is_output=role == "assistant")})
        result += [_call(mapping(call)) for call in calls]
    return result


def flat_tools(tools: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Function tools without the inner object that Chat Completions puts them in."""
    return [{"type": "function", **mapping(tool["function"])} if "function" in tool else dict(tool) for tool in tools]


def flat_choice(choice: str | Mapping[str, Any]) -> str | dict[str, Any]:
    """`tool_choice`, likewise."""
    if isinstance(choice, str):
        return choice
    function = mapping(choice.get("function"))
    return {"type": "function", "name": function.get("name", "")} if function else dict(choice)


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = mapping(call.get("function"))
    return {
        "type": "function_call",
        "call_id": string(call.get("id")),
        "name": string(function.get("name")),
        "arguments": string(function.get("arguments")) or "{}",
    }


def _plain(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(string(mapping(part).get("text")) for part in items(content))


def _content(content: Any, *, is_output: bool) -> Any:
    """Text stays a string; parts get the names that Responses has for them, and what it has no name for stays as it is."""
    if content is None or isinstance(content, str):
        return content or ""
    parts: list[Any] = []
    for part in content:
        match part.get("type"):
            case "text":
                parts.append({"type": "output_text" if is_output else "input_text", "text": part.get("text", "")})
            case "image_url":
                url = part.get("image_url")
                parts.append({"type": "input_image", "image_url": url.get("url") if isinstance(url, Mapping) else url})
            case _:
                parts.append(part)
    return parts
