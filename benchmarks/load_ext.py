"""What `%load_ext qwen_nb` costs a kernel that runs already, against `import openai`. The aim: less than a tenth.

    python -m benchmarks.load_ext [--rounds 15] [--quick]

Medians of so many processes each, taken in turns.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

from .harness.report import judged, options, table, title, versions

SHELL = """
import time
import ipykernel.zmqshell
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
"""
CASES = {
    "%load_ext qwen_nb": 'shell.run_line_magic("load_ext", "qwen_nb")',
    "import openai": "import openai",
}


def seconds(statement: str) -> float:
    """How long `statement` takes in a process like a kernel."""
    program = f"{SHELL}\nstart = time.perf_counter()\n{statement}\nprint(time.perf_counter() - start)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(result.stdout)


def main() -> None:
    given = options(__doc__, rounds=15)
    versions()
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(given.rounds):
        for name, statement in CASES.items():
            times[name].append(seconds(statement))
    title(f"Medians of {given.rounds} processes")
    table(["", "ms"], [[f"`{name}`", f"{median(runs) * 1000:.1f}"] for name, runs in times.items()])
    ours, theirs = (median(times[name]) for name in CASES)
    table(["goal", "figure", ""], [["≤ 0.1 of `import openai`", *judged(ours / theirs, 0.1)]])


if __name__ == "__main__":
    main()
