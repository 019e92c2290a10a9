"""What can go wrong between a server and its client, as values: each says what it makes of the frames of a body, and where.

A `Fault` is asked for a `Case`: what the server sends, and which bytes of the body arrive by it. `FAULTS` has them all.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tests.server import Answer, Raw, Step

STREAM = {"content-type": "text/event-stream"}
JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}

BIG = 10_000_000
"""Bytes in one line."""
BOM = b"\xef\xbb\xbf"
PAGE = b"<html><head><title>502 Bad Gateway</title></head>\n<body>nginx</body></html>\n"

End = Literal["ends", "breaks", "hangs", "refused"]
"""How a body comes to its end: as it should by HTTP, in the middle of it, or never; or it is no reply at all."""


@dataclass(frozen=True)
class Case:
    """One response with something wrong."""

    answer: Answer
    arrived: bytes
    """What a client gets of the body."""
    end: End


@dataclass(frozen=True)
class Fault:
    """A way to go wrong at any frame, or only at the first."""

    name: str
    make: Callable[[list[bytes], int], Case]
    places: Literal["any", "end too", "first"] = "any"
    """`any` frame; also where there is no frame more; or only the first."""
    effect: Literal["cut", "none", "error", ""] = "cut"
    """What it does to the reply: it is cut off; nothing, but for notices; it is an error in the server's words, `Boom.`."""
    is_costly: bool = False
    """Whether a case takes a second instead of a few milliseconds."""
    spoils_next: bool = False
    """Whether bytes are left over that are taken for the answer to the next question, so that it is asked a second time."""

    def at(self, frames: list[bytes]) -> range:
        """Where in `frames` it can happen."""
        return range({"any": len(frames), "end too": len(frames) + 1, "first": 1}[self.places])


def split(body: bytes) -> list[bytes]:
    """The frames of a body, each with the blank line that ends it."""
    return [frame for frame in re.findall(rb".*?(?:\r\n\r\n|\n\n|\r\r|\Z)", body, re.DOTALL) if frame]


def _stops(end: End, *steps: Step, headers: dict[str, str] = STREAM) -> Callable[[list[bytes], int], Case]:
    """The frames before the place, then `steps` and nothing more."""

    def make(frames: list[bytes], at: int) -> Case:
        return Case(Answer([*frames[:at], *steps], headers=headers), b"".join(frames[:at]), end)

    return make


def _says(extra: bytes, *, and_goes_on: bool) -> Callable[[list[bytes], int], Case]:
    """`extra` at the place, and the rest after it if it goes on."""

    def make(frames: list[bytes], at: int) -> Case:
        sent = [*frames[:at], extra, *(frames[at:] if and_goes_on else [])]
        if at == 0 and sent[1:] and sent[1].startswith(BOM):
            # It is one at the very start only.
            sent[:2] = [BOM + extra, sent[1].removeprefix(BOM)]
        return Case(Answer(sent), b"".join(sent), "ends")

    return make


def _part(end: End, part: Callable[[bytes], bytes], *steps: Step) -> Callable[[list[bytes], int], Case]:
    """The frames before the place, a part of the one there, then `steps` and nothing more."""

    def make(frames: list[bytes], at: int) -> Case:
        sent = [*frames[:at], part(frames[at])]
        return Case(Answer([*sent, *steps]), b"".join(sent), end)

    return make


