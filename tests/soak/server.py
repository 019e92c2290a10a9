"""Short replies of every kind, by what the prompt asks for."""

from __future__ import annotations

from tests.rounds_server import calling
from tests.server import Answer, Asked, frame, said

KINDS = ("text", "thought", "tool", "stopped", "failed")
_TEXT = [
    *("Sorting **by hand**", " takes $O(n^2)$ steps;", " with a heap it takes\n\n$$\nn \\log n.\n$$\n\n"),
    *(
        "```python\ndef sort(items):\n",
        "    return sorted(items)\n",
        "```\n\n",
        "| a | b |\n|---|---|\n",
        "| 1 | 2 |\n\n",
        "快速排序。",
    ),
]
_ERROR = b'data: {"error": {"message": "CUDA out of memory", "code": 500}}\n\n'


def answer(asked: Asked) -> Answer:
    """The reply to a prompt that is one of `KINDS`."""
    messages = asked.body["messages"]
    kind = next(message["content"] for message in messages if message["role"] == "user")
    if kind == "thought":
        thought = [frame({"reasoning_content": word}) for word in ("Let me ", "think ", "about it. ") * 5]
        return Answer([*thought, *said(*_TEXT)])
    if kind == "tool":
        return Answer(said(*_TEXT[:3])) if messages[-1]["role"] == "tool" else calling(("c1", "look", '{"at": "it"}'))
    if kind == "stopped":
        return Answer([step for word in said(*_TEXT * 20, finish=None) for step in (word, 0.02)])
    if kind == "failed":
        return Answer([*said(*_TEXT, finish=None), _ERROR])
    return Answer(said(*_TEXT))
