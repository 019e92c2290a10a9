"""What has to hold besides the tests.

    python -m tools.check

`tests/test_checks.py` runs the same list, so that one command proves everything.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

CHECKS: dict[str, list[str]] = {
    "Python style": ["-m", "ruff", "check", "--quiet"],
    "Python format": ["-m", "ruff", "format", "--check", "--quiet"],
    "Python types": ["-m", "mypy"],
    "layers": ["tools/layers.py"],
    "page types and style": ["tools/frontend.py", "run", "check"],
    "generated files": ["tools/wire_types.py", "--check"],
    "notebooks": ["tools/notebooks.py"],
}
"""What each is called, and the arguments of Python that see to it: exit status 0 if all is well."""


def run(name: str) -> subprocess.CompletedProcess[str]:
    """Run check `name`; its output is in `stdout`."""
    return run_python(*CHECKS[name])


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python with `arguments` in the project; its output is in `stdout`."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def main() -> int:
    failed = 0
    for name in CHECKS:
        result = run(name)
        print(f"{'FAILED' if result.returncode else 'ok':<7}{name}", flush=True)
        if result.returncode:
            failed += 1
            print(result.stdout)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