def _half(frame: bytes) -> bytes:
    return frame[: len(frame) // 2]


def _whole(pieces: Callable[[list[bytes], int], Iterator[Step]]) -> Callable[[list[bytes], int], Case]:
    """Everything, in the `pieces` that are made of it."""
    return lambda frames, at: Case(Answer([*pieces(frames, at)]), b"".join(frames), "ends")


def _drip(frames: list[bytes], at: int) -> Iterator[Step]:
    yield from frames[:at]
    for start in range(0, len(frames[at]), 8):
        yield frames[at][start : start + 8]
        yield 0.001
    yield from frames[at + 1 :]


def _bytewise(frames: list[bytes], _at: int) -> Iterator[Step]:
    for frame in frames:
        yield from (frame[place : place + 1] for place in range(len(frame)))


def _twice(frames: list[bytes], at: int) -> Case:
    sent = [*frames[: at + 1], *frames[at:]]
    return Case(Answer(sent), b"".join(sent), "ends")


def _promises_more(frames: list[bytes], at: int) -> Case:
    sent = b"".join(frames[:at])
    return Case(Answer([sent, "close"], headers={**STREAM, "content-length": str(len(sent) + 100)}), sent, "breaks")


def _promises_less(frames: list[bytes], at: int) -> Case:
    length = len(b"".join(frames[:at])) + len(frames[at]) // 2
    headers = {**STREAM, "content-length": str(length)}
    return Case(Answer(frames, headers=headers), b"".join(frames)[:length], "ends")


def _chunk(size: Callable[[int], bytes], arrives: Callable[[int], int]) -> Callable[[list[bytes], int], Case]:
    """A chunk with a wrong size at the place; `arrives` says how much of it can be read."""

    def make(frames: list[bytes], at: int) -> Case:
        frame = frames[at]
        chunk = Raw(size(len(frame)) + b"\r\n" + frame + b"\r\n")
        arrived = b"".join(frames[:at]) + (frame + b"\r\n")[: arrives(len(frame))]
        return Case(Answer([*frames[:at], chunk, "close"]), arrived, "breaks")

    return make


def _zipped(end: End, damage: bytes = b"", *, whole: bool = True) -> Callable[[list[bytes], int], Case]:
    """Compressed, a flush after each frame; at the place comes `damage` if there is any, and nothing more unless it is `whole`."""

    def make(frames: list[bytes], at: int) -> Case:
        packer = zlib.compressobj(wbits=31)
        pieces = [packer.compress(frame) + packer.flush(zlib.Z_SYNC_FLUSH) for frame in frames]
        last = packer.flush()
        if whole:
            return Case(Answer([*pieces, last], headers={**STREAM, "content-encoding": "gzip"}), b"".join(frames), end)
        steps: list[Step] = [*pieces[:at], damage]
        if end == "breaks":
            steps.append("close")
        return Case(Answer(steps, headers={**STREAM, "content-encoding": "gzip"}), b"".join(frames[:at]), end)

    return make


def _lies_of_gzip(frames: list[bytes], _at: int) -> Case:
    return Case(Answer(frames, headers={**STREAM, "content-encoding": "gzip"}), b"", "breaks" if frames else "ends")


def _no_head(*steps: Step) -> Callable[[list[bytes], int], Case]:
    return lambda _frames, _at: Case(Answer(steps, None), b"", "refused")


def _instead(body: bytes, headers: dict[str, str]) -> Callable[[list[bytes], int], Case]:
    return lambda _frames, _at: Case(Answer([body], headers=headers), b"", "refused")


ERRORS = {
    "A": b'data: {"error":{"message":"Boom.","type":"data_inspection_failed","param":null,"code":"data_inspection_failed"}}\n\n',
    "B": b'data: {"error":{"message":"Boom.","type":"InternalServerError","param":null,"code":500}}\n\ndata: [DONE]\n\n',
    "B, SGLang": b'data: {"error":{"object":"error","message":"Boom.","type":"x","param":null,"code":400}}\n\ndata: [DONE]\n\n',
    "C": b'id:1\nevent:error\n:HTTP_STATUS/429\ndata:{"request_id":"r","code":"Throttling.AllocationQuota","message":"Boom."}\n\n',
    "D": b'event: error\ndata: {"error":{"message":"Boom."},"message":"Boom."}\n\n',
    "D, an orchestrator": b'event: error\ndata: {"code":400,"details":"Boom."}\n\ndata: [DONE]\n\n',
    "E": b'error: {"code":500,"message":"Boom.","type":"server_error"}\n\ndata: [DONE]\n\n',
    "F": b'data: {"choices":[],"error":{"code":502,"message":"Boom."}}\n\n',
    "G": b'data: {"error": "Boom."}\n\n',
    "H": b'{"error":{"message":"Boom."}}\n\n',
}
"""An error after the status 200, in each style that servers have."""

FAULTS = [
    Fault("reset", _stops("breaks", "reset"), "end too"),
    Fault("close", _stops("breaks", "close"), "end too"),
    Fault("the body ends", _stops("ends"), "end too"),
    Fault("close of a body without a length", _stops("ends", "close", headers={**STREAM, "connection": "close"}), "end too"),
    Fault("stall", _stops("hangs", 30.0), "end too"),
    Fault("half a frame, then reset", _part("breaks", _half, "reset")),
    Fault("half a frame, then close", _part("breaks", _half, "close")),
    Fault("half a frame, then the body ends", _part("ends", _half)),
    Fault("a frame without the blank line, then reset", _part("breaks", bytes.rstrip, "reset")),
    Fault("a frame without the blank line, then stall", _part("hangs", bytes.rstrip, 30.0)),
    Fault("a frame without the blank line, then the body ends", _part("ends", bytes.rstrip)),
    Fault("slow drip", _whole(_drip), effect="none"),
    Fault("bytes one by one", _whole(_bytewise), "first", effect="none"),
    Fault("garbage", _says(b"\x00\xff\xfe\x1b[2J <garbage>\n\n", and_goes_on=True), "end too", effect="none"),
    Fault("garbage in a frame", _says(b'data: {"choices": [{"del\n\n', and_goes_on=True), "end too", effect="none"),
    Fault("a frame twice", _twice, effect=""),
    Fault("length too long", _promises_more, "end too"),
    Fault("length too short", _promises_less, spoils_next=True),
    Fault("chunk size too long", _chunk(lambda size: b"%x" % (size + 100), lambda size: size + 2)),
    Fault("chunk size too short", _chunk(lambda size: b"%x" % (size // 2), lambda size: size // 2)),
    Fault("chunk size that is no number", _chunk(lambda _: b"zz", lambda _: 0)),
    Fault("gzip", _zipped("ends"), "first", effect="none"),
    Fault("gzip, damaged", _zipped("breaks", b"\xff" * 16, whole=False), "end too"),
    Fault("gzip, cut", _zipped("breaks", whole=False), "end too"),
    Fault("gzip, without its end", _zipped("ends", whole=False), "end too"),
    Fault("gzip that is none", _lies_of_gzip, "first"),
    Fault("a page in the stream", _says(PAGE, and_goes_on=False), "end too"),
    Fault("a comment of 10 MB", _says(b": " + b"x" * BIG + b"\n\n", and_goes_on=True), "end too", effect="none", is_costly=True),
    Fault("a line of 10 MB", _says(b"data: " + b"x" * BIG + b"\n\n", and_goes_on=True), "end too", effect="none", is_costly=True),
    Fault("no answer but a reset", _no_head("reset"), "first"),
    Fault("no answer but garbage", _no_head(Raw(b"HTTP/7 banana\r\n\r\n"), "close"), "first"),
    Fault("no answer", lambda *_: Case(Answer([30.0], None), b"", "hangs"), "first", is_costly=True),
    Fault("a page instead", _instead(PAGE, HTML), "first"),
    Fault("a JSON error instead", _instead(b'{"error": {"message": "Boom.", "code": 500}}', JSON), "first", effect="error"),
    *(Fault(f"error {style}", _says(frame, and_goes_on=False), "end too", effect="error") for style, frame in ERRORS.items()),
]
"""All of them."""
