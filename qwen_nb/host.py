"""What kind of place the code runs in."""

from __future__ import annotations

import sys


def has_kernel() -> bool:
    """Whether this is a Jupyter kernel, whose front end can show widgets. Does not import IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def execution_count() -> int | None:
    """The number of the cell that runs; `None` outside IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell.execution_count if shell else None
