"""Record and replay: every raw byte of an exchange with its time, as readable JSON lines. Both are transports under the client.

A cassette is a file (or a folder of files) of one JSON object a line:

    {"cassette": 1, "recorded": "2026-11-20", …}                     once, first
    {"n": 1, "request": {"method", "path", "body"}}                  the n-th exchange; no headers, so no keys
    {"n": 1, "response": {"status", "headers": {"content-type"}}}
    {"n": 1, "at": 0.184, "data": "data: {…}\\n\\n"}                  one network chunk, seconds after the request;
    {"n": 1, "at": 0.201, "base64": "…"}                             the same where the bytes are not UTF-8 by themselves
    {"n": 1, "at": 1.750, "end": "complete"}                         or `"broken"`: the connection died here

A request line may have `"fallback": true`: that exchange answers every request that was not recorded. A file whose name ends in
`.gz` is compressed.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import gzip
import json
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import httpx2

from .dialects.payload import items, mapping
from .errors import ConfigError
from .keys import is_secret, secrets_in
from .redaction import MASK, Redaction, Redactor

T = TypeVar("T")
_KEPT_HEADERS = ("content-type", "retry-after", "retry-after-ms", "x-request-id")


@dataclass
class Exchange:
    """One recorded request with its response."""

    path: str
    body: Mapping[str, Any]
    is_fallback: bool = False
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    """Seconds after the request, and the bytes that came."""
    ended: float | None = None
    """Seconds after the request; `None` if the recording stops before the end."""
    is_broken: bool = False
    """The connection died instead of ending."""

    @property
    def prompt(self) -> str:
        """The last thing the user said, in one line."""
        return prompt_of(self.body)


def prompt_of(body: Mapping[str, Any]) -> str:
    """The last user message of a request's body, in one line; `""` if there is none."""
    for message in reversed(_messages(body)):
        if message.get("role") == "user":
            content = message.get("content")
            if isinstance(content, list):
                content = " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
            return " ".join(str(content).split())
    return ""


def load(path: Path) -> list[Exchange]:
    """The exchanges of a cassette, or of all in a folder by name. `ConfigError` if it is missing, damaged, or no cassette."""
    files = sorted([*path.glob("*.jsonl"), *path.glob("*.jsonl.gz")]) if path.is_dir() else [path]
    return [exchange for file in files for exchange in _load_file(file)]


def _load_file(file: Path) -> list[Exchange]:
    exchanges: dict[int, Exchange] = {}
    number = 0
    fault: tuple[bytes, Exception] | None = None
    try:
        with _opened(file) as lines:
            for number, line in enumerate(lines, 1):
                # A kernel that is killed while it records leaves half a line at the end; anywhere else it is a damage.
                if fault:
                    raise _damaged(file, number - 1, fault[0]) from fault[1]
                try:
                    _take_line(exchanges, number, json.loads(line.decode()))
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                    if number == 1:
                        raise _no_recording(file, error) from error
                    fault = line, error
    except EOFError:
        # Compressed, and killed while it was written: what stands before is whole.
        pass
    except (gzip.BadGzipFile, zlib.error) as error:
        if number == 0:
            raise _no_recording(file, error) from error
        raise _damaged(file, number + 1, b"") from error
    except OSError as error:
        raise ConfigError(f"No recording at {file}: {error.strerror}. Make one with qn.record({str(file)!r}).") from error
    return list(exchanges.values())


def _no_recording(file: Path, error: Exception) -> ConfigError:
    why = "its first line is not {'cassette': 1, …}"
    if isinstance(error, UnicodeDecodeError):
        why = "it is no text"
    elif isinstance(error, (gzip.BadGzipFile, zlib.error)):
        why = "it is not compressed, as its name says"
    return ConfigError(f"{file} is not a recording of qwen_nb: {why}.")


def _damaged(file: Path, number: int, line: bytes) -> ConfigError:
    said = f": {line[:60].decode('utf-8', 'replace')!r}" if line else ""
    return ConfigError(f"{file} is damaged in line {number}{said}. Record it again.")


def _take_line(exchanges: dict[int, Exchange], number: int, entry: dict[str, Any]) -> None:
    """Take what line `number` says. Any of the errors of wrong JSON if it says something else than a recorder writes."""
    if number == 1:
        if entry["cassette"] != 1:
            raise ValueError("written by a newer qwen_nb")
        return
    if "request" in entry:
        request = entry["request"]
        if entry["n"] in exchanges:
            raise ValueError("asked twice")
        exchanges[entry["n"]] = Exchange(_a(str, request["path"]), _a(dict, request["body"]), bool(entry.get("fallback")))
        return
    exchange = exchanges[entry["n"]]
    if "response" in entry:
        status, headers = entry["response"]["status"], entry["response"]["headers"]
        if not 100 <= _a(int, status) <= 599 or not all(_a(str, text).isascii() for pair in headers.items() for text in pair):
            raise ValueError("no response")
        exchange.status, exchange.headers = status, headers
    elif "data" in entry:
        exchange.chunks.append((_seconds(entry), _a(str, entry["data"]).encode()))
    elif "base64" in entry:
        exchange.chunks.append((_seconds(entry), base64.b64decode(entry["base64"], validate=True)))
    else:
        exchange.ended, exchange.is_broken = _seconds(entry), entry["end"] == "broken"


