"""Run the tests of Stop and approval with older ipykernels, each in an environment of its own.

    python -m tools.older_kernels

Which thread a comm message reaches while a cell runs depends on parts of ipykernel that are private and change. The environment
of the other tests has the newest release.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

RELEASES = ("7.1", "7.3")
ROOT = Path(__file__).parents[1]


def install(release: str) -> Path:
    """The Python of an environment with the package and this release of ipykernel; made once."""
    folder = ROOT / f".venv-ipykernel-{release}"
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        print(f"Installing ipykernel {release} into {folder.name}")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
        ]
        locked = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
            constraints.write("\n".join(line for line in locked if not line.startswith("ipykernel==")))
            constraints.flush()
            subprocess.run([*pip, "--constraint", constraints.name, "--group", "build"], cwd=ROOT, check=True)
            package = ["--no-build-isolation", "--editable", ".", f"ipykernel=={release}.*"]
            subprocess.run([*pip, "--constraint", constraints.name, *package], cwd=ROOT, check=True)
        (folder / "done").touch()
    return python


def test(release: str) -> int:
    """Run the tests with this release; the exit status."""
    python = install(release)
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "kernels" / "python3" / "kernel.json"
        spec.parent.mkdir(parents=True)
        argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.write_text(
            json.dumps({"argv": argv, "display_name": f"ipykernel {release}", "language": "python"}),
            encoding="utf-8",
        )
        print(f"ipykernel {release}", flush=True)
        tests = [sys.executable, "-m", "pytest", "tests/browser/test_control.py"]
        return subprocess.run(tests, cwd=ROOT, env={**os.environ, "KERNELS_OF_TESTS": folder}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(max(test(release) for release in RELEASES))
