"""The three phases, round after round: the model thinks and calls tools, the tools run, the model goes on. All in one reply."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from . import limits
from .approval import Approval, nobody
from .client import stream
from .endpoint import Endpoint
from .events import CUT_REASONS, Event, Kind, PartDelta, PartEnd, PartStart, Status, StreamEnd
from .images import Picture, sees
from .limits import Allowance
from .messages import assistant_message, pictures_message, tool_message
from .outgoing import Sink
from .pieces import ToolCall
from .request import Message, Request
from .runner import status_of
from .structured import REJECTED, Shape
from .tools import Outcome, Tool
from .transcript import Transcript

MOST_ROUNDS = 16
"""Requests in one reply. A model that calls and calls is stopped, not followed for ever."""


_AGAIN = "Answer again, with the corrected JSON and nothing else."

Ask = Callable[[ToolCall], Awaitable[Approval]]


async def converse(
    request: Request,
    endpoint: Endpoint,
    tools: Mapping[str, Tool],
    sink: Sink,
    said: list[Message],
    *,
    ask: Ask = nobody,
    rounds: int = MOST_ROUNDS,
    shape: Shape | None = None,
    retries: int = 0,
    started: float,
) -> None:
    """Send `request`, run the `tools` that the model calls, send the results, until it answers without calling.

    The events of all rounds go to `sink` as one stream. `said` grows by the messages of assistant and tools, whole rounds only.
    A call of a tool that is not in `tools` but was offered ends the loop: somebody else runs it. An answer that is not of `shape`
    is asked for again up to `retries` times, and the model is told why. Raises as `client.stream`.
    """
    loop = _Rounds(sink, started, _ids_in(request.messages))
    corrected: list[Message] = []
    try:
        for number in range(1, rounds + 1):
            reply = await loop.round(replace(request, messages=(*request.messages, *said, *corrected)), endpoint)
            calls = loop.named_calls()
            may_correct = retries and number < rounds and not calls and reply.finish_reason not in CUT_REASONS
            if shape and may_correct and (fault := shape.fault_in(reply.text)):
                retries -= 1
                loop.reject(fault)
                corrected = [assistant_message(reply, []), {"role": "user", "content": f"{fault} {_AGAIN}"}]
                continue
            foreign = {_name(schema) for schema in request.tools} - set(tools)
            if not calls or any(call.name in foreign for call in calls):
                # Without the calls: servers refuse those to which no result follows.
                said.append(assistant_message(reply, []))
                break
            if number == rounds:
                said.append(assistant_message(reply, []))
                loop.notice("rounds", f"The model called tools in {rounds} rounds and was stopped.")
                break
            results = await asyncio.gather(*(loop.run(place, call, tools, ask) for place, call in enumerate(calls)))
            said.append(assistant_message(reply, calls))
            said += [tool_message(call, text) for call, (text, _) in zip(calls, results, strict=True)]
            pictures = {call.name: picture for call, (_, picture) in zip(calls, results, strict=True) if picture}
            if pictures and (sees(request.model) or sees(reply.model)):
                said.append(pictures_message(pictures))
    except asyncio.CancelledError as cancelled:
        loop.close(status_of(cancelled))
        raise
    finally:
        loop.end()


class _Rounds:
    """One stream of events out of several: numbers of parts go on, ends in between are kept back, usage adds up."""

    def __init__(self, sink: Sink, started: float, ids: set[str]) -> None:
        """`ids` are those of calls that were made before."""
        self._sink = sink
        self._started = started
        self._offset = 0
        self._next = 0
        self._reply = Transcript()
        self._ends: list[StreamEnd] = []
        self._open: set[int] = set()
        self._allowance = Allowance()
        self._ids = ids

    async def round(self, request: Request, endpoint: Endpoint) -> Transcript:
        """One request; its reply."""
        self._offset = self._next
        self._reply = Transcript()
        await stream(request, endpoint, self._take, started=self._started, allowance=self._allowance)
        return self._reply

    def _take(self, events: list[Event]) -> None:
        passed: list[Event] = []
        for event in events:
            self._reply.apply(event)
            if isinstance(event, StreamEnd):
                self._ends.append(event)
                continue
            moved = replace(event, index=event.index + self._offset)
            self._next = max(self._next, moved.index + 1)
            passed.append(moved)
        if passed:
            self._sink(passed)

    def named_calls(self) -> list[ToolCall]:
        """The calls of this round, each with an id of its own, so that its result and the user's approval find it and no other.

        A server may give none; and whoever talks through a model could let something harmful share one with something harmless.
        """
        parts = [(index, part) for index, part in enumerate(self._reply.parts) if part.kind == "tool" and part.choice == 0]
        for index, part in parts:
            if not part.id or part.id in self._ids:
                part.id = f"call_{self._offset + index}_{len(self._ids)}"
                self._sink([PartStart(self._offset + index, "tool", part.name, part.id)])
            self._ids.add(part.id)
        return self._reply.tool_calls

    def reject(self, fault: str) -> None:
        """Mark the text of this round as no answer, and say why."""
        for index, part in enumerate(self._reply.parts):
            if part.kind == "text" and part.choice == 0 and not part.name:
                self._sink([PartStart(self._offset + index, "text", REJECTED, part.id)])
        self.notice("rejected", f"{fault} The model is asked again.")

    async def run(self, place: int, call: ToolCall, tools: Mapping[str, Tool], ask: Ask) -> tuple[str, Picture | None]:
        """Run the call at `place` of its round, and show it; the text for the model, and the picture if it returned one."""
        arguments, refusal = _checked(place, call, tools)
        changed = ""
        if refusal is None and tools[call.name].confirm:
            asking = self._start("approval", call.name, call.id)
            approval = await ask(call)
            if approval.arguments is not None and (said := _as_json(approval.arguments)) != _as_json(arguments):
                arguments, changed = approval.arguments, said
                self._sink([PartDelta(asking, changed)])
            self._open.discard(asking)
            self._sink([PartEnd(asking, approval.verdict, self._now())])
            if approval.verdict == "deny":
                refusal = Outcome("denied", f"{call.name} was not run. {approval.why or 'The user said no.'}")
        index = self._start("result", call.name, call.id)
        outcome = refusal or await tools[call.name].run(arguments)
        text, picture = outcome.text, outcome.picture
        self._open.discard(index)
        self._sink([PartDelta(index, text), PartEnd(index, outcome.verdict, self._now())])
        if picture:
            self._whole("image", picture.media_type, call.id, picture.base64)
        # The model wrote other arguments, and would take the result for theirs.
        return f"The user changed the arguments to {changed}. With these:\n{text}" if changed else text, picture

    def notice(self, code: str, text: str) -> None:
        """A whole notice."""
        self._whole("notice", code, "", text)

    def _whole(self, kind: Kind, name: str, call_id: str, text: str) -> None:
        index = self._start(kind, name, call_id)
        self._open.discard(index)
        self._sink([PartDelta(index, text), PartEnd(index, at=self._now())])

    def _start(self, kind: Kind, name: str, call_id: str) -> int:
        index, self._next = self._next, self._next + 1
        self._open.add(index)
        self._sink([PartStart(index, kind, name, call_id, at=self._now())])
        return index

    def close(self, status: Status) -> None:
        """The reply was cancelled: if that was while tools ran, no request has said so."""
        for index in sorted(self._open):
            self._sink([PartEnd(index, "failed", self._now())])
        if self._ends and self._ends[-1].status == "complete":
            self._ends.append(StreamEnd(status, model=self._ends[-1].model, request_id=self._ends[-1].request_id))

    def end(self) -> None:
        """The one `StreamEnd`."""
        if not self._ends:
            return
        last = self._ends[-1]
        self._sink(
            [
                replace(
                    last,
                    input_tokens=_sum(end.input_tokens for end in self._ends),
                    output_tokens=_sum(end.output_tokens for end in self._ends),
                    reasoning_tokens=_sum(end.reasoning_tokens for end in self._ends),
                    cached_tokens=_sum(end.cached_tokens for end in self._ends),
                    first_token=next((end.first_token for end in self._ends if end.first_token is not None), None),
                    at=self._now(),
                )
            ]
        )

    def _now(self) -> float:
        return time.monotonic() - self._started


def _checked(place: int, call: ToolCall, tools: Mapping[str, Tool]) -> tuple[Mapping[str, Any], Outcome | None]:
    """The arguments of a call that can run, or why it cannot."""
    if call.name not in tools:
        # In ASCII: a name that looks like another is told from it.
        return {}, Outcome("failed", f"There is no tool {call.name!a}. There are: {', '.join(tools) or 'none'}.")
    if call.arguments is None:
        return {}, Outcome("failed", f"The arguments are no JSON object, so {call.name} was not run: {call.arguments_text}")
    if place >= limits.MOST_CALLS:
        return {}, Outcome("failed", f"{call.name} was not run: at most {limits.MOST_CALLS} calls at once. Call it again.")
    return call.arguments, None


def _ids_in(messages: Iterable[Message]) -> set[str]:
    return {str(call.get("id")) for message in messages for call in message.get("tool_calls") or ()}


def _as_json(arguments: Mapping[str, Any]) -> str:
    """`arguments` as text, which is how two are compared: in Python `True` equals 1."""
    return json.dumps(arguments, ensure_ascii=False)


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema.get("function", {}).get("name", ""))


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
