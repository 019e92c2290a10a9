"""What has been said so far: parts, grown by events and read at any time."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

from .errors import SchemaError
from .events import CUT_REASONS, Event, Kind, PartDelta, PartEnd, PartStart, Status, StreamEnd
from .pieces import Notice, Part, ToolCall, Usage, arguments_of
from .sound import Sound
from .structured import Shape
from .timeline import Timeline, Timing


class Transcript:
    """What a stream has said, with what tools returned and what we had to say ourselves.

    It grows by `apply`; everything else reads. Reading from another thread while it grows is safe and sees a prefix.
    """

    def __init__(self, *, model: str = "") -> None:
        self.asked_at = time.monotonic()
        """When it was asked for, by `time.monotonic`; of one that went on after a pause, later by that pause."""
        self.shape: Shape | None = None
        """What its text must look like."""
        self._parsed: tuple[str, Any] | None = None
        self._parts: dict[int, Part] = {}
        self._end: StreamEnd | None = None
        self._model = model

    def apply(self, event: Event) -> None:
        """Grow by one event. Constant time. Events for a part that never started are dropped."""
        if isinstance(event, StreamEnd):
            self._end = event
            return
        # A reply that was cut off may go on.
        self._end = None
        if isinstance(event, PartDelta):
            if part := self._parts.get(event.index):
                part.fragments.append(event.text)
                part.arrivals.append(time.monotonic() - self.asked_at)
                if not part.is_open:
                    part.is_open, part.reason, part.ended = True, "", None
        elif isinstance(event, PartStart):
            if part := self._parts.get(event.index):
                part.kind, part.name, part.id, part.choice = event.kind, event.name, event.id, event.choice
            else:
                self._parts[event.index] = Part(event.kind, event.name, event.id, event.choice, event.at)
        elif part := self._parts.get(event.index):
            part.is_open, part.reason, part.ended = False, event.reason, event.at

    def events(self) -> Iterable[Event]:
        """The shortest stream that leads here: for each part a start, one delta if it has text, an end if it has ended."""
        for index, part in self._parts.copy().items():
            yield PartStart(index, part.kind, part.name, part.id, part.choice, part.started)
            if text := part.text:
                yield PartDelta(index, text)
            if not part.is_open:
                yield PartEnd(index, part.reason, part.ended)
        if self._end:
            yield self._end

    @property
    def parts(self) -> list[Part]:
        """All parts, in order of their first appearance."""
        return list(self._parts.values())

    @property
    def text(self) -> str:
        """The answer: after tools have run, what was said since. The parts hold all that was said."""
        last_result = max((index for index, part in self._parts.copy().items() if part.kind == "result"), default=-1)
        return self._joined("text", last_result) or self._joined("text") or self._joined("text", name="transcript")

    @property
    def parsed(self) -> Any:
        """The answer as the value that `schema=` asked for; `None` without a schema, while it streams, or if it does not follow.

        >>> from dataclasses import make_dataclass
        >>> Item = make_dataclass("Item", [("name", str), ("price", float)])
        >>> qn.ask("Tea is 2.50 €. What does it cost?", schema=Item, display=False).parsed
        Item(name='tea', price=2.5)
        """
        try:
            return self._value() if self.shape and self.status != "streaming" else None
        except SchemaError:
            return None

    @property
    def audio(self) -> Sound | None:
        """What was spoken, as far as it has come; `None` if nothing was.

        >>> qn.ask("Say hello.", voice="Cherry", display=False).audio
        <Sound: 0.5 s>
        """
        spoken = [part.text for part in self.parts if part.kind == "audio" and part.choice == 0]
        return Sound.of("".join(spoken)) if spoken else None

    @property
    def reasoning(self) -> str:
        """What the model thought before and between answers."""
        return self._joined("reasoning")

    @property
    def refusal(self) -> str:
        """What the model said instead of an answer, where the server marks that."""
        return self._joined("refusal")

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The calls that the model asked for, in order.

        >>> def get_weather(city: str) -> str:
        ...     return "4 °C, rain"
        >>> reply = qn.ask("What is the weather in Oslo?", tools=[get_weather], display=False)
        >>> for call in reply.tool_calls:
        ...     print(call.name, call.arguments, call.result)
        get_weather {'city': 'Oslo'} 4 °C, rain
        """
        results = {part.id: part.text for part in self.parts if part.kind == "result" and not part.is_open}
        changed = {part.id: part for part in self.parts if part.kind == "approval" and part.text}
        return [
            ToolCall(part.id, part.name, part.text, arguments_of(changed.get(part.id, part)), results.get(part.id))
            for part in self.parts
            if part.kind == "tool" and part.choice == 0
        ]

    @property
    def finish_reason(self) -> str | None:
        """As the server sent it; `None` if it sent none."""
        return self._end.reason if self._end else None

    @property
    def status(self) -> Status:
        """`streaming`, then `complete`, `stopped` (Stop), `interrupted` (kernel interrupt), `truncated` or `error`."""
        return self._end.status if self._end else "streaming"

    @property
    def usage(self) -> Usage:
        """Token counts; all `None` where the server sent none."""
        if not self._end:
            return Usage()
        end = self._end
        return Usage(end.input_tokens, end.output_tokens, end.reasoning_tokens, end.cached_tokens, self.raw.get("usage"))

    @property
    def timing(self) -> Timing:
        """Seconds, from the request on; of a reply that was continued, without the time between."""
        end = self._end or StreamEnd("complete")
        first, total, tokens = end.first_token, end.at, end.output_tokens
        timeline = Timeline(self.parts, total, tokens)
        if first is None or total is None or tokens is None or total <= first:
            return Timing(first, total, timeline=timeline)
        return Timing(first, total, tokens / (total - first), timeline)

    @property
    def model(self) -> str:
        """The model as the server names it; until it has, the one that was asked for."""
        return (self._end.model if self._end else "") or self._model

    @property
    def request_id(self) -> str:
        """The server's id of this request, `""` if it sent none."""
        return self._end.request_id if self._end else ""

    @property
    def error(self) -> str:
        """One line that says what went wrong and what to do; `""` if nothing did."""
        return self._end.error if self._end else ""

    @property
    def warnings(self) -> list[Notice]:
        """Notices, in order: frames that were skipped, retries, long silences."""
        return [Notice(part.name, part.text) for part in self.parts if part.kind == "notice"]

    @property
    def raw(self) -> dict[str, Any]:
        """What the server said besides, unchanged: `usage`, `logprobs`, `items`, `error`; empty until the end.

        >>> qn.ask("Hello! Who are you?", display=False).raw
        {'usage': {'prompt_tokens': 9, 'completion_tokens': 12, 'total_tokens': 21}}
        """
        document: dict[str, Any] = json.loads(self._end.raw) if self._end and self._end.raw else {}
        return document

    def check(self) -> None:
        """`SchemaError` if it is complete and does not follow the schema of its question. Calls that nobody ran are no answer."""
        if not self.shape or self.status != "complete" or (self.tool_calls and not self.text):
            return
        try:
            self._value()
        except SchemaError as error:
            if self.finish_reason not in CUT_REASONS:
                raise
            cut = "it was cut off at its length limit"
            raise SchemaError(self.shape.name, (cut, *error.faults), "max_tokens= sets that limit.") from None

    def _joined(self, kind: Kind, after: int = -1, name: str = "") -> str:
        parts = [part for index, part in self._parts.copy().items() if index > after]
        return "".join(part.text for part in parts if part.kind == kind and part.choice == 0 and part.name == name)

    def _value(self) -> Any:
        assert self.shape
        text = self.text
        if self._parsed is None or self._parsed[0] != text:
            self._parsed = text, self.shape.parse(text)
        return self._parsed[1]

    def __str__(self) -> str:
        return self.text
