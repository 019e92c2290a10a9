"""A short run of each target, what longer runs have found, and that a fault would be found at all."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from qwen_nb import limits
from tests.fuzz.campaign import CORPUS, SLOW, Campaign, replay
from tests.fuzz.growth import Growing, TooSlowError, check_growth
from tests.fuzz.patience import EndlessError, patience
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS
from tests.fuzz.text_mutation import text_mutator

INPUTS = 500
SECONDS = 0.4
"""For each target: `make test` shall not take longer for it than six seconds in all."""
FOUND = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_once_is_mended(path: Path) -> None:
    replay(TARGETS[path.parent.name], path)


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_are_read_as_promised(name: str) -> None:
    campaign = Campaign(TARGETS[name], seed=1)
    campaign.run(INPUTS, time.monotonic() + SECONDS)
    assert campaign.count >= 50
    assert [finding.what for finding in campaign.findings.values()] == []


CALL = b'data: {"choices": [{"delta": {"tool_calls": [{"id": "c%N%", "function": {"name": "f", "arguments": "{}"}}]}}]}\n\n'
ITEM = b'data: {"type": "response.output_item.done", "item": {"id": "m%N%", "type": "message", "content": [{"text": "x"}]}}\n\n'


@pytest.mark.parametrize(("name", "piece"), [("chat", CALL), ("responses", ITEM)])
def test_ten_thousand_calls_or_items_take_four_times_as_long_as_a_quarter_of_them(
    name: str, piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_PARTS", 100_000)
    check_growth(TARGETS[name], Growing(0, b"", piece, b""), sizes=(250_000, 1_000_000))


def target(read: object) -> Target:
    """Reads UTF-8 with `read`."""
    seeds = [b'{"a": [1, 2]}', b"<think>x</think>"]

    def check(_variant: int, data: bytes) -> object:
        assert callable(read)
        return read(data.decode("utf-8", "replace"))

    return Target("planted", 1, seeds, text_mutator(("]", "Z", "<")), lambda variant, data: str(check(variant, data)), check)


def test_a_planted_fault_is_found_made_small_and_kept(tmp_path: Path) -> None:
    def read(text: str) -> int:
        if "Z" in text and "]" in text:
            raise IndexError(text)
        return len(text) % 5

    planted = target(read)
    campaign = Campaign(planted, seed=1)
    campaign.run(2000)
    (finding,) = campaign.findings.values()
    assert sorted(finding.data[2:]) == sorted(b"Z]")
    assert finding.what.startswith("IndexError at test_fuzz.py:")
    path = finding.keep(planted, tmp_path)
    with pytest.raises(IndexError):
        replay(planted, path)
    again = Campaign(planted, seed=1)
    again.run(2000)
    assert again.findings == campaign.findings


def test_a_reader_that_takes_more_than_in_proportion_is_found(tmp_path: Path) -> None:
    def read(text: str) -> str:
        held = ""
        for character in text:
            held = (held + character).lstrip("\0")
        return held

    slow = Growing(0, b"", b" ", b"")
    with pytest.raises(TooSlowError, match="80,000 bytes take"):
        check_growth(target(read), slow)
    path = tmp_path / f"one{SLOW}"
    path.write_bytes(slow.saved())
    with pytest.raises(TooSlowError):
        replay(target(read), path)
    check_growth(target(json.dumps), slow)


def test_a_reader_that_does_not_end_is_left() -> None:
    with pytest.raises(EndlessError), patience(0.05):
        re.match("(a|a)*b", "a" * 60)
