"""The HTTP clients: one for each endpoint, kept for its pool. On the background loop only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
from jiter import from_json

from . import endpoint as endpoints
from .bounds import bound
from .cassette import Recorder, load
from .dialects.payload import is_crowded
from .endpoint import Endpoint
from .errors import ConfigError
from .learned import lesson
from .playback import ReplayTransport
from .recording import RecordingTransport
from .redaction import QuietFilter
from .runner import loop
from .transport import transport

_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=128)
"""As many connections as questions: `map` says how many that are. Those that are idle for a few seconds are closed, those beyond
some at once."""

_LATE_LOGGERS = ("httpcore2.connection", "httpcore2.http11", "httpcore2.http2", "httpcore2.proxy", "httpcore2.socks")
"""They are made at the first connection."""

_VERSION = re.compile(r"/v\d")
_MET_BY_ALL = (401, 402, 403, 407, 408, 409, 425, 429)
"""Statuses below 500 with which a question would be refused, too."""

_clients: dict[tuple[asyncio.AbstractEventLoop, Endpoint, Recorder | None], openai.AsyncOpenAI] = {}
"""By loop, too: after a fork there is another one, and the sockets of the first are the parent's. They stay referenced here, for
closing them would take them from the parent's loop."""
_players: dict[tuple[Path | None, float, int | None], ReplayTransport] = {}
"""By recording, whichever server is asked: each exchange comes once, in the order in which all of them were recorded."""
_recorder: Recorder | None = None


def connection(endpoint: Endpoint) -> openai.AsyncOpenAI:
    """The client of `endpoint`. Retries are not its business: the user is told of each."""
    key = (loop(), endpoint, _recorder)
    if key not in _clients:
        _quieten()
        try:
            client = openai.AsyncOpenAI(
                base_url=endpoint.address,
                api_key=endpoint.api_key or "none",
                max_retries=0,
                http_client=_http_client(endpoint),
            )
        except httpx2.InvalidURL as error:
            raise ConfigError(f"{endpoint.address!r} is no address of a server: {error}.") from error
        # It takes them from variables that are meant for OpenAI's own servers, and a header from there goes over the key.
        client._custom_headers, client.organization, client.project = endpoint.headers, None, None
        _clients[key] = client
    return _clients[key]


def auth(endpoint: Endpoint) -> dict[str, Any]:
    """Headers for a request to `endpoint`: the package insists on a key, but a server without keys gets none."""
    has_auth = endpoint.api_key or any(name.lower() == "authorization" for name in endpoint.headers)
    return {} if has_auth else {"Authorization": openai.Omit()}


_QUIET = QuietFilter()


def _quieten() -> None:
    """Take keys out of what the packages below log: addresses, and headers in which a server echoes them."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] in ("openai", "httpx2", "httpcore2")]
    for name in (*names, *_LATE_LOGGERS):
        logging.getLogger(name).addFilter(_QUIET)


def _http_client(endpoint: Endpoint) -> httpx2.AsyncClient:
    through: httpx2.AsyncBaseTransport | None
    if endpoint.cassette:
        key = _recording_of(endpoint)
        if key not in _players:
            _players[key] = ReplayTransport(load(endpoint.cassette), speed=endpoint.speed, split=endpoint.split)
        through = _players[key]
    else:
        through = transport(_LIMITS)
    if _recorder:
        through = RecordingTransport(through or httpx2.AsyncHTTPTransport(limits=_LIMITS), _recorder, endpoint.redaction)
    hooks = {"response": [bound, _refuse]}
    return openai.DefaultAsyncHttpxClient(transport=through, limits=_LIMITS, event_hooks=hooks)


def _recording_of(endpoint: Endpoint) -> tuple[Path | None, float, int | None]:
    return endpoint.cassette, endpoint.speed, endpoint.split


class RefusedError(httpx2.RequestError):
    """A server answered with an error status. One of the transport's errors, which openai hands on as they are."""

    def __init__(self, response: httpx2.Response, body: bytes) -> None:
        super().__init__(f"HTTP {response.status_code}")
        self.response = response
        self.body = body
        """Its body, as far as it came."""


async def _refuse(response: httpx2.Response) -> None:
    # Here, because openai raises what breaks within the body of a refusal, and forgets the refusal.
    if response.is_success or response.has_redirect_location:
        return
    body = bytearray()
    with contextlib.suppress(httpx2.HTTPError):
        async for piece in response.aiter_bytes():
            body += piece
    raise RefusedError(response, bytes(body))


