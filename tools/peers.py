"""Environments for `make bench`: this package beside its peers, and those peers that need an older `openai`.

    python -m tools.peers [--lock]

`.venv-peers` has the package, JupyterLab, a browser's driver and the peers. `.venv-peers-openai-1` has a kernel of its own, which
JupyterLab in the first one offers as `openai-1`. Each is made once for each list of versions, in `benchmarks/peers/`; `--lock`
chooses those again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LISTS = ROOT / "benchmarks" / "peers"
UV = [sys.executable, "-m", "uv"]
OLDER = "peers-openai-1"
WANTED = {
    "peers": ["--editable", ".", "--group", "demo", "--group", "browser", "--group", "peers"],
    OLDER: ["--group", OLDER],
}
"""Environment to what it has, for uv."""


def lock(name: str) -> None:
    """Choose the versions of an environment; ours are those of the tests."""
    groups = [word for word in WANTED[name] if word not in ("--editable", ".")]
    package = ["--constraint", "constraints.txt", "pyproject.toml"] if "." in WANTED[name] else []
    options = [
        "--universal",
        "--python-version",
        "3.10",
        "--upgrade",
        "--no-annotate",
        "--no-emit-index-url",
        "--no-emit-find-links",
    ]
    said = ["--quiet", "--custom-compile-command", "python -m tools.peers --lock", "--output-file", str(LISTS / f"{name}.txt")]
    subprocess.run([*UV, "pip", "compile", *options, *said, *groups, *package], cwd=ROOT, check=True)


def install(name: str) -> Path:
    """The Python of an environment."""
    folder = ROOT / f".venv-{name}"
    python, done = folder / "bin" / "python", folder / "done"
    wanted = (LISTS / f"{name}.txt").read_text(encoding="utf-8")
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        print(f"Installing into {folder.name}", flush=True)
        subprocess.run([*UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder], cwd=ROOT, check=True)
        pip = [*UV, "pip", "install", "--quiet", "--python", str(python), "--constraint", str(LISTS / f"{name}.txt")]
        subprocess.run([*pip, *WANTED[name]], cwd=ROOT, check=True)
        done.write_text(wanted, encoding="utf-8")
    return python


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--lock", action="store_true")
    if arguments.parse_args().lock:
        for name in WANTED:
            lock(name)
        return
    home = install("peers").parents[1]
    register = ["-m", "ipykernel", "install", "--prefix", str(home), "--name", "openai-1", "--display-name", "openai 1"]
    # It warns that this is not where it looks for kernels itself.
    subprocess.run([install(OLDER), *register], check=True, capture_output=True)


if __name__ == "__main__":
    main()
