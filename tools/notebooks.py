"""See that the notebooks are fit to be read by strangers.

    python tools/notebooks.py

None has an error in a saved output, or the state of widgets: kilobytes that are stale as soon as they are saved.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def complaints(path: Path) -> Iterator[str]:
    """What is wrong with the notebook at `path`."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if "widgets" in notebook["metadata"]:
        yield f"{path.name}: widget state is saved in it"
    for number, cell in enumerate(notebook["cells"], start=1):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                yield f"{path.name}, cell {number}: {output['ename']} in a saved output"


def main() -> int:
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    found = [complaint for path in paths for complaint in complaints(path)]
    if not paths:
        found.append(f"no notebook in {NOTEBOOKS.name}/")
    for complaint in found:
        print(complaint, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
