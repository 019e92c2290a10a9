"""The recordings in the package, played back by the client as it is now. Needs no engine; `make recordings` makes them again."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

import qwen_nb as qn
from qwen_nb.cassette import load
from qwen_nb.endpoint import RECORDED, RECORDINGS
from tools.engine.turns import FALLBACK, PROMPTS, WEATHER_RESULTS
from tools.record_demo import CONVERSATIONS, ask

FAST = replace(RECORDED, speed=200.0)


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_plays_what_the_model_has_learnt(name: str) -> None:
    reply = ask(name, FAST)
    assert reply.warnings == []
    assert reply.usage.output_tokens


def test_weather_is_a_round_with_two_calls_and_their_results() -> None:
    reply = ask("weather", FAST)
    assert [part.kind for part in reply.parts] == ["reasoning", "tool", "tool", "result", "result", "reasoning", "text"]
    assert [json.loads(call.result or "") for call in reply.tool_calls] == list(WEATHER_RESULTS.values())


def test_any_other_prompt_gets_the_fallback_which_names_what_was_recorded() -> None:
    reply = qn.ask("Which planet has the most moons?", endpoint=FAST, display=False)
    assert reply.text == FALLBACK.answer
    recorded = {exchange.prompt for exchange in load(RECORDINGS) if not exchange.is_fallback}
    assert set(re.findall(r"(?m)^- `(.*)`$", reply.text)) == set(PROMPTS) <= recorded


def test_paces_can_be_followed_by_eye() -> None:
    """A stream of hundreds of tokens a second shows nothing, one of ten bores."""
    for exchange in load(RECORDINGS):
        assert exchange.ended is not None
        assert 20 < len(exchange.chunks) / exchange.ended < 160


def test_no_keys_no_addresses_of_the_machine_that_recorded() -> None:
    for cassette in sorted(RECORDINGS.glob("*.jsonl")):
        text = cassette.read_text(encoding="utf-8")
        assert not re.search(r"(?i)authorization|bearer|api.key|localhost|/home/|/root/", text), cassette.name
