"""Run a notebook in a kernel of its own, without a page."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

PATIENCE = 120
"""Seconds that one cell may take: less than a test may, whose end would not say which cell it was."""


async def run(path: Path, *, before: str = "", after: str = "") -> NotebookNode:
    """The notebook at `path`, executed; `before` and `after` are code that runs around it, and is not in the result.

    Raises `nbclient.exceptions.CellExecutionError` for the first cell that fails. The kernel is this Python, in the notebook's
    folder.
    """
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    cells = notebook.cells
    notebook.cells = [nbformat.v4.new_code_cell(before), *cells, nbformat.v4.new_code_cell(after)]
    client = NotebookClient(
        notebook,
        timeout=PATIENCE,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
    )
    await client.async_execute()
    notebook.cells = cells
    return notebook


def settled(notebook: NotebookNode) -> NotebookNode:
    """`notebook` as it should be saved: without what differs between two runs, or names this machine."""
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        language_info={"name": "python"},
    )
    number = 0
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            number += 1
            cell.execution_count = number
            for output in cell.outputs:
                output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)  # there is no kernel behind it
                if "execution_count" in output:
                    output.execution_count = number
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:]:
        nbformat.write(settled(asyncio.run(run(Path(name)))), name)
