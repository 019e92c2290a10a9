"""The demo of `make demo CHECK=1`, in both front ends."""

from __future__ import annotations

import pytest

from tools.check import run_python


@pytest.mark.timeout(900)
@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_the_first_notebook_runs_and_all_is_seen(front_end: str) -> None:
    result = run_python("-m", "tools.demo", "--check", front_end)
    assert result.returncode == 0, result.stdout
