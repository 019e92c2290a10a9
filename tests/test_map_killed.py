"""`map` against a server with faults, in a process that is killed and started again, twice: every prompt is answered once.

QWEN_NB_PROMPTS=10000 python -m pytest tests/test_map_killed.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.server import Answer, Asked, Server, said

PROMPTS = int(os.environ.get("QWEN_NB_PROMPTS", "500"))
CONCURRENCY = 32
PROGRAM = f"""
import sys
import qwen_nb as qn

url, path = sys.argv[1:]
prompts = [f"prompt {{number}}" for number in range({PROMPTS})]
results = qn.map(prompts, endpoint=qn.Endpoint(url, model="m"), checkpoint=path, concurrency={CONCURRENCY}, progress=False)
wrong = [number for number, text in enumerate(results.texts) if text != f"re: prompt {{number}}"]
print(len(results), "results;", wrong, [str(results[number]) for number in wrong[:3]])
"""


class Faulty:
    """Answers that go wrong the first time that a prompt is asked, some of them; counts those that were sent to their end."""

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self._seen: set[str] = set()

    def __call__(self, asked: Asked) -> Answer:
        prompt = asked.body["messages"][-1]["content"]
        kind = int(prompt.split()[1]) % 20
        is_first = prompt not in self._seen
        self._seen.add(prompt)
        whole = said("re: ", prompt)
        if is_first and kind in (0, 1):
            return Answer([b"{}"], 429, {"content-type": "application/json", "retry-after-ms": "50"})
        if is_first and kind == 2:
            return Answer([b"{}"], 503, {"content-type": "application/json", "retry-after": "0"})
        if is_first and kind in (3, 4):
            return Answer([*whole[:2], "reset"])
        if is_first and kind == 5:
            return Answer(whole[:2])
        return Answer(self._counted(prompt, [*whole[:2], 0.5, *whole[2:]] if kind == 6 else whole))

    def _counted(self, prompt: str, steps: list[Any]) -> Any:
        return _Steps(steps, lambda: self.answered.update([prompt]))


class _Steps(list[Any]):
    """Steps that say when the last of them has been sent."""

    def __init__(self, steps: list[Any], sent: Any) -> None:
        super().__init__(steps)
        self._sent = sent

    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        self._sent()


def kept(path: Path) -> list[str]:
    """The prompts whose answers are in the checkpoint: its whole lines, without the first."""
    lines = path.read_bytes().split(b"\n")[1:-1] if path.exists() else []
    return [f"prompt {json.loads(line)['number']}" for line in lines]


def test_every_prompt_is_answered_once_however_often_the_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    faulty = Faulty()
    with Server(faulty) as server:
        command = [sys.executable, "-c", PROGRAM, server.url, str(path)]
        for share in (1 / 3, 2 / 3):
            process = subprocess.Popen(command)
            while len(kept(path)) < PROMPTS * share:
                assert process.poll() is None
                time.sleep(0.02 + PROMPTS / 50_000)
            process.kill()
            process.wait()
            done, asked = set(kept(path)), len(server.asked)
            assert len(done) < PROMPTS
            with path.open("ab") as file:
                file.write(b'{"key": "half a li')
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.stdout == f"{PROMPTS} results; [] []\n", result.stderr
        again = {request.body["messages"][-1]["content"] for request in server.asked[asked:]}
        assert not again & done, "what was kept is not asked again"
        twice = [prompt for prompt, count in faulty.answered.items() if count > 1]
        assert len(twice) <= 2 * CONCURRENCY, "but what was on its way at a kill"
        assert len(faulty.answered) == PROMPTS
    assert sorted(kept(path)) == sorted(f"prompt {number}" for number in range(PROMPTS))
