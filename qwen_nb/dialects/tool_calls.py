"""Tool calls out of fragments: which call a fragment belongs to, when servers say so in a dozen ways.

By OpenAI's rules a fragment has an `index`, and the first of an index has id and name. Real servers leave the index out, send 0
for all calls, repeat id or name in each fragment, or send a fresh id with each. What is decided here, in short: an index that is
a number is the call's slot; the first id and name that say something stay; a new id *with a name* on a taken slot is a new call,
without a name it is not, unless the call there is already complete.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .. import limits
from .json_scanner import JsonScanner, arguments_state
from .parts import Parts
from .payload import items, mapping, string


class Call:
    """A call as far as it is known."""

    def __init__(self, index: int, call_id: str, name: str) -> None:
        self.index = index
        """Number of its part."""
        self.id = call_id
        self.name = name
        self.pieces: list[str] = []
        self.whole: Any = None
        """Arguments that came as an object instead of text; the last one counts, if no text came."""
        self.next_id = ""
        """A new id that came with nothing else, when this call was complete."""
        self.is_over = False
        self.length = 0
        """Characters of the arguments so far."""
        self._scanner = JsonScanner()
        self._scanned = 0
        self._is_closed = False

    @property
    def arguments(self) -> str:
        """The text of the arguments so far."""
        return "".join(self.pieces)

    def is_said(self, arguments: Any) -> bool:
        """Whether these are all the arguments so far. Joins them only where it may be."""
        if isinstance(arguments, str):
            return len(arguments) == self.length and arguments == self.arguments
        return bool(arguments == self.whole)

    def is_complete(self) -> bool:
        """Whether the arguments so far close every bracket that they open. Each piece is looked at once."""
        if self.whole:
            return True
        for piece in self.pieces[self._scanned :]:
            at = 0
            while at >= 0 and not self._is_closed:
                at = self._scanner.scan(piece, at)
                self._is_closed = at >= 0 and piece[at : at + 1] != "<"
                at += at >= 0 and not self._is_closed
        self._scanned = len(self.pieces)
        return self._is_closed


class ToolCalls:
    """The calls of one choice."""

    def __init__(self, parts: Parts, choice: int) -> None:
        self._parts = parts
        self._choice = choice
        self._calls: list[Call] = []
        self._slots: dict[int, Call] = {}
        self._by_id: dict[str, Call] = {}
        """The last call with each id."""
        self._last: Call | None = None

    def __len__(self) -> int:
        return len(self._calls)

    def feed(self, fragment: Any, before_new: Callable[[], None]) -> None:
        """Take one entry of a delta's `tool_calls`, or a `function_call`, which has neither index nor id. `before_new` is called
        before a call begins."""
        fields = mapping(fragment)
        function = mapping(fields.get("function")) or fields
        slot = fields.get("index")
        if not isinstance(slot, int) or isinstance(slot, bool) or slot < 0:
            slot = None
        call_id = fields.get("id")
        call_id = str(call_id) if isinstance(call_id, int) and not isinstance(call_id, bool) else string(call_id)
        name, arguments = string(function.get("name")), function.get("arguments")
        has_arguments = bool(arguments.strip() if isinstance(arguments, str) else arguments)
        call = self._find(slot, call_id, name, arguments if has_arguments else None)
        if call is None:
            if not (call_id or name or has_arguments):
                return
            before_new()
            call = self.begin(call_id, name, slot)
        elif call_id or name:
            self.describe(call, call_id, name)
        self._last = call
        if isinstance(arguments, str):
            self.append(call, _what_is_new(call, arguments))
        elif isinstance(arguments, (dict, list)):
            call.whole = arguments

    def begin(self, call_id: str, name: str, slot: int | None = None) -> Call:
        """Start a call."""
        before = self._slots.get(slot) if slot is not None else None
        if before and before.next_id:
            call_id, before.next_id = call_id or before.next_id, ""
        call_id, name = call_id[: limits.LONGEST_ID], name[: limits.LONGEST_NAME]
        call = Call(self._parts.start("tool", name, call_id, self._choice), call_id, name)
        self._calls.append(call)
        if call_id:
            self._by_id[call_id] = call
        if slot is not None:
            self._slots[slot] = call
        return call

    def describe(self, call: Call, call_id: str, name: str) -> None:
        """Learn an id or a name that came late. The first id stays; a name may go on while there are no arguments. Of a call that
        is over there is nothing to learn: it may have run."""
        if call.is_over:
            return
        new_id = call.id or call_id[: limits.LONGEST_ID]
        new_name = call.name
        if name.startswith(call.name):
            new_name = name
        elif not call.pieces:
            new_name = call.name + name
        new_name = new_name[: limits.LONGEST_NAME]
        if (new_id, new_name) != (call.id, call.name):
            call.id, call.name = new_id, new_name
            self._by_id.setdefault(new_id, call)
            self._parts.restart(call.index, "tool", new_name, new_id, self._choice)

    def append(self, call: Call, text: str) -> None:
        """Add to the arguments of `call`, unless it is over."""
        if text and not call.is_over:
            call.pieces.append(text)
            call.length += len(text)
            self._parts.say(call.index, text)

    def close(self, call: Call, reason: str = "") -> bool:
        """End `call` with `reason`, or as `broken` if its arguments are no JSON object. Whether they are."""
        if call.is_over:
            return True
        if call.whole and not call.pieces:
            self.append(call, json.dumps(call.whole, ensure_ascii=False))
        call.is_over = True
        state = arguments_state(call.arguments)
        self._parts.end(call.index, "broken" if state == "broken" else reason)
        if state == "extra":
            self._parts.notice("extra_bracket", f"The arguments of {call.name or 'a call'} close more brackets than they open.")
        return state != "broken"

    def end(self) -> None:
        """End all calls."""
        for call in self._calls:
            self.close(call)

    def _find(self, slot: int | None, call_id: str, name: str, arguments: Any) -> Call | None:
        """The call that a fragment goes on with; `None` if it begins one."""
        if slot is None:
            by_id = self._by_id.get(call_id) if call_id else None
            if by_id or (call_id and name):
                return by_id
            call = self._last
        else:
            call = self._slots.get(slot)
        if call is None or (call_id and call_id == call.id):
            return call
        if call_id and call.id:
            return self._renumbered(call, call_id, name, arguments)
        if call.next_id and (name or arguments):
            return None
        if not name:
            return call
        if arguments and name == call.name and call.is_said(arguments):
            return call
        is_another = not name.startswith(call.name)
        if call.is_complete() and (is_another or arguments):
            return None
        # Without any number to go by, a name with its arguments is a call of its own.
        return None if slot is None and is_another and arguments else call

    def _renumbered(self, call: Call, call_id: str, name: str, arguments: Any) -> Call | None:
        """As `_find`, for an id that is not that of the `call` in its place."""
        if name:
            return None
        # LM Studio sends a fresh id with each fragment; others begin the next call with nothing but its id.
        if not call.is_complete():
            return call
        if arguments:
            return None
        call.next_id = call_id
        return call


def fragments(value: Any) -> list[Any]:
    """The entries of a delta's `tool_calls`; a single object counts as a list of one."""
    return [value] if isinstance(value, dict) else items(value)


def _what_is_new(call: Call, fragment: str) -> str:
    """What `fragment` adds to the arguments of `call`. No JSON goes on with what it began with: then it repeats all of the text."""
    if fragment[:1] == "{" and 0 < call.length <= len(fragment):
        so_far = call.arguments
        if so_far[:1] == "{" and fragment.startswith(so_far):
            return fragment[len(so_far) :]
    return fragment
