"""An end to what does not end by itself."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

MOST = 10.0
"""Seconds of the processor for one input. Sound readers take milliseconds."""


class EndlessError(BaseException):
    """Reading one input does not end. Not an `Exception`, so that no reader can swallow it."""


@contextmanager
def patience(seconds: float = MOST) -> Iterator[None]:
    """`EndlessError` after `seconds` of the processor; where there is no such timer, nothing."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _give_up(*_: object) -> NoReturn:
    raise EndlessError
