"""Long work that needs nothing of the session begins with it, and is done by the time that its tests come.

Most tests of a page wait: for the page, or for a stream that takes its time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

Result = TypeVar("Result")

Work: TypeAlias = Callable[[Path], subprocess.CompletedProcess[str]]
"""A command of which one wants to know how it ended; its folder is the project's."""

ROOT = Path(__file__).parents[1]
NICE: list[str] = [found, "-n", "5"] if (found := shutil.which("nice")) else []
"""Goes before a command that computes all the time, so that what other tests time is not slowed down."""

LONGEST = 600
"""Seconds that a command may take."""


def python(*arguments: str, before: Sequence[str] = ()) -> Work:
    """A function that runs this Python with `arguments` in the project; what it says is in `stdout`."""
    command = [*before, sys.executable, *arguments]

    def run(_folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LONGEST, check=False
        )

    return run


class Ahead:
    """Calls functions in the order in which they were handed over, one at a time.

    Each is called once, with a folder for all that it writes, however often its result is wanted.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "ahead")
        self._begun: dict[Hashable, Future[Any]] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="tests-ahead-"))

    def begin(self, work: Callable[[Path], Result]) -> Future[Result]:
        """Have `work` called when its turn comes."""
        if work not in self._begun:
            folder = self._folder / str(len(self._begun))
            folder.mkdir()
            self._begun[work] = self._thread.submit(work, folder)
        return self._begun[work]

    def result(self, work: Callable[[Path], Result]) -> Result:
        """What `work` returns or raises, as soon as it has ended."""
        return self.begin(work).result()

    def close(self) -> None:
        """Let what has begun end, and nothing else begin."""
        self._thread.shutdown(cancel_futures=True)
        shutil.rmtree(self._folder)
