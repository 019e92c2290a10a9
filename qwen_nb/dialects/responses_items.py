"""The output items of a Responses stream, and which of them an event is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .. import limits
from .payload import string
from .tool_calls import Call

_MOST_NAMES = 100_000
"""Names of items that are learned. Some servers send a new one with each delta; without it the item is found by its place."""


@dataclass
class Item:
    """An output item as far as it is known."""

    type: str
    """`message`, `reasoning`, `function_call`, or a kind that the server deals with itself."""
    said: list[str] = field(default_factory=list)
    """Its text or arguments so far."""
    source: str = ""
    """Which events its reasoning comes from, `text` or `summary`: some servers send the same in both."""
    section: Any = None
    """The summary that is being written."""
    call: Call | None = None
    is_over: bool = False
    is_whole: bool = False
    """Whether an event has brought all of it, so that pieces of it which come later say nothing new."""

    @property
    def text(self) -> str:
        """What it has said so far."""
        return "".join(self.said)

    def missing(self, whole: str) -> str:
        """What of `whole` it has not said; nothing if it has said something else."""
        # Called at each delta too, which brings no whole: joining all that was said would cost more with each.
        if not whole:
            return ""
        said = self.text
        return whole[len(said) :] if whole.startswith(said) else ""


class Items:
    """The items of one reply.

    Events name theirs by `item_id`, which some servers change between events, give as a call's `call_id`, or leave out; then by
    `output_index`, which some leave out too. What is left is the last open item of the type that the event is about.
    """

    def __init__(self) -> None:
        self._all: list[Item] = []
        self._open: dict[str, list[Item]] = {}
        """Those that were open when somebody last looked, by type."""
        self._by_id: dict[str, Item] = {}
        self._by_index: dict[int, Item] = {}

    def find(self, item_type: str, event: dict[str, Any], *ids: str) -> Item | None:
        """The item of `item_type` that `event` is about."""
        names = [name for name in (string(event.get("item_id")), *ids) if name]
        found = self.exact(item_type, event, *names)
        # The whole item in an event says who it is; a delta without a name can only go on with what is open.
        if found is None and not (ids and item_type == "function_call"):
            found = self._last_open(item_type)
        if found:
            self._name(found, names)
        return found

    def exact(self, item_type: str, event: dict[str, Any], *names: str) -> Item | None:
        """The item of `item_type` with one of `names`, else the open one at the event's `output_index`."""
        named = next((item for name in names if (item := self._by_id.get(name)) and item.type == item_type), None)
        index = event.get("output_index")
        placed = self._by_index.get(index) if isinstance(index, int) else None
        return named or (placed if placed and placed.type == item_type and not placed.is_over else None)

    def add(self, item_type: str, event: dict[str, Any], *ids: str) -> Item:
        """A new item of `item_type`, known from `event`. `StreamError` if there are too many."""
        if len(self._all) >= limits.MOST_PARTS:
            raise limits.exceeded(f"more than {limits.MOST_PARTS:,} output items")
        item = Item(item_type)
        self._all.append(item)
        self._open.setdefault(item_type, []).append(item)
        self._name(item, [name for name in (string(event.get("item_id")), *ids) if name])
        index = event.get("output_index")
        if isinstance(index, int):
            self._by_index[index] = item
        return item

    def of_type(self, item_type: str) -> list[Item]:
        """Every item of `item_type`, in order."""
        return [item for item in self._all if item.type == item_type]

    def _last_open(self, item_type: str) -> Item | None:
        items = self._open.get(item_type, [])
        while items and items[-1].is_over:
            items.pop()
        return items[-1] if items else None

    def _name(self, item: Item, names: list[str]) -> None:
        for name in names if len(self._by_id) < _MOST_NAMES else ():
            self._by_id.setdefault(name, item)
