"""The tutorials run from top to bottom, without a server and without a network, and say what they promise."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from qwen_nb.endpoint import RECORDINGS
from tools.run_notebook import run

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
TUTORIALS = sorted(NOTEBOOKS.glob("0[2-9]*.ipynb"))
FASTER = """
import dataclasses, qwen_nb.endpoint
qwen_nb.endpoint.RECORDED = dataclasses.replace(qwen_nb.endpoint.RECORDED, speed=50.0)
"""
UNRECORDED = "This is a recording: no model is running."


@pytest.fixture(scope="module")
def executed() -> dict[str, NotebookNode]:
    """All tutorials, by name, two at a time."""

    async def run_all() -> list[NotebookNode]:
        few = asyncio.Semaphore(2)

        async def run_one(path: Path) -> NotebookNode:
            async with few:
                return await run(path, before=FASTER)

        return await asyncio.gather(*map(run_one, TUTORIALS))

    return dict(zip([path.stem for path in TUTORIALS], asyncio.run(run_all()), strict=True))


def shown(notebook: NotebookNode, cell: str) -> str:
    """What the cell with this id shows, as plain text."""
    (found,) = [each for each in notebook.cells if each.id == cell]
    return "".join(str(output.get("text") or output.get("data", {}).get("text/plain", "")) for output in found.outputs)


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


@pytest.mark.parametrize("name", [path.stem for path in TUTORIALS])
def test_every_prompt_has_been_recorded(name: str, executed: dict[str, NotebookNode]) -> None:
    assert UNRECORDED not in json.dumps(outputs(executed[name]))


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_saved_notebook_shows_its_replies_and_nothing_of_this_machine(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "".join(cell["source"]).startswith("%%qwen"):
            assert any("text/markdown" in output.get("data", {}) for output in cell["outputs"]), cell["id"]
    text = json.dumps(outputs(notebook))
    assert str(RECORDINGS.parent) not in text
    assert str(Path.home()) not in text


def test_thinking(executed: dict[str, NotebookNode]) -> None:
    notebook = executed["02_thinking"]
    assert "**8** sheep" in shown(notebook, "sheep-direct")
    assert "**9** sheep" in shown(notebook, "sheep")
    assert "reasoning" in shown(notebook, "parts")


def test_tools(executed: dict[str, NotebookNode]) -> None:
    notebook = executed["03_tools"]
    assert "278 years" in shown(notebook, "library")
    assert "nobody is here" in shown(notebook, "fibonacci-calls")


def test_conversations(executed: dict[str, NotebookNode]) -> None:
    notebook = executed["04_conversations"]
    assert "trip: " in shown(notebook, "chats")
    assert "(3, 5)" in shown(notebook, "lengths")
    assert "True" in shown(notebook, "save")


def test_a_server_of_ones_own(executed: dict[str, NotebookNode]) -> None:
    notebook = executed["05_your_own_server"]
    assert "Pieces of eight" in shown(notebook, "parrot")
    assert "ok" in shown(notebook, "doctor-it")


def test_images_and_audio(executed: dict[str, NotebookNode]) -> None:
    notebook = executed["06_images_and_audio"]
    assert "a picture of 320 × 80 pixels" in shown(notebook, "picture-magic")
    assert "a picture of 320 × 80 pixels" in shown(notebook, "filled-ask")
    assert "0.8 s, 18,000 samples at 24,000 a second" in shown(notebook, "speech-audio")
    assert "**0.8 seconds** of sound" in shown(notebook, "heard-ask")


def test_many_prompts(executed: dict[str, NotebookNode]) -> None:
    notebook = executed["07_many_prompts"]
    assert shown(notebook, "map-ask") == "['good', 'bad', 'mixed', 'good']"
    assert "4 HTTP 400" in shown(notebook, "errors-ask")
    assert shown(notebook, "checkpoint-again") == "0 requests for 200 answers; the same\n"
    assert shown(notebook, "stream-ask") == "Counter({'good': 50, 'bad': 25, 'mixed': 25})"
    assert "mixed" in shown(notebook, "compare-ask")


def test_record_and_replay(executed: dict[str, NotebookNode]) -> None:
    notebook = executed["08_record_and_replay"]
    assert "False" in shown(notebook, "no-key")
    assert "True" in shown(notebook, "replay-it")
    assert "Recorded: 'How many words are these?'" in shown(notebook, "unmatched-it")


def test_the_wire(executed: dict[str, NotebookNode]) -> None:
    notebook = executed["09_the_wire"]
    assert shown(notebook, "any-cut-is") == "{('They greet me. I greet back.', '你好!')}"
    assert "truncated" in shown(notebook, "done-is")
    assert "observes no border." in shown(notebook, "legacy-ask")
