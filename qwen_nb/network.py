"""Sockets for the HTTP client, read for what the read itself costs.

httpcore's own take a cancel scope, a timer and three objects for each read, which is more work than all that is done with a chunk;
with a hundred streams at once that is most of the kernel's core. Everything else of HTTP is httpcore's: this is what it calls a
network backend.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Iterable
from typing import Any

import anyio
import httpcore2

_AHEAD = 64 * 1024
"""Bytes that are taken off the socket before anybody asks; a read of httpcore takes as many."""

_HEAD_START = 0.25
"""Seconds that an address has to answer before the next is tried beside it, as RFC 8305 (section 8) recommends."""


class Backend(httpcore2.AsyncNetworkBackend):
    """Connects by asyncio, to the first address of a name that answers."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises `httpcore2.ConnectError`, `ConnectTimeout`."""
        try:
            with anyio.fail_after(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
                stream = await _first_to_answer([address[:2] for *_, address in _by_turns(found)], local_address)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout("The server does not answer") from error
        except OSError as error:
            raise httpcore2.ConnectError(error.strerror or str(error)) from error
        for option in socket_options or ():
            stream.get_extra_info("socket").setsockopt(*option)
        return stream

    async def sleep(self, seconds: float) -> None:
        """Between two attempts to connect."""
        await asyncio.sleep(seconds)


def _by_turns(found: list[Any]) -> list[Any]:
    """What `getaddrinfo` found, the families in turn: where IPv6 leads nowhere, the second attempt is not IPv6 again."""
    seen: Counter[int] = Counter()

    def turn(entry: Any) -> int:
        seen[entry[0]] += 1
        return seen[entry[0]]

    return sorted(found, key=turn)


async def _first_to_answer(addresses: list[tuple[str, int]], local_address: str | None) -> _Stream:
    """Raises `OSError` if none does, the last that one of them met.

    asyncio's own (`happy_eyeballs_delay`) forgets the socket if it is cancelled just after that has been connected.
    """
    connected: list[_Stream] = []
    failures: list[OSError] = []

    async def attempt(address: tuple[str, int], ended: anyio.Event) -> None:
        local = (local_address, 0) if local_address else None
        try:
            _, stream = await asyncio.get_running_loop().create_connection(_Stream, *address, local_addr=local)
        except OSError as error:
            failures.append(error)
            ended.set()
        else:
            connected.append(stream)
            attempts.cancel_scope.cancel()

    try:
        async with anyio.create_task_group() as attempts:
            for address in addresses:
                ended = anyio.Event()
                attempts.start_soon(attempt, address, ended)
                with anyio.move_on_after(_HEAD_START):
                    await ended.wait()
        if not connected:
            raise failures[-1]
        return connected.pop(0)
    finally:
        for stream in connected:
            await stream.aclose()


class _Stream(asyncio.Protocol, httpcore2.AsyncNetworkStream):
    """One connection: what comes is kept until it is read, and no more of it than one read takes, or two.

    One reader and one writer at a time, which is how httpcore uses it. Cancelled, both leave it as it is.
    """

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived: list[bytes] = []
        self._held = 0
        self._is_over = False
        """Nothing more comes."""
        self._is_lost = False
        """It is closed."""
        self._broken: Exception | None = None
        self._reading: asyncio.Future[None] | None = None
        self._writing: asyncio.Future[None] | None = None
        self._is_full = False
        """The server has to take something before more can be sent."""
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None

    # What httpcore asks for.

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, as soon as something has; empty when the server has closed. Raises `ReadError`, `ReadTimeout`."""
        if not self._arrived and not self._is_over:
            self._reading = self._loop.create_future()
            if timeout is not None:
                self._watch(self._loop.time() + timeout)
            try:
                await self._reading
            finally:
                self._reading = None
        if not self._arrived:
            if self._broken:
                raise httpcore2.ReadError(str(self._broken)) from self._broken
            return b""
        data = self._arrived[0] if len(self._arrived) == 1 else b"".join(self._arrived)
        rest = data[max_bytes:]
        self._arrived = [rest] if rest else []
        if self._held > _AHEAD >= len(rest):
            self._transport.resume_reading()
        self._held = len(rest)
        return data[:max_bytes]

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`. Raises `WriteError`, `WriteTimeout`."""
        if self._is_over:
            raise httpcore2.WriteError(str(self._broken or "The server has closed the connection"))
        self._transport.write(buffer)
        if not self._is_full:
            return
        self._writing = self._loop.create_future()
        try:
            with anyio.fail_after(timeout):
                await self._writing
        except TimeoutError as error:
            raise httpcore2.WriteTimeout("The server does not take the question") from error
        finally:
            self._writing = None

    async def aclose(self) -> None:
        """Close it at once, whatever has not been sent."""
        if self._timer:
            self._timer.cancel()
        if not self._is_lost:
            self._transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        """Raises `ConnectError`, `ConnectTimeout`."""
        try:
            with anyio.fail_after(timeout):
                encrypted = await self._loop.start_tls(self._transport, self, ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            await self.aclose()
            raise httpcore2.ConnectTimeout("The server does not answer") from error
        except OSError as error:  # ssl.SSLError, too
            await self.aclose()
            raise httpcore2.ConnectError(str(error)) from error
        assert encrypted is not None
        self._transport = encrypted
        return self

    def get_extra_info(self, info: str) -> Any:
        """`is_readable`: a connection that nobody uses has data only if the server has closed it."""
        if info == "is_readable":
            return self._is_over or bool(self._arrived)
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._transport.get_extra_info(names.get(info, info))

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Something has come."""
        self._arrived.append(data)
        if self._held <= _AHEAD < self._held + len(data):
            self._transport.pause_reading()
        self._held += len(data)
        _wake(self._reading)

    def eof_received(self) -> None:
        """The server has sent all that it will; asyncio closes the connection."""
        self._is_over = True
        _wake(self._reading)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whomever."""
        self._is_over = self._is_lost = True
        self._broken = exc
        _wake(self._reading)
        if self._writing and not self._writing.done():
            self._writing.set_exception(httpcore2.WriteError(str(exc or "The connection was closed")))

    def pause_writing(self) -> None:
        """What has been written waits for the server."""
        self._is_full = True

    def resume_writing(self) -> None:
        """It has taken enough."""
        self._is_full = False
        _wake(self._writing)

    # How long a read waits. One timer for many reads: it looks whether there was one since, and sleeps on.

    def _watch(self, deadline: float) -> None:
        self._deadline = deadline
        if self._timer and self._timer.when() > deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._reading is None or self._reading.done():
            return
        if self._loop.time() < self._deadline:
            self._watch(self._deadline)
        else:
            self._reading.set_exception(httpcore2.ReadTimeout("Nothing has come in time"))


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting and not waiting.done():
        waiting.set_result(None)
