"""Which tests run side by side.

With `-n 2` those of pages, which share a browser and mostly wait, in one process, and all others in the other.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class PagesTogether(LoadScopeScheduling):  # type: ignore[misc]  # it is not typed
    """A file of tests at a time; those of pages are one."""

    def _split_scope(self, nodeid: str) -> str:
        return "pages" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> PagesTogether:
    # In the order of their names: the pages come first, which take longest.
    config.option.loadscopereorder = False
    return PagesTogether(config, log)
