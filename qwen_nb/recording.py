"""A transport that writes down what goes over the wire, without keys."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from .cassette import Recorder
from .keys import is_secret, secrets_in
from .redaction import MASK, Redaction, Redactor

_KEPT_HEADERS = ("content-type", "retry-after", "retry-after-ms", "x-request-id")


class RecordingTransport(httpx2.AsyncBaseTransport):
    """Passes requests on to `transport` and tells `recorder` what went over the wire, but for what `redaction` takes out."""

    def __init__(self, transport: httpx2.AsyncBaseTransport, recorder: Recorder, redaction: Redaction) -> None:
        self._transport = transport
        self._recorder = recorder
        self._redaction = redaction

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response of the transport below; its bytes are written down as somebody reads them, without the key."""
        body = json.loads(await request.aread() or b"{}")
        started = time.monotonic()
        response = await self._transport.handle_async_request(request)
        number = self._recorder.number()
        redaction = self._redaction.with_secrets(secrets_in(body))
        clean = redaction.clean
        body = json.loads(clean(json.dumps(_without_secrets(body), ensure_ascii=False)))
        self._recorder.write({"n": number, "request": {"method": request.method, "path": clean(request.url.path), "body": body}})
        headers = {name: clean(response.headers[name]) for name in _KEPT_HEADERS if name in response.headers}
        self._recorder.write({"n": number, "response": {"status": response.status_code, "headers": headers}})
        # Compressed bytes would be recorded as such, but a cassette keeps no content-encoding: the client asks for none.
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Recording(response.stream, self._recorder, number, started, redaction)
        return response

    async def aclose(self) -> None:
        """Close the transport below; the recorder stays open for others."""
        await self._transport.aclose()


class _Recording(httpx2.AsyncByteStream):
    def __init__(
        self, stream: httpx2.AsyncByteStream, recorder: Recorder, number: int, started: float, redaction: Redaction
    ) -> None:
        self._stream = stream
        self._recorder = recorder
        self._number = number
        self._started = started
        self._redactor = Redactor(redaction) if redaction else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        end = "broken"
        try:
            async for chunk in self._stream:
                self._keep(chunk)
                yield chunk
            end = "complete"
        finally:
            self._write(end=end)

    def _keep(self, chunk: bytes) -> None:
        if self._redactor:
            # A chunk may end within a character; keys are ASCII.
            chunk = self._redactor.feed(chunk.decode("latin-1")).encode("latin-1")
        try:
            self._write(data=chunk.decode())
        except UnicodeDecodeError:
            self._write(base64=base64.b64encode(chunk).decode())

    def _write(self, **what: str) -> None:
        self._recorder.write({"n": self._number, "at": round(time.monotonic() - self._started, 4), **what})

    async def aclose(self) -> None:
        await self._stream.aclose()


def _without_secrets(value: Any) -> Any:
    """A body without the fields that a user has named as secrets, such as a key in `extra`."""
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {name: MASK if isinstance(item, str) and is_secret(name) else _without_secrets(item) for name, item in value.items()}
    return value
