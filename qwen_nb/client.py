"""One request over HTTP, as events: connect, retry, read, decode, and always end.

`openai.AsyncOpenAI` gives addresses, auth, pools and proxies. The bytes are split and decoded here: its own decoder drops or
dies of frames that real servers send, and costs several times as much.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import httpx2
import openai
from jiter import from_json

from .connection import connection, first_model
from .dialects import Decoder, Dialect, dialect
from .dialects.error_body import is_retryable, parse_error_body
from .endpoint import Endpoint
from .errors import ConnectError, QwenError, StatusError, StreamError, TruncatedError
from .events import Event, PartDelta, PartEnd, PartStart, Status, StreamEnd
from .request import Request
from .retry import MOST, wait_before
from .silence import Silence
from .sse import SSEDecoder

Sink = Callable[[list[Event]], None]

_DRAIN = 0.1
"""Seconds to wait for the end of a body whose reply is over: a connection that was read to its end is used again."""


async def stream(request: Request, endpoint: Endpoint, sink: Sink, *, started: float | None = None) -> None:
    """Send `request` and hand its events to `sink` as they come; the last one is a `StreamEnd`, whatever happens.

    Raises what the `StreamEnd` says in words: `ConfigError`, `ConnectError`, `StatusError`, `StreamError`, `TruncatedError`.
    Cancelled with a status (`stopped`, `interrupted`) as its message, it closes the connection, ends the stream with that status
    and raises `CancelledError`. Asks again only while nothing has come. Times are seconds since `started` (`time.monotonic`; now).
    """
    exchange = _Exchange(request, endpoint, sink, time.monotonic() if started is None else started)
    try:
        await exchange.run()
    except asyncio.CancelledError as cancelled:
        exchange.end(cast(Status, cancelled.args[0]) if cancelled.args else "stopped")
        raise
    except QwenError as error:
        exchange.end("error", error)
        raise
    except Exception as error:
        exchange.end("error", StreamError(f"A defect in qwen_nb, please report it: {type(error).__name__}: {error}"))
        raise
    finally:
        exchange.silence.close()
    exchange.end()


class _Exchange:
    """A request on its way: its decoder, its clock, its notices."""

    def __init__(self, request: Request, endpoint: Endpoint, sink: Sink, started: float) -> None:
        self._request = request
        self._endpoint = endpoint
        self._sink = sink
        self._dialect: Dialect = dialect(endpoint.speaks)
        self._decoder: Decoder = self._dialect.decoder(request, endpoint.server)
        self._started = started
        self._first_token: float | None = None
        self._request_id = ""
        self._silent: int | None = None
        self.silence = Silence(self._say_silent)

    async def run(self) -> None:
        """Everything between the question and the last byte. Returns when the reply is over, broken off or not."""
        client = connection(self._endpoint)
        if not self._request.model:
            model = self._endpoint.model or self._endpoint.server.default_model or await first_model(client, self._endpoint)
            self._request = replace(self._request, model=model)
            self._decoder = self._dialect.decoder(self._request, self._endpoint.server)
        response = await self._open(client)
        try:
            self._request_id = response.headers.get("x-request-id", "")
            await self._read(response)
        except httpx2.ReadTimeout as error:
            raise StreamError(
                f"No data for {self._timeout:g} s: the stream was given up. timeout= sets how long to wait."
            ) from error
        except httpx2.HTTPError as error:
            raise StreamError(f"The connection broke before the reply had ended ({error or type(error).__name__}).") from error
        finally:
            await response.aclose()

    async def _open(self, client: openai.AsyncOpenAI) -> httpx2.Response:
        attempts = 1
        while True:
            try:
                return await self._post(client)
            except openai.APIStatusError as status_error:
                failure, headers = self._status_error(status_error), status_error.response.headers
                again = is_retryable(failure.status, failure.code, str(failure), self._endpoint.server)
                error: QwenError = failure
            except openai.APIConnectionError as connection_error:
                cause = connection_error.__cause__
                if isinstance(cause, QwenError):
                    raise cause from None
                error, headers, again = self._connect_error(connection_error), httpx2.Headers(), True
            attempts += 1
            wait = wait_before(attempts, headers) if again else None
            if wait is None:
                raise error
            self._notice("retry", f"{error} Retrying in {wait:.1f} s ({attempts} of {MOST}).")
            await asyncio.sleep(wait)

    async def _post(self, client: openai.AsyncOpenAI) -> httpx2.Response:
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", **self._dialect.headers()}
        return await client.post(
            self._dialect.path(self._request),
            cast_to=httpx2.Response,
            body=self._dialect.body(self._request, self._endpoint.server),
            options={"headers": headers, "timeout": httpx2.Timeout(self._timeout, connect=10.0)},
            stream=True,
            stream_cls=openai.AsyncStream[Any],
        )  # type: ignore[return-value]  # httpx2.Response with stream=True is the response, unread

    async def _read(self, response: httpx2.Response) -> None:
        chunks = response.aiter_bytes()
        chunk = await anext(chunks, None)
        if chunk and "event-stream" not in response.headers.get("content-type", "") and _is_document(chunk):
            self._whole(response, chunk + b"".join([more async for more in chunks]))
            return
        clock = asyncio.get_running_loop().time
        frames = SSEDecoder()
        while chunk is not None:
            self.silence.broken_by(clock())
            for frame in frames.feed(chunk):
                if events := self._decoder.feed(frame):
                    self._emit(events)
            if self._decoder.done:
                await _drain(chunks)
                return
            chunk = await anext(chunks, None)
        for frame in frames.end():
            self._emit(self._decoder.feed(frame))

    def _whole(self, response: httpx2.Response, body: bytes) -> None:
        try:
            document = from_json(body)
        except ValueError:
            document = None
        if isinstance(document, dict) and ("choices" in document or "output" in document):
            self._emit(self._decoder.whole(document))
            return
        told = parse_error_body(response.status_code, response.headers.get("content-type", ""), body, self._endpoint.server)
        raise StatusError(
            f"{self._endpoint.title} answered with something that is no reply: {told.message} {told.advice}".strip(),
            status=response.status_code,
            code=told.code,
            request_id=told.request_id or self._request_id,
        )

    def _status_error(self, error: openai.APIStatusError) -> StatusError:
        response = error.response
        told = parse_error_body(
            response.status_code, response.headers.get("content-type", ""), response.content, self._endpoint.server
        )
        request_id = told.request_id or response.headers.get("x-request-id", "")
        facts = ", ".join(fact for fact in (told.code, request_id and f"request {request_id}") if fact)
        message = f"HTTP {response.status_code} from {self._endpoint.title}: {told.message}{f' ({facts})' if facts else ''}."
        return StatusError(
            self._without_key(f"{message} {told.advice}".strip()),
            status=response.status_code,
            code=told.code,
            request_id=request_id,
        )

    def _connect_error(self, error: openai.APIConnectionError) -> ConnectError:
        cause = error.__cause__
        if isinstance(error, openai.APITimeoutError):
            why = "it did not answer in time"
        else:
            why = str(cause or error) or type(cause).__name__
        return ConnectError(
            f"No connection to {self._endpoint.title}: {why}. Is the server running, and is the address right? "
            "%qwen status shows which address is used and why."
        )

    @property
    def _timeout(self) -> float:
        return self._request.timeout or self._endpoint.timeout

    def end(self, status: Status | None = None, error: QwenError | None = None) -> None:
        """End the stream: close open parts, say how it ended. Raises the error of a stream that ended badly by itself."""
        message = self._without_key(str(error or ""))
        code, http_status = getattr(error, "code", ""), getattr(error, "status", None)
        events = self._decoder.end(status, error=message, code=code, http_status=http_status)
        self._emit(events)
        end = cast(StreamEnd, events[-1])
        if error is None and end.status == "error":
            raise StreamError(end.error, code=end.code)
        if error is None and end.status == "truncated":
            raise TruncatedError(end.error or "The stream ended before the model had finished; what had arrived is kept.")

    def _emit(self, events: list[Event]) -> None:
        """Put the time on what starts and ends, and pass it on."""
        now = time.monotonic() - self._started
        for place, event in enumerate(events):
            if isinstance(event, PartDelta):
                if self._first_token is None:
                    self._first_token = now
            elif isinstance(event, StreamEnd):
                request_id = event.request_id or self._request_id
                events[place] = replace(event, at=now, first_token=self._first_token, request_id=request_id)
            else:
                events[place] = replace(event, at=now)
        self._sink(events)

    def _notice(self, code: str, text: str) -> None:
        """Pass on a notice at once; it is no token."""
        first, self._first_token = self._first_token, 0.0
        self._emit(self._decoder.notice(code, text))
        self._first_token = first

    def _say_silent(self, text: str, is_over: bool) -> None:
        events: list[Event] = []
        if self._silent is None:
            self._silent = self._decoder.new_index()
            events.append(PartStart(self._silent, "notice", "silence"))
        events.append(PartDelta(self._silent, text))
        if is_over:
            events.append(PartEnd(self._silent))
            self._silent = None
        first, self._first_token = self._first_token, 0.0
        self._emit(events)
        self._first_token = first

    def _without_key(self, text: str) -> str:
        """Servers echo keys in their errors."""
        key = self._endpoint.api_key
        return text.replace(key, "[key]") if key else text


def _is_document(chunk: bytes) -> bool:
    """Whether a body that is not labelled as a stream starts as JSON or HTML does."""
    return chunk.lstrip()[:1] in (b"{", b"<", b"[")


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    with suppress(asyncio.TimeoutError, httpx2.HTTPError):
        await asyncio.wait_for(anext(chunks, None), _DRAIN)
