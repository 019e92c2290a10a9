"""Events as the JSON that crosses the comm: one object an event, fields at their default left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from .events import Event, PartDelta, PartEnd, PartStart, StreamEnd

_KINDS: dict[Any, type[Event]] = {kind.type: kind for kind in (PartStart, PartDelta, PartEnd, StreamEnd)}
_DEFAULTS = {
    kind: [(f.name, f.default) for f in fields(kind) if f.metadata.get("wire", True)]
    for kind in (PartStart, PartDelta, PartEnd, StreamEnd)
}


def to_wire(event: Event) -> dict[str, Any]:
    """`event` as a flat JSON object: its `type`, and each field that is not at its default."""
    message: dict[str, Any] = {"type": event.type}
    for name, default in _DEFAULTS[type(event)]:
        value = getattr(event, name)
        if default is MISSING or value != default:
            message[name] = value
    return message


def from_wire(message: Mapping[str, Any]) -> Event:
    """The event that `to_wire` made `message` of. `KeyError` or `TypeError` if there is none."""
    return _KINDS[message["type"]](**{name: value for name, value in message.items() if name != "type"})
