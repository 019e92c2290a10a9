"""One thing that reads what somebody else wrote, and what must hold whatever that is."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

_HEADER = 2
"""Bytes before the input: a digit, and a line end for those who read the file."""


@dataclass(frozen=True)
class Target:
    """An input is bytes. Its first line is a digit: which of `variants` settings it is read with."""

    name: str
    variants: int
    seeds: Sequence[bytes]
    """Sound inputs, without the first line."""
    mutate: Callable[[bytes, random.Random], bytes]
    """Damages an input."""
    check: Callable[[int, bytes], Hashable]
    """Reads an input, and raises if what must hold does not. Returns in a few words what the reader made of it: inputs that lead
    to something new are damaged further."""
    work: Callable[[int, bytes], object]
    """Reads an input and does nothing else, for the clock."""

    def read(self, data: bytes) -> Hashable:
        """`check` of an input with its first line."""
        return self.check(*self.split(data))

    def split(self, data: bytes) -> tuple[int, bytes]:
        """Which settings, and the input itself."""
        digit = data[:1]
        return (int(digit) if digit.isdigit() else 0) % self.variants, data[_HEADER:]

    def mutated(self, data: bytes, chance: random.Random) -> bytes:
        """`data` damaged, now and then with other settings."""
        variant, body = self.split(data)
        if chance.random() < 0.1:
            variant = chance.randrange(self.variants)
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            body = self.mutate(body, chance)
        return joined(variant, body)


def joined(variant: int, body: bytes) -> bytes:
    """The other way round than `Target.split`."""
    return b"%d\n" % variant + body
