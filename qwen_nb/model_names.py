"""The names of the models that a server lists, for the Tab key."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field

from .endpoint import Endpoint

_PATIENCE = 0.3
"""Seconds that somebody who types waits for a server; what it says later is there at the next try."""
_LONGEST = 10.0
"""Seconds for the whole answer."""
_FRESH = 30.0
"""Seconds before a server is asked again: models are loaded and unloaded."""


@dataclass
class _Answer:
    """What a server says, once it has."""

    asked_at: float = field(default_factory=time.monotonic)
    has_come: threading.Event = field(default_factory=threading.Event)
    names: tuple[str, ...] = ()


_answers: dict[Endpoint, _Answer] = {}


def listed_models(endpoint: Endpoint) -> tuple[str, ...]:
    """The models that the server at `endpoint` lists, as far as it has said so by now; none of a recording. Never raises."""
    if endpoint.is_recorded:
        return ()
    answer = _answers.get(endpoint)
    if answer is None or time.monotonic() - answer.asked_at > _FRESH:
        answer = _answers[endpoint] = _Answer(names=answer.names if answer else ())
        threading.Thread(target=_ask, args=(endpoint, answer), name="qwen_nb models", daemon=True).start()
    answer.has_come.wait(_PATIENCE)
    return answer.names


def _ask(endpoint: Endpoint, answer: _Answer) -> None:
    """Ask for the list, in a thread: already the import of the HTTP client would keep somebody waiting."""
    from .connection import connection, list_models
    from .runner import Running, within

    async def ask() -> object:
        return await within(_LONGEST, list_models(connection(endpoint), endpoint))

    # Nobody has asked for anything yet: the question that follows says what is wrong.
    with contextlib.suppress(Exception):
        document = Running(ask()).wait()
        entries = document.get("data") if isinstance(document, dict) else None
        answer.names = tuple(str(entry["id"]) for entry in entries or () if isinstance(entry, dict) and entry.get("id"))
    answer.has_come.set()
