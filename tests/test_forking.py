"""A process that is forked after a question: the child asks on its own connections, and the parent keeps its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.server import Answer, Asked, Server, said

PROGRAM = """
import multiprocessing, sys
import qwen_nb as qn

def ask(prompt):
    return qn.ask(prompt, display=False).text

if __name__ == "__main__":
    qn.connect(sys.argv[1], model="m")
    print(ask("Before."))
    with multiprocessing.get_context("fork").Pool(2) as children:
        print(children.map(ask, ["1", "2", "3", "4"]))
    meanwhile = qn.ask("Meanwhile.", display=False, background=True)
    with multiprocessing.get_context("fork").Pool(2) as children:
        print(children.map(ask, ["5", "6"]))
    print(meanwhile.wait().text, ask("After."))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing forks there")
def test_children_and_parent_get_their_own_answers() -> None:
    def echo(asked: Asked) -> Answer:
        prompt = asked.body["messages"][-1]["content"]
        return Answer([0.2, *said(prompt)])

    with Server(echo) as server:
        command = [sys.executable, "-c", PROGRAM, server.url]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.splitlines() == ["Before.", "['1', '2', '3', '4']", "['5', '6']", "Meanwhile. After."], result.stderr
