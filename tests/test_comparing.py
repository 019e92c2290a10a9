"""`compare` in a real kernel and in a terminal, against real servers."""

from __future__ import annotations

import time

import pytest

import qwen_nb as qn
from tests.kernel import running_kernel
from tests.server import Answer, Asked, Server, said


def by_model(asked: Asked) -> Answer:
    model = asked.body["model"]
    if model == "missing":
        return Answer([b'{"error": {"message": "no such model"}}'], 404, {"content-type": "application/json"})
    return Answer(said(f"I am {model}", f" at {asked.body.get('temperature')}."))


def test_replies_come_in_order_and_by_name() -> None:
    with Server(by_model) as server:
        endpoint = qn.Endpoint(server.url)
        both = qn.compare("Who?", ["small", {"model": "large", "temperature": 0.5}], endpoint=endpoint, display=False)
        assert [reply.text for reply in both] == ["I am small at None.", "I am large at 0.5."]
        assert both["model=large, temperature=0.5"] is both[1]
        named = qn.compare("Who?", {"a": "small", "b": "small"}, endpoint=endpoint, temperature=1.0, display=False)
        assert list(named.replies) == ["a", "b"]
        assert named["b"].text == "I am small at 1.0."
        twice = qn.compare("Who?", ["small", "small"], endpoint=endpoint, display=False)
        assert list(twice.replies) == ["small", "small (2)"]


def test_all_are_asked_at_once() -> None:
    def slowly(asked: Asked) -> Answer:
        return Answer([0.5, *said(asked.body["model"])])

    with Server(slowly) as server:
        began = time.monotonic()
        found = qn.compare("Who?", [str(number) for number in range(20)], endpoint=qn.Endpoint(server.url), display=False)
        assert time.monotonic() - began < 5, "twenty times half a second"
        assert [reply.text for reply in found] == [str(number) for number in range(20)]


def test_one_that_fails_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(by_model) as server:
        found = qn.compare("Who?", ["missing", "small"], endpoint=qn.Endpoint(server.url))
        assert isinstance(found.errors["missing"], qn.StatusError)
        assert found["missing"].status == "error"
        assert found["small"].text == "I am small at None."
        printed = capsys.readouterr().out
        assert "── missing ──" in printed
        assert "no such model" in printed
        assert "I am small" in printed
        with pytest.raises(qn.StatusError, match="no such model"):
            qn.compare("Who?", ["missing", "missing"], endpoint=qn.Endpoint(server.url), display=False)


@pytest.mark.parametrize("variants", [[], "small", [{"modle": "x"}]])
def test_what_makes_no_sense_is_refused_before_anything_is_asked(variants: list[str]) -> None:
    with pytest.raises(qn.ConfigError):
        qn.compare("Who?", variants)


def test_an_option_that_there_is_not_is_refused_before_anything_is_asked() -> None:
    with Server(by_model) as server:
        with pytest.raises(qn.ConfigError, match="temprature: no such option here"):
            qn.compare("Who?", ["a", "b"], endpoint=qn.Endpoint(server.url), temprature=0)  # type: ignore[call-arg]
        assert not server.asked


def test_in_a_notebook_the_widgets_settle_into_a_table_and_texts() -> None:
    with running_kernel() as kernel, Server(by_model) as server:
        kernel.run(f"%load_ext qwen_nb\nimport qwen_nb as qn\nqn.connect({server.url!r})")
        cell = kernel.run("both = qn.compare('Who?', ['small', 'missing'])\nboth")
        assert cell.status == "ok", cell.traceback
        assert not cell.contents("execute_result")
        (update,) = cell.contents("update_display_data")
        markdown = update["data"]["text/markdown"]
        assert "| small | " in markdown
        assert "| missing | " in markdown
        assert "I am small" in markdown
        assert "no such model" in markdown
        assert kernel.value("len(both), list(both.errors)") == "(2, ['missing'])"


def test_an_interrupt_ends_all() -> None:
    with running_kernel() as kernel, Server(Answer([*said("half", finish=None), 60.0])) as server:
        kernel.run(f"%load_ext qwen_nb\nimport qwen_nb as qn\nqn.connect({server.url!r})")
        request = kernel.start("both = qn.compare('Who?', ['a', 'b'])")
        kernel.finish(request, until="halfhalf")
        kernel.manager.interrupt_kernel()
        cell = kernel.finish(request)
        assert cell.status == "error"
        assert "Interrupted: " in "".join(cell.traceback)
        assert kernel.value("qn.last.status, qn.last.text") == "('interrupted', 'half')"
