from __future__ import annotations

import itertools
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwen_nb.sse import Frame, SSEDecoder
from tests.dialects.decoding import EXPECTED, STREAMS, sliced

BODIES = {name: (STREAMS / name).read_bytes() for name in EXPECTED}
BODIES |= {
    "mixed line ends": b"data: a\r\rdata: b\r\n\r\ndata: c\n\ndata: d\r\n\rdata: e\n\r\n",
    "characters of many bytes": "data: 🙂你好\r\n\r\ndata: é\n\n".encode(),
    "cut in a line": b"data: a\n\nevent: x\ndata: b",
    "mark of byte order": b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n",
}


def split(chunks: list[bytes]) -> list[Frame]:
    decoder = SSEDecoder()
    return [frame for chunk in chunks for frame in decoder.feed(chunk)] + decoder.end()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # The standard's first example: lines of data are joined.
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [Frame(b"YHOO\n+2\n10")]),
        # Its second: a comment, two events, and a third that no blank line ends (handed out here, and marked).
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
            [Frame(b"first event"), Frame(b"second event"), Frame(b" third event", is_cut=True)],
        ),
        # Its third: empty data is data.
        (b"data\n\ndata\ndata\n\ndata:", [Frame(b""), Frame(b"\n"), Frame(b"", is_cut=True)]),
        # Its fourth: one space after the colon does not matter.
        (b"data:test\n\ndata: test\n\n", [Frame(b"test"), Frame(b"test")]),
        # "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty string and return."
        (b"event: ping\n\nid: 7\n\nretry: 3000\n\n: keep-alive\n\ndata: a\n\n", [Frame(b"a")]),
        # "If the line is not empty but does not contain a colon": the whole line is the name of a field.
        (b"event\ndatum: b\ndata: a\n\n", [Frame(b"a")]),
        (b"event: a\nevent: b\ndata: c\n\ndata: d\n\n", [Frame(b"c", "b"), Frame(b"d")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Frame(b"a")]),
        (b"\n\n\n", []),
        (b"", []),
    ],
)
def test_reads_events_as_the_standard_says(body: bytes, expected: list[Frame]) -> None:
    assert split([body]) == expected
    assert split([bytes([byte]) for byte in body]) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # DashScope has the HTTP status of a frame in a comment.
        (b"id:1\nevent:error\n:HTTP_STATUS/429\ndata:{}\n\ndata:{}\n\n", [Frame(b"{}", "error", 429), Frame(b"{}")]),
        (b"event:response.created:HTTP_STATUS/200\ndata:{}\n\n", [Frame(b"{}", "response.created", 200)]),
        # llama.cpp before September 2025 had a field of its own.
        (b'data: a\n\nerror: {"code":500}\n\ndata: b\n\n', [Frame(b"a"), Frame(b'{"code":500}', "error"), Frame(b"b")]),
        (b"error: no object\n\n", []),
        # Gateways pass an error on as a bare line.
        (b'data: a\n\n{"error":{"message":"m"}}\n\n', [Frame(b"a"), Frame(b'{"error":{"message":"m"}}')]),
        (b'{"error":{"message":"m"}}', [Frame(b'{"error":{"message":"m"}}', is_cut=True)]),
        # A document over many lines is none of these.
        (b'{\n  "error": 1\n}\n', []),
    ],
)
def test_reads_what_servers_send_besides(body: bytes, expected: list[Frame]) -> None:
    assert split([body]) == expected
    assert split([bytes([byte]) for byte in body]) == expected


@pytest.mark.parametrize("name", BODIES)
def test_every_slicing_gives_the_same_frames(name: str) -> None:
    body = BODIES[name]
    whole = split([body])
    assert split([bytes([byte]) for byte in body]) == whole
    for size in (2, 3, 7):
        assert split(sliced(body, range(0, len(body), size))) == whole


@pytest.mark.parametrize(
    "body",
    [
        b"data: a\rdata: b\n\ndata: c\n\n",
        b"\xef\xbb\xbfdata:a\r\n\r\n\rdata\n\n",
        b"event:x\n:HTTP_STATUS/400\r\rdata\r\n\n",
    ],
)
def test_all_slicings_into_four_give_the_same_frames(body: bytes) -> None:
    whole = split([body])
    for cuts in itertools.combinations(range(1, len(body)), 3):
        assert split(sliced(body, cuts)) == whole


@settings(max_examples=200)
@given(st.data())
def test_random_slicings_give_the_same_frames(data: st.DataObject) -> None:
    body = BODIES[data.draw(st.sampled_from(sorted(BODIES)))]
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=30))
    assert split(sliced(body, cuts)) == split([body])


@settings(max_examples=300)
@given(st.lists(st.sampled_from([b"data: a", b"data", b":", b"event: e", b"\r", b"\n", b"\r\n", b"\xff", b"{}", b""]), max_size=12))
def test_any_lines_survive_any_slicing(lines: list[bytes]) -> None:
    body = b"".join(lines)
    assert split([bytes([byte]) for byte in body]) == split([body])


def test_the_last_frame_counts_without_its_blank_line() -> None:
    finish = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}).encode()
    assert split([b"data: " + finish]) == [Frame(finish, is_cut=True)]


def test_a_long_line_in_small_slices_takes_linear_time() -> None:
    decoder = SSEDecoder()
    piece = b"x" * 64
    before = time.process_time()
    assert decoder.feed(b"data: ") == []
    for _ in range(65_536):
        decoder.feed(piece)
    (frame,) = decoder.feed(b"\n\n")
    # Joining the line anew for each slice would copy 137 GB.
    assert time.process_time() - before < 5
    assert len(frame.data) == 4_194_304
