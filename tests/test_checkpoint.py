"""The file in which `map` keeps its answers: what is found again, what is refused, and that it has no secrets."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import qwen_nb as qn
from qwen_nb.checkpoint import Checkpoint, key_of
from qwen_nb.events import Event, PartDelta, PartEnd, PartStart, StreamEnd
from tests.server import Server
from tests.test_mapping import echo, run


def answer(text: str) -> list[Event]:
    return [
        PartStart(0, "text", at=0.5),
        PartDelta(0, text),
        PartEnd(0, at=1.0),
        StreamEnd("complete", "stop", raw='{"usage": {}}'),
    ]


def key(prompt: str) -> bytes:
    return key_of([{"role": "user", "content": prompt}])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.jsonl"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(echo) as running:
        yield running


def filled(path: Path, *texts: str) -> None:
    checkpoint = Checkpoint(path, {"model": "m"})
    for number, text in enumerate(texts):
        checkpoint.keep(key(text), number, answer(f"re: {text}"))
    checkpoint.close()


def test_an_answer_comes_back_whole_and_once(path: Path) -> None:
    filled(path, "a", "ä\u2028😀\ud800")
    checkpoint = Checkpoint(path, {"model": "m"})
    assert checkpoint.take(key("a")) == answer("re: a")
    assert checkpoint.take(key("a")) is None
    assert checkpoint.take(key("b")) is None
    assert checkpoint.take(key("ä\u2028😀\ud800")) == answer("re: ä\u2028😀\ud800")
    checkpoint.close()


def test_equal_prompts_get_their_own_answers_in_their_order(path: Path) -> None:
    checkpoint = Checkpoint(path, {})
    for number in (2, 0, 1):
        checkpoint.keep(key("same"), number, answer(str(number)))
    checkpoint.close()
    checkpoint = Checkpoint(path, {})
    assert [checkpoint.take(key("same")) for _ in range(4)] == [answer("0"), answer("1"), answer("2"), None]
    checkpoint.close()


def test_a_file_cut_anywhere_gives_back_what_is_whole(path: Path) -> None:
    filled(path, "a", "b", "c")
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    ends = [len(b"".join(lines[:number])) for number in range(5)]
    for length in sorted(
        {*range(0, len(whole), 17), *(end + by for end in ends for by in (-1, 0, 1) if 0 <= end + by <= len(whole))}
    ):
        path.write_bytes(whole[:length])
        checkpoint = Checkpoint(path, {"model": "m"})
        left = sum(end <= length for end in ends[2:])
        assert [checkpoint.take(key(text)) is not None for text in "abc"] == [number < left for number in range(3)]
        checkpoint.keep(key("d"), 3, answer("re: d"))
        checkpoint.close()
        assert all(json.loads(line) for line in path.read_bytes().splitlines())
        checkpoint = Checkpoint(path, {"model": "m"})
        assert checkpoint.take(key("d")) == answer("re: d")
        checkpoint.close()


def test_a_damaged_line_is_an_answer_lost_and_no_more(path: Path) -> None:
    filled(path, "a", "b")
    first, a, b = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b"\0" * 20 + b"\n" + b'{"key": 3}\n' + a[: len(a) // 2] + b"\n" + b)
    checkpoint = Checkpoint(path, {"model": "m"})
    assert checkpoint.take(key("a")) is None
    assert checkpoint.take(key("b")) == answer("re: b")
    checkpoint.close()


@pytest.mark.parametrize("content", ["no checkpoint", '{"prompt": "mine"}\n', "[1]\n", '{"qwen_nb', "\n"])
def test_another_file_stays_as_it_is(path: Path, content: str) -> None:
    path.write_text(content)
    if '{"qwen_nb checkpoint":1'.startswith(content):
        Checkpoint(path, {}).close()
        return
    with pytest.raises(qn.ConfigError, match="is not a checkpoint"):
        Checkpoint(path, {})
    assert path.read_text() == content


def test_a_file_in_use_is_refused(path: Path) -> None:
    first = Checkpoint(path, {})
    with pytest.raises(qn.ConfigError, match="in use by another run"):
        Checkpoint(path, {})
    first.close()
    Checkpoint(path, {}).close()


def test_a_place_that_cannot_be_written_is_told(path: Path) -> None:
    with pytest.raises(qn.ConfigError, match="cannot be written"):
        Checkpoint(path / "nowhere", {})


def test_nothing_is_written_before_the_first_answer(path: Path) -> None:
    Checkpoint(path, {"model": "m"}).close()
    assert path.read_bytes() == b""
    Checkpoint(path, {"model": "another"}).close()


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        ({"model": "n"}, "model was 'm' and is 'n'"),
        ({"temperature": 0.5}, "temperature was not given and is 0.5"),
        ({"system": "Be short."}, "system was not given and is 'Be short.'"),
        ({"template": "{prompt}?"}, "template was not given"),
        ({"extra": {"token": "secret"}}, "extra was not given"),
        ({"stop": ["x"]}, "stop was not given and is ['x']"),
    ],
)
def test_other_options_take_another_file(server: Server, path: Path, options: dict[str, Any], difference: str) -> None:
    assert run(["a"], server, checkpoint=path).texts == ["re: a"]
    before = path.read_bytes()
    with pytest.raises(qn.ConfigError, match="take another file") as raised:
        run(["a", "b"], server, checkpoint=path, **options)
    assert difference in str(raised.value)
    assert "secret" not in str(raised.value)
    assert path.read_bytes() == before
    assert len(server.asked) == 1


def test_a_run_goes_on_where_it_stopped_also_with_prompts_moved_and_added(server: Server, path: Path) -> None:
    first = run(["a", "b", "b"], server, checkpoint=path)
    again = run(["new", "b", "a", "b", "b"], server, checkpoint=path)
    assert again.texts == ["re: new", "re: b", "re: a", "re: b", "re: b"]
    assert len(server.asked) == 3 + 2
    assert again[2].usage == first[0].usage
    assert again[2].timing.total == first[0].timing.total
    assert run(iter(["a", "b"]), server, checkpoint=path).__next__().text == "re: a"
    assert len(server.asked) == 5


def test_no_secret_is_in_the_file(server: Server, path: Path) -> None:
    endpoint = qn.Endpoint(server.url, model="m", api_key="sk-secret", headers={"x-token": "secret-too"})
    qn.map(["a"], endpoint=endpoint, extra={"password": "secret-three"}, checkpoint=path, progress=False)
    assert "secret" not in path.read_text()


FULL = """
import resource, sys
import qwen_nb as qn

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
url, path = sys.argv[1:]
qn.map(["a"] * 100, endpoint=qn.Endpoint(url, model="m"), checkpoint=path, progress=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_disk_that_is_full_stops_the_run(server: Server, path: Path) -> None:
    result = subprocess.run([sys.executable, "-c", FULL, server.url, str(path)], capture_output=True, text=True, check=False)
    assert f"OSError: [Errno {errno.EFBIG}]" in result.stderr
    assert path.stat().st_size == 1000
    assert len(server.asked) < 100
    assert run(["a"] * 4, server, checkpoint=path).texts == ["re: a"] * 4
