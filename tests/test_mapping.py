"""`map` against a real server: order, errors as values, templates, memory, interrupts, checkpoints."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn

import pandas
import pydantic
import pytest

import qwen_nb as qn
from qwen_nb.pool import LocalPool
from qwen_nb.results import MapInterrupted
from tests.kernel import running_kernel
from tests.server import Answer, Asked, Server, frame, said

USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}\n\n'


def prompt_of(asked: Asked) -> str:
    return str(asked.body["messages"][-1]["content"])


def echo(asked: Asked) -> Answer:
    *start, done = said("re: ", prompt_of(asked))
    return Answer([*start, USAGE, done])


def refused(status: int, message: str = "no", **headers: str) -> Answer:
    body = json.dumps({"error": {"message": message}}).encode()
    return Answer([body], status, {"content-type": "application/json", **headers})


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(echo) as running:
        yield running


def run(prompts: Any, server: Server, **options: Any) -> Any:
    """`map`, quietly."""
    return qn.map(prompts, endpoint=qn.Endpoint(server.url, model="m"), progress=False, **options)


def test_results_come_in_the_order_of_the_prompts(server: Server) -> None:
    results = run([str(number) for number in range(200)], server, concurrency=7)
    assert results.texts == [f"re: {number}" for number in range(200)]
    assert results[3].usage.output_tokens == 2
    assert not results.errors
    assert repr(results) == "<Results: 200 replies, 400 tokens>"
    assert len({asked.peer for asked in server.asked}) <= 7, "a connection each, and no more"


def test_so_many_are_asked_at_once_and_no_more() -> None:
    now, most = 0, 0
    lock = threading.Lock()
    full = threading.Event()

    def hold(asked: Asked) -> Answer:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
            if now == 40:
                full.set()
        return Answer(HeldSteps(full, asked))

    class HeldSteps(list[Any]):
        """Silent until all forty are there, then an answer."""

        def __init__(self, full: threading.Event, asked: Asked) -> None:
            super().__init__()
            self.full = full

        def __iter__(self) -> Iterator[Any]:
            nonlocal now
            while not self.full.is_set():
                yield 0.01
            with lock:
                now -= 1
            yield from said("ok")

    with Server(hold) as server:
        assert run(["?"] * 100, server, concurrency=40).texts == ["ok"] * 100
    assert most == 40


def test_an_error_stands_in_the_place_of_its_reply() -> None:
    def one_bad(asked: Asked) -> Answer:
        return refused(400, "too long") if prompt_of(asked) == "1" else echo(asked)

    with Server(one_bad) as server:
        results = run(["0", "1", "", 3, "4"], server)
    assert results.texts == ["re: 0", None, None, None, "re: 4"]
    assert isinstance(results[1], qn.StatusError)
    assert "too long" in str(results[1])
    assert {number: type(error) for number, error in results.errors.items()} == {
        1: qn.StatusError,
        2: qn.ConfigError,
        3: qn.ConfigError,
    }


@pytest.mark.parametrize("schema_retries", [0, 1])
def test_what_nobody_foresaw_is_the_error_of_its_prompt_and_not_the_end_of_all(schema_retries: int) -> None:
    def even(number: int) -> int:
        if number % 2:
            raise RuntimeError(f"{number} is odd")
        return number

    with Server(lambda asked: Answer(said(prompt_of(asked)))) as server:
        shape = Annotated[int, pydantic.AfterValidator(even)]
        results = run(["0", "1", "2"], server, schema=shape, schema_retries=schema_retries)
    assert results.texts == ["0", None, "2"]
    assert str(results[1]) == "This question failed: RuntimeError: 1 is odd"
    assert isinstance(results[1].__cause__, RuntimeError)
    assert results[1].reply.text == "1"


def test_a_stream_that_breaks_is_asked_again_from_the_start() -> None:
    with Server(Answer([frame({"content": "half"}), "reset"]), Answer(said("half", finish=None)), echo) as server:
        (reply,) = run(["x"], server)
        assert reply.text == "re: x"
        assert len(server.asked) == 3
    with Server(Answer([frame({"content": "half"}), "reset"])) as server:
        (error,) = run(["x"], server, retries=0)
        assert isinstance(error, qn.StreamError)
        assert error.reply
        assert error.reply.text == "half"
        assert len(server.asked) == 1


@pytest.mark.parametrize("model", ["m", ""], ids=["a model", "the first model of the list"])
def test_what_fails_for_all_is_raised_and_not_asked_ten_thousand_times(model: str) -> None:
    with Server(refused(401, "who are you?")) as server:
        with pytest.raises(qn.StatusError, match="who are you"):
            qn.map(["?"] * 10_000, endpoint=qn.Endpoint(server.url, model=model), progress=False)
        assert len(server.asked) < 200


@pytest.mark.parametrize(
    ("prompts", "options", "message"),
    [
        ("one", {}, "many prompts"),
        (["a"], {"modle": "x"}, "modle: no such option"),
        (["a"], {"concurrency": 0}, "at least 1"),
        (["a"], {"concurrency": 10_000_000}, "open files"),
        (pandas.DataFrame({"text": ["a"]}), {}, "needs a template"),
        (pandas.DataFrame({"text": ["a"]}), {"template": "Say {txet}"}, "Did you mean {text}"),
        (["a"], {"template": "no field"}, "prompt"),
        (pandas.DataFrame({"text": ["a"]}), {"template": "Rate {text} {review}"}, "no column review"),
        (pandas.DataFrame({"text": ["a"]}), {"template": "Rate {text} {the review}"}, "no column the review"),
        (pandas.DataFrame({"text": ["a"]}), {"template": "Rate {text} and `{txt}`"}, "Did you mean {text}"),
        (pandas.DataFrame({"text": ["a"]}), {"template": "Rate {text:.2f}"}, "takes none: write {text}"),
        (pandas.DataFrame({"text": ["a"]}), {"template": "Rate {text.foo}"}, "Row 0: {text.foo} cannot be filled"),
        (pandas.DataFrame({0: ["a"]}), {"template": "Rate {text}"}, "no column text.* Its fields can be {0}"),
        (pandas.DataFrame([["a", "b"]], columns=["x", "x"]), {"template": "Rate {x}"}, "More than one column is named x"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    server: Server, tmp_path: Path, prompts: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(qn.ConfigError, match=message):
        run(prompts, server, checkpoint=tmp_path / "kept.jsonl", **options)
    assert not server.asked


def test_templates_take_columns_rows_and_values(server: Server) -> None:
    table = pandas.DataFrame({"text": ["a", "b", None], "times": [1, 2, 3], "share": [0.5, 1.5, 2.5]}, index=["x", "y", "z"])
    results = run(table, server, template='Say {text} {times} times, {share}: {"as": "json"}')
    assert results.texts[:2] == ['re: Say a 1 times, 0.5: {"as": "json"}', 're: Say b 2 times, 1.5: {"as": "json"}']
    assert "Row 2 has no text" in str(results[2])
    frame = results.to_frame()
    assert frame.loc["y", "text"] == results.texts[1]
    assert frame.loc["z", "error"] == "Row 2 has no text."
    assert list(frame["output_tokens"][:2]) == [2, 2]
    assert run(table["text"][:2], server, template="Say {text}!").texts == ["re: Say a!", "re: Say b!"]
    assert run(["a"], server, template="Say {prompt}!").texts == ["re: Say a!"]
    assert run([{"word": "a"}], server, template="Say {word}!").texts == ["re: Say a!"]
    assert run([[{"role": "user", "content": "a"}]], server).texts == ["re: a"]


@pytest.mark.parametrize(
    ("columns", "template", "asked"),
    [
        ({"from": ["A"], "subject": ["hi"]}, "Mail from {from}: {subject}", "Mail from A: hi"),
        ({"open": [1.5], "close": [2.5]}, "Opened {open}, closed {close}", "Opened 1.5, closed 2.5"),
        ({"_id": [7], "text": ["x"]}, "{_id}: {text}", "7: x"),
        ({"Hotel": ["Ritz"], "Review Text": ["good"]}, "{Hotel}: {Review Text}", "Ritz: good"),
        ({0: ["a"], 1: ["b"]}, "{0} or {1}", "a or b"),
        ({"a": ["x"], "a.b": ["y"]}, "{a.b} {a[0]}", "y x"),
        ({"text": ["hello"]}, "{text[:2]}, `{text}`, ${text}, $x_{text}$", "he, `hello`, $hello, $x_hello$"),
        (
            {"text": ["hello"]},
            '{text} {"a": 1} {"b": {text}} {} {{text}} {{other}} `{id}` $x_{i}$',
            'hello {"a": 1} {"b": hello} {} {{text}} {{other}} `{id}` $x_{i}$',
        ),
    ],
)
def test_a_field_is_the_column_of_exactly_this_name(server: Server, columns: Any, template: str, asked: str) -> None:
    assert run(pandas.DataFrame(columns), server, template=template).texts == [f"re: {asked}"]


def test_a_row_that_does_not_fit_the_template_is_not_asked(server: Server) -> None:
    rows = [{"text": "a", "tags": ["b"]}, {"txt": "c", "tags": ["d"]}, {"text": "e", "tags": []}]
    results = run(rows, server, template="Rate {text}, {tags[0]}")
    assert results.texts == ["re: Rate a, b", None, None]
    assert str(results[1]) == "Row 1 has no text."
    assert str(results[2]) == "Row 2: {tags[0]} cannot be filled: IndexError: list index out of range."
    assert len(server.asked) == 1


def replies_held() -> int:
    return sum(isinstance(each, qn.Reply) for each in gc.get_objects())


def test_an_iterator_is_read_a_bounded_way_ahead(server: Server) -> None:
    read = 0

    def prompts() -> Iterator[str]:
        nonlocal read
        for number in range(1000):
            read += 1
            yield str(number)

    gc.collect()
    before = replies_held()
    results = run(prompts(), server, concurrency=2)
    assert read == 0
    assert next(results).text == "re: 0"
    assert read <= 2 * 2 + 1
    for number in range(1, 900):
        assert next(results).text == f"re: {number}"
    assert replies_held() - before < 100, "none is held any longer than its reader holds it"
    assert [reply.text for reply in results] == [f"re: {number}" for number in range(900, 1000)]


def test_results_that_come_early_wait_for_their_turn_but_not_all_of_them() -> None:
    first = threading.Event()

    class Held(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            while not first.is_set():
                yield 0.01
            yield from said("first")

    with Server(lambda asked: Answer(Held()) if prompt_of(asked) == "0" else echo(asked)) as server:
        results = run((str(number) for number in range(1000)), server, concurrency=2)
        threading.Timer(1.0, first.set).start()
        assert next(results).text == "first"
        assert len(server.asked) <= 2 * 16 + 2
        results.close()


def test_an_iterator_that_is_left_asks_no_more(server: Server) -> None:
    results = run(iter(["?"] * 100_000), server, concurrency=2)
    next(results)
    results.close()
    asked = len(server.asked)
    assert asked < 20
    assert run(["x"], server).texts == ["re: x"]
    assert len(server.asked) <= asked + 1 + 2, "what was on its way when it was left may still arrive"


def test_an_interrupt_keeps_what_had_come_and_nobody_had_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(pool: LocalPool) -> NoReturn:
        while pool._done.qsize() < 2:
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalPool, "get", interrupted)
    with (
        Server(lambda asked: Answer([60.0]) if prompt_of(asked) == "1" else echo(asked)) as server,
        pytest.raises(MapInterrupted, match="2 of 3 prompts are answered") as caught,
    ):
        run(["0", "1", "2"], server, concurrency=3)
    assert caught.value.results
    assert caught.value.results.texts == ["re: 0", None, "re: 2"]


def test_a_kernel_interrupt_keeps_what_is_there(tmp_path: Path) -> None:
    def some(asked: Asked) -> Answer:
        return echo(asked) if int(prompt_of(asked)) < 5 else Answer([60.0])

    with running_kernel() as kernel, Server(some) as server:
        kernel.run(f"import sys\nimport qwen_nb as qn\nqn.connect(qn.Endpoint({server.url!r}, model='m'))")
        path = str(tmp_path / "kept.jsonl")
        request = kernel.start(f"qn.map([str(number) for number in range(9)], checkpoint={path!r})")
        while len(server.asked) < 9 or len(Path(path).read_text().splitlines()) < 6:
            time.sleep(0.05)
        kernel.manager.interrupt_kernel()
        cell = kernel.finish(request)
        assert cell.status == "error"
        assert "Interrupted: 5 of 9 prompts are answered" in cell.traceback
        assert server.hung_up.wait(10)
        assert kernel.value("sys.last_value.results.texts[3:6]") == "['re: 3', 're: 4', None]"
        (update,) = cell.contents("update_display_data")
        assert update["data"]["text/plain"].startswith("5 replies, 10 tokens, in ")
