"""A transport that plays what was recorded, and opens no socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2

from .cassette import Exchange
from .errors import ConfigError
from .matching import prompt_of, said_in, tools_in


class ReplayTransport(httpx2.AsyncBaseTransport):
    """Plays exchanges at their recorded pace times `speed`, in pieces of at most `split` bytes if that is given. Opens no socket.

    A request gets the exchange with the same body; else one where the same was said, if possible with the same tools offered.
    Exchanges where the same was said are played in their order, and the last of them again. `ConfigError` for a request that is
    not there.
    """

    def __init__(self, exchanges: list[Exchange], *, speed: float = 1.0, split: int | None = None) -> None:
        self._exchanges = exchanges
        self._speed = speed
        self._split = split
        self._played: set[int] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded response, as if it had come over the network."""
        body = json.loads(await request.aread() or b"{}")
        exchange = self._find(request.url.path, body)
        stream = _Playback(exchange, self._speed, self._split)
        return httpx2.Response(exchange.status, headers=exchange.headers, stream=stream, request=request)

    def _find(self, path: str, body: Mapping[str, Any]) -> Exchange:
        wanted = said_in(body)
        same = [number for number, exchange in enumerate(self._exchanges) if said_in(exchange.body) == wanted]
        same = [number for number in same if tools_in(self._exchanges[number].body) == tools_in(body)] or same
        same = [number for number in same if self._exchanges[number].body == body] or same
        if same:
            chosen = next((number for number in same if number not in self._played), same[-1])
            self._played.add(chosen)
            return self._exchanges[chosen]
        for exchange in self._exchanges:
            if exchange.is_fallback:
                return exchange
        there = "; ".join(sorted({repr(exchange.prompt) for exchange in self._exchanges if exchange.prompt})) or "nothing"
        raise ConfigError(f"Not in the recording: {path} with the prompt {prompt_of(body)!r}. Recorded: {there}.")


class _Playback(httpx2.AsyncByteStream):
    def __init__(self, exchange: Exchange, speed: float, split: int | None) -> None:
        self._exchange = exchange
        self._speed = speed
        self._split = split

    async def __aiter__(self) -> AsyncIterator[bytes]:
        started = time.monotonic()
        for at, chunk in self._exchange.chunks:
            await asyncio.sleep(max(0.0, started + at / self._speed - time.monotonic()))
            size = self._split or len(chunk) or 1
            for start in range(0, len(chunk), size):
                yield chunk[start : start + size]
        if self._exchange.is_broken:
            raise httpx2.RemoteProtocolError("the connection broke here when this was recorded")
