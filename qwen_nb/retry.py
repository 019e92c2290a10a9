"""Whether and when to ask again. Only ever before the first byte of a reply: a second answer would differ from the first."""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Mapping

MOST = 4
"""Attempts in all."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds of backoff, doubling, when the server names no time."""
WAITS = ("retry-after-ms", "retry-after")
"""The headers that say how long to wait."""
LONGEST_ASKED_WAIT = 120.0
"""Seconds. A server that wants more is not waited for: the user decides."""


def wait_before(attempt: int, headers: Mapping[str, str]) -> float | None:
    """Seconds to wait before attempt number `attempt` (the second is 2), or `None` to give up.

    `retry-after-ms` and `Retry-After` (seconds or an HTTP date, RFC 9110 section 10.2.3) are honoured.
    """
    if attempt > MOST:
        return None
    asked = _asked(headers)
    if asked is None:
        return min(FIRST_WAIT * 2.0 ** (attempt - 2), LONGEST_WAIT) * random.uniform(0.75, 1.25)
    return asked if asked <= LONGEST_ASKED_WAIT else None


def _asked(headers: Mapping[str, str]) -> float | None:
    for name, unit in zip(WAITS, (1e-3, 1.0), strict=True):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    try:
        date = email.utils.parsedate_to_datetime(headers["retry-after"])
        return max(0.0, date.timestamp() - time.time())
    except (KeyError, ValueError):
        return None
