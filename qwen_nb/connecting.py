"""`connect`: choose the server that is asked from now on; `"auto"` looks for one on this machine."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx2
from jiter import from_json

from . import endpoint as endpoints
from .bounds import bound
from .dialects.payload import is_crowded
from .endpoint import Endpoint, endpoint_of
from .errors import ConfigError, QwenError
from .keys import asked_key, needs_key
from .learned import lesson
from .profiles import PROFILES
from .runner import Running, within

_PATIENCE = 1.0
"""Seconds. A server on this machine answers the question for its models much sooner."""
_LONGEST = 5.0
"""Seconds for the whole answer of what may be no server of models at all."""


def connect(target: Endpoint | str, *, model: str = "", api_key: str | None = None) -> Endpoint:
    """Make `target` the default from now on, and return it.

    `target` is an `Endpoint`, the name of a kind of server (`"vllm"`, `"dashscope-intl"`), an address, `"auto"` for the first
    server found on the usual local ports, or `"recorded"` for the recordings in the package. A key that the server needs is taken
    from the environment or the keyring, else asked for. `ConfigError` if the target is none of these, or no key can be had.

    >>> qn.connect("vllm", model="Qwen/Qwen3-8B").base_url
    'http://127.0.0.1:8000/v1'
    >>> qn.connect("recorded")  # no key, no server: replies that are in the package
    Endpoint(base_url='http://recorded.invalid/v1', model='qwen3-tiny', ...)
    """
    endpoint = first_local() if target == "auto" else endpoint_of(target)
    endpoint = replace(endpoint, model=model or endpoint.model, api_key=api_key or endpoint.api_key)
    if not endpoint.api_key and not isinstance(target, Endpoint) and needs_key(endpoint.server):
        endpoint = replace(endpoint, api_key=asked_key(endpoint.server))
    endpoints.use(endpoint)
    return endpoint


def first_local() -> Endpoint:
    """The first server that answers on the usual local ports. `ConfigError` with what was tried if none does."""
    found = Running(local_servers()).wait()
    if not found:
        tried = ", ".join(sorted({profile.base_url for profile in PROFILES.values() if "127.0.0.1" in profile.base_url}))
        raise ConfigError(f"No server answers on the usual ports of this machine. Tried: {tried}. Start one, or give its address.")
    return found[0]


async def local_servers() -> list[Endpoint]:
    """The servers on the usual local ports, in the order of `PROFILES`; their lists of models say what they are."""
    urls = dict.fromkeys(profile.base_url for profile in PROFILES.values() if "127.0.0.1" in profile.base_url)
    hooks = {"response": [bound]}
    async with httpx2.AsyncClient(timeout=_PATIENCE, trust_env=False, event_hooks=hooks) as client:
        documents = await asyncio.gather(*(_models(client, url) for url in urls))
    found = []
    for url, document in zip(urls, documents, strict=True):
        if document is not None:
            endpoint = Endpoint(url)
            known = lesson(endpoint)
            known.learn_models(document)
            found.append(replace(endpoint, profile=known.profile.name) if known.profile else endpoint)
    return found


async def _models(client: httpx2.AsyncClient, url: str) -> object:
    try:
        response = await within(_LONGEST, client.get(f"{url}/models", headers={"Accept-Encoding": "identity"}))
        return from_json(response.content) if response.is_success and not is_crowded(response.content) else None
    except (httpx2.HTTPError, QwenError, asyncio.TimeoutError, ValueError):
        return None
