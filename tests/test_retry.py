"""When a server is asked again."""

from __future__ import annotations

import email.utils
import time

import pytest

from qwen_nb.retry import FIRST_WAIT, LONGEST_WAIT, MOST, wait_before


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry-after-ms": "250"}, 0.25), ({"retry-after": "3"}, 3.0), ({"retry-after-ms": "junk", "retry-after": "2"}, 2.0)],
)
def test_the_server_is_obeyed(headers: dict[str, str], seconds: float) -> None:
    assert wait_before(2, headers) == seconds


def test_a_date_is_a_time_to_wait() -> None:
    wait = wait_before(2, {"retry-after": email.utils.formatdate(time.time() + 5, usegmt=True)})
    assert wait is not None
    assert 3 < wait <= 5


def test_a_server_that_wants_too_much_is_not_waited_for() -> None:
    assert wait_before(2, {"retry-after": "3600"}) is None


def test_without_a_word_the_wait_doubles_and_ends() -> None:
    waits = [wait_before(attempt, {}) for attempt in range(2, MOST + 1)]
    for number, wait in enumerate(waits):
        assert wait is not None
        assert 0.75 <= wait / min(FIRST_WAIT * 2**number, LONGEST_WAIT) <= 1.25
    assert wait_before(MOST + 1, {}) is None
