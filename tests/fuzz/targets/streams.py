"""Bodies of streams: the bytes, and what each protocol makes of them."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Hashable, Sequence
from typing import Any, cast

from qwen_nb.dialects import dialect
from qwen_nb.events import Event
from qwen_nb.profiles import PROFILES, Profile
from qwen_nb.reply import Reply
from qwen_nb.request import Request
from qwen_nb.sse import Frame, SSEDecoder
from tests.dialects.decoding import EXPECTED, PLAIN, STREAMS, events, folded, tool
from tests.dialects.well_formed import check_events
from tests.fuzz.body_mutation import Bag, body_mutator, document_mutator, dumped
from tests.fuzz.target import Target

TOOLS = (tool("get_weather", city={"type": "string"}), tool("f", a={"type": "integer"}))
WORDS = (
    *("<think>", "</think>", "\n</think>\n\n", "<tool_call>", "</tool_call>", "`", "\n", "\n\n", "<", "</", "Observation:"),
    *('{"name": "f", "arguments": {"a": 1}}', "<function=f><parameter=a>", "</parameter></function>", "}", "{", '"', "\\"),
    *("stop", "length", "error", "tool_calls", "null", "sk-1234567890abcdef", "response.completed", "response.output_text.delta"),
    *("response.output_item.done", "response.function_call_arguments.delta", "function_call", "message", "reasoning"),
    *("summary_text", "[DONE]"),
)
WITH_TOOLS = Request(PLAIN.messages, model="qwen3-thinking", tools=TOOLS, stop=("Hel", "\n\n", "Observation:"))
SETTINGS: tuple[tuple[Request, Profile], ...] = (
    (PLAIN, PROFILES["openai"]),
    (WITH_TOOLS, PROFILES["vllm"]),
    (Request(PLAIN.messages, model="m", tools=TOOLS), PROFILES["dashscope"]),
    (Request(PLAIN.messages, model="qwq", extra={"incremental_output": False}), PROFILES["lmstudio"]),
    (Request(PLAIN.messages, model="m", tools=TOOLS), PROFILES["legacy-qwen"]),
)


def bodies(protocol: str) -> list[bytes]:
    """The transcripts of a protocol."""
    return [(STREAMS / name).read_bytes() for name, case in EXPECTED.items() if case["protocol"] == protocol]


def documents(streams: Sequence[bytes]) -> list[Any]:
    """The JSON documents in them that are whole."""
    found = []
    for line in b"\n".join(streams).splitlines():
        try:
            found.append(json.loads(line.removeprefix(b"data:")))
        except ValueError:
            continue
    return found


def cuts(data: bytes) -> list[bytes]:
    """`data` in small pieces or few, the same ones each time."""
    first, size = zlib.crc32(data) % 7, (1, 2, 5, 30, 300)[zlib.crc32(data) % 5]
    return [data[:first], *(data[at : at + size] for at in range(first, len(data), size))]


def split(chunks: Sequence[bytes]) -> list[Frame]:
    """The frames of a body that comes in `chunks`."""
    decoder = SSEDecoder()
    return [*(frame for chunk in chunks for frame in decoder.feed(chunk)), *decoder.end()]


def plainly_split(body: bytes) -> list[bytes]:
    """The data of each frame, as the standard says it in the plainest way, with what a cut-off frame has."""
    found: list[bytes] = []
    data: list[bytes] = []
    for line in [*re.split(rb"\r\n|\r|\n", body.removeprefix(b"\xef\xbb\xbf")), b""]:
        name, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if not line and data:
            found.append(b"\n".join(data))
            data = []
        elif line[:1] == b"{" and line[-1:] == b"}":
            found.append(line)
        elif name == b"data":
            data.append(value)
        elif name == b"error" and value.lstrip()[:1] == b"{":
            found.append(value)
    return [*found, b"\n".join(data)] if data else found


def check_sse(_variant: int, body: bytes) -> Hashable:
    frames = split([body])
    assert split(cuts(body)) == frames
    assert [frame.data for frame in frames] == plainly_split(body)
    assert not any(frame.is_cut for frame in frames[:-1])
    return len(frames), frozenset((frame.event, frame.status, frame.is_cut) for frame in frames[:4])


def work_sse(_variant: int, body: bytes) -> object:
    return split([body[at : at + 7] for at in range(0, len(body), 7)])


def outcome(said: Sequence[Event]) -> Hashable:
    """What happened, without the words."""
    kinds: dict[Hashable, None] = {}
    for event in said:
        match event.type:
            case "part_start":
                kinds[event.kind, event.name if event.kind == "notice" else "", event.choice > 0] = None
            case "part_end":
                kinds["end", event.reason if event.reason in ("", "broken") else "other"] = None
            case "stream_end":
                kinds[event.status, event.reason is None, bool(event.error), bool(event.raw), event.input_tokens is None] = None
    return tuple(kinds)


def check_reply(said: list[Event]) -> None:
    """`said` is a sound stream, and the reply that it leads to can say itself again."""
    check_events(said)
    reply = folded(said)
    again = folded(reply.events())
    assert plainly(again) == plainly(reply)
    assert repr((again.text, again.tool_calls, again.status)) == repr((reply.text, reply.tool_calls, reply.status))


def plainly(reply: Reply) -> list[tuple[str, str, str, str, bool, str]]:
    """The parts, however their text came."""
    return [(part.kind, part.name, part.id, part.text, part.is_open, part.reason) for part in reply.parts]


def protocol_target(name: str, protocol: str, seeds: Sequence[bytes], bag: Bag) -> Target:
    def check(variant: int, body: bytes) -> Hashable:
        request, profile = SETTINGS[variant]
        said = events(body, request, protocol=protocol, profile=profile)
        assert events(cuts(body), request, protocol=protocol, profile=profile) == said
        check_reply(said)
        return outcome(said)

    def work(variant: int, body: bytes) -> object:
        request, profile = SETTINGS[variant]
        return events(body, request, protocol=protocol, profile=profile)

    return Target(name, len(SETTINGS), seeds, body_mutator(bag), check, work)


def whole(variant: int, body: bytes) -> list[list[Event]]:
    """What the three protocols make of a reply in one piece."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(document, dict):
        return []
    request, profile = SETTINGS[variant]
    said = []
    for protocol in ("chat", "responses", "dashscope"):
        decoder = dialect(protocol).decoder(request, profile)
        # As it comes from the client, which reads it as the decoder reads frames.
        found = events_of_whole(decoder.whole, document)
        said.append([*found, *decoder.end()])
    return said


