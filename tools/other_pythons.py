"""Run the tests that need no browser with other Pythons, or with the lowest versions that pyproject.toml admits.

    python -m tools.other_pythons [--lowest] [3.10 3.12 …]

Each has an environment of its own, made once for each pyproject.toml. A Python that this machine does not have is left out, and
said to be.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RELEASES = ("3.10", "3.11", "3.12", "3.13")
UV = [sys.executable, "-m", "uv"]
LEFT_OUT = ("tests/browser", "tests/engine", "tests/test_checks.py", "tests/test_wheel.py")
"""The page is the same for all Pythons; checks and wheel have environments of their own."""


def install(release: str, *, lowest: bool) -> Path | None:
    """The Python of an environment with the package and its test tools; `None` if this machine has no such Python."""
    folder = ROOT / f".venv-python-{release}{'-lowest' if lowest else ''}"
    python, done = folder / "bin" / "python", folder / "done"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return python
    print(f"Installing into {folder.name}", flush=True)
    if subprocess.run(
        [*UV, "venv", "--quiet", "--clear", "--python", release, "--no-python-downloads", folder], check=False
    ).returncode:
        return None
    versions = ["--resolution", "lowest-direct"] if lowest else ["--constraint", "constraints.txt"]
    pip = [*UV, "pip", "install", "--quiet", "--python", str(python), *versions]
    subprocess.run([*pip, "--editable", ".", "--group", "test"], cwd=ROOT, check=True)
    done.write_text(wanted, encoding="utf-8")
    return python


def test(release: str, *, lowest: bool) -> str:
    """Run the tests; how that went, in words."""
    python = install(release, lowest=lowest)
    if python is None:
        return "not on this machine"
    ignored = [f"--ignore={path}" for path in LEFT_OUT]
    run = subprocess.run([python, "-m", "pytest", *ignored], cwd=ROOT, check=False)
    return "failed" if run.returncode else "passed"


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--lowest", action="store_true")
    arguments.add_argument("releases", nargs="*", default=RELEASES)
    options = arguments.parse_args()
    found = {release: test(release, lowest=options.lowest) for release in options.releases}
    for release, words in found.items():
        print(f"Python {release}{' with the lowest versions' if options.lowest else ''}: {words}")
    return int("failed" in found.values())


if __name__ == "__main__":
    raise SystemExit(main())