@contextlib.contextmanager
def record(path: str | Path) -> Iterator[None]:
    """Keep every raw byte of all replies inside the `with`, with its time, in a cassette at `path`. No keys, no headers.

    The file has a line of JSON for each piece; it is compressed if its name ends in `.gz`. An existing file is replaced.
    `ConfigError` if it cannot be written.

    >>> with qn.record("demo.jsonl"):
    ...     reply = qn.ask("Hello! Who are you?")
    I am Qwen.
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    """
    global _recorder
    try:
        recorder = Recorder(Path(path), by="qwen_nb")
    except OSError as error:
        raise ConfigError(f"No recording can be written to {path}: {error.strerror}.") from error
    before, _recorder = _recorder, recorder
    try:
        yield
    finally:
        _recorder.close()
        _recorder = before


@contextlib.contextmanager
def replay(path: str | Path, *, speed: float = 1.0, split: int | None = None) -> Iterator[Endpoint]:
    """Play replies from a cassette inside the `with`. Nothing is sent, whichever endpoint is asked.

    They come at their recorded pace times `speed` (`math.inf`: at once), in the chunks in which they came, or in chunks of at most
    `split` bytes. A request that is not in the recording raises `ConfigError` with what is there; so does a damaged file.

    >>> with qn.record("demo.jsonl"):
    ...     reply = qn.ask("Hello! Who are you?", display=False)
    >>> with qn.replay("demo.jsonl", speed=10):
    ...     reply = qn.ask("Hello! Who are you?")
    I am Qwen.
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    """
    endpoint = Endpoint("http://recorded.invalid/v1", profile="openai", cassette=Path(path), speed=speed, split=split)
    load(Path(path))
    before = endpoints.play(endpoint)
    try:
        yield endpoint
    finally:
        endpoints.play(before)
        # The file may be recorded anew, and then be played from its beginning.
        _players.pop(_recording_of(endpoint), None)
        for key in [key for key in _clients if _recording_of(key[1]) == _recording_of(endpoint)]:
            del _clients[key]


async def list_models(client: openai.AsyncOpenAI, endpoint: Endpoint, timeout: float | None = None) -> Any:
    """The server's answer to `GET /models`, from which `learned` learns; `None` if it is no JSON.

    Raises `openai.APIConnectionError`, also for an answer with an error status: then its cause is a `RefusedError`. `timeout` is
    in seconds without a byte, and else the endpoint's.
    """
    options: Any = {"headers": auth(endpoint), "timeout": httpx2.Timeout(timeout or endpoint.timeout, connect=10.0)}
    response = await client.get("/models", cast_to=httpx2.Response, options=options)
    body = endpoint.redaction.clean(response.text).encode("utf-8", "replace")
    try:
        document = None if is_crowded(body) else from_json(body)
    except ValueError:
        document = None
    lesson(endpoint).learn_models(document)
    return document


async def first_model(client: openai.AsyncOpenAI, endpoint: Endpoint, timeout: float | None = None) -> str:
    """The first model that the server lists; of a recording, the one that was asked.

    `ConfigError` if it lists none, or has no list. Raises as `list_models` where a question would be refused, too.
    """
    if endpoint.cassette:
        return next((str(exchange.body["model"]) for exchange in load(endpoint.cassette) if exchange.body.get("model")), "recorded")
    known = lesson(endpoint)
    if not known.model:
        try:
            await list_models(client, endpoint, timeout)
        except openai.APIConnectionError as error:
            refusal = error.__cause__
            if not isinstance(refusal, RefusedError) or not is_without_list(endpoint, refusal.response.status_code):
                raise
            raise ConfigError(
                f"{endpoint.title} does not say which models it has (HTTP {refusal.response.status_code}): name one with model=."
            ) from error
    if not known.model:
        raise ConfigError(f"{endpoint.title} has no model loaded: load one there, or name one with model=.")
    return known.model


def is_without_list(endpoint: Endpoint, status: int) -> bool:
    """Whether a server that refuses to list its models with this status has no list, and may answer questions all the same."""
    if status == 404:
        # Without a version in the address nothing else is there, either.
        return _VERSION.search(endpoint.address) is not None
    return status not in _MET_BY_ALL and (status < 500 or status == 501)
