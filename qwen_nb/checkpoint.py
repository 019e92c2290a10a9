"""The answers of `map` in a file of JSON lines, so that a killed kernel loses none and no prompt is asked twice.

The first line says what was asked with; each further line is one answer: the key of its prompt, its number, and its events as they
cross the comm (`wire.py`). No key of an endpoint is in it, and nothing that failed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from .errors import ConfigError
from .events import Event, StreamEnd
from .wire import from_wire, to_wire

_TITLE = "qwen_nb checkpoint"
_VERSION = 1
_LONGEST_HEAD = 2**24
"""Bytes of the first line; what has a longer one is no file of ours, and may have no end."""
_SYNC = 1.0
"""Seconds. What a process has written outlives it at once; a machine that loses its power forgets this much."""


class Checkpoint:
    """The answers kept at `path`, and a place for more. Held by one run at a time.

    `settings` are what the answers depend on besides the prompts, as JSON. `ConfigError` if the file is another's, was made with
    other settings, or is in use. `take` and `keep` may be called from two threads.
    """

    def __init__(self, path: str | Path, settings: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self._settings = dict(settings)
        self._is_dirty = False
        self._synced = time.monotonic()
        self._places: dict[bytes, list[int]] = {}
        try:
            self._file: BinaryIO = self.path.open("ab", buffering=0)
        except OSError as error:
            raise ConfigError(f"The checkpoint {self.path} cannot be written: {error.strerror}.") from error
        try:
            self._lock()
            self._read_file: BinaryIO = self.path.open("rb")
            self._is_new = not self._load()
        except BaseException:
            self.close()
            raise

    def take(self, key: bytes) -> list[Event] | None:
        """The events of an answer to the prompt with this `key`, each answer once; `None` if there is none left."""
        places = self._places.get(key)
        if not places:
            return None
        self._read_file.seek(places.pop(0))
        return [from_wire(event) for event in json.loads(self._read_file.readline())["events"]]

    def keep(self, key: bytes, number: int, events: Sequence[Event]) -> None:
        """Write an answer down, in one piece: a process that is killed leaves whole lines. `OSError` if the disk is full."""
        kept = [
            {**to_wire(event), **({"raw": event.raw} if isinstance(event, StreamEnd) and event.raw else {})} for event in events
        ]
        line = _line({"key": key.hex(), "number": number, "events": kept})
        if self._is_new:
            line = _line({_TITLE: _VERSION, "settings": self._settings}) + line
            self._is_new = False
        view = memoryview(line)
        while view:
            view = view[self._file.write(view) :]
        self._is_dirty = True

    def sync(self, *, at_once: bool = False) -> None:
        """Have the disk hold what was written, if the last time is a while ago."""
        if self._is_dirty and (at_once or time.monotonic() - self._synced > _SYNC):
            self._is_dirty = False
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def close(self) -> None:
        """Let go of the file."""
        if not self._file.closed:
            self.sync(at_once=True)
            self._file.close()
        if hasattr(self, "_read_file"):
            self._read_file.close()

    def _lock(self) -> None:
        try:
            if sys.platform == "win32":
                import msvcrt

                self._file.seek(2**40)
                msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError(
                f"The checkpoint {self.path} is in use by another run: wait for it, stop it, or take another file."
            ) from error

    def _load(self) -> bool:
        """Find the answers; whether there is a first line. Half a last line, which a kill has left, is cut off."""
        head = self._read_file.readline(_LONGEST_HEAD)
        if not head.endswith(b"\n"):
            if head and not _line({_TITLE: _VERSION}).startswith(head[: len(_TITLE)]):
                raise self._not_ours()
            self._file.truncate(0)
            return False
        self._check(head)
        found: list[tuple[int, int, bytes]] = []
        end = len(head)
        for line in self._read_file:
            if not line.endswith(b"\n"):
                self._file.truncate(end)
                break
            # A line that is damaged by something else than us is an answer lost, which is asked for again.
            if answer := _answer(line):
                found.append((answer[1], end, answer[0]))
            end += len(line)
        # Equal prompts get their answers in the order of their numbers, however often a run is resumed.
        for _, place, key in sorted(found):
            self._places.setdefault(key, []).append(place)
        return True

    def _check(self, head: bytes) -> None:
        try:
            document = json.loads(head)
            version, settings = document[_TITLE], document["settings"]
        except (ValueError, KeyError, TypeError):
            raise self._not_ours() from None
        if version != _VERSION:
            raise ConfigError(
                f"The checkpoint {self.path} is of version {version}, and this qwen_nb writes {_VERSION}: take another."
            )
        here = json.loads(json.dumps(self._settings))
        differences = [
            f"{name} was {_in_short(settings.get(name))} and is {_in_short(here.get(name))}"
            for name in sorted({*settings, *here})
            if settings.get(name) != here.get(name)
        ]
        if differences:
            raise ConfigError(
                f"The checkpoint {self.path} was made with other settings: {'; '.join(differences)}. "
                "Its answers would not be those asked for: take another file, or ask as before."
            )

    def _not_ours(self) -> ConfigError:
        return ConfigError(f"{self.path} is not a checkpoint of qwen_nb, and stays as it is: take another file.")


def key_of(messages: Sequence[Mapping[str, Any]]) -> bytes:
    """What an answer is found by: equal for equal messages."""
    return hashlib.blake2b(json.dumps(messages, sort_keys=True).encode(), digest_size=16).digest()


def digest_of(value: Any) -> str:
    """What stands in a checkpoint for a setting that is long, or nobody's business."""
    return hashlib.blake2b(json.dumps(value, sort_keys=True, default=repr).encode(), digest_size=8).hexdigest()


def _answer(line: bytes) -> tuple[bytes, int] | None:
    try:
        document = json.loads(line)
        return bytes.fromhex(document["key"]), int(document["number"])
    except (ValueError, KeyError, TypeError):
        return None


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _in_short(value: Any) -> str:
    text = "not given" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