def _a(kind: type[T], value: Any) -> T:
    """`value`, if it is of this kind."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(kind)
    return value


def _seconds(entry: dict[str, Any]) -> float:
    at = _a(float, entry["at"] + 0.0)
    if not 0 <= at < float("inf"):
        raise ValueError("no time")
    return at


class ReplayTransport(httpx2.AsyncBaseTransport):
    """Plays exchanges at their recorded pace times `speed`, in pieces of at most `split` bytes if that is given. Opens no socket.

    A request gets the exchange with the same body; else one where the same was said, if possible with the same tools offered.
    Exchanges where the same was said are played in their order, and the last of them again. `ConfigError` for a request that is
    not there.
    """

    def __init__(self, exchanges: list[Exchange], *, speed: float = 1.0, split: int | None = None) -> None:
        self._exchanges = exchanges
        self._speed = speed
        self._split = split
        self._played: set[int] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded response, as if it had come over the network."""
        body = json.loads(await request.aread() or b"{}")
        exchange = self._find(request.url.path, body)
        stream = _Playback(exchange, self._speed, self._split)
        return httpx2.Response(exchange.status, headers=exchange.headers, stream=stream, request=request)

    def _find(self, path: str, body: Mapping[str, Any]) -> Exchange:
        wanted = _said(body)
        same = [number for number, exchange in enumerate(self._exchanges) if _said(exchange.body) == wanted]
        same = [number for number in same if _offered(self._exchanges[number].body) == _offered(body)] or same
        same = [number for number in same if self._exchanges[number].body == body] or same
        if same:
            chosen = next((number for number in same if number not in self._played), same[-1])
            self._played.add(chosen)
            return self._exchanges[chosen]
        for exchange in self._exchanges:
            if exchange.is_fallback:
                return exchange
        there = "; ".join(sorted({repr(exchange.prompt) for exchange in self._exchanges})) or "nothing"
        raise ConfigError(f"Not in the recording: {path} with the prompt {prompt_of(body)!r}. Recorded: {there}.")


class _Playback(httpx2.AsyncByteStream):
    def __init__(self, exchange: Exchange, speed: float, split: int | None) -> None:
        self._exchange = exchange
        self._speed = speed
        self._split = split

    async def __aiter__(self) -> AsyncIterator[bytes]:
        started = time.monotonic()
        for at, chunk in self._exchange.chunks:
            await asyncio.sleep(max(0.0, started + at / self._speed - time.monotonic()))
            size = self._split or len(chunk) or 1
            for start in range(0, len(chunk), size):
                yield chunk[start : start + size]
        if self._exchange.is_broken:
            raise httpx2.RemoteProtocolError("the connection broke here when this was recorded")


def _opened(path: Path) -> BinaryIO:
    """The lines of a file, decompressed if its name says so. As bytes: a character that is damaged is so in one line only."""
    return cast("BinaryIO", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


class Recorder:
    """Writes exchanges to a cassette as they happen. Close it when done."""

    def __init__(self, path: Path, **about: str) -> None:
        self._file = gzip.open(path, "wt", encoding="utf-8") if path.suffix == ".gz" else path.open("w", encoding="utf-8")  # noqa: SIM115
        self._count = 0
        self.write({"cassette": 1, "recorded": datetime.date.today().isoformat(), **about})

    def write(self, entry: Mapping[str, Any]) -> None:
        """Append one line and flush it, so that a killed kernel loses no more than the line it was writing."""
        if not self._file.closed:
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()

    def number(self) -> int:
        """The number of the next exchange."""
        self._count += 1
        return self._count

    def close(self) -> None:
        """No exchange is written after this, also of those that still run."""
        self._file.close()


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


def _messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    for holder in (body.get("messages"), body.get("input"), (body.get("input") or {})):
        messages = holder.get("messages") if isinstance(holder, dict) else holder
        if isinstance(messages, list):
            return [message for message in messages if isinstance(message, dict)]
        if isinstance(messages, str):
            return [{"role": "user", "content": messages}]
    return []


def _said(body: Mapping[str, Any]) -> str:
    """What was said, without what differs from run to run and from server to server: ids of calls, earlier reasoning."""
    said = [
        [message.get("role", message.get("type")), message.get("content", message.get("output")), _called(message)]
        for message in _messages(body)
    ]
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def _called(message: Mapping[str, Any]) -> list[Any]:
    calls = items(message.get("tool_calls")) or ([{"function": message}] if "arguments" in message else [])
    functions = [mapping(mapping(call).get("function")) for call in calls]
    return [[function.get("name"), function.get("arguments")] for function in functions]


def _offered(body: Mapping[str, Any]) -> list[str]:
    """The names of the tools that the model could call."""
    return sorted(str((mapping(mapping(tool).get("function")) or mapping(tool)).get("name")) for tool in items(body.get("tools")))
