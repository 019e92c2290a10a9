"""How tests run: which of them side by side, and what Hypothesis may do.

With `-n 2` those of pages, which share a browser and mostly wait, in one process, and all others in the other; with them the demo,
which is long and alone in its browser.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# A machine that is busy is no failure, nor is it news about this change that a new input is found: `make fuzz` looks for those.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

DEMO = "tests/browser/test_demo.py"


class PagesTogether(LoadScopeScheduling):  # type: ignore[misc]  # it is not typed
    """A file of tests at a time; those of pages are one."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "pages" if path.startswith("tests/browser/") and path != DEMO else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> PagesTogether:
    # In the order of their names: the pages come first, which take longest.
    config.option.loadscopereorder = False
    return PagesTogether(config, log)
