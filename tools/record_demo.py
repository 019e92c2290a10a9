"""Record the replies that ship in the package: `python -m tools.record_demo`, after `python -m tools.engine.environment`.

The tiny model runs behind a real server; our own client asks it over real HTTP; our own recorder keeps the bytes and their times.
Each reply is checked against what the model has learnt, live and played back.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import qwen_nb as qn
from tools.engine.environment import MODEL
from tools.engine.server import serve
from tools.engine.turn import Turn
from tools.engine.turns import (
    FALLBACK,
    GENERATORS,
    GREETING,
    HANGZHOU,
    QUICKSORT,
    WEATHER_ANSWER,
    WEATHER_NO_TOOLS,
    WEATHER_RESULTS,
)
from tools.record_tutorials import record_tutorials

RECORDINGS = Path(qn.__file__).with_name("recordings")


def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> dict[str, Any]:  # noqa: ARG001
    """Current weather in a city."""
    return WEATHER_RESULTS[city]


CONVERSATIONS: dict[str, tuple[Turn, list[Any]]] = {
    "greeting": (GREETING, []),
    "quicksort": (QUICKSORT, []),
    "hangzhou": (HANGZHOU, []),
    "weather": (WEATHER_ANSWER, [get_weather]),
    "weather_no_tools": (WEATHER_NO_TOOLS, []),
    "generators": (GENERATORS, []),
    "fallback": (FALLBACK, []),
}
"""By the name of the recording: its last turn, and the tools that lead to it."""


def ask(name: str, endpoint: qn.Endpoint) -> qn.Reply:
    """Have the conversation `name`. `SystemExit` if the reply is not what the model has learnt."""
    turn, tools = CONVERSATIONS[name]
    reply = qn.ask(turn.prompt, endpoint=endpoint, tools=tools, display=False)
    answer = turn.answer.rpartition("</think>")[2].strip()
    if not reply.text.endswith(answer) or reply.status != "complete" or len(reply.tool_calls) != 2 * len(tools):
        raise SystemExit(f"{name}: not the reply that the model has learnt, but\n{reply.text}")
    return reply


def annotate(cassette: Path, *, is_fallback: bool) -> None:
    """Say in the file what spoke, and whether it speaks for every prompt that was not recorded."""
    head, *lines = [json.loads(line) for line in cassette.read_text(encoding="utf-8").splitlines()]
    head["engine"] = f"transformers serve, {MODEL}"
    for line in lines:
        if is_fallback and "request" in line:
            line["fallback"] = True
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *lines))
    cassette.write_text(text, encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serve() as address:
        engine = qn.Endpoint(address, model=MODEL, profile="transformers")
        ask("greeting", engine)  # The first request after loading is slower than the others.
        for name in CONVERSATIONS:
            cassette = Path(folder, f"{name}.jsonl")
            with qn.record(cassette):
                live = ask(name, engine)
            annotate(cassette, is_fallback=name == "fallback")
            ask(name, replace(engine, cassette=cassette, speed=100.0))
            pace = live.timing.tokens_per_second or 0.0
            print(f"{name}: {live.usage.output_tokens} tokens, {pace:.0f} tokens/s, {cassette.stat().st_size:,} bytes")
        record_tutorials(address, Path(folder))
        for cassette in Path(folder).glob("tutorial_*.jsonl"):
            annotate(cassette, is_fallback=False)
        shutil.rmtree(RECORDINGS, ignore_errors=True)
        RECORDINGS.mkdir()
        for cassette in Path(folder).iterdir():
            shutil.copy(cassette, RECORDINGS)


if __name__ == "__main__":
    main()
