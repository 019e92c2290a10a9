"""The demo of `make demo CHECK=1`, in both front ends."""

from __future__ import annotations

import pytest

from tests.ahead import Ahead, Work, python

DEMOS = {front_end: python("-m", "tools.demo", "--check", front_end) for front_end in ("lab", "notebook")}


@pytest.mark.parametrize("demo", [pytest.param(demo, marks=pytest.mark.ahead(work=demo), id=name) for name, demo in DEMOS.items()])
def test_the_first_notebook_runs_and_all_is_seen(demo: Work, ahead: Ahead) -> None:
    result = ahead.result(demo)
    assert result.returncode == 0, result.stdout
