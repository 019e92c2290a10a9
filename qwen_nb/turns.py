"""The turns of a conversation, and how they follow the cells of a notebook.

A cell that runs again replaces its own turn. The turns after it answer to something that is no longer there: they are stale until
their cells run again, but stay in the conversation, since the notebook still shows them. A stale turn whose cell was deleted is
dropped. Where no cell is known, turns are appended. The reasons are in `docs/decisions/`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from .messages import assistant_message
from .pieces import Usage
from .reply import Reply
from .request import Message

_NOTHING = "[stopped before an answer]"


@dataclass(frozen=True)
class Turn:
    """What the user said, and everything up to the answer."""

    said: tuple[Message, ...]
    """Messages when it was answered: the first is the user's, the last the assistant's."""
    cell: str = ""
    """The id of the cell that it belongs to; `""` if no front end sent one."""
    is_stale: bool = False
    """Whether something before it has changed since it was answered."""
    usage: Usage = field(default_factory=Usage)
    reply: Reply | None = field(default=None, repr=False, compare=False)
    """The reply that answered it, if that was in this kernel."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """Its messages now: a reply that was cut off may have been continued since."""
        *before, answer = self.said
        text = self.reply.text if self.reply and not answer.get("tool_calls") else ""
        return (*before, {**answer, "content": text}) if text else self.said

    @property
    def prompt(self) -> str:
        """What the user said; of pictures, sound and film only that they went along."""
        content = self.said[0].get("content") or ""
        return content if isinstance(content, str) else "".join(str(part.get("text", f"[{part['type']}]")) for part in content)


@dataclass
class Turns:
    """The turns of one conversation, in order."""

    turns: list[Turn] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    """Ids of cells that are gone. A front end tells each once, and a turn may become stale later."""

    def place(self, cell: str, deleted: Collection[str] = ()) -> int:
        """The position of the turn that `cell` is about to ask: its own, else after the last. Stale turns of deleted cells go."""
        self.deleted = (self.deleted | set(deleted)) - {cell}
        self.turns = [turn for turn in self.turns if not (turn.is_stale and turn.cell in self.deleted)]
        return next((at for at, turn in enumerate(self.turns) if cell and turn.cell == cell), len(self.turns))

    def before(self, position: int) -> list[Message]:
        """The messages that the turn at `position` goes on from."""
        return [message for turn in self.turns[:position] for message in turn.messages]

    def put(self, position: int, turn: Turn) -> None:
        """`turn` is what was said at `position`; what comes after it is stale."""
        after = [replace(later, is_stale=True) for later in self.turns[position + 1 :]]
        self.turns[position:] = [turn, *after]

    def fail(self, position: int) -> None:
        """Nothing was answered at `position`: a turn that was there before stays, stale."""
        self.turns[position:] = [replace(turn, is_stale=True) for turn in self.turns[position:]]

    def drop(self, position: int) -> Turn:
        """Remove the turn at `position`; those after it are stale."""
        dropped = self.turns[position]
        self.turns[position:] = [replace(later, is_stale=True) for later in self.turns[position + 1 :]]
        return dropped


def turn_of(user: Message, said: list[Message], reply: Reply, cell: str) -> Turn | None:
    """The turn that `reply` made, `said` being its whole rounds; `None` if nothing came of it.

    A conversation never ends with a question: one that was cut off gets what had arrived as its answer.
    """
    messages = [user, *said]
    if messages[-1].get("role") != "assistant":
        text = reply.text
        if not text and not said and reply.status != "complete":
            return None
        messages.append(assistant_message(reply, []) if text or reply.status == "complete" else _nothing())
    return Turn(tuple(messages), cell, usage=reply.usage, reply=reply)


def _nothing() -> Message:
    return {"role": "assistant", "content": _NOTHING}
