"""One request over HTTP, as events: connect, retry, read, decode, and always end.

`openai.AsyncOpenAI` gives addresses, auth, pools and proxies. The bytes are split and decoded here: its own decoder drops or
dies of frames that real servers send, and costs several times as much.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import httpx2
import openai
from jiter import from_json

from . import limits
from .bounds import whole
from .buffering import ADVICE, Arrivals
from .connection import RefusedError, auth, connection, first_model
from .dialects import Decoder, Dialect, dialect
from .dialects.error_body import ServerError, is_retryable, refused_fields
from .dialects.payload import is_crowded
from .dialects.settings import schema_form
from .endpoint import Endpoint
from .errors import QwenError, StreamError, TruncatedError
from .events import Event, PartDelta, PartEnd, PartStart, Status, StreamEnd
from .keys import secrets_in
from .learned import kind_of, lesson
from .limits import Allowance
from .outgoing import Outgoing, Sink
from .request import Request
from .request_errors import RequestErrors
from .retry import MOST, WAITS, wait_before
from .runner import status_of, within
from .silence import Silence
from .sse import SSEDecoder

_DRAIN = 0.1
"""Seconds to wait for the end of a body whose reply is over: a connection that was read to its end is used again."""


async def stream(
    request: Request, endpoint: Endpoint, sink: Sink, *, started: float | None = None, allowance: Allowance | None = None
) -> None:
    """Send `request` and hand its events to `sink` as they come; the last one is a `StreamEnd`, whatever happens.

    Raises what the `StreamEnd` says in words: `ConfigError`, `ConnectError`, `StatusError`, `StreamError`, `TruncatedError`.
    Cancelled with a status (`stopped`, `interrupted`) as its message, it closes the connection, ends the stream with that status
    and raises `CancelledError`. Asks again only while nothing has come. Times are seconds since `started` (`time.monotonic`; now).
    What exceeds a limit (`limits.py`), or the `allowance` that several requests share, ends it with a `StreamError`.
    """
    exchange = _Exchange(request, endpoint, sink, time.monotonic() if started is None else started, allowance or Allowance())
    failure: QwenError | None = None
    try:
        await exchange.run()
    except asyncio.CancelledError as cancelled:
        exchange.end(status_of(cancelled))
        raise
    except QwenError as error:
        failure = error
    except Exception as error:
        exchange.end("error", StreamError(f"This is a defect in qwen_nb, please report it: {type(error).__name__}."))
        raise
    finally:
        exchange.silence.close()
    # A connection that breaks when the reply is whole has cost nothing, so the end decides.
    end = exchange.end("error" if failure else None, failure)
    if end.status == "truncated":
        raise TruncatedError(end.error)
    if end.status == "error":
        if failure is None or str(failure) != end.error:
            failure = StreamError(end.error, code=end.code)
        # Only what it says goes on: the variables of the frames it came from hold what the server sent, and the key.
        failure.__cause__ = failure.__context__ = None
        raise failure.with_traceback(None)


class _Exchange:
    """A request on its way: its decoder, its clock, its notices."""

    def __init__(self, request: Request, endpoint: Endpoint, sink: Sink, started: float, allowance: Allowance) -> None:
        self._request = request
        self._endpoint = endpoint
        self._dialect: Dialect = dialect(endpoint.speaks)
        self._profile = kind_of(endpoint)
        self._decoder: Decoder = self._dialect.decoder(request, self._profile)
        self._started = started
        self._silent: int | None = None
        self._has_told = False
        self._allowance = allowance
        self._redaction = endpoint.redaction.with_secrets(secrets_in(request.extra))
        self._errors = RequestErrors(endpoint.title, self._redaction)
        self._outgoing = Outgoing(sink, started, self._redaction, allowance)
        self.silence = Silence(self._say_silent)

    async def run(self) -> None:
        """Everything between the question and the last byte. Returns when the reply is over, broken off or not."""
        response = await self._open(connection(self._endpoint))
        try:
            self._outgoing.request_id = response.headers.get("x-request-id", "")
            await self._read(response)
        except httpx2.ReadTimeout as error:
            raise self._errors.silent(self._timeout) from error
        except httpx2.HTTPError as error:
            raise self._errors.broken(error) from error
        finally:
            await response.aclose()

    async def _choose_model(self, client: openai.AsyncOpenAI) -> None:
        known = self._endpoint.model or self._profile.default_model
        model = known or await first_model(client, self._endpoint, self._timeout)
        self._request = replace(self._request, model=model)
        self._profile = kind_of(self._endpoint)
        decoder = self._dialect.decoder(self._request, self._profile)
        if self._has_told:
            decoder.follow(self._decoder)
        self._decoder = decoder

    async def _open(self, client: openai.AsyncOpenAI) -> httpx2.Response:
        attempts = 1
        while True:
            try:
                if not self._request.model:
                    await self._choose_model(client)
                return await self._post(client)
            except openai.APIConnectionError as connection_error:
                cause = connection_error.__cause__
                if isinstance(cause, QwenError):
                    raise cause from None
                error: QwenError = self._errors.unreachable(connection_error)
                headers: dict[str, str] = {}
                again = not isinstance(cause, (httpx2.TooManyRedirects, httpx2.LocalProtocolError))
                if isinstance(cause, RefusedError):
                    status = cause.response.status_code
                    told = self._errors.told(cause.response, cause.body, self._profile)
                    if self._tell_schema_otherwise(status, told) or self._leave_out(told):
                        continue
                    error = self._errors.refused(cause.response, told)
                    headers = {name: cause.response.headers.get(name, "") for name in WAITS}
                    again = is_retryable(status, told.code, told.message, self._profile)
            attempts += 1
            wait = wait_before(attempts, headers) if again else None
            if wait is None:
                raise error
            self._notice("retry", f"{error} Retrying in {wait:.1f} s ({attempts} of {MOST}).")
            await asyncio.sleep(wait)

    def _leave_out(self, told: ServerError) -> bool:
        """Whether a strict server refuses fields that can be left out; they are, from now on."""
        body = self._dialect.body(self._request, self._profile)
        left_out = lesson(self._endpoint).learn_refusal(refused_fields(told.message), body, self._request.extra)
        if left_out:
            fields = ", ".join(left_out)
            self._notice("refused_field", f"{self._endpoint.title} does not know {fields}, so the question goes without.")
        return bool(left_out)

    def _tell_schema_otherwise(self, status: int, told: ServerError) -> bool:
        """Whether the server refuses the way in which the schema is told; the next way is taken, from now on."""
        refused = schema_form(self._request, self._profile)
        learn = lesson(self._endpoint).learn_schema_refusal
        form = learn(self._request.model, refused, status, told.message) if self._request.schema is not None else None
        if form is None:
            return False
        self._request = replace(self._request, schema_form=form)
        self._notice("schema_form", f"{self._endpoint.title} refuses {refused} here, so the model is told of the schema in words.")
        return True

    async def _post(self, client: openai.AsyncOpenAI) -> httpx2.Response:
        known = lesson(self._endpoint)
        if form := known.schema_forms.get(self._request.model):
            self._request = replace(self._request, schema_form=form)
        refused = known.refused - set(self._request.extra)
        body = self._dialect.body(self._request, self._profile)
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", **auth(self._endpoint), **self._dialect.headers()}
        return await client.post(
            self._dialect.path(self._request),
            cast_to=httpx2.Response,
            body={name: value for name, value in body.items() if name not in refused},
            options={"headers": headers, "timeout": httpx2.Timeout(self._timeout, connect=10.0)},
            stream=True,
            stream_cls=openai.AsyncStream[Any],
        )  # type: ignore[return-value]  # httpx2.Response with stream=True is the response, unread

    async def _read(self, response: httpx2.Response) -> None:
        # Without an encoding the raw bytes are the bytes, at half the cost.
        chunks = response.aiter_bytes() if "content-encoding" in response.headers else response.aiter_raw()
        chunk = await anext(chunks, None)
        if "event-stream" not in response.headers.get("content-type", ""):
            # Blank lines keep a connection alive, and do not tell what will come.
            while chunk is not None and chunk.isspace():
                self.silence.broken_by(time.monotonic())
                chunk = await anext(chunks, None)
            if chunk and _is_document(chunk):
                self._whole(response, await whole(chunk, chunks))
                return
        clock = time.monotonic
        decoder, frames = self._decoder, SSEDecoder()
        arrivals = Arrivals(self._started)
        try:
            while chunk is not None:
                now = clock()
                self.silence.broken_by(now)
                arrived = frames.feed(chunk)
                arrivals.note(now, len(arrived))
                for frame in arrived:
                    if events := decoder.feed(frame):
                        self._outgoing.put(events)
                self._allowance.check()
                if frames.held > limits.LARGEST_FRAME:
                    frames = SSEDecoder()  # Nothing is made of what it holds.
                    raise limits.exceeded(f"a frame of more than {limits.in_words(limits.LARGEST_FRAME)}")
                if decoder.done:
                    await _drain(chunks)
                    break
                chunk = await anext(chunks, None)
        finally:
            # However the body ended: a frame that lacks no more than its blank line has arrived.
            for frame in frames.end():
                self._outgoing.put(decoder.feed(frame))
        if arrivals.are_bursts:
            self._notice("buffered", ADVICE)

    def _whole(self, response: httpx2.Response, body: bytes) -> None:
        body = self._redaction.clean_bytes(body)
        try:
            document = None if is_crowded(body) else from_json(body)
        except ValueError:
            document = None
        if isinstance(document, dict) and ("choices" in document or "output" in document):
            self._outgoing.put(self._decoder.whole(document))
            return
        raise self._errors.no_reply(response, self._errors.told(response, body, self._profile))

    @property
    def _timeout(self) -> float:
        return self._request.timeout or self._endpoint.timeout

    def end(self, status: Status | None = None, error: QwenError | None = None) -> StreamEnd:
        """End the stream: close open parts, say how it ended."""
        code, http_status = getattr(error, "code", ""), getattr(error, "status", None)
        events = self._decoder.end(status, error=str(error or ""), code=code, http_status=http_status)
        self._outgoing.put(events)
        return cast(StreamEnd, events[-1])

    def _notice(self, code: str, text: str) -> None:
        """Pass on a notice at once; it is no token."""
        self._has_told = True
        self._outgoing.put_aside(self._decoder.notice(code, text))

    def _say_silent(self, text: str, is_over: bool) -> None:
        self._has_told = True
        events: list[Event] = []
        if self._silent is None:
            self._silent = self._decoder.new_index()
            events.append(PartStart(self._silent, "notice", "silence"))
        events.append(PartDelta(self._silent, text))
        if is_over:
            events.append(PartEnd(self._silent))
            self._silent = None
        self._outgoing.put_aside(events)


def _is_document(chunk: bytes) -> bool:
    """Whether a body that is not labelled as a stream starts as JSON or HTML does."""
    return chunk.lstrip()[:1] in (b"{", b"<", b"[")


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    with suppress(asyncio.TimeoutError, httpx2.HTTPError):
        await within(_DRAIN, anext(chunks, None))
