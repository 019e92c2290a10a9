"""Damaged streams: whatever happens to the bytes, decoding ends, every part ends, and what arrived whole is kept."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, cast

import pytest

from qwen_nb import limits
from qwen_nb.profiles import PROFILES
from qwen_nb.request import Request
from tests.dialects.decoding import EXPECTED, PLAIN, STREAMS, events, folded, sliced, tool
from tests.dialects.well_formed import check_events

PROTOCOLS = {"chat": "chat", "responses": "responses", "native": "dashscope"}
BODIES = {name: (STREAMS / name).read_bytes() for name in EXPECTED}
ROUNDS = 25
"""Damages of each kind to each stream: a few seconds in all."""

REQUESTS = (
    PLAIN,
    Request(
        PLAIN.messages,
        model="qwen3-thinking",
        tools=(tool("get_weather", city={"type": "string"}), tool("f", a={"type": "integer"})),
        stop=("Hel", "\n\n", "Observation:"),
    ),
)


SCRAPS = (b"\n", b"\r", b"\x00", b'"', b"{", b"}", b"\\", b"\xff", b"null", b"[]", b"")


def flipped(body: bytes, chance: random.Random) -> bytes:
    data = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def overwritten(body: bytes, chance: random.Random) -> bytes:
    data = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.randint(0, 3)] = chance.choice(
            [b"\n", b"\r", b"\x00", b'"', b"{", b"}", b"\\", b"\xff", b"null", b"[]", b""]
        )
    return bytes(data)


def cut(body: bytes, chance: random.Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def in_frames(change: Callable[[list[bytes], random.Random], None]) -> Callable[[bytes, random.Random], bytes]:
    def damage(body: bytes, chance: random.Random) -> bytes:
        end = b"\r\n\r\n" if b"\r\n\r\n" in body else b"\n\n"
        pieces = [piece for piece in body.split(end) if piece]
        if pieces:
            change(pieces, chance)
        return b"".join(piece + end for piece in pieces)

    return damage


def drop(pieces: list[bytes], chance: random.Random) -> None:
    del pieces[chance.randrange(len(pieces))]


def repeat(pieces: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(pieces))
    pieces.insert(at, pieces[at])


def swap(pieces: list[bytes], chance: random.Random) -> None:
    one, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
    pieces[one], pieces[other] = pieces[other], pieces[one]


FRAME_DAMAGES = {"drop": in_frames(drop), "repeat": in_frames(repeat), "swap": in_frames(swap), "cut": cut}
DAMAGES = {"flip": flipped, "overwrite": overwritten, **FRAME_DAMAGES}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", BODIES)
def test_damaged_stream(name: str, damage: str) -> None:
    chance = random.Random(f"{name} {damage}")
    protocol = PROTOCOLS[EXPECTED[name]["protocol"]]
    for round_ in range(ROUNDS):
        body = DAMAGES[damage](BODIES[name], chance)
        for request in REQUESTS:
            profile = PROFILES["vllm" if request.tools else "openai"]
            said = events(body, request, protocol=protocol, profile=profile)
            check_events(said)
            if round_ < 3:
                cuts = [chance.randrange(len(body) + 1) for _ in range(10)]
                assert events(sliced(body, cuts), request, protocol=protocol, profile=profile) == said


def spoken(body: bytes) -> dict[str, str]:
    """Text and reasoning of choice 0 in the frames of a chat that are whole JSON, read in the plainest way."""
    text: dict[str, str] = {"content": "", "reasoning": ""}
    for line in body.replace(b"\r\n", b"\n").split(b"\n"):
        try:
            document = json.loads(line.removeprefix(b"data:"))
        except ValueError:
            continue
        for choice in cast("dict[str, Any]", document).get("choices") or []:
            delta = choice.get("delta") or {}
            if choice.get("index") == 0:
                text["content"] += delta.get("content") or (delta.get("audio") or {}).get("transcript") or ""
                text["reasoning"] += delta.get("reasoning_content") or delta.get("reasoning") or ""
    return text


NOT_PLAIN = ("framing-multiline-data.sse", "framing-bom.sse", "qwen3-empty-think.sse", "vllm-close-think-only.sse")
PLAINLY_SPOKEN = [
    name for name, case in EXPECTED.items() if case["protocol"] == "chat" and name not in NOT_PLAIN and "content_type" not in case
]


@pytest.mark.parametrize("damage", FRAME_DAMAGES)
@pytest.mark.parametrize("name", PLAINLY_SPOKEN)
def test_what_arrived_is_kept(name: str, damage: str) -> None:
    chance = random.Random(f"{name} {damage}")
    for _ in range(ROUNDS):
        body = FRAME_DAMAGES[damage](BODIES[name], chance)
        answer = folded(events(body))
        assert {"content": answer.text, "reasoning": answer.reasoning} == spoken(body)


def test_decoding_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also past the limits: ten thousand calls, choices and items, and text that is nothing but beginnings of markers."""
    monkeypatch.setattr(limits, "MOST_PARTS", 10**6)
    monkeypatch.setattr(limits, "MOST_CHOICES", 10**6)
    calls = [{"index": n, "id": f"c{n}", "function": {"name": "f", "arguments": "{}"}} for n in range(10_000)]
    documents = [{"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]} for call in calls]
    documents += [{"choices": [{"index": n, "delta": {"content": "<tool_cal"}}]} for n in range(1000)]
    documents += [{"choices": [{"index": 0, "delta": {"content": "</thin\n"}}]} for _ in range(10_000)]
    body = b"".join(b"data: %s\n\n" % json.dumps(document).encode() for document in documents)
    check_events(events(body, REQUESTS[1]))
