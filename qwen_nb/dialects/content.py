"""Pictures, sound and film in a message, in the spelling that a server of Chat Completions takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..profiles import Profile
from ..request import Message

_ADDRESSES = ("http://", "https://", "data:")


def with_media(message: Message, profile: Profile) -> Message:
    """`message` with its sound and its film as this server spells them. Everything else stays as it is."""
    content = message.get("content")
    if isinstance(content, str) or not content:
        return message
    return {**message, "content": [part for given in content for part in _spelled(given, profile)]}


def as_address(data: str) -> str:
    """Sound as DashScope takes it: an address, which for base64 has no media type.

    https://help.aliyun.com/zh/model-studio/qwen-omni
    """
    return data if data.startswith(_ADDRESSES) else f"data:;base64,{data}"


def _spelled(part: Any, profile: Profile) -> list[Any]:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind == "input_audio":
        return [_sound(part, profile)]
    if kind == "video" and not profile.takes_addresses:
        # Only DashScope takes frames as a film; elsewhere they are pictures in a row.
        return [{"type": "image_url", "image_url": {"url": frame}} for frame in part["video"]]
    return [part]


def _sound(part: Mapping[str, Any], profile: Profile) -> Mapping[str, Any]:
    sound = part["input_audio"]
    data = sound["data"]
    if profile.takes_addresses:
        return {**part, "input_audio": {**sound, "data": as_address(data)}}
    if data.startswith("data:"):
        return {**part, "input_audio": {**sound, "data": data.partition(",")[2]}}
    # As vLLM and SGLang spell it; OpenAI has no way to say it.
    return {"type": "audio_url", "audio_url": {"url": data}} if data.startswith(_ADDRESSES) else part
