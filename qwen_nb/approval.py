"""Ask the user whether a tool may run. Where nobody can answer the tool is refused, and the model is told why."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .pieces import ToolCall
from .runner import loop

FIRST_SIGN = 10.0
"""Seconds in which a page must show itself: nbconvert, CI and a script have none."""
LONGEST_ABSENCE = 150.0
"""Seconds without a sign after which a page counts as gone. Pages that ask say every few seconds that they are there, but browsers
let the timers of a hidden tab run once a minute."""
_LOOK = 0.5


@dataclass(frozen=True)
class Approval:
    """What the user says to a call that asks first."""

    verdict: Literal["run", "deny"]
    arguments: Mapping[str, Any] | None = None
    """The arguments as the user changed them; `None` leaves them."""
    why: str = ""
    """Of a denial, for the model."""


async def nobody(_call: ToolCall) -> Approval:
    """The answer where nobody can be asked."""
    return Approval("deny", why="It needs the user's approval, and nobody is here to give it.")


class Approver:
    """Carries the user's answers to the calls that wait for them. One for each reply.

    A page must show that somebody `is_there`; at a terminal that is known, and the call waits as long as it takes.
    """

    def __init__(self, *, is_there: bool = False) -> None:
        self._is_there = is_there
        self._seen: float | None = None
        self._waiting: dict[str, asyncio.Future[Approval]] = {}

    def receive(self, message: Mapping[str, Any]) -> None:
        """Take a message of the page, on any thread: `here`, or `approval` with `id`, `verdict`, and `arguments`, as JSON, if
        changed."""
        self._seen = time.monotonic()
        if message.get("type") == "approval":
            loop().call_soon_threadsafe(self._answer, message)

    def _answer(self, message: Mapping[str, Any]) -> None:
        waiting = self._waiting.get(str(message.get("id")))
        if waiting and not waiting.done():
            waiting.set_result(_said(message))

    async def ask(self, call: ToolCall) -> Approval:
        """What the user says to `call`; a denial if the page never shows itself, or has gone."""
        waiting: asyncio.Future[Approval] = asyncio.get_running_loop().create_future()
        self._waiting[call.id] = waiting
        asked = time.monotonic()
        try:
            while not (await asyncio.wait({waiting}, timeout=_LOOK))[0]:
                if self._is_there:
                    continue
                patience = FIRST_SIGN if self._seen is None else LONGEST_ABSENCE
                if time.monotonic() - max(asked, self._seen or 0.0) > patience:
                    return await nobody(call)
            return waiting.result()
        finally:
            del self._waiting[call.id]


def _said(message: Mapping[str, Any]) -> Approval:
    """What an `approval` of the page says. JSON is read here: a page would round its numbers."""
    if message.get("verdict") != "run":
        return Approval("deny")
    if "arguments" not in message:
        return Approval("run")
    try:
        arguments = json.loads(message["arguments"])
    except (TypeError, ValueError, RecursionError):
        arguments = None
    if isinstance(arguments, dict):
        return Approval("run", arguments)
    # The user wanted other arguments than the model's, so those must not run either.
    return Approval("deny", why="The user changed the arguments, but not to a JSON object.")
