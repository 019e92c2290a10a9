"""The build hook: a wheel or sdist holds the bundle of js/, built with the user's Node or one that is a build requirement."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

from tools import frontend


class BuildHook(BuildHookInterface[Any]):
    """Builds the bundle where it is missing or stale. An sdist brings a fresh one, so installing that takes no Node."""

    def dependencies(self) -> list[str]:
        """A Node, if one is needed and there is none."""
        if frontend.is_fresh(Path(self.root)) or frontend.node_on_path():
            return []
        return [frontend.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build it. Not for an editable install: there `make` does, each time that the sources have changed."""
        if version != "editable" and not frontend.is_fresh(Path(self.root)):
            frontend.build(Path(self.root))
