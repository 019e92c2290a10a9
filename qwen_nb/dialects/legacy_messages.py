"""Messages and tools for the legacy QwenLM/Qwen server (`openai_api.py`), which knows OpenAI's interface of 2023.

Only the roles system, user, assistant and function; content is a string; one `function_call` to a message, and every assistant
message after exactly one by a user or a function.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import ConfigError
from ..request import Message, Request
from .payload import items, mapping, string


def legacy_functions(request: Request) -> dict[str, Any]:
    """The tools as `functions`. The server fails on one without `parameters`."""
    functions = (mapping(tool.get("function")) or tool for tool in request.tools)
    return {"functions": [{"parameters": {"type": "object", "properties": {}}, **function} for function in functions]}


def legacy_messages(messages: Iterable[Message]) -> list[Message]:
    """`messages` as the legacy server takes them: parallel calls one after the other, each followed by its result.

    `ConfigError` for images and audio, which it cannot read.
    """
    result: list[Message] = []
    waiting: list[dict[str, Any]] = []
    for message in messages:
        role = message.get("role")
        if role == "tool":
            called = _take(waiting, string(message.get("tool_call_id")))
            if called:
                said = "" if called["is_later"] else called["said"]
                result.append({"role": "assistant", "content": said, "function_call": called["function"]})
            name = called["function"]["name"] if called else string(message.get("name"))
            result.append({"role": "function", "name": name, "content": _text(message)})
            continue
        calls = items(message.get("tool_calls")) if role == "assistant" else []
        if calls:
            waiting = [
                {
                    "id": string(mapping(call).get("id")),
                    "function": mapping(mapping(call).get("function")),
                    "said": _text(message),
                    "is_later": place > 0,
                }
                for place, call in enumerate(calls)
            ]
            continue
        result.append({"role": "system" if role == "developer" else role, "content": _text(message)})
    return result


def _take(waiting: list[dict[str, Any]], call_id: str) -> dict[str, Any] | None:
    """The call that a result answers: by its id, else the first."""
    place = next((place for place, call in enumerate(waiting) if call["id"] == call_id), 0)
    return waiting.pop(place) if waiting else None


def _text(message: Message) -> str:
    content = message.get("content")
    if content is None or isinstance(content, str):
        return content or ""
    texts = []
    for part in content:
        if part.get("type") != "text":
            raise ConfigError(f"The legacy Qwen server reads text only: leave out the {part.get('type')}, or use another server.")
        texts.append(string(part.get("text")))
    return "\n".join(texts)
