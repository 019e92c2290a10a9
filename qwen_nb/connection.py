"""The HTTP clients: one for each endpoint, kept for its pool. On the background loop only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai

from .cassette import Recorder, RecordingTransport, ReplayTransport, load
from .endpoint import Endpoint
from .errors import ConfigError
from .learned import lesson

_clients: dict[tuple[Endpoint, Recorder | None], openai.AsyncOpenAI] = {}
_recorder: Recorder | None = None


def connection(endpoint: Endpoint) -> openai.AsyncOpenAI:
    """The client of `endpoint`. Retries are not its business: the user is told of each."""
    key = (endpoint, _recorder)
    if key not in _clients:
        _clients[key] = openai.AsyncOpenAI(
            base_url=endpoint.address,
            api_key=endpoint.api_key or "none",
            default_headers=endpoint.headers,
            max_retries=0,
            http_client=_http_client(endpoint),
        )
    return _clients[key]


def auth(endpoint: Endpoint) -> dict[str, Any]:
    """Headers for a request to `endpoint`: the package insists on a key, but a server without keys gets none."""
    return {} if endpoint.api_key else {"Authorization": openai.Omit()}


def _http_client(endpoint: Endpoint) -> httpx2.AsyncClient | None:
    if endpoint.cassette:
        exchanges = load(endpoint.cassette)
        return openai.DefaultAsyncHttpxClient(transport=ReplayTransport(exchanges, speed=endpoint.speed))
    if _recorder:
        return openai.DefaultAsyncHttpxClient(transport=RecordingTransport(httpx2.AsyncHTTPTransport(), _recorder))
    return None


@contextlib.contextmanager
def record(path: str | Path) -> Iterator[None]:
    """Keep every raw byte of all replies inside the `with`, with its time, in a cassette at `path`. No keys, no headers.

    An existing file is replaced. Replies to it come back with `qn.replay(path)`.
    """
    global _recorder
    before, _recorder = _recorder, Recorder(Path(path), by="qwen_nb")
    try:
        yield
    finally:
        _recorder.close()
        _recorder = before


async def list_models(client: openai.AsyncOpenAI, endpoint: Endpoint) -> Any:
    """The server's answer to `GET /models`, from which `learned` learns. Raises `openai.OpenAIError`."""
    document = await client.get("/models", cast_to=object, options={"headers": auth(endpoint)})
    lesson(endpoint).learn_models(document)
    return document


async def first_model(client: openai.AsyncOpenAI, endpoint: Endpoint) -> str:
    """The first model that the server lists; of a recording, the one that was asked. `ConfigError` if it lists none."""
    if endpoint.cassette:
        return next((str(exchange.body["model"]) for exchange in load(endpoint.cassette) if exchange.body.get("model")), "recorded")
    known = lesson(endpoint)
    if not known.model:
        try:
            await list_models(client, endpoint)
        except openai.APIStatusError as error:
            raise ConfigError(
                f"{endpoint.title} does not say which models it has (HTTP {error.status_code}): name one with model=."
            ) from error
    if not known.model:
        raise ConfigError(f"{endpoint.title} has no model loaded: load one there, or name one with model=.")
    return known.model
