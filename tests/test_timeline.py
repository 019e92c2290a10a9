"""When the pieces of a reply came: what is told, and what is drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import qwen_nb as qn
from qwen_nb.timeline import Timeline
from tests.rounds_server import calling
from tests.server import Answer, Server, Step, frame, said


def test_a_reply_tells_when_it_thought_answered_and_stalled(tmp_path: Path) -> None:
    thoughts: list[Step] = [step for _ in range(10) for step in (frame({"reasoning_content": "hm, "}), 0.02)]
    words: list[Step] = [step for number in range(10) for step in (frame({"content": f"word{number} "}), 0.02)]
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 100}}\n\n'
    with Server(Answer([0.3, *thoughts, 1.6, *words, frame({}, "stop"), usage])) as server:
        reply = qn.ask("Slowly.", endpoint=qn.Endpoint(server.url, model="m"), display=False)
    timeline = reply.timing.plot()
    assert [arrival.kind for arrival in timeline.arrivals] == ["reasoning"] * 10 + ["text"] * 10
    times = [arrival.at for arrival in timeline.arrivals]
    assert times == sorted(times)
    assert times[0] >= 0.3
    start, end = max(timeline.stalls, key=lambda stall: stall[1] - stall[0])
    assert times[9] == start
    assert end - start >= 1.6
    waiting, thinking, answering, *stalls = str(timeline).split("; ")
    assert waiting.startswith("waiting ")
    assert thinking.endswith("s, 40 tokens")
    assert answering.endswith("s, 60 tokens")
    assert any(f"a stall of {end - start:.1f} s" in stall for stall in stalls)
    timeline.save(tmp_path / "timeline.svg")
    drawing = ElementTree.fromstring((tmp_path / "timeline.svg").read_text(encoding="utf-8"))
    texts = [element.text or "" for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"thinking", "answering"} <= set(texts)
    assert any(text.startswith("stall ") for text in texts)


def test_the_time_of_a_tool_is_no_stall() -> None:
    import time

    def slow() -> str:
        """Take a while."""
        time.sleep(1.5)
        return "done"

    with Server(calling(("c1", "slow", "{}")), Answer(said("It", " is", " done."))) as server:
        reply = qn.ask("Go.", endpoint=qn.Endpoint(server.url, model="m"), tools=[slow], display=False)
    timeline = reply.timing.timeline
    assert timeline.stalls == []
    assert "calling tools" in str(timeline)
    assert "a tool runs" in timeline._repr_svg_()


def test_nothing_yet_is_drawn_as_nothing() -> None:
    empty = Timeline((), None, None)
    assert str(empty) == "nothing has come"
    ElementTree.fromstring(empty._repr_svg_())
    assert qn.Reply().timing.plot().arrivals == []
