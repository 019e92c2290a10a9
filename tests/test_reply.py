"""A reply is what its events said, whichever way they came."""

from __future__ import annotations

import sys
import threading

from hypothesis import given
from hypothesis import strategies as st

from qwen_nb.events import Event, PartDelta, PartEnd, PartStart, StreamEnd
from qwen_nb.pacing import merged
from qwen_nb.pieces import Notice, ToolCall, Usage
from qwen_nb.reply import Reply
from qwen_nb.timeline import Timing

SAID: list[Event] = [
    PartStart(0, "reasoning", at=0.2),
    PartDelta(0, "Oslo is "),
    PartDelta(0, "cold."),
    PartEnd(0, at=0.5),
    PartStart(1, "text", at=0.5),
    PartDelta(1, "Let me "),
    PartDelta(1, "look."),
    PartStart(2, "tool", "get_weather", "call_1", at=0.6),
    PartStart(3, "tool", "get_weather", "call_2", at=0.6),
    PartDelta(2, '{"city": '),
    PartDelta(3, '{"city": "Ro'),
    PartDelta(2, '"Oslo"}'),
    PartEnd(2, at=0.8),
    PartEnd(3, "broken", at=0.8),
    PartEnd(1, at=0.8),
    PartStart(4, "notice", "bad_json", at=0.8),
    PartDelta(4, "One frame was no JSON."),
    PartEnd(4, at=0.8),
    PartStart(5, "text", choice=1, at=0.8),
    PartDelta(5, "Another answer."),
    PartEnd(5, "length", at=0.9),
    StreamEnd(
        "complete", "tool_calls", input_tokens=9, output_tokens=40, first_token=0.2, at=1.0, raw='{"usage": {"prompt_tokens": 9}}'
    ),
]


def grown(events: list[Event]) -> Reply:
    reply = Reply(model="asked")
    reply.extend(events)
    return reply


def test_a_reply_is_what_was_said() -> None:
    reply = grown(SAID)
    assert reply.reasoning == "Oslo is cold."
    assert reply.text == "Let me look."
    assert reply.tool_calls == [
        ToolCall("call_1", "get_weather", '{"city": "Oslo"}', {"city": "Oslo"}, None),
        ToolCall("call_2", "get_weather", '{"city": "Ro', None, None),
    ]
    assert reply.warnings == [Notice("bad_json", "One frame was no JSON.")]
    assert (reply.status, reply.finish_reason, reply.model) == ("complete", "tool_calls", "asked")
    assert reply.usage == Usage(9, 40, None, None, {"prompt_tokens": 9})
    assert reply.timing == Timing(0.2, 1.0, 50.0)
    assert repr(reply) == "<Reply: complete, asked, 40 tokens, 1.0 s>"


def test_a_reply_that_streams_says_so() -> None:
    reply = grown(SAID[:3])
    assert (reply.status, reply.reasoning, reply.text) == ("streaming", "Oslo is cold.", "")
    assert (reply.usage, reply.timing, reply.finish_reason) == (Usage(), Timing(), None)


def test_a_reply_is_read_while_another_thread_lets_it_grow() -> None:
    reply = Reply()
    growing = threading.Thread(target=reply.extend, args=([PartStart(index, "tool") for index in range(20_000)],))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        growing.start()
        while growing.is_alive():
            assert reply.text == ""
    finally:
        sys.setswitchinterval(interval)
        growing.join()


def test_arguments_are_parsed_once_the_call_is_whole() -> None:
    reply = grown([PartStart(0, "tool", "now", "c"), PartDelta(0, "{}")])
    assert reply.tool_calls[0].arguments is None
    reply.apply(PartEnd(0))
    assert reply.tool_calls[0].arguments == {}


def test_a_result_belongs_to_its_call() -> None:
    reply = grown(
        [PartStart(0, "tool", "f", "c"), PartEnd(0), PartStart(1, "result", "f", "c"), PartDelta(1, "4 °C"), PartEnd(1, "done")]
    )
    assert reply.tool_calls == [ToolCall("c", "f", "", {}, "4 °C")]


def test_a_text_turns_out_to_be_reasoning() -> None:
    reply = grown([PartStart(0, "text"), PartDelta(0, "Hm."), PartStart(0, "reasoning"), PartEnd(0)])
    assert (reply.reasoning, reply.text) == ("Hm.", "")


@given(cut=st.integers(0, len(SAID)), at_once=st.integers(1, len(SAID)))
def test_compacted_and_merged_streams_lead_to_the_same_reply(cut: int, at_once: int) -> None:
    """What a late page gets (a snapshot at any cut, then batches of any length) is what an early page had."""
    late = grown(list(grown(SAID[:cut]).events()))
    for start in range(cut, len(SAID), at_once):
        late.extend(merged(SAID[start : start + at_once]))
    assert list(late.events()) == list(grown(SAID).events())
