"""The demo of `make demo CHECK=1`, in both front ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("front_end", ["lab", "notebook"])
def test_the_first_notebook_runs_and_all_is_seen(front_end: str) -> None:
    command = [sys.executable, "-m", "tools.demo", "--check", front_end]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
