"""`make check` and the page's own tests, as tests: one command proves everything."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools import check


@pytest.mark.parametrize("name", check.CHECKS)
def test_check(name: str) -> None:
    result = check.run(name)
    assert result.returncode == 0, result.stdout


def test_page() -> None:
    command = [sys.executable, "tools/frontend.py", "run", "test"]
    result = subprocess.run(command, cwd=check.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert result.returncode == 0, result.stdout
