"""`map` on a real Dask cluster: two worker processes, one of which is killed."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dask
import distributed
import pydantic
import pytest

import qwen_nb as qn
from qwen_nb.results import MapInterrupted
from tests.server import Answer, Asked, Server, said

LONG = 60.0
"""Seconds. For what takes one or two where nothing else runs."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    settings = {"distributed.admin.system-monitor.gil.enabled": False, "distributed.worker.profile.enabled": False}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0") as running,
    ):
        yield running


@pytest.fixture
def client(cluster: distributed.LocalCluster) -> Iterator[distributed.Client]:
    with distributed.Client(cluster) as connected:
        connected.wait_for_workers(2, LONG)
        yield connected


def prompt_of(asked: Asked) -> str:
    return str(asked.body["messages"][-1]["content"])


def test_the_workers_ask(client: distributed.Client, tmp_path: Path) -> None:
    def sometimes(asked: Asked) -> Answer:
        if prompt_of(asked) == "7":
            return Answer([b'{"error": {"message": "too long"}}'], 400, {"content-type": "application/json"})
        return Answer([0.05, *said("re: ", prompt_of(asked))])

    with Server(sometimes) as server:
        kept = tmp_path / "kept.jsonl"
        endpoint = qn.Endpoint(server.url, model="m", api_key="sk-of-the-user")
        prompts = [str(number) for number in range(60)]
        results = qn.map(prompts, endpoint=endpoint, client=client, concurrency=10, checkpoint=kept, progress=False)
        assert results.texts == [None if number == 7 else f"re: {number}" for number in range(60)]
        error = results[7]
        assert isinstance(error, qn.StatusError)
        assert error.status == 400
        assert error.reply
        assert error.reply.status == "error"
        assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer sk-of-the-user"}
        assert "sk-of-the-user" not in kept.read_text()
        asked = len(server.asked)
        here = qn.map(prompts, endpoint=endpoint, checkpoint=kept, progress=False)
        assert here.texts == results.texts
        assert len(server.asked) == asked + 1, "only what failed is asked again, now from here"


def test_when_a_worker_is_killed_others_ask_what_it_had_not_answered(client: distributed.Client, tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    answered: Counter[str] = Counter()
    before: list[set[str]] = []
    killed = threading.Event()
    workers = client.run(os.getpid)

    def kill() -> None:
        os.kill(next(iter(workers.values())), signal.SIGKILL)
        killed.set()

    def slowly(asked: Asked) -> Answer:
        answered[prompt_of(asked)] += 1
        if sum(answered.values()) == 30:
            before.append({str(json.loads(line)["number"]) for line in path.read_bytes().split(b"\n")[1:-1]})
        # What was submitted since tells that the scheduler knows, by now, which answers have arrived.
        if sum(answered.values()) == 60:
            threading.Thread(target=kill).start()
        return Answer([0.1, *said("re: ", prompt_of(asked))])

    with Server(slowly) as server:
        prompts = [str(number) for number in range(120)]
        endpoint = qn.Endpoint(server.url, model="m")
        results = qn.map(prompts, endpoint=endpoint, client=client, concurrency=16, checkpoint=path, progress=False)
    assert results.texts == [f"re: {number}" for number in range(120)]
    twice = {prompt for prompt, count in answered.items() if count > 1}
    assert len(twice) <= 16, "what the worker had at hand"
    assert killed.is_set()
    assert before[0]
    assert not twice & before[0], "what was kept is not asked again"
    assert len(path.read_bytes().splitlines()) == 121


def test_an_interrupt_ends_the_questions_on_the_workers(client: distributed.Client) -> None:
    def some(asked: Asked) -> Answer:
        if int(prompt_of(asked)) < 4:
            return Answer(said("re: ", prompt_of(asked)))
        if len(server.asked) >= 12:
            threading.Timer(2.0, signal.raise_signal, [signal.SIGINT]).start()
        return Answer([LONG, *said("too late")])

    with Server(some) as server:
        began = time.monotonic()
        with pytest.raises(MapInterrupted, match="4 of 100") as interrupted:
            qn.map(
                [str(number) for number in range(100)], endpoint=qn.Endpoint(server.url, model="m"), client=client, concurrency=8
            )
        assert server.hung_up.wait(LONG / 2)
        assert time.monotonic() - began < LONG
    texts = interrupted.value.results.texts
    assert texts[:5] == ["re: 0", "re: 1", "re: 2", "re: 3", None]
    assert len(texts) == 100


def test_a_cluster_without_workers_is_told() -> None:
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address="127.0.0.1:0") as empty,
        distributed.Client(empty) as client,
        pytest.raises(qn.ConfigError, match="no worker"),
    ):
        qn.map(["a"], client=client, progress=False)


class Colour(pydantic.BaseModel):
    name: str


def test_an_answer_that_follows_no_schema_is_an_error_here_too(client: distributed.Client) -> None:
    with Server(lambda asked: Answer(said(prompt_of(asked)))) as server:
        endpoint = qn.Endpoint(server.url, model="m")
        good, bad = qn.map(['{"name": "red"}', '{"name": 3}'], endpoint=endpoint, schema=Colour, client=client, progress=False)
    assert isinstance(good, qn.Reply)
    assert good.parsed == Colour(name="red")
    assert isinstance(bad, qn.SchemaError)
    assert bad.reply
    assert bad.reply.text == '{"name": 3}'
