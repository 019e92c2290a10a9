"""What `%load_ext qwen_nb` costs a kernel that runs already, against `import openai`. The aim: less than a tenth.

    python benchmarks/load_ext.py

Medians of 15 processes each, taken in turns.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

RUNS = 15
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
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(RUNS):
        for name, statement in CASES.items():
            times[name].append(seconds(statement))
    for name, runs in times.items():
        print(f"{name:<20}{median(runs) * 1000:8.1f} ms")
    ours, theirs = (median(times[name]) for name in CASES)
    print(f"{'ratio':<20}{ours / theirs:8.3f}")


if __name__ == "__main__":
    main()
