"""What has been said as messages, to be said again: those of assistant and tools, as Chat Completions spells them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .images import Picture
from .pieces import ToolCall
from .request import Message
from .transcript import Transcript


def assistant_message(reply: Transcript, calls: list[ToolCall]) -> Message:
    """What the model said, as it goes back to it. Its reasoning goes along only with calls: models need it there."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if calls:
        if reply.reasoning:
            message["reasoning_content"] = reply.reasoning
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _arguments_text(call)}}
            for call in calls
        ]
    return message


def _arguments_text(call: ToolCall) -> str:
    """The arguments as the model wrote them, if that is JSON: else a server would refuse the message."""
    try:
        json.loads(call.arguments_text)
    except (ValueError, RecursionError):
        return json.dumps(call.arguments or {}, ensure_ascii=False)
    return call.arguments_text


def tool_message(call: ToolCall, text: str) -> Message:
    """The result of a call, for the model."""
    return {"role": "tool", "tool_call_id": call.id, "name": call.name, "content": text}


def pictures_message(pictures: Mapping[str, Picture]) -> Message:
    """Pictures that tools returned, by the tools' names. A tool's own message can hold text only, so the user shows them."""
    parts: list[dict[str, Any]] = []
    for name, picture in pictures.items():
        parts += [{"type": "text", "text": f"The picture that {name} returned:"}, picture.part]
    return {"role": "user", "content": parts}
