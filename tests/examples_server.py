"""The server that the examples in docstrings ask: a model that knows what they want to know."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.rounds_server import calling
from tests.server import Answer, Asked, frame, said

MODEL = "qwen3-8b"


def saying(*texts: str, thought: str = "", finish: str | None = "stop", tokens: int = 12) -> Answer:
    """A whole reply that thinks, if there is a thought, and says `texts`."""
    chunk = partial(frame, model=MODEL, id="chatcmpl-1")
    thinking = [chunk({"reasoning_content": thought})] if thought else []
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
    counted = json.dumps({"id": "chatcmpl-1", "model": MODEL, "choices": [], "usage": usage})
    end = [chunk({}, finish), f"data: {counted}\n\n".encode(), b"data: [DONE]\n\n"] if finish else []
    return Answer([*thinking, *(chunk({"content": text}) for text in texts), *end])


def speaking() -> Answer:
    """Half a second of a tone, as Qwen-Omni sends speech."""
    samples = [int(9000 * math.sin(number / 8)) for number in range(12_000)]
    sound = {"audio": {"data": base64.b64encode(struct.pack("<12000h", *samples)).decode()}}
    return Answer([frame({"audio": {"transcript": "Hello!"}}), frame(sound), frame({}, "stop"), b"data: [DONE]\n\n"])


def refusing(status: int, message: str) -> Answer:
    body = {"error": {"message": message, "code": "model_not_found"}}
    return Answer([json.dumps(body).encode()], status, {"content-type": "application/json"})


def after_a_call(body: dict[str, Any]) -> Answer:
    if body["messages"][-1]["role"] == "tool":
        return saying("It is 4 °C and rains.")
    return calling(("call_1", "get_weather", '{"city": "Oslo"}'))


def rest_of_a_list(body: dict[str, Any]) -> Answer:
    whole = "Mercury, Venus, Earth, Mars"
    return (
        saying(whole[14:])
        if any(message["role"] == "assistant" for message in body["messages"])
        else saying(whole[:14], finish="length")
    )


ANSWERS: dict[str, Answer | Callable[[dict[str, Any]], Answer]] = {
    "Why is the sky blue?": saying("Air scatters blue light ", "more than red."),
    "Hello! Who are you?": saying("I am Qwen."),
    "Say it in French.": saying("Je suis Qwen."),
    "Count to three.": saying("1, ", "2, ", "3."),
    "Is 97 a prime number?": saying("Yes.", thought="2, 3, 5 and 7 do not divide it."),
    "What is the weather in Oslo?": after_a_call,
    "Name the inner planets.": rest_of_a_list,
    "Tell me a long story.": saying("Once upon", finish=None),
    "Tea is 2.50 €. What does it cost?": saying('{"name": "tea", "price": 2.5}'),
    "Coffee is free. What does it cost?": saying('{"name": "coffee", "price": "nothing"}'),
    "In which country is Paris?": saying("France"),
    "In which country is Oslo?": saying("Norway"),
    "Say hello.": speaking(),
    "Count for ever.": Answer([*said("1, ", "2, ", finish=None), "reset"]),
    "Count slowly.": Answer([*said("1, ", finish=None), 60.0]),
}


def answer(asked: Asked) -> Answer:
    """What this server says to any request."""
    if asked.method == "GET":
        return Answer(
            [json.dumps({"data": [{"id": MODEL, "owned_by": "vllm"}]}).encode()], headers={"content-type": "application/json"}
        )
    if asked.body["model"] == "qwen-99":
        return refusing(404, "The model qwen-99 does not exist.")
    prompt = next(message["content"] for message in reversed(asked.body["messages"]) if message["role"] == "user")
    found = ANSWERS.get(prompt) or saying("1 2 3", thought="Well.")
    return found(asked.body) if callable(found) else found
