"""The one vocabulary: what a model says, from the decoder to the page.

A stream is a list of numbered parts. A part starts, grows by text, and ends; then the stream ends:

    PartStart  PartDelta*  PartEnd   …   StreamEnd

Text, reasoning and tool arguments are all "append `text` to part `index`"; they differ by the part's kind only. A snapshot is
the shortest stream of the same events that leads to the same state (`Reply.events()`), so the wire has one shape. Events are
frozen, flat and hold scalars only. `tools/wire_types.py` writes their TypeScript twins to `js/src/wire.ts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Union

Kind = Literal["text", "reasoning", "refusal", "tool", "approval", "result", "image", "audio", "notice"]
Status = Literal["streaming", "complete", "stopped", "interrupted", "truncated", "error"]
CUT_REASONS = ("length", "max_tokens", "max_output_tokens")
"""Finish reasons of an answer that reached its length limit."""


@dataclass(frozen=True)
class PartStart:
    """Part `index` begins.

    A second `PartStart` for an `index` renames that part and keeps its text. Two things become known late: that a text was
    reasoning (a `</think>` whose opening tag the chat template had swallowed), and the name or id of a tool call.

    >>> [event.kind for event in qn.stream("Is 97 a prime number?") if isinstance(event, qn.PartStart)]
    ['reasoning', 'text']
    """

    index: int
    """Position of the part in the reply, from 0, in order of first appearance."""
    kind: Kind
    """What the text of this part is."""
    name: str = ""
    """`tool`: the function's name. `approval` and `result`: the same, of the call meant. `notice`: its code, such as `bad_json`.
    `image`: its media type, such as `image/png`. `text`: `""` for an answer; `transcript` of what is spoken, `rejected` if it did
    not follow its schema and was asked for again."""
    id: str = ""
    """`tool`: the id the server gave the call, `""` if none. `approval`, `result`, `image`: the id of the call meant."""
    choice: int = 0
    """Which of the `n` choices the part belongs to."""
    at: float | None = None
    """Seconds since the request was sent; `None` where nobody looked at a clock."""
    type: ClassVar[Literal["part_start"]] = "part_start"


@dataclass(frozen=True)
class PartDelta:
    """Append `text` to part `index`.

    For `audio` and `image` the text is lines of base64, each padded by itself. For `approval` it is the arguments as the user
    changed them, a JSON object; without text they were left as they are.

    A part that had ended is open again: the rest of a reply that was cut off goes on where its text stopped.

    >>> [event for event in qn.stream("Hello! Who are you?") if isinstance(event, qn.PartDelta)]
    [PartDelta(index=0, text='I am Qwen.')]
    """

    index: int
    text: str
    type: ClassVar[Literal["part_delta"]] = "part_delta"


@dataclass(frozen=True)
class PartEnd:
    """Part `index` gets no more text.

    >>> [event.index for event in qn.stream("Is 97 a prime number?") if isinstance(event, qn.PartEnd)]
    [0, 1]
    """

    index: int
    reason: str = ""
    """`""` for the plain end. A choice other than 0: its finish_reason. `tool`: `broken` if its arguments are not a JSON object
    (it is never run). `approval`, which is open while the user is asked: `run` or `deny`. `result`: `done`, `failed` or
    `denied`."""
    at: float | None = None
    """Seconds since the request was sent; `None` where nobody looked at a clock."""
    type: ClassVar[Literal["part_end"]] = "part_end"


@dataclass(frozen=True)
class StreamEnd:
    """Nothing follows. Every part has ended before.

    >>> *_, end = qn.stream("Hello! Who are you?")
    >>> end.status, end.reason, end.output_tokens
    ('complete', 'stop', 12)
    """

    status: Status
    """`complete`: a finish_reason or a terminal event was seen. `truncated`: the body ended without one."""
    reason: str | None = None
    """The finish_reason as the server sent it; `None` if it sent none."""
    error: str = ""
    """One line that says what went wrong and what to do; `""` if nothing did."""
    code: str = ""
    """The server's error code, as a string."""
    http_status: int | None = None
    """The HTTP status of an error, where one is known."""
    model: str = ""
    """The model as the server names it."""
    request_id: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    first_token: float | None = None
    """Seconds from the request to the first text of any part."""
    at: float | None = None
    """Seconds from the request to the end of the stream."""
    raw: str = field(default="", metadata={"wire": False})
    """JSON object of what the server said besides, unchanged: `usage`, `logprobs`, `items`, `error`. Stays in the kernel."""
    type: ClassVar[Literal["stream_end"]] = "stream_end"


Event = Union[PartStart, PartDelta, PartEnd, StreamEnd]
