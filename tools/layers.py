"""Hold the imports of the package to the order in which ARCHITECTURE.md lists its files.

    python tools/layers.py

A file may import what stands below it, at its top or inside a function; nothing else, and nothing may stand outside the list.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]

UPWARD = {
    "qwen_nb.reply -> qwen_nb.widget": "a reply can show itself",
}
"""Imports that may point up, each with its reason."""

CONTRACT = """
[importlinter]
root_package = qwen_nb
exclude_type_checking_imports = True

[importlinter:contract:layers]
name = imports point down the list of ARCHITECTURE.md
type = layers
containers = qwen_nb
exhaustive = True
layers =
{layers}
ignore_imports =
{upward}
"""


def listed() -> list[str]:
    """The modules of the package, from the top down."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    names = re.findall(r"^\| `(\w+)(?:\.py|/)` \|", text, re.MULTILINE)
    return [name for name in names if (ROOT / "qwen_nb" / name).is_dir() or (ROOT / "qwen_nb" / f"{name}.py").is_file()]


def main() -> int:
    layers = [name for name in listed() if name != "__init__"]
    contract = CONTRACT.format(
        layers="\n".join(f"    {name}" for name in layers), upward="\n".join(f"    {arrow}" for arrow in UPWARD)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "importlinter.ini")
        path.write_text(contract, encoding="utf-8")
        return lint_imports(str(path), no_cache=True)


if __name__ == "__main__":
    sys.exit(main())
