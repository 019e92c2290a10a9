"""What servers leave in the text: thoughts between tags, calls as text. Each text is cut in several ways."""

from __future__ import annotations

import itertools
import random
import re
import zlib
from collections.abc import Hashable, Iterable, Sequence

from qwen_nb.dialects import dialect
from qwen_nb.dialects.json_scanner import arguments_state
from qwen_nb.dialects.think_tags import Piece, ThinkTags
from qwen_nb.dialects.told import Told
from qwen_nb.dialects.tool_text import ToolText
from qwen_nb.events import Event
from qwen_nb.sse import Frame
from tests.dialects.decoding import chunk, folded, tool
from tests.dialects.well_formed import check_events
from tests.fuzz.body_mutation import dumped
from tests.fuzz.target import Target
from tests.fuzz.targets.streams import SETTINGS, check_reply, outcome
from tests.fuzz.text_mutation import text_mutator

TOOLS = (
    tool("f", a={"type": "integer"}, b={"type": "string"}),
    tool("run", code={"type": "string"}, options={"type": "object"}, fast={"type": "boolean"}, at={"anyOf": [{"type": "number"}]}),
    tool("now"),
)
CALLS = (
    '<tool_call>\n{"name": "f", "arguments": {"a": 1, "b": "x"}}\n</tool_call>',
    '<tool_call>{"arguments": {"a": 1}, "name": "f"}</tool_call>',
    '<tool_call>{"name": "f", "arguments": "{\\"a\\": 1}"}}</tool_call>',
    "<tool_call>\n<function=run>\n<parameter=code>\nif a < b:\n    print()\n</parameter>\n</function>\n</tool_call>",
    "<function=f><parameter=a>1</parameter><parameter=b>x</parameter></function>",
    "<function=now></function>",
    "<tool_call>\n<function=run>\n<parameter=options>{}\n<parameter=fast>True</parameter></tool_call>",
)
THOUGHTS = (
    "<think>\nHm.\n</think>\n\nYes.",
    "Hm.\n</think>\n\nYes.",
    "<think>Hm.",
    "It ends with `</think>`.",
    "a < b\n\nc </ d\n",
    "<think>Hm.</think>\n</think>\nYes <think>.",
)
WORDS = (
    *("<think>", "</think>", "<tool_call>", "</tool_call>", "<function=f>", "<function=", "</function>", "<parameter=a>"),
    *("<parameter=", "</parameter>", "<", "</", "</t", "<t", "\n", "\n\n", " ", "`", "{", "}", '"', "\\", '"name": "f"', "[", "]"),
    *('"arguments": {', '{"name": "f", "arguments": {', "Yes.", "Hel", "Observation:", "1", "True", *CALLS),
)
SEEDS = [text.encode() for text in (*CALLS, *THOUGHTS, *(f"<think>\n{call}\n</think>\n{call} Yes.\n{call}" for call in CALLS[:4]))]


def ways(text: str) -> list[list[str]]:
    """`text` whole, character by character, and in pieces, the same ones each time."""
    chance = random.Random(zlib.crc32(text.encode()))
    places = sorted({0, len(text), *(chance.randrange(len(text) + 1) for _ in range(chance.choice((1, 4, 12))))})
    return [[text], list(text), [text[start:end] for start, end in itertools.pairwise(places)]]


def bare(text: str) -> str:
    """`text` without tags of thoughts and without white space, which go with them."""
    text = re.sub(r"\s", "", text)
    while (less := re.sub("</?think>", "", text)) != text:
        text = less
    return text


def is_within(part: str, text: str) -> bool:
    """Whether the characters of `part` stand in `text` in this order."""
    rest = iter(text)
    return all(character in rest for character in part)


# Tags of thoughts.


def pieces(variant: int, texts: Iterable[str]) -> list[Piece]:
    tags = ThinkTags(has_started=bool(variant & 1), with_calls=bool(variant & 2))
    found: list[Piece] = []
    for text in texts:
        if tags.passes(text):
            found.append(Piece("text", text))
        else:
            found += tags.feed(text)
    return [*found, *tags.end(is_whole=not variant & 4)]


