"""What has been said so far: a `Reply` is its parts, grown by events and read at any time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .errors import ConfigError, SchemaError
from .events import Event, Kind, PartDelta, PartEnd, PartStart, Status, StreamEnd
from .excerpt import Excerpt
from .fallback import mimebundle, plain
from .host import execution_count, has_kernel
from .pieces import Notice, Part, ToolCall, Usage, arguments_of
from .sound import Sound
from .structured import Shape
from .timeline import Timeline, Timing
from .visible import visible

if TYPE_CHECKING:
    from .widget import StreamWidget

CUT_REASONS = ("length", "max_tokens", "max_output_tokens")
"""Finish reasons of an answer that reached its length limit."""


class Delivery(Protocol):
    """Whatever brings a reply: it can be waited for and stopped."""

    def wait(self) -> Reply:
        """The reply once it has ended."""

    async def wait_async(self) -> Reply:
        """The same for code that awaits."""

    def stop(self) -> None:
        """End it now."""


class Reply:
    """A model's reply, complete or still streaming.

    It grows by `apply`; everything else reads. Reading from another thread while it grows is safe and sees a prefix.

    >>> reply = qn.ask("Is 97 a prime number?", thinking=True, display=False)
    >>> reply
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    >>> reply.text, reply.reasoning
    ('Yes.', '2, 3, 5 and 7 do not divide it.')
    >>> reply.status, reply.finish_reason, reply.error, reply.refusal, reply.warnings
    ('complete', 'stop', '', '', [])
    >>> reply.usage.input_tokens, reply.usage.output_tokens
    (9, 12)
    >>> reply.timing.first_token < reply.timing.total
    True
    >>> reply.model, reply.request_id
    ('qwen3-8b', 'chatcmpl-1')
    >>> [part.kind for part in reply.parts]
    ['reasoning', 'text']
    """

    def __init__(self, *, model: str = "", source: str = "", is_recorded: bool = False) -> None:
        self.source = source
        """What answers, in a few words."""
        self.is_recorded = is_recorded
        """Whether a recording answers and no model."""
        self.asked_at = time.monotonic()
        """When it was asked for, by `time.monotonic`; of one that went on after a pause, later by that pause."""
        self.is_raw = False
        """Whether its text is shown as it came, and not as Markdown."""
        self.shape: Shape | None = None
        """What its text must look like."""
        self._parsed: tuple[str, Any] | None = None
        self._parts: dict[int, Part] = {}
        self._end: StreamEnd | None = None
        self._model = model
        self._shown_in: int | None = None
        self._view: StreamWidget | None = None
        # Either a view is made with all that has come, or what comes goes through it.
        self._viewing = threading.RLock()
        self._delivery: Delivery | None = None
        self._resume: Callable[[], Delivery] | None = None

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

    def extend(self, events: Sequence[Event]) -> None:
        """Grow by the next events of a stream, on the background loop, and show them if this reply is shown by now."""
        with self._viewing:
            if self._view is None:
                for event in events:
                    self.apply(event)
                return
        self._view.put(list(events))

    def catch_up(self) -> None:
        """Show what has come past the view."""
        if self._view:
            self._view.catch_up()

    def events(self) -> Iterable[Event]:
        """The shortest stream that leads here: for each part a start, one delta if it has text, an end if it has ended."""
        for index, part in list(self._parts.items()):
            yield PartStart(index, part.kind, part.name, part.id, part.choice, part.started)
            if text := part.text:
                yield PartDelta(index, text)
            if not part.is_open:
                yield PartEnd(index, part.reason, part.ended)
        if self._end:
            yield self._end

    def excerpt(self) -> Reply:
        """As much of it as goes into a saved notebook: itself, unless it is longer than any model's answer."""
        shown = Reply(model=visible(self._model), source=self.source, is_recorded=self.is_recorded)
        shown.asked_at, shown.is_raw, shown.shape = self.asked_at, self.is_raw, self.shape
        for event in Excerpt().of(self.events()):
            shown.apply(event)
        return shown

    @property
    def parts(self) -> list[Part]:
        """All parts, in order of their first appearance."""
        return list(self._parts.values())

    @property
    def text(self) -> str:
        """The answer: after tools have run, what was said since. The parts hold all that was said."""
        last_result = max((index for index, part in self._parts.items() if part.kind == "result"), default=-1)
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

    def _joined(self, kind: Kind, after: int = -1, name: str = "") -> str:
        parts = [part for index, part in list(self._parts.items()) if index > after]
        return "".join(part.text for part in parts if part.kind == kind and part.choice == 0 and part.name == name)

    def _value(self) -> Any:
        assert self.shape
        text = self.text
        if self._parsed is None or self._parsed[0] != text:
            self._parsed = text, self.shape.parse(text)
        return self._parsed[1]

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

    def delivered_by(self, delivery: Delivery) -> None:
        """`delivery` brings this reply, or the rest of it: `wait` and `stop` are its business."""
        self._delivery = delivery
        self.asked_at = time.monotonic() - (self.timing.total or 0.0)

    def resumed_by(self, resume: Callable[[], Delivery]) -> None:
        """`resume` asks for the rest of this reply."""
        self._resume = resume

    def wait(self) -> Reply:
        """This reply, once it has ended. Raises what `ask` raises. For a reply that was asked for in the background.

        >>> reply = qn.ask("Why is the sky blue?", background=True, display=False)
        >>> reply.wait().text
        'Air scatters blue light more than red.'
        """
        return self._delivery.wait() if self._delivery else self

    def __await__(self) -> Generator[Any, None, Reply]:
        """`await reply` is `reply.wait()` for code that awaits."""
        if self._delivery:
            yield from self._delivery.wait_async().__await__()
        return self

    def stop(self) -> None:
        """End it now and keep what has arrived, with status `stopped`. From any thread; a reply that has ended stays as it is.

        >>> reply = qn.ask("Count slowly.", background=True, display=False)
        >>> reply.stop()
        >>> reply.wait().status
        'stopped'
        """
        if self._delivery:
            self._delivery.stop()

    def continue_(self) -> Reply:
        """Ask for the rest of a reply that was cut off, stopped, or reached its length limit, and return it, grown.

        It is shown again, and streams on. The server's own way to continue is used where it has one, and words otherwise.
        `ConfigError` if there is nothing to continue, or a tool call was cut off: half a call cannot be continued.

        >>> reply = qn.ask("Name the inner planets.", max_tokens=5, display=False)
        >>> reply.finish_reason, reply.text
        ('length', 'Mercury, Venus')
        >>> reply.continue_().text
        'Mercury, Venus, Earth, Mars'
        """
        delivery = self.resume()
        if self._view:
            self.show(settle=True)
        return delivery.wait()

    def resume(self) -> Delivery:
        """`continue_` without waiting, where the reply is shown now."""
        if self._resume is None:
            raise ConfigError("Only a reply of ask, Chat or %%qwen can be continued.")
        return self._resume()

    def show(self, *, settle: bool = False) -> None:
        """Show the live widget, as often as you like. With `settle` plain output takes its place when the reply has ended.

        Of a reply whose events you read yourself it shows what has come by now, and the rest at its end. Where there is no kernel
        it prints what has come.

        >>> reply = qn.ask("Why is the sky blue?", display=False)
        >>> reply.show()
        Air scatters ...
        """
        if not has_kernel():
            print(plain(self))
            return
        with self._viewing:
            self.view().show(settle=settle)
        self.was_shown()

    def view(self) -> StreamWidget:
        """The one widget of this reply; a new one if plain output has taken its place."""
        with self._viewing:
            if self._view is None:
                from .widget import StreamWidget

                self._view = StreamWidget(self)
            self._view.uses += 1
            return self._view

    def close_view(self, uses: int) -> None:
        """Let go of the widget, unless it has been asked for more than `uses` times: it is shown again, or goes on."""
        with self._viewing:
            if self._view and self._view.uses == uses:
                self._view.close()
                self._view = None

    def was_shown(self) -> None:
        """The cell that runs shows this reply: as the value of the same cell it is not shown once more."""
        self._shown_in = execution_count()

    def _ipython_display_(self) -> None:
        is_shown = self._shown_in is not None and self._shown_in == execution_count()
        if not has_kernel():
            print(repr(self) if is_shown else plain(self))
        elif not is_shown:
            from IPython.display import display

            display(mimebundle(self), raw=True)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        facts = [self.status, visible(self.model)]
        if (tokens := self.usage.output_tokens) is not None:
            facts.append(f"{tokens} tokens")
        if (total := self.timing.total) is not None:
            facts.append(f"{total:.1f} s")
        return f"<Reply: {', '.join(fact for fact in facts if fact)}>"
