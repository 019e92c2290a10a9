"""`make check` and the page's own tests, as tests: one command proves everything."""

from __future__ import annotations

import pytest

from tools import check


@pytest.mark.parametrize("name", check.CHECKS)
def test_check(name: str) -> None:
    result = check.run(name)
    assert result.returncode == 0, result.stdout


def test_the_page_passes_its_own_tests() -> None:
    result = check.run_python("tools/frontend.py", "run", "test")
    assert result.returncode == 0, result.stdout
