"""Rounds, medians, and tables in Markdown."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import statistics
from collections.abc import Mapping, Sequence

PACKAGES = ("openai", "ipykernel", "jupyterlab", "chatlas", "panel")


def options(description: str | None, *, rounds: int = 5) -> argparse.Namespace:
    """`rounds` and `quick` of the command line; `QUICK=1` in the environment is `--quick`, which is one round of everything."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")))
    parser.add_argument("--only", default="", help="parts to run, with commas between")
    found = parser.parse_args()
    found.rounds = 1 if found.quick else found.rounds
    return found


def title(words: str) -> None:
    """Say what follows."""
    print(f"\n{words}\n", flush=True)


def versions() -> None:
    """Say what was measured."""
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    print(f"Python {platform.python_version()}, {found}, {os.cpu_count()} cores", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; all columns but the first are numbers."""
    print(f"| {' | '.join(head)} |")
    print(f"| --- |{' ---: |' * (len(head) - 1)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |")
    print(flush=True)


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over the runs that have it."""
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: statistics.median(run[name] for run in runs if name in run) for name in names}


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def ratio(ours: float, theirs: float) -> str:
    """`ours` as a part of `theirs`: `1/40` where it is much less, else `0.35`."""
    if not theirs or not ours:
        return "–"
    return f"1/{theirs / ours:.0f}" if ours < theirs / 10 else f"{ours / theirs:.2f}"


def verdict(good: bool) -> str:
    """A goal that was met, or not."""
    return "met" if good else "missed"


def judged(figure: float, goal: float) -> tuple[str, str]:
    """A figure that should be at most `goal`, and its verdict."""
    return f"{figure:.2f}", verdict(figure <= goal)
