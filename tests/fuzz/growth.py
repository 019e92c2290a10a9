"""Whether reading takes time in proportion: a piece of an input is repeated until a search of more than that shows."""

from __future__ import annotations

import gc
import itertools
import random
import re
import time
from collections.abc import Sequence
from typing import NamedTuple

from qwen_nb import StreamError
from tests.fuzz.target import Target, joined

SIZES = (5_000, 20_000, 80_000)
"""Bytes, each four times the one before."""
MOST = 8.0
"""Times as long for four times as much: 4 is in proportion, 16 is quadratic."""
NOTICEABLE = 0.06
"""Seconds of the processor; below it nothing is measured, and nobody would notice."""

_NAMES = re.compile(rb'("(?:index|id|item_id|call_id|output_index|summary_index)": ?"?)[^",{}\[\]]*')
_COUNTER = b"%N%"


class TooSlowError(AssertionError):
    """Reading took more than in proportion. The message says how long for which sizes."""


class Growing(NamedTuple):
    """An input with a piece that can be repeated; `%N%` in it is the number of the repetition."""

    variant: int
    head: bytes
    piece: bytes
    tail: bytes

    def of_size(self, size: int) -> bytes:
        """The input with its piece repeated up to `size` bytes."""
        times = max(1, size // max(1, len(self.piece)))
        if _COUNTER not in self.piece:
            return self.head + self.piece * times + self.tail
        return self.head + b"".join(self.piece.replace(_COUNTER, b"%d" % number) for number in range(times)) + self.tail

    def saved(self) -> bytes:
        """As a file."""
        return joined(self.variant, _MARK.join(self[1:]))

    @classmethod
    def loaded(cls, target: Target, data: bytes) -> Growing:
        """From such a file."""
        variant, body = target.split(data)
        return cls(variant, *body.split(_MARK))


_MARK = b"\n~~~~ again and again ~~~~\n"


def grown(target: Target, data: bytes, chance: random.Random) -> Growing:
    """`data` with some piece of it chosen for repetition: a frame, a line or a few characters."""
    variant, body = target.split(data)
    ends = [match.end() for match in re.finditer(rb"(?:\r?\n){1,2}", body)]
    if ends and chance.random() < 0.6:
        number = chance.randrange(len(ends))
        start, end = ends[number - 1] if number else 0, ends[min(len(ends) - 1, number + chance.randrange(2))]
    else:
        start = chance.randrange(len(body) + 1)
        end = start + chance.choice((1, 1, 2, 3, 5, 10, 20))
    piece = body[start:end]
    if chance.random() < 0.5:
        piece = _NAMES.sub(rb"\g<1>" + _COUNTER, piece)
    return Growing(variant, body[:start], piece or b" ", body[end:])


def check_growth(target: Target, growing: Growing, sizes: Sequence[int] = SIZES) -> None:
    """`TooSlowError` if four times as much takes more than `MOST` times as long."""
    for small, large in itertools.pairwise(sizes):
        seconds = _seconds(target, growing, large)
        # What else keeps the machine busy does so for a moment only.
        if seconds > NOTICEABLE and (seconds := min(seconds, _seconds(target, growing, large))) > NOTICEABLE:
            quarter = min(_seconds(target, growing, small) for _ in range(3))
            if seconds > MOST * quarter:
                raise TooSlowError(f"{large:,} bytes take {seconds:.2f} s, a quarter of them {quarter:.3f} s")


def _seconds(target: Target, growing: Growing, size: int) -> float:
    data = growing.of_size(size)
    # The collector looks at whatever else there is, too.
    gc.disable()
    try:
        start = time.process_time()
        try:
            target.work(growing.variant, data)
        except StreamError as error:
            # Where a limit ends a reply it takes no more time.
            if error.code != "too_large":
                raise
        return time.process_time() - start
    finally:
        gc.enable()
