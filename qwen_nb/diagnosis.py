"""Examine an endpoint step by step, and say at each step that fails what to do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import urlsplit

from .endpoint import Endpoint, chosen
from .errors import ConfigError, QwenError
from .learned import kind_of, lesson
from .reply import Reply
from .request import Request
from .runner import Running, within

if TYPE_CHECKING:
    from .connection import RefusedError

Verdict = Literal["ok", "note", "failed", "skipped"]

_PATIENCE = 10.0
"""Seconds for an address to answer."""
_SILENCE = 120.0
"""Seconds without data before a question counts as unanswered."""
_COUNT = "Count from 1 to 60, digits and spaces only."
_RIDDLE = "Is 97 a prime number? Answer yes or no."
_WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city, now.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@dataclass(frozen=True)
class Check:
    """One step of an examination.

    >>> check = qn.doctor()[1]
    >>> check.name, check.verdict, check.found, check.advice
    ('models', 'ok', 'The first is qwen3-8b; the server is vLLM.', '')
    """

    name: str
    verdict: Verdict
    found: str
    """What was seen, in one line."""
    advice: str = ""
    """What to do; `""` where there is nothing to do."""


class Diagnosis(Sequence[Check]):
    """All checks, in order. Shows itself as a short table.

    >>> found = qn.doctor()
    >>> found.is_well, len(found)
    (True, 7)
    >>> [check.found for check in found if check.name == "models"]
    ['The first is qwen3-8b; the server is vLLM.']
    """

    def __init__(self, endpoint: Endpoint, checks: list[Check]) -> None:
        self.endpoint = endpoint
        self.checks = checks

    @property
    def is_well(self) -> bool:
        """Whether nothing failed."""
        return all(check.verdict != "failed" for check in self.checks)

    @overload
    def __getitem__(self, index: int) -> Check: ...
    @overload
    def __getitem__(self, index: slice) -> list[Check]: ...
    def __getitem__(self, index: int | slice) -> Check | list[Check]:
        return self.checks[index]

    def __len__(self) -> int:
        return len(self.checks)

    def __repr__(self) -> str:
        width = max(len(check.name) for check in self.checks)
        lines = [f"{check.verdict:7} {check.name:{width}}  {check.found} {check.advice}".rstrip() for check in self.checks]
        return "\n".join([f"{self.endpoint.title}, {self.endpoint.address}", *lines])

    def _repr_markdown_(self) -> str:
        rows = [f"| {c.verdict} | {c.name} | {_cell(c.found)} | {_cell(c.advice)} |" for c in self.checks]
        head = f"**{_cell(self.endpoint.title)}**, `{self.endpoint.address}`"
        return "\n".join([head, "", "| | step | found | what to do |", "| --- | --- | --- | --- |", *rows])


def doctor(endpoint: Endpoint | str | None = None, *, model: str = "") -> Diagnosis:
    """Examine `endpoint` (the default one): address, TLS, key, models, first token, streaming, thinking, tools, usage.

    Asks three short questions, so a server that charges charges for some hundred tokens. Raises nothing but `ConfigError`, for an
    endpoint that is none; what is wrong with a server is in the checks.

    >>> qn.doctor("http://127.0.0.1:1/v1")
    an OpenAI-compatible server at 127.0.0.1:1, http://127.0.0.1:1/v1
    failed  address  127.0.0.1:1 does not answer (...). Start the server, or correct the address; ...
    """
    target = chosen(endpoint)
    target = replace(target, model=model or target.model)
    return Diagnosis(target, Running(_examine(target)).wait())


async def _examine(endpoint: Endpoint) -> list[Check]:
    if endpoint.is_recorded:
        return [Check("address", "note", "Recordings in the package: no server is asked.", "%qwen connect SERVER asks one.")]
    checks: list[Check] = []
    async for check in _steps(endpoint):
        checks.append(check)
        if check.verdict == "failed":
            break
    return checks


async def _steps(endpoint: Endpoint) -> AsyncIterator[Check]:
    yield await _address(endpoint)
    if endpoint.address.startswith("https:"):
        yield await _tls(endpoint)
    yield await _models(endpoint)
    reply, error = await _ask(endpoint, _COUNT)
    for check in _answer(reply, error):
        yield check
    yield _thinking(kind_of(endpoint).thinking, *await _ask(endpoint, _RIDDLE, thinking=True))
    yield _tools(*await _ask(endpoint, "What is the weather in Oslo? Use the tool.", tools=(_WEATHER,)))
    yield _usage(reply)


async def _address(endpoint: Endpoint) -> Check:
    host, port = _host(endpoint)
    try:
        _, writer = await within(_PATIENCE, asyncio.open_connection(host, port))
    except socket.gaierror:
        return Check("address", "failed", f"There is no host {host}.", "Check the spelling, and that the network is up.")
    except (OSError, asyncio.TimeoutError) as error:
        advice = "Start the server, or correct the address; a server in a container must listen on 0.0.0.0."
        return Check("address", "failed", f"{host}:{port} does not answer ({error or 'no answer'}).", advice)
    writer.close()
    return Check("address", "ok", f"{host}:{port} answers.")


async def _tls(endpoint: Endpoint) -> Check:
    host, port = _host(endpoint)
    try:
        _, writer = await within(_PATIENCE, asyncio.open_connection(host, port, ssl=ssl.create_default_context()))
    except ssl.SSLCertVerificationError as error:
        advice = "If a proxy of your network signs connections, let SSL_CERT_FILE name its certificate."
        return Check("TLS", "failed", f"The certificate is not trusted: {error.verify_message}.", advice)
    except (OSError, asyncio.TimeoutError) as error:
        return Check("TLS", "failed", f"No TLS there ({error or 'no answer'}).", "If the server has none, use http:// instead.")
    version = writer.get_extra_info("ssl_object").version()
    writer.close()
    return Check("TLS", "ok", f"{version}, certificate trusted.")


async def _models(endpoint: Endpoint) -> Check:
    import openai

    from .connection import RefusedError, connection, list_models

    try:
        await list_models(connection(endpoint), endpoint, _SILENCE)
    except openai.APIConnectionError as error:
        cause = error.__cause__ or error
        if isinstance(cause, RefusedError):
            return _refused(endpoint, cause)
        return Check("models", "failed", f"The connection broke ({cause}).", "Is this an HTTP server?")
    except ConfigError:
        raise
    except QwenError as error:
        return Check("models", "failed", str(error))
    known = lesson(endpoint)
    if not known.model:
        return Check("models", "note", "The list is empty.", "Load a model there, or name one with model=.")
    kind = known.profile.title if known.profile else f"{endpoint.server.title}, by its address"
    return Check("models", "ok", f"The first is {known.model}; the server is {kind}.")


def _refused(endpoint: Endpoint, refusal: RefusedError) -> Check:
    """What it means that the server does not list its models."""
    from .connection import is_without_list
    from .request_errors import RequestErrors

    status = refusal.response.status_code
    if status in (401, 403):
        name = next(iter(endpoint.server.key_env), "api_key=")
        advice = f"Set {name} to a key of this server; keys of another region do not work."
        return Check("key", "failed", f"HTTP {status}: the key is {'wrong' if endpoint.api_key else 'missing'}.", advice)
    if is_without_list(endpoint, status):
        return Check("models", "note", f"No list of models (HTTP {status}).", "Name the model with model=.")
    told = RequestErrors(endpoint.title, endpoint.redaction).told(refusal.response, refusal.body, kind_of(endpoint))
    return Check("models", "failed" if status == 404 else "note", f"No list of models (HTTP {status}).", told.advice)


async def _ask(endpoint: Endpoint, prompt: str, **options: Any) -> tuple[Reply, QwenError | None]:
    from .client import stream

    reply = Reply()
    request = Request(({"role": "user", "content": prompt},), endpoint.model, timeout=_SILENCE, **options)
    try:
        await stream(request, endpoint, reply.extend)
    except QwenError as error:
        return reply, error
    return reply, None


def _answer(reply: Reply, error: QwenError | None) -> Iterator[Check]:
    first = reply.timing.first_token
    if error:
        yield Check("first token", "failed", str(error))
    elif first is None:
        yield Check("first token", "failed", "The reply was empty.", "Try another model, or look at the server's log.")
    else:
        yield Check("first token", "ok", f"after {first:.2f} s, by {reply.model or 'a model without a name'}.")
    codes = {notice.code: notice.text for notice in reply.warnings}
    if "buffered" in codes:
        yield Check("streaming", "note", "The reply came in one burst.", codes["buffered"])
    elif "not_streamed" in codes:
        yield Check("streaming", "note", codes["not_streamed"])
    else:
        yield Check("streaming", "ok", "Text comes as it is written.")


def _thinking(form: str, reply: Reply, error: QwenError | None) -> Check:
    said = f"asked for by {form}" if form != "none" else "not to be asked for"
    if error:
        return Check("thinking", "note", f"Refused, {said}: {error}")
    if reply.reasoning:
        return Check("thinking", "ok", f"The model thinks ({said}).")
    return Check(
        "thinking", "note", f"No reasoning came ({said}).", "Not every model thinks; a server may need a reasoning parser."
    )


def _tools(reply: Reply, error: QwenError | None) -> Check:
    if error:
        return Check("tools", "note", f"Refused: {error}", "vLLM needs --enable-auto-tool-choice and --tool-call-parser.")
    if any(call.arguments for call in reply.tool_calls):
        return Check("tools", "ok", f"It called {reply.tool_calls[0].name}({reply.tool_calls[0].arguments_text}).")
    return Check(
        "tools", "note", "It answered without calling the tool.", "The model, or the server's tool parser, may not know how."
    )


def _usage(reply: Reply) -> Check:
    usage = reply.usage
    if usage.output_tokens is None:
        return Check("usage", "note", "The server counts no tokens.")
    return Check("usage", "ok", f"{usage.input_tokens} tokens in, {usage.output_tokens} out.")


def _host(endpoint: Endpoint) -> tuple[str, int]:
    parts = urlsplit(endpoint.address)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