def merged_pieces(found: Iterable[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for piece in found:
        if merged and merged[-1].kind == piece.kind:
            merged[-1] = Piece(piece.kind, merged[-1].text + piece.text)
        elif piece.text or piece.kind in ("was_text", "was_reasoning"):
            merged.append(piece)
    return merged


def check_think_tags(variant: int, data: bytes) -> Hashable:
    text = data.decode("utf-8", "replace")
    whole, *others = (merged_pieces(pieces(variant, way)) for way in ways(text))
    for other in others:
        assert other == whole
    assert bare("".join(piece.text for piece in whole)) == bare(text)
    return tuple(piece.kind for piece in whole[:5])


# Calls in the text.


def told(texts: Iterable[str], *, is_whole: bool) -> list[Told]:
    reader = ToolText(TOOLS)
    return [*(piece for text in texts for piece in reader.feed(text)), *reader.end(is_whole=is_whole)]


def merged_told(found: Iterable[Told]) -> list[Told]:
    merged: list[Told] = []
    for kind, text in found:
        if merged and merged[-1][0] == kind and kind in ("text", "arguments"):
            merged[-1] = (kind, merged[-1][1] + text)
        elif text or kind in ("call", "end"):
            merged.append((kind, text))
    return merged


def check_tool_text(variant: int, data: bytes) -> Hashable:
    text = data.decode("utf-8", "replace")
    is_whole = not variant
    whole, *others = (merged_told(told(way, is_whole=is_whole)) for way in ways(text))
    for other in others:
        assert other == whole
    is_open = False
    for kind, piece in whole:
        assert is_open == (kind in ("arguments", "end"))
        if kind == "call":
            is_open = True
            assert piece in ("f", "run", "now")
        elif kind == "end":
            is_open = False
    assert not is_open
    said = "".join(piece for kind, piece in whole if kind == "text")
    if not any(kind == "call" for kind, _ in whole):
        assert said == text
    assert is_within(said, text)
    states = [arguments_state(piece) for kind, piece in whole if kind == "arguments"]
    return tuple(kind for kind, _ in whole[:8]), tuple(states[:3])


# All of it, as a reply.


def spoken(variant: int, texts: Iterable[str]) -> list[Event]:
    request, profile = SETTINGS[variant % len(SETTINGS)]
    decoder = dialect("chat").decoder(request, profile)
    said = [event for text in texts for event in decoder.feed(Frame(dumped(chunk({"content": text}))))]
    finish = chunk({}, "stop" if variant < len(SETTINGS) else "length")
    return [*said, *decoder.feed(Frame(dumped(finish))), *decoder.end()]


def in_tokens(text: str) -> list[str]:
    """`text` in pieces as long as a model's are."""
    return [text[at : at + 5] for at in range(0, len(text), 5)]


def shown(said: Sequence[Event]) -> list[tuple[str, str, str, str]]:
    parts = folded(said).parts
    return [(part.kind, part.name, part.reason, part.text) for part in parts if part.text or part.kind == "tool"]


def check_speech(variant: int, data: bytes) -> Hashable:
    text = data.decode("utf-8", "replace")
    whole, *others = (spoken(variant, way) for way in ways(text))
    check_reply(whole)
    for other in others:
        check_events(other)
        assert shown(other) == shown(whole)
    request, _ = SETTINGS[variant % len(SETTINGS)]
    said = bare("".join(part for kind, _, _, part in shown(whole) if kind in ("text", "reasoning")))
    if not request.tools and not request.stop:
        assert said == bare(text)
    assert is_within(said, text)
    return outcome(whole)


_mutate = text_mutator(WORDS)
THINK_TAGS = Target(
    "think_tags", 8, SEEDS, _mutate, check_think_tags, lambda variant, data: pieces(variant, data.decode("utf-8", "replace"))
)
TOOL_TEXT = Target(
    "tool_text",
    2,
    SEEDS,
    _mutate,
    check_tool_text,
    lambda variant, data: told(data.decode("utf-8", "replace"), is_whole=not variant),
)
SPEECH = Target(
    "speech",
    2 * len(SETTINGS),
    SEEDS,
    _mutate,
    check_speech,
    lambda variant, data: spoken(variant, in_tokens(data.decode("utf-8", "replace"))),
)
