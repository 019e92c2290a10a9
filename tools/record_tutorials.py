"""Record what the tutorials ask, by running them: their cells ask the tiny model instead of the recordings."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tools.engine.environment import MODEL
from tools.engine.tutorial_turns import REFUSED
from tools.run_notebook import run

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
ASKING = ("02_thinking", "03_tools", "04_conversations")
"""The tutorials whose replies are recordings; the others bring a server of their own."""
BEFORE = """
import qwen_nb as qn
_recording = qn.record({cassette!r})
_recording.__enter__()
qn.connect(qn.Endpoint({address!r}, model={model!r}, profile="transformers"))
"""
AFTER = """
_recording.__exit__(None, None, None)
"""
BESIDES = {
    # While the notebook is recorded nobody is there to approve. A reader may press Run, or Deny.
    "03_tools": f"""
def run_python(code: str) -> str:
    return "12586269025\\n"
qn.ask("What is the 50th Fibonacci number? Use Python.", tools=[run_python], display=False)
def run_python(code: str) -> str:
    return {REFUSED!r}
qn.ask("What is the 50th Fibonacci number? Use Python.", tools=[run_python], display=False)
""",
}
"""Asked in the same kernel after the notebook's cells."""


def record_tutorials(address: str, folder: Path) -> None:
    """Write a cassette for each of `ASKING` to `folder`, from the server at `address`."""
    for name in ASKING:
        cassette = folder / f"tutorial_{name}.jsonl"
        before = BEFORE.format(cassette=str(cassette), address=address, model=MODEL)
        asyncio.run(run(NOTEBOOKS / f"{name}.ipynb", before=before, after=BESIDES.get(name, "") + AFTER))
        print(f"{name}: {cassette.stat().st_size:,} bytes")
