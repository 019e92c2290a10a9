"""A server that means harm, on loopback: whatever bytes a test wants, as fast as they are taken, also without end."""

from __future__ import annotations

import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"
FINISH = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'

Attack = Callable[[], Iterable[bytes]]
"""The bytes of one response, head included."""


class HostileServer:
    """Answers each request with `attack()`, until that ends or the client hangs up. `with HostileServer(attack) as server:`"""

    def __init__(self, attack: Attack) -> None:
        self._attack = attack
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.sent = 0
        """Bytes in all."""
        self.requests: list[bytes] = []
        """Their heads."""

    def __enter__(self) -> HostileServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            received = b""
            while b"\r\n\r\n" not in received:
                if not (more := client.recv(2**16)):
                    return
                received += more
            self.requests.append(received)
            for piece in self._attack():
                client.sendall(piece)
                self.sent += len(piece)
            client.shutdown(socket.SHUT_WR)
            # Unread bytes of the request would turn the end into a reset.
            client.settimeout(2)
            while client.recv(2**16):
                pass


def frame(document: Any) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def delta(fields: dict[str, Any], index: int = 0) -> bytes:
    return frame({"model": "m", "choices": [{"index": index, "delta": fields, "finish_reason": None}]})


def then(*pieces: bytes | Iterable[bytes]) -> Attack:
    """A stream of `pieces`, after `hello` as an answer; those that are no bytes are gone through, also without end."""

    def attack() -> Iterator[bytes]:
        yield STREAM
        yield delta({"content": "hello"})
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                yield from piece

    return attack


class Endless:
    """`make(0)`, `make(1)`, …, some of them at once."""

    def __init__(self, make: Callable[[int], bytes], at_once: int = 200) -> None:
        self._make = make
        self._at_once = at_once

    def __iter__(self) -> Iterator[bytes]:
        for start in itertools.count(0, self._at_once):
            yield b"".join(self._make(number) for number in range(start, start + self._at_once))


def same(piece: bytes) -> Endless:
    """`piece` again and again, about a megabyte at once."""
    block = piece * max(1, 2**20 // len(piece))
    return Endless(lambda _: block, 1)