def events_of_whole(read: Callable[[dict[str, Any]], list[Event]], document: dict[str, Any]) -> list[Event]:
    from jiter import from_json

    try:
        clean = from_json(dumped(document))
    except ValueError:
        return []
    return read(cast("dict[str, Any]", clean)) if isinstance(clean, dict) else []


def check_whole(variant: int, body: bytes) -> Hashable:
    said = whole(variant, body)
    for each in said:
        check_reply(each)
    return tuple(map(outcome, said))


_ALL = [*bodies("chat"), *bodies("responses"), *bodies("native")]
_BAG = Bag(documents(_ALL), WORDS)


def _wholes() -> list[bytes]:
    """Replies in one piece, as servers send them that do not stream."""
    message = {
        "role": "assistant",
        "content": "<think>\nHm.\n</think>\n\nYes.",
        "reasoning_content": "Hm.",
        "tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}],
        "function_call": {"name": "f", "arguments": '{"a": 1}'},
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    chat = {"id": "c", "model": "m", "choices": [choice], "usage": {"prompt_tokens": 1}}
    native = {"request_id": "r", "output": {"choices": [choice]}, "usage": {"input_tokens": 1}}
    text = {"request_id": "r", "output": {"text": "Yes.", "finish_reason": "stop"}}
    output = [
        {"type": "reasoning", "id": "r1", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "message", "id": "m1", "content": [{"type": "output_text", "text": "Yes."}]},
        {"type": "function_call", "id": "f1", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'},
    ]
    response = {"id": "resp", "object": "response", "status": "completed", "output": output}
    errors = [{"error": {"message": "no", "code": "x"}}, {"object": "error", "message": "no"}, {"code": "x", "message": "no"}]
    return [dumped(document) for document in (chat, native, text, response, *errors)]


SSE = Target("sse", 1, _ALL, body_mutator(_BAG), check_sse, work_sse)
CHAT = protocol_target("chat", "chat", bodies("chat"), _BAG)
RESPONSES = protocol_target("responses", "responses", bodies("responses"), _BAG)
DASHSCOPE = protocol_target("dashscope", "dashscope", bodies("native"), _BAG)
WHOLE = Target("whole", len(SETTINGS), _wholes(), document_mutator(_BAG), check_whole, whole)
