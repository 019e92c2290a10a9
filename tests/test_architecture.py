"""ARCHITECTURE.md says what is there. Which way imports point is held by `tools/layers.py`, from the same list."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "qwen_nb"
PAGE = ROOT / "js" / "src"
NOT_CODE = {"static", "recordings", "__pycache__"}

ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def listed(heading: str) -> list[str]:
    """The names in the first column of the table under a heading that begins with `heading`."""
    section = re.search(rf"^## {heading}.*?$(.*?)(?=^## |\Z)", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    assert section, f"ARCHITECTURE.md has no section {heading!r}"
    return re.findall(r"^\| `([^`]+)` \|", section[1], re.MULTILINE)


def test_every_file_of_the_kernel_is_listed_once() -> None:
    files = {path.name for path in PACKAGE.glob("*.py")}
    folders = {f"{path.name}/" for path in PACKAGE.iterdir() if path.is_dir() and path.name not in NOT_CODE}
    assert sorted(listed("The kernel's files")) == sorted(files | folders)


def test_every_file_of_the_page_is_listed_once() -> None:
    files = {path.name for path in PAGE.glob("*.*") if ".test." not in path.name}
    folders = {f"{path.name}/" for path in PAGE.iterdir() if path.is_dir()}
    assert sorted(listed("The page's files")) == sorted(files | folders)


def imports(path: Path) -> Iterator[str]:
    """The modules that `path` imports when it runs, relative ones left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_checkers = {
        node
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and isinstance(branch.test, ast.Name) and branch.test.id == "TYPE_CHECKING"
        for statement in branch.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if node in for_checkers:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def importers(package: str) -> set[str]:
    """The files of the kernel that import `package` or something in it."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name == package or name.startswith(f"{package}.") for name in imports(path))
    }


@pytest.mark.parametrize(
    ("package", "files"),
    [
        ("IPython.core", {"magic.py"}),
        ("anywidget", {"widget.py"}),
        ("distributed", {"dask_pool.py"}),
        ("openai", {"client.py", "connection.py", "diagnosis.py", "request_errors.py"}),
        ("httpcore2", {"network.py", "transport.py"}),
        (
            "httpx2",
            {
                *("bounds.py", "client.py", "connection.py", "connecting.py", "playback.py", "recording.py"),
                *("request_errors.py", "transport.py"),
            },
        ),
    ],
)
def test_only_these_files_know(package: str, files: set[str]) -> None:
    assert importers(package) == files


def test_what_is_imported_is_declared() -> None:
    declared = {re.split(r"[^\w.-]", requirement)[0].replace("-", "_") for requirement in requires("qwen-nb") or []}
    used = {name.partition(".")[0].lower() for path in PACKAGE.rglob("*.py") for name in imports(path)}
    assert used - set(sys.stdlib_module_names) <= declared | {"qwen_nb"}
