"""Recordings that were damaged: told with the number of the line, or played to their end."""

from __future__ import annotations

import gzip
import math
import re
import tempfile
from collections.abc import Coroutine, Hashable
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from qwen_nb.cassette import Exchange, load
from qwen_nb.errors import ConfigError
from qwen_nb.playback import ReplayTransport
from tests.fuzz.body_mutation import Bag, document_mutator, dumped
from tests.fuzz.target import Target

T = TypeVar("T")

_FOLDER = tempfile.TemporaryDirectory(prefix="qwen_nb-fuzz-")
_WORDS = ("data: [DONE]\n\n", "{", "}", '"', "\n", "\r\n", "cassette", "n", "at", "end", "broken", "complete", "aGk=")


def _lines() -> list[dict[str, Any]]:
    messages = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "快速?"}]
    parts = [{"role": "user", "content": [{"type": "text", "text": "Hi."}, {"type": "image_url", "image_url": {"url": "data:,"}}]}]
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    called = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    return [
        {"cassette": 1, "recorded": "2026-11-20", "by": "qwen_nb"},
        {"n": 1, "request": {"method": "POST", "path": "/v1/chat/completions", "body": {"model": "m", "messages": messages}}},
        {"n": 1, "response": {"status": 200, "headers": {"content-type": "text/event-stream"}}},
        {"n": 1, "at": 0.1, "data": "data: {}\n\n"},
        {"n": 2, "request": {"method": "POST", "path": "/v1/x", "body": {"input": parts, "tools": tools}}, "fallback": True},
        {"n": 1, "at": 0.2, "base64": "/+E="},
        {"n": 2, "response": {"status": 429, "headers": {"retry-after": "1"}}},
        {"n": 2, "at": 0.2, "end": "broken"},
        {"n": 1, "at": 0.3, "end": "complete"},
        {"n": 3, "request": {"method": "POST", "path": "/x", "body": {"input": {"messages": called}}}},
        {"n": 4, "request": {"method": "GET", "path": "/v1/models", "body": {}}},
        {"n": 4, "at": 0.3, "end": "complete"},
    ]


def _saved(variant: int, data: bytes) -> Path:
    """`data` as a file: as it is; compressed; or with the name of a compressed file."""
    path = Path(_FOLDER.name) / ("some.jsonl" if variant == 0 else "some.jsonl.gz")
    path.write_bytes(gzip.compress(data, 1, mtime=0) if variant == 1 else data)
    return path


def check_cassette(variant: int, data: bytes) -> Hashable:
    try:
        exchanges = load(_saved(variant, data))
    except ConfigError as error:
        return _check_words(str(error), variant, data)
    transport = ReplayTransport(exchanges, speed=math.inf, split=5)
    played = [_play(transport, exchange) for exchange in exchanges]
    assert played == [b"".join(piece for _, piece in exchange.chunks) for exchange in _in_order(exchanges)]
    return tuple((each.status, len(each.chunks), each.ended is None, each.is_broken) for each in exchanges[:3])


def _check_words(message: str, variant: int, data: bytes) -> Hashable:
    assert "\n" not in message
    if found := re.search(r" is damaged in line (\d+)", message):
        number = int(found[1])
        assert number > 1
        if variant < 2:
            # The lines before are whole, and that line is not.
            load(_saved(variant, b"\n".join(data.split(b"\n")[: number - 1])))
        return "damaged"
    assert "is not a recording of qwen_nb" in message
    return re.sub(r".*recording of qwen_nb", "", message)[:30]


def _in_order(exchanges: list[Exchange]) -> list[Exchange]:
    """Those that are played when each is asked for in its turn: of the same ones first the first, then the last again."""
    order = []
    for number, exchange in enumerate(exchanges):
        same = [each for each in exchanges if _asked(each) == _asked(exchange)]
        before = sum(_asked(each) == _asked(exchange) for each in exchanges[:number])
        order.append(same[min(before, len(same) - 1)])
    return order


def _asked(exchange: Exchange) -> bytes:
    return dumped(exchange.body)


def _play(transport: ReplayTransport, exchange: Exchange) -> bytes:
    request = httpx2.Request("POST", "http://recorded.invalid/v1", content=dumped(exchange.body))
    return _driven(_body(transport, request))


async def _body(transport: ReplayTransport, request: httpx2.Request) -> bytes:
    response = await transport.handle_async_request(request)
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)
    pieces = []
    try:
        async for piece in stream:
            pieces.append(piece)
    except httpx2.RemoteProtocolError:
        pass
    return b"".join(pieces)


def _driven(coroutine: Coroutine[Any, Any, T]) -> T:
    """What it returns; a loop of its own for each would take most of the time."""
    try:
        while True:
            waiting = coroutine.send(None)
            assert waiting is None, "it waits for something else than its turn"
    except StopIteration as end:
        result: T = end.value
        return result


def _seed() -> bytes:
    return b"\n".join(map(dumped, _lines())) + b"\n"


def _work(variant: int, data: bytes) -> object:
    try:
        return load(_saved(variant, data))
    except ConfigError:
        return None


CASSETTE = Target(
    "cassette", 3, [_seed(), gzip.compress(_seed(), mtime=0)], document_mutator(Bag(_lines(), _WORDS)), check_cassette, _work
)
