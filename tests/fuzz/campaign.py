"""Many inputs to one target, and what they found."""

from __future__ import annotations

import hashlib
import random
import time
import traceback
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.growth import Growing, TooSlowError, check_growth, grown
from tests.fuzz.patience import patience
from tests.fuzz.shrinking import shrunk
from tests.fuzz.target import Target, joined

CORPUS = Path(__file__).parent / "corpus"
SLOW = ".slow"
"""How the name of a finding ends whose fault is the time that it takes."""
_GROWTHS = 400
"""Inputs for each that is also repeated, to see how long that takes."""
_MOST_KEPT = 3000
"""Inputs that are damaged further."""
_BLOCK = 50
"""Inputs between two looks at the clock."""


@dataclass(frozen=True)
class Finding:
    """An input that something must not do with which it does."""

    seed: int
    what: str
    """The error, in a line."""
    data: bytes
    """The smallest input found, as a file of the corpus."""
    name: str
    """Of that file."""

    def keep(self, target: Target, corpus: Path = CORPUS) -> Path:
        """Write it where `make test` replays it."""
        path = corpus / target.name / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.data)
        return path


@dataclass
class Campaign:
    """Feeds damaged inputs to `target`, the same ones for the same `seed`."""

    target: Target
    seed: int
    count: int = 0
    """Inputs so far."""
    seconds: float = 0.0
    findings: dict[str, Finding] = field(default_factory=dict)
    """By where it happened: each fault is found once."""

    def run(self, inputs: int, until: float = float("inf")) -> None:
        """Feed `inputs` more, or as many as there is time for `until` then (`time.monotonic`)."""
        started = time.monotonic()
        chance = random.Random(f"{self.seed} {self.target.name}")
        pool = [joined(variant, data) for variant in range(self.target.variants) for data in self.target.seeds]
        seen: set[Hashable] = set()
        sound = len(pool)
        for number in range(inputs):
            if number % _BLOCK == 0 and time.monotonic() >= until:
                break
            data = pool[number] if number < sound else self.target.mutated(pool[chance.randrange(len(pool))], chance)
            made = self._read(data)
            if made is not None and made not in seen:
                seen.add(made)
                if number >= sound and len(pool) < _MOST_KEPT:
                    pool.append(data)
            if number % _GROWTHS == _GROWTHS - 1:
                self._grow(grown(self.target, data, chance))
            self.count += 1
        self.seconds += time.monotonic() - started

    def _read(self, data: bytes) -> Hashable:
        try:
            with patience():
                return self.target.read(data)
        except BaseException as error:
            self._note(error, data, self.target.read)
            return None

    def _grow(self, growing: Growing) -> None:
        try:
            with patience():
                check_growth(self.target, growing)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            self._add(error, f"{place(error)} {growing.piece[:20]!r}", growing.saved(), SLOW)

    def _note(self, error: BaseException, data: bytes, read: Callable[[bytes], object]) -> None:
        if isinstance(error, KeyboardInterrupt):
            raise error
        where = place(error)
        if where in self.findings:
            return

        def fails(less: bytes) -> bool:
            try:
                with patience():
                    read(less)
            except KeyboardInterrupt:
                raise
            except BaseException as other:
                return place(other) == where
            return False

        self._add(error, where, shrunk(data, fails), "")

    def _add(self, error: BaseException, where: str, data: bytes, suffix: str) -> None:
        if where not in self.findings:
            said = " ".join(f"{type(error).__name__} {error}".split())[:300]
            name = f"{hashlib.sha256(data).hexdigest()[:10]}{suffix}"
            self.findings[where] = Finding(self.seed, f"{where}: {said}", data, name)


def place(error: BaseException) -> str:
    """Where an error was raised, and its type: two inputs that share it are taken for the same fault."""
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, RecursionError):
        return "RecursionError"
    if isinstance(error, TooSlowError):
        return "TooSlowError"
    last = frames[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def replay(target: Target, path: Path) -> None:
    """Read a file of the corpus; raises what it found, as long as that is not mended."""
    data = path.read_bytes()
    with patience():
        if path.suffix == SLOW:
            check_growth(target, Growing.loaded(target, data))
        else:
            target.read(data)
