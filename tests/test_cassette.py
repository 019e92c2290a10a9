"""Recordings: what is written, what comes back, and what is told of a file that is none."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from pathlib import Path

import pytest

import qwen_nb as qn
from tests.rounds_server import calling, get_weather
from tests.server import Answer, Asked, Server, Step, said

KEY = "sk-canary-0123456789"


def ask(server: Server, prompt: str = "Hi.") -> qn.Reply:
    return qn.ask(prompt, endpoint=qn.Endpoint(server.url, model="m", api_key=KEY), display=False)


def replayed(prompt: str = "Hi.") -> qn.Reply:
    return qn.ask(prompt, model="m", display=False)


@pytest.mark.parametrize("name", ["one.jsonl", "one.jsonl.gz"])
def test_a_recording_is_lines_of_json_and_plays_at_any_speed_and_in_any_pieces(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with Server(Answer([3.0, *said("快速", "排序")])) as server, qn.record(path):
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
        assert again.timing.total < 2.5, "it waits for nothing"


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


_FIRST = b'{"cassette": 1}\n{"n": 1, "request": {"path": "/v1/x", "body": {}}}\n'
_LAST = b'{"n": 1, "at": 1, "end": "complete"}\n'


@pytest.mark.parametrize(
    "line",
    {
        "a time that is none": b'{"n": 1, "at": "0.1", "data": "x"}',
        "a time that never comes": b'{"n": 1, "at": Infinity, "data": "x"}',
        "a status that is none": b'{"n": 1, "response": {"status": "200", "headers": {}}}',
        "a header that is no text": b'{"n": 1, "response": {"status": 200, "headers": {"retry-after": 1}}}',
        "a body that is none": b'{"n": 2, "request": {"path": "/v1/x", "body": []}}',
        "a line of no exchange": b'{"at": 0.1, "data": "lost"}',
        "an exchange that begins twice": b'{"n": 1, "request": {"path": "/v1/x", "body": {}}}',
        "bytes that are no base64": b'{"n": 1, "at": 0.1, "base64": "!"}',
        "bytes that are no text": b'{"n": 1, "at": 0.1, "data": "\xe4"}',
        "endless brackets": b"[" * 100_000,
    }.values(),
)
def test_a_damage_is_told_with_its_line_before_anything_is_played(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "damaged.jsonl"
    path.write_bytes(_FIRST + line + b"\n" + _LAST)
    with pytest.raises(qn.ConfigError, match=r"damaged\.jsonl is damaged in line 3: "), qn.replay(path):
        pass


def test_a_compressed_file_with_damage_in_it_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "damaged.jsonl.gz"
    packed = bytearray(gzip.compress(_FIRST + _LAST, mtime=0))
    packed[-6] ^= 1
    path.write_bytes(packed)
    with pytest.raises(qn.ConfigError, match="is damaged in line 4"), qn.replay(path):
        pass


def test_half_a_character_at_the_end_costs_no_more_than_its_line(tmp_path: Path) -> None:
    path = tmp_path / "killed.jsonl"
    with Server(Answer([*said("快速", "排序", finish=None), 0.05, *said("三")])) as server, qn.record(path):
        ask(server)
    text = path.read_bytes()
    path.write_bytes(text[: text.rindex("三".encode()) + 1])
    with qn.replay(path), pytest.raises(qn.TruncatedError) as cut:
        replayed()
    assert cut.value.reply
    assert cut.value.reply.text == "快速排序"


def test_what_is_missing_or_makes_no_sense_is_told(tmp_path: Path) -> None:
    with pytest.raises(qn.ConfigError, match=r"No recording at .*missing\.jsonl"), qn.replay(tmp_path / "missing.jsonl"):
        pass
    for speed, split in ((0, None), (-1, None), (math.nan, None), (1, 0)):
        with pytest.raises(qn.ConfigError, match="speed above 0"), qn.replay(tmp_path, speed=speed, split=split):
            pass


def test_what_is_recorded_plays_back_the_same(tmp_path: Path) -> None:
    cassette = tmp_path / "demo.jsonl"
    cut = "é".encode()
    steps: list[Step] = [
        b'data: {"choices": [{"index": 0, "delta": {"content": "caf' + cut[:1],
        1.0,
        cut[1:] + b'"}}]}\n\n',
        *said(" noir"),
    ]
    with Server(Answer(steps)) as server, qn.record(cassette):
        first = ask(server, "Say something.")
    with qn.replay(cassette):
        again = replayed("Say something.")
        with pytest.raises(qn.ConfigError, match=r"'Something else\.'.*'Say something\.'"):
            replayed("Something else.")
    assert again.text == first.text == "café noir"
    assert again.timing.total is not None
    assert again.timing.total >= 1.0
    with qn.replay(cassette, speed=100):
        timing = replayed("Say something.").timing
    assert timing.total is not None
    assert timing.total < 0.9


def test_nothing_is_sent_while_a_recording_plays_whichever_endpoint_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"

    def answer(asked: Asked) -> Answer:
        if len(asked.body["messages"]) > 1:
            return Answer(said(" more"))
        return Answer(said("again")) if asked.body["model"] == "other" else Answer(said("recorded", finish="length"))

    with Server(answer) as server:
        where = qn.Endpoint(server.url, model="m", api_key=KEY)
        cut = qn.ask("Hi.", endpoint=where, display=False)
        with qn.record(path):
            qn.ask("Hi.", endpoint=where, display=False).continue_()
            qn.ask("Hi.", endpoint=where, model="other", display=False)
        asked = len(server.asked)
        with qn.replay(path, speed=math.inf):
            reply = qn.ask("Hi.", endpoint=where, display=False)
            assert (reply.text, reply.is_recorded, reply.source) == ("recorded", True, "recorded replies")
            assert qn.Chat(endpoint=where)("Hi.", model="other", display=False).text == "again"
            assert cut.continue_().text == "recorded more"
            qn.connect(server.url, model="m")
            assert replayed().text == "recorded"
            with pytest.raises(qn.ConfigError, match="Not in the recording"):
                qn.ask("Ho.", endpoint=server.url, model="m", display=False)
            assert not [check for check in qn.doctor(where) if check.name != "address"]
        assert len(server.asked) == asked
        assert not qn.ask("Hi.", model="m", display=False).is_recorded, "what was connected meanwhile is asked from now on"
        qn.connect("recorded")


def test_what_was_said_to_two_servers_is_played_in_its_order_in_the_protocol_of_each(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    native = b'data: {"output": {"choices": [{"message": {"content": "two"}, "finish_reason": "stop"}]}}\n\n'
    with Server(Answer(said("one"))) as first, Server(Answer([native])) as second:
        one = qn.Endpoint(first.url, model="m")
        two = qn.Endpoint(second.url, model="m", protocol="dashscope")
        with qn.record(path):
            live = [qn.ask("Hi.", endpoint=where, display=False).text for where in (one, two)]
    with qn.replay(path, speed=math.inf):
        assert [qn.ask("Hi.", endpoint=where, display=False).text for where in (one, two)] == live == ["one", "two"]


def test_a_recording_without_a_model_tells_of_its_prompts_only(tmp_path: Path) -> None:
    path = tmp_path / "listed.jsonl"
    listed = Answer([b'{"data": [{"id": "m"}]}'], 200, {"content-type": "application/json"})
    with Server(listed, Answer(said("one"))) as server, qn.record(path):
        qn.ask("Hi.", endpoint=server.url, display=False)
    with qn.replay(path), pytest.raises(qn.ConfigError, match=r"Recorded: 'Hi\.'\.$"):
        replayed("Ho.")


def test_a_recorded_conversation_with_tools_plays_back_whoever_asks(tmp_path: Path) -> None:
    """Ids and earlier reasoning differ from server to server, and are no part of what was said."""
    cassette = tmp_path / "tools.jsonl"
    with (
        Server(calling(("c1", "get_weather", '{"city": "Oslo"}'), thought="Look."), Answer(said("Cold."))) as server,
        qn.record(cassette),
    ):
        recorded = qn.ask("Oslo?", endpoint=qn.Endpoint(server.url, model="m", profile="vllm"), tools=[get_weather], display=False)
    with qn.replay(cassette, speed=100):
        played = qn.ask("Oslo?", model="another", tools=[get_weather], display=False)
    assert (played.text, played.reasoning, played.tool_calls) == (recorded.text, recorded.reasoning, recorded.tool_calls)
