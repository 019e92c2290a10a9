"""Tests with a real engine. Those that need it are collected only where this folder is named: `make test` needs no torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.engine.server import serve


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`True` leaves a file out; `None` leaves it to pytest."""
    is_named = any("engine" in argument for argument in config.args)
    return True if collection_path.name == "test_serve.py" and not is_named else None


@pytest.fixture(scope="session")
def engine() -> Iterator[str]:
    """The address of `transformers serve` with the tiny Qwen3."""
    with serve() as address:
        yield address
