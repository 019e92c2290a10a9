"""What a user gets: a wheel with the page's bundle, built without a Node of the user's, that works without this source tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
BUNDLE = ("stub.js", "core.js.gz")

LOAD = """
import sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "qwen_nb")
assert "qwen" in shell.magics_manager.magics["cell"]
heavy = {"openai", "httpx", "httpx2", "pydantic", "anywidget", "ipywidgets"} & set(sys.modules)
assert not heavy, f"%load_ext qwen_nb has imported {sorted(heavy)}"
"""

ASK = """
import pathlib, sys
import qwen_nb as qn
from qwen_nb.widget import STATIC, StreamWidget

home = pathlib.Path(qn.__file__).resolve()
assert sys.prefix in str(home), f"imported from the source tree: {home}"
assert (STATIC / "stub.js").stat().st_size > 500
assert (STATIC / "core.js.gz").read_bytes()[:2] == b"\\x1f\\x8b"
reply = qn.ask("Which planet has the most moons?", display=False)
assert reply.status == "complete", reply.status
assert reply.text
"""


def run(*command: str | Path, cwd: Path, path: str | None = None) -> str:
    """Run `command` without what the environment would tell it of Python; return its output, which is the failure's message."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment |= {"PIP_CONSTRAINT": str(CONSTRAINTS), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if path is not None:
        environment["PATH"] = path
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def path_without_node(folder: Path) -> str:
    """A PATH with what Python and npm need of a system, and no Node."""
    folder.mkdir()
    for name in ("sh", "env", "uname"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return str(folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of the source tree, and the wheel of that sdist."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    ignored = shutil.ignore_patterns(".git", ".venv*", "build", "dist", "node_modules", "static", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, source, ignore=ignored)
    path = path_without_node(folder / "bin")
    run(sys.executable, "-m", "build", "--outdir", folder / "dist", source, cwd=folder, path=path)
    return folder / "dist"


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    python = folder / "bin" / "python"
    (wheel,) = built.glob("*.whl")
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    return python


def test_the_wheel_has_the_bundle_and_no_sources_of_it(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"qwen_nb/static/{name}" for name in BUNDLE} <= set(names)
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"qwen_nb"}
    assert wheel.stat().st_size < 1_500_000


def test_whoever_gets_the_bundle_gets_the_licences_of_all_that_is_in_it(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    text = zipfile.ZipFile(wheel).read("qwen_nb/static/THIRD_PARTY_LICENSES.txt").decode()
    packages = {line.split()[0] for line in text.splitlines() if re.fullmatch(r"[a-z][\w.-]* \d+\.\d+\.\d+", line)}
    assert packages >= {"highlight.js", "linkify-it", "markdown-it", "temml"}
    assert text.count("Copyright") >= len(packages)


def test_the_sdist_brings_the_bundle_so_that_installing_it_takes_no_node(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"qwen_nb/static/{name}" for name in (*BUNDLE, "built-from.json")} <= names
    assert "js/package-lock.json" in names
    assert not [name for name in names if "node_modules" in name]


def test_the_extension_loads_and_imports_nothing_heavy(installed: Path, tmp_path: Path) -> None:
    run(installed, "-c", LOAD, cwd=tmp_path)


def test_it_answers_from_its_recordings(installed: Path, tmp_path: Path) -> None:
    run(installed, "-c", ASK, cwd=tmp_path)
