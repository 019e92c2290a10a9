"""Server-sent events out of bytes, as the WHATWG standard says, and what servers of models send besides.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

Three liberties, each because a server that serves Qwen needs it: a frame that the end of the body cuts off is handed out (a
finish_reason may be in it); a line `error: {…}`, no field of the standard, is an event named `error` (llama.cpp before
September 2025); a line that is a JSON object, with no field name at all, is a frame of its own (gateways that pass errors on).
Left out is what cannot be used on the answer to a POST: `id` and `retry`, which are for reconnecting.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"
_STATUS = re.compile(rb":HTTP_STATUS/(\d{3})")


class Frame(NamedTuple):
    """One event of a stream."""

    data: bytes
    """Its payload, undecoded: JSON parsers want bytes, and a broken character must not cost the frame."""
    event: str = ""
    """Its `event:` name, `""` if it has none."""
    status: int | None = None
    """The HTTP status that DashScope puts into a comment of the frame: `:HTTP_STATUS/429`."""
    is_cut: bool = False
    """Whether the body ended before the blank line that ends a frame."""


class SSEDecoder:
    """Bytes in, in any slicing; whole frames out. Linear in the number of bytes, however they are sliced."""

    def __init__(self) -> None:
        self._line: list[bytes] = []
        """Pieces of a line that has not ended, joined only when it has."""
        self._after_cr = False
        self._is_first_line = True
        self._data: list[bytes] = []
        self._event = ""
        self._status: int | None = None
        self.held = 0
        """About how many bytes wait for the end of their frame; it never exceeds what has come since the last one."""

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames that end within `chunk`."""
        if not chunk:
            return []
        if self._after_cr:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        # bytes.splitlines knows LF, CR and CRLF, and no other line end.
        lines = chunk.splitlines()
        rest = lines.pop() if lines and chunk[-1] not in b"\r\n" else b""
        self._after_cr = chunk[-1:] == b"\r"
        frames: list[Frame] = []
        if lines:
            if self._line:
                self._line.append(lines[0])
                lines[0] = b"".join(self._line)
                self._line = []
            if self._is_first_line:
                self._is_first_line = False
                lines[0] = lines[0].removeprefix(_BOM)
            for line in lines:
                if line[:6] == b"data: ":
                    self._data.append(line[6:])
                elif line:
                    self._take(line, frames)
                elif self._data:
                    self._dispatch(frames)
                else:
                    self._event, self._status = "", None
        if rest:
            self._line.append(rest)
        self.held = self.held + len(chunk) if not frames and (self._line or self._data) else 0
        return frames

    def end(self) -> list[Frame]:
        """The frame that the end of the body cut off, if there is one."""
        frames: list[Frame] = []
        if self._line:
            line = b"".join(self._line)
            self._line = []
            self._take(line.removeprefix(_BOM) if self._is_first_line else line, frames)
        if self._data:
            self._dispatch(frames)
        return [frame._replace(is_cut=True) for frame in frames]

    def _take(self, line: bytes, frames: list[Frame]) -> None:
        """Take a line that is not empty."""
        if line[:1] == b":":
            self._read_status(line)
        elif line[:1] == b"{" and line[-1:] == b"}":
            frames.append(Frame(line, self._event, self._status))
        else:
            name, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if name == b"data":
                self._data.append(value)
            elif name == b"event":
                # One server was seen to write both into one line: `event:response.created:HTTP_STATUS/200`.
                self._read_status(value)
                self._event = value.partition(b":HTTP_STATUS")[0].decode("utf-8", "replace").strip()
            elif name == b"error" and value.lstrip()[:1] == b"{":
                frames.append(Frame(value, "error", self._status))

    def _read_status(self, line: bytes) -> None:
        if found := _STATUS.search(line):
            self._status = int(found[1])

    def _dispatch(self, frames: list[Frame]) -> None:
        """End the frame that has data."""
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        frames.append(Frame(data, self._event, self._status))
        self._data = []
        self._event, self._status = "", None
