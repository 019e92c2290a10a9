"""What a server sends as it comes over HTTP, bounded: bodies are unpacked a piece at a time, and no longer than is of use.

A hook of the HTTP client, not a transport: with a transport of one's own the client forgets the proxies of the environment.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

import httpx2

from . import limits
from .errors import ConnectError, StreamError

_EITHER = 32 + zlib.MAX_WBITS
"""For zlib: gzip or deflate, as its header says."""


async def bound(response: httpx2.Response) -> None:
    """Bound the body of `response`, which nobody has read yet, and do not follow it to another server.

    Bodies of errors and redirects end after `LARGEST_ERROR` bytes. A list of models with more than `LARGEST_LIST` raises
    `StreamError`, and so does a body that is packed in a way that was not asked for and cannot be unpacked piece by piece.
    """
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)
    packing = response.headers.pop("content-encoding", "identity").lower()
    is_answer = response.request.method == "POST" and response.is_success
    response.stream = _Bounded(stream, packing, is_answer=is_answer, is_error=not response.is_success)
    if response.has_redirect_location:
        _check_redirect(response)


class _Bounded(httpx2.AsyncByteStream):
    """A body, unpacked and bounded."""

    def __init__(self, stream: httpx2.AsyncByteStream, packing: str, *, is_answer: bool, is_error: bool) -> None:
        self._stream = stream
        self._packing = packing
        self._is_answer = is_answer
        self._is_error = is_error

    def __aiter__(self) -> AsyncIterator[bytes]:
        # How long an answer may be is for who reads it.
        return self._unpacked() if self._is_answer else self._bounded()

    async def _bounded(self) -> AsyncIterator[bytes]:
        most = limits.LARGEST_ERROR if self._is_error else limits.LARGEST_LIST
        async for piece in self._unpacked():
            if len(piece) > most and not self._is_error:
                raise limits.exceeded(f"a document of more than {limits.in_words(limits.LARGEST_LIST)}")
            yield piece[:most]
            most -= len(piece)
            if most <= 0 and self._is_error:
                return

    def _unpacked(self) -> AsyncIterator[bytes]:
        return aiter(self._stream) if self._packing in ("identity", "") else self._unpack()

    async def _unpack(self) -> AsyncIterator[bytes]:
        if self._packing not in ("gzip", "x-gzip", "deflate"):
            if self._is_error:
                return
            raise StreamError(
                f"The server, or a proxy before it, packed its answer as {self._packing[:20]!r}, though nobody asked for that. "
                "Turn that off for streams there.",
                code="content_encoding",
            )
        packed = zlib.decompressobj(_EITHER)
        async for piece in self._stream:
            while piece:
                try:
                    yield packed.decompress(piece, limits.READ)
                except zlib.error as error:
                    if self._is_error:
                        return
                    raise StreamError(
                        f"The reply is compressed, and damaged ({error}): turn compression off at the server, or at the proxy "
                        "before it.",
                        code="content_encoding",
                    ) from None
                piece = packed.unconsumed_tail
                # Nothing here waits, and Stop must get through.
                await asyncio.sleep(0)

    async def aclose(self) -> None:
        await self._stream.aclose()


def _check_redirect(response: httpx2.Response) -> None:
    """`ConnectError` if it goes on at another server, which nobody has chosen: the question and the keys would go there."""
    try:
        target = response.url.join(response.headers["location"])
    except httpx2.InvalidURL:
        raise ConnectError("The server redirects to an address that is none.") from None
    asked = response.url
    is_same = (target.scheme, target.host, target.port) == (asked.scheme, asked.host, asked.port)
    is_upgrade = target.host == asked.host and (asked.scheme, target.scheme) == ("http", "https")
    if not is_same and not is_upgrade:
        raise ConnectError(
            f"The server redirects to another, {target.host!r}, and nothing was sent there. If that is right, give its address."
        )


async def whole(chunk: bytes, chunks: AsyncIterator[bytes]) -> bytes:
    """An answer that is one document: `chunk`, and the `chunks` that follow. `StreamError` if it has no end."""
    pieces, size = [chunk], len(chunk)
    async for more in chunks:
        pieces.append(more)
        size += len(more)
        if size > limits.LARGEST_FRAME:
            raise limits.exceeded(f"a document of more than {limits.in_words(limits.LARGEST_FRAME)}")
    return b"".join(pieces)
