"""Batches of many replies in one message.

A hundred streams that each sent their own would have to be slowed down to stay below the messages that jupyter_server lets
through. So their batches of one frame go over the comm of the widget that carries the page's code, which every reply's page
hears; each picks its own by its number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]


@dataclass
class Together:
    """Collects the messages of one round of the background loop, and hands them to `send` as one. Lives on that loop."""

    send: Callable[[Message], object]
    _waiting: dict[int, Message] = field(default_factory=dict)

    def put(self, number: int, batch: Message) -> None:
        """Take the next batch of reply `number`."""
        if number in self._waiting:
            self.flush()
        elif not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting[number] = batch

    def snapshot(self, number: int, state: Message) -> None:
        """Send the state of reply `number`. From any thread."""
        self.send({"type": "snapshots", "replies": {number: state}})

    def flush(self) -> None:
        """Send what waits, if anything does."""
        if self._waiting:
            waiting, self._waiting = self._waiting, {}
            self.send({"type": "batches", "replies": waiting})
