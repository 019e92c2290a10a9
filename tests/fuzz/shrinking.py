"""A smaller input with the same fault."""

from __future__ import annotations

import time
from collections.abc import Callable

BUDGET = 8.0
"""Seconds."""


def shrunk(data: bytes, fails: Callable[[bytes], bool], seconds: float = BUDGET) -> bytes:
    """The smallest input that still `fails` and is `data` without some of it, as far as there is time to look."""
    deadline = time.monotonic() + seconds
    size = len(data) // 2
    while size and time.monotonic() < deadline:
        at = 0
        while at < len(data) and time.monotonic() < deadline:
            less = data[:at] + data[at + size :]
            if fails(less):
                data = less
            else:
                at += size
        size //= 2
    return data
