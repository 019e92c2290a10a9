"""Recordings: what is written, what comes back, and what is told of a file that is none."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from pathlib import Path

import pytest

import qwen_nb as qn
from tests.server import Answer, Asked, Server, said

KEY = "sk-canary-0123456789"


def ask(server: Server, prompt: str = "Hi.") -> qn.Reply:
    return qn.ask(prompt, endpoint=qn.Endpoint(server.url, model="m", api_key=KEY), display=False)


def replayed(prompt: str = "Hi.") -> qn.Reply:
    return qn.ask(prompt, model="m", display=False)


@pytest.mark.parametrize("name", ["one.jsonl", "one.jsonl.gz"])
def test_a_recording_is_lines_of_json_and_plays_at_any_speed_and_in_any_pieces(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with Server(Answer([*said("快速", "排序"), 0.5])) as server, qn.record(path):
        live = ask(server)
    data = path.read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    assert len([json.loads(line) for line in text.splitlines()]) >= 5
    assert "快速" in text, "as a reader reads it"
    assert KEY not in text
    for split in (None, 1, 7):
        with qn.replay(path, speed=math.inf, split=split):
            again = replayed()
        assert again.text == live.text == "快速排序"
        assert again.timing.total is not None
        assert again.timing.total < 0.5


def test_a_file_that_is_recorded_anew_is_played_anew(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    for word in ("first", "second"):
        with Server(Answer(said(word))) as server, qn.record(path):
            ask(server)
        with qn.replay(path):
            assert replayed().text == word


def test_a_replay_starts_at_the_beginning_each_time(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    with Server(Answer(said("one")), Answer(said("two"))) as server, qn.record(path):
        ask(server)
        ask(server)
    for _ in range(2):
        with qn.replay(path):
            assert [replayed().text for _ in range(3)] == ["one", "two", "two"]


def test_an_error_that_quotes_the_key_is_recorded_without_it(tmp_path: Path) -> None:
    path = tmp_path / "error.jsonl"
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}."}}).encode()
    refusal = Answer([body], 401, {"content-type": "application/json"})
    with Server(refusal) as server, qn.record(path), pytest.raises(qn.StatusError):
        ask(server)
    assert KEY not in path.read_text()
    assert "[key]" in path.read_text()
    with qn.replay(path), pytest.raises(qn.StatusError, match="401"):
        replayed()


def test_ten_streams_at_once_are_recorded_each_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "ten.jsonl"

    def counted(asked: Asked) -> Answer:
        name = asked.body["messages"][0]["content"]
        return Answer([step for word in said(*(f"{name}.{number} " for number in range(5))) for step in (word, 0.01)])

    async def all_at_once(server: Server) -> list[qn.Reply]:
        endpoint = qn.Endpoint(server.url, model="m")
        return list(await asyncio.gather(*(qn.ask_async(str(n), endpoint=endpoint, display=False) for n in range(10))))

    with Server(counted) as server, qn.record(path):
        live = asyncio.run(all_at_once(server))
    with qn.replay(path, speed=math.inf):
        assert [replayed(str(number)).text for number in range(10)] == [reply.text for reply in live]


def test_what_is_played_can_be_recorded(tmp_path: Path) -> None:
    with Server(Answer(said("word"))) as server, qn.record(tmp_path / "first.jsonl"):
        ask(server)
    with qn.replay(tmp_path / "first.jsonl"), qn.record(tmp_path / "second.jsonl"):
        replayed()
    with qn.replay(tmp_path / "second.jsonl"):
        assert replayed().text == "word"


@pytest.mark.parametrize("name", ["one.jsonl", "one.jsonl.gz"])
def test_half_a_last_line_is_left_out_and_the_reply_is_cut_off(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with Server(Answer([*said("one ", "two "), 0.01, *said("three")])) as server, qn.record(path):
        ask(server)
    path.write_bytes(path.read_bytes()[:-30])
    with qn.replay(path):
        assert replayed().text.startswith("one two")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ""),
        (b"hello", "is not a recording of qwen_nb"),
        (b"[1]\n", "is not a recording of qwen_nb"),
        (b'{"cassette": 2}\n', "is not a recording of qwen_nb"),
        (b"\xff\xfe\n", "is not a recording of qwen_nb: it is no text"),
        (b'{"cassette": 1}\n{"n": 1, "at"\n{"n": 1, "at": 1, "end": "complete"}\n', "is damaged in line 2"),
        (b'{"cassette": 1}\n{"n": 1, "at": 0, "data": "x"}\n{"n": 1, "at": 1, "end": "complete"}\n', "is damaged in line 2"),
    ],
)
def test_a_file_that_is_no_recording_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "strange.jsonl"
    path.write_bytes(content)
    if not content:
        with qn.replay(path), pytest.raises(qn.ConfigError, match="Recorded: nothing"):
            replayed()
        return
    with pytest.raises(qn.ConfigError, match=words), qn.replay(path):
        pass
    packed = tmp_path / "strange.jsonl.gz"
    packed.write_bytes(content)
    with pytest.raises(qn.ConfigError, match="it is not compressed"), qn.replay(packed):
        pass


def test_what_is_missing_or_makes_no_sense_is_told(tmp_path: Path) -> None:
    with pytest.raises(qn.ConfigError, match=r"No recording at .*missing\.jsonl"), qn.replay(tmp_path / "missing.jsonl"):
        pass
    for speed, split in ((0, None), (-1, None), (math.nan, None), (1, 0)):
        with pytest.raises(qn.ConfigError, match="speed above 0"), qn.replay(tmp_path, speed=speed, split=split):
            pass
