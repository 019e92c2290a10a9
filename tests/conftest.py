"""What every test may use."""

from __future__ import annotations

import pytest

from tests.ahead import LONGEST, Ahead

AHEAD = pytest.StashKey[Ahead]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "ahead(work=...): `work`, a function, is called while earlier tests run; see `tests/ahead.py`"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for its turn takes longer than a test by itself."""
    for item in items:
        if item.get_closest_marker("ahead"):
            item.add_marker(pytest.mark.timeout(2 * LONGEST))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin with what the chosen tests will wait for."""
    if not session.config.option.collectonly:
        ahead = session.config.stash[AHEAD] = Ahead()
        for item in session.items:
            for mark in item.iter_markers("ahead"):
                ahead.begin(**mark.kwargs)


def pytest_unconfigure(config: pytest.Config) -> None:
    if AHEAD in config.stash:
        config.stash[AHEAD].close()


@pytest.fixture(scope="session")
def ahead(request: pytest.FixtureRequest) -> Ahead:
    """What the marks `ahead` have begun."""
    return request.config.stash[AHEAD]
