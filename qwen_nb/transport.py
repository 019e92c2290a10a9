"""What requests to a server go through: the HTTP client's own transport, on our sockets, as often as there is a crowd.

httpcore's pool looks at each of its connections whenever a request begins or ends, so a thousand requests cost a thousand times a
thousand looks, more than all the rest of them. With a few dozen in each pool they cost what a few dozen do.
"""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable

import httpcore2
import httpx2

from .network import Backend

CROWD = 64
"""Requests that one pool has at a time."""


def transport(limits: httpx2.Limits) -> httpx2.AsyncBaseTransport | None:
    """For one server; `None` where the environment names proxies, which the client forgets if it is given a transport."""
    return None if urllib.request.getproxies().keys() - {"no"} else _Transports(limits)


class _Transports(httpx2.AsyncBaseTransport):
    """The first has all requests, unless it is full; the others are there while they are needed."""

    def __init__(self, limits: httpx2.Limits) -> None:
        self._limits = limits
        self._context = httpx2.create_ssl_context()
        self._each = [_Transport(self._context, limits)]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises `httpx2.TransportError`."""
        one = next((each for each in self._each if each.requests < CROWD), None)
        if one is None:
            one = _Transport(self._context, self._limits)
            self._each.append(one)

        async def end() -> None:
            one.requests -= 1
            if not one.requests and one is not self._each[0]:
                self._each.remove(one)
                await one.aclose()

        one.requests += 1
        try:
            response = await one.handle_async_request(request)
        except BaseException:
            await end()
            raise
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Body(response.stream, end)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        for each in self._each:
            await each.aclose()


class _Transport(httpx2.AsyncHTTPTransport):
    """The client's own, which cannot be told what sockets to use."""

    def __init__(self, context: ssl.SSLContext, limits: httpx2.Limits) -> None:
        super().__init__(verify=context)
        self.requests = 0
        """That have not ended."""
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=Backend(),
        )


class _Body(httpx2.AsyncByteStream):
    """A body that says when nobody wants more of it."""

    def __init__(self, stream: httpx2.AsyncByteStream, end: Callable[[], Awaitable[None]]) -> None:
        self._stream = stream
        self._end: Callable[[], Awaitable[None]] | None = end

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)

    async def aclose(self) -> None:
        """Close it, once or twice."""
        end, self._end = self._end, None
        try:
            await self._stream.aclose()
        finally:
            if end:
                await end()
