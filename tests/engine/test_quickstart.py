"""The first notebook, cell by cell in a real kernel, with the recordings played fast."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from qwen_nb.cassette import load
from qwen_nb.endpoint import RECORDINGS
from tests.kernel import running_kernel
from tools.engine.turn import Turn
from tools.engine.turns import FALLBACK, GENERATORS, GREETING, HANGZHOU, QUICKSORT, WEATHER_ANSWER

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_quickstart.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]}
HURRY = """
from dataclasses import replace
from qwen_nb.endpoint import RECORDED, use
use(replace(RECORDED, speed=100.0))
"""


@pytest.fixture(scope="module")
def texts() -> dict[str, str | None]:
    """The text of `qn.last` after each code cell, by the cell's id."""
    seen = {}
    with running_kernel() as kernel:
        for name, source in CELLS.items():
            if not source.startswith(("#", "Any language")):
                cell = kernel.run(source, name)
                assert cell.status == "ok", cell.traceback
                seen[name] = ast.literal_eval(kernel.value("__import__('qwen_nb').last and __import__('qwen_nb').last.text"))
            if name == "load":
                assert kernel.run(HURRY).status == "ok"
    return seen


@pytest.mark.parametrize(
    ("cell", "turn"),
    [
        ("quicksort", QUICKSORT),
        ("greeting", GREETING),
        ("hangzhou", HANGZHOU),
        ("weather", WEATHER_ANSWER),
        ("generators", GENERATORS),
        ("planets", FALLBACK),
    ],
)
def test_cell_shows_what_was_recorded(texts: dict[str, str | None], cell: str, turn: Turn) -> None:
    assert texts[cell] == turn.answer.rpartition("</think>")[2].strip()


def test_recordings_are_all_there_to_be_seen() -> None:
    """Each recorded prompt is asked in some notebook, but the one that any other stands for."""
    prompts = {exchange.prompt for exchange in load(RECORDINGS) if not exchange.is_fallback}
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in NOTEBOOK.parent.glob("*.ipynb")]
    sources = ["".join(cell["source"]) for notebook in notebooks for cell in notebook["cells"]]
    assert [prompt for prompt in prompts if not any(prompt in source for source in sources)] == []
