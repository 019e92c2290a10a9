"""What tests of tools share: a round in which the model calls, and a tool to call."""

from __future__ import annotations

from tests.server import Answer, frame


def calling(*calls: tuple[str, str, str], thought: str = "") -> Answer:
    """A round in which the model calls: id, name, arguments of each."""
    steps = [frame({"reasoning_content": thought})] if thought else []
    for index, (call_id, name, arguments) in enumerate(calls):
        head = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": arguments[:4]}}
        steps += [
            frame({"tool_calls": [head]}),
            frame({"tool_calls": [{"index": index, "function": {"arguments": arguments[4:]}}]}),
        ]
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}\n\n'
    return Answer([*steps, frame({}, "tool_calls"), usage, b"data: [DONE]\n\n"])


def get_weather(city: str) -> str:
    """The weather in a city."""
    return {"Oslo": "4 °C, rain", "Rome": "19 °C, sun"}[city]
