"""`make check` and the page's own tests, as tests: one command proves everything."""

from __future__ import annotations

import pytest

from tests.ahead import NICE, Ahead, Work, python
from tools import check

COMMANDS = {**check.CHECKS, "page tests": ["tools/frontend.py", "run", "test"]}
CHECKS = {name: python(*command, before=NICE) for name, command in COMMANDS.items()}


@pytest.mark.parametrize("work", [pytest.param(work, marks=pytest.mark.ahead(work=work), id=name) for name, work in CHECKS.items()])
def test_check(work: Work, ahead: Ahead) -> None:
    result = ahead.result(work)
    assert result.returncode == 0, result.stdout
