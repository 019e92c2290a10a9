"""Damages to the body of a stream: to its bytes, to its frames, and to the JSON in them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.fuzz.text_mutation import LONGEST, mutated_bytes, mutated_text

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 7, 2**70, 1e308, float("nan"), "", " ", "null", "0", [], {}, [None], [[]], {"": ""}, [{}]),
    *("</think>", "<tool_call>", "\ud800", {"text": "x"}, {"message": "m", "code": 500}),
)


class Bag:
    """What occurs in a set of JSON documents: fields, to be put where they do not belong."""

    def __init__(self, documents: Iterable[Any], words: Sequence[str]) -> None:
        self.fields: list[tuple[str, Any]] = []
        self.words = words
        for document in documents:
            self._collect(document)

    def _collect(self, value: Any) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                if (name, item) not in self.fields:
                    self.fields.append((name, item))
                self._collect(item)
        elif isinstance(value, list):
            for item in value:
                self._collect(item)


def body_mutator(bag: Bag) -> Callable[[bytes, random.Random], bytes]:
    """Damages a body of server-sent events."""

    def mutate(body: bytes, chance: random.Random) -> bytes:
        kind = chance.random()
        if kind < 0.2:
            return mutated_bytes(body, chance)[:LONGEST]
        end = b"\r\n\r\n" if b"\r\n\r\n" in body else b"\n\n"
        frames = [frame for frame in body.split(end) if frame] or [b"data: {}"]
        at = chance.randrange(len(frames))
        match chance.randrange(4) if kind < 0.4 else 4:
            case 0:
                del frames[at]
            case 1:
                frames.insert(chance.randrange(len(frames) + 1), frames[at])
            case 2:
                frames.append(frames.pop(at))
            case 3:
                frames = frames[at:]
            case _:
                frames[at] = _mutated_frame(frames[at], bag, chance)
        return (end.join(frames) + end)[:LONGEST]

    return mutate


def document_mutator(bag: Bag) -> Callable[[bytes, random.Random], bytes]:
    """Damages one JSON document, or lines of them."""

    def mutate(data: bytes, chance: random.Random) -> bytes:
        if chance.random() < 0.2:
            return mutated_bytes(data, chance)[:LONGEST]
        lines = data.split(b"\n")
        at = chance.randrange(len(lines))
        if len(lines) > 1 and chance.random() < 0.3:
            match chance.randrange(3):
                case 0:
                    del lines[at]
                case 1:
                    lines.insert(at, lines[at])
                case _:
                    lines.append(lines.pop(at))
        else:
            lines[at] = _mutated_frame(lines[at], bag, chance)
        return b"\n".join(lines)[:LONGEST]

    return mutate


def _mutated_frame(frame: bytes, bag: Bag, chance: random.Random) -> bytes:
    start = frame.find(b"{")
    try:
        document = json.loads(frame[start:]) if start >= 0 else None
    except (ValueError, RecursionError):
        document = None
    if document is None:
        return mutated_bytes(frame, chance)
    return frame[:start] + dumped(mutated_json(document, bag, chance))


def dumped(value: Any) -> bytes:
    """`value` as JSON, where it has halves of characters as escapes."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def mutated_json(value: Any, bag: Bag, chance: random.Random) -> Any:
    """`value` with one damage, somewhere in it."""
    if isinstance(value, dict) and value:
        names = list(value)
        name = chance.choice(names)
        kind = chance.random()
        if kind < 0.75:
            return {**value, name: mutated_json(value[name], bag, chance)}
        if kind < 0.85:
            return {each: item for each, item in value.items() if each != name}
        other, item = chance.choice(bag.fields)
        return {**value, other: item if chance.random() < 0.7 else value[name]}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        changed = list(value)
        if chance.random() < 0.2:
            changed.append(mutated_json(value[at], bag, chance))
        else:
            changed[at] = mutated_json(value[at], bag, chance)
        return changed
    if isinstance(value, str) and chance.random() < 0.6:
        return mutated_text(value, bag.words, chance)
    if isinstance(value, int) and chance.random() < 0.5:
        return value + chance.choice((-1, 1, 2))
    return chance.choice(ODD_VALUES) if chance.random() < 0.7 else chance.choice(bag.fields)[1]
