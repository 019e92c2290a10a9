"""The file of a recording: every raw byte of an exchange with its time, as readable JSON lines.

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

import base64
import datetime
import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from .errors import ConfigError
from .matching import prompt_of

T = TypeVar("T")


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


def _opened(path: Path) -> BinaryIO:
    """The lines of a file, decompressed if its name says so. As bytes: a character that is damaged is so in one line only."""
    return cast("BinaryIO", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


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
