"""A conversation: what was said before goes along with each question."""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from typing_extensions import Unpack

from .errors import ConfigError, QwenError
from .pieces import Usage
from .question import Options, Question, Text, check_names, notices_of, user_message
from .reply import Reply
from .request import Message
from .shown import shown
from .turns import Turn, Turns, turn_of

# As OpenAI, vLLM, llama.cpp, SGLang and DashScope say it.
_TOO_LONG = (
    *("context length", "context_length", "context size", "exceed_context", "context window"),
    *("range of input length", "longer than the model"),
)


class Chat:
    """A conversation with a model: `chat("…")` asks, and remembers.

    `options` are those of `ask` and hold for every question; a question may have its own. With `drop_oldest` the oldest turns are
    forgotten when the model's context is full; without it that is an error which says so.

    >>> chat = qn.Chat(system="Be brief.")
    >>> reply = chat("Hello! Who are you?")
    I am Qwen.
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    >>> reply = chat("Say it in French.")
    Je suis Qwen.
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    >>> [turn.prompt for turn in chat.turns], chat.usage.output_tokens
    (['Hello! Who are you?', 'Say it in French.'], 24)
    """

    def __init__(self, *, drop_oldest: bool = False, **options: Unpack[Options]) -> None:
        check_names(options)
        self.system = options.get("system")
        self.drop_oldest = drop_oldest
        self._options = _kept(options)
        self._options.pop("system", None)
        self._turns = Turns()
        self._is_busy = False

    def __call__(
        self,
        prompt: Text,
        *,
        display: bool | None = None,
        settle: bool = True,
        raw: bool = False,
        cell: str = "",
        deleted: Collection[str] = (),
        **options: Unpack[Options],
    ) -> Reply:
        """Ask; the reply once it has ended. Raises as `ask`; what had arrived is remembered, with its question.

        `cell` is the id of the notebook's cell that asks: it replaces the turn that it asked before. `deleted` are ids of cells
        that are gone. `ConfigError` while another question of this conversation is on its way.
        """
        check_names(options)
        if self._is_busy:
            raise ConfigError("This conversation waits for a reply: ask again when it is there, or go on in chat.fork().")
        self._is_busy = True
        try:
            look = {"display": display, "settle": settle, "raw": raw}
            return self._ask(prompt, look, cell, deleted, {"system": self.system, **self._options, **_kept(options)})
        finally:
            self._is_busy = False

    def _ask(
        self,
        prompt: Text,
        look: Mapping[str, Any],
        cell: str,
        deleted: Collection[str],
        options: Mapping[str, Any],
    ) -> Reply:
        while True:
            position = self._turns.place(cell, deleted)
            try:
                return self._once(prompt, position, look, cell, options)
            except QwenError as error:
                if not is_too_long(error) or not position:
                    raise
                if not self.drop_oldest:
                    error.args = (f"{error} chat.drop_oldest_turn() makes room; Chat(drop_oldest=True) does that by itself.",)
                    raise
                if any(turn.reply is error.reply for turn in self.turns):
                    # It has become a turn: with less before it, its tools would run a second time.
                    error.args = (f"{error} Its tools have run, so it was not asked again: tell the model to go on.",)
                    raise
                self.drop_oldest_turn()

    def _once(self, prompt: Text, position: int, look: Mapping[str, Any], cell: str, options: Mapping[str, Any]) -> Reply:
        question = Question.of([*self._turns.before(position), user_message(prompt)], options)
        # With what went along: the model is shown it again with each question.
        user = question.request.messages[-1]
        question = replace(question, notices=notices_of(prompt))
        asking = shown(question, **look)
        try:
            return asking.wait()
        finally:
            # Also of a reply that failed or was interrupted: what had arrived is part of the conversation.
            turn = turn_of(user, question.said, asking.reply, cell)
            if turn:
                self._turns.put(position, turn)
            else:
                self._turns.fail(position)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation as plain dicts that any OpenAI client takes, the system message first. A copy.

        >>> qn.Chat(system="Be brief.").messages
        [{'role': 'system', 'content': 'Be brief.'}]
        """
        system: list[Message] = [{"role": "system", "content": self.system}] if self.system else []
        return [copy.deepcopy(dict(message)) for message in (*system, *self._turns.before(len(self)))]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Questions with their answers, in order."""
        return tuple(self._turns.turns)

    @property
    def usage(self) -> Usage:
        """Tokens of all turns together; `None` where no server counted."""
        names = ("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens")
        counts = {name: [getattr(turn.usage, name) for turn in self.turns] for name in names}
        return Usage(**{name: sum(filter(None, known)) if any(known) else None for name, known in counts.items()})

    def __len__(self) -> int:
        """How many turns there are."""
        return len(self._turns.turns)

    def __repr__(self) -> str:
        return f"<Chat: {len(self)} turns, {self.usage.output_tokens or 0} tokens written>"

    def fork(self) -> Chat:
        """A conversation with the same past and a future of its own.

        >>> chat = qn.Chat()
        >>> reply = chat("Hello! Who are you?", display=False)
        >>> other = chat.fork()
        >>> reply = other("Say it in French.", display=False)
        >>> len(chat), len(other)
        (1, 2)
        """
        options: Options = {**self._options, "system": self.system}
        forked = Chat(drop_oldest=self.drop_oldest, **options)
        forked._turns = Turns(list(self._turns.turns))
        return forked

    def undo(self) -> Turn | None:
        """Forget the last turn and return it; `None` if there is none.

        >>> chat = qn.Chat()
        >>> reply = chat("Hello! Who are you?", display=False)
        >>> chat.undo().prompt
        'Hello! Who are you?'
        >>> len(chat)
        0
        """
        return self._turns.drop(len(self) - 1) if len(self) else None

    def drop_oldest_turn(self) -> Turn | None:
        """Forget the first turn and return it; `None` if there is none. Those after it are not stale for it.

        >>> chat = qn.Chat()
        >>> reply = chat("Hello! Who are you?", display=False)
        >>> reply = chat("Say it in French.", display=False)
        >>> chat.drop_oldest_turn().prompt, len(chat)
        ('Hello! Who are you?', 1)
        """
        return self._turns.turns.pop(0) if len(self) else None

    def reset(self) -> None:
        """Forget all turns.

        >>> chat = qn.Chat(system="Be brief.")
        >>> reply = chat("Hello! Who are you?", display=False)
        >>> chat.reset()
        >>> chat
        <Chat: 0 turns, 0 tokens written>
        """
        self._turns = Turns()

    def save(self, path: str | Path) -> None:
        """Write the conversation to a JSON file: system message and turns. No keys, no functions.

        >>> chat = qn.Chat()
        >>> reply = chat("Hello! Who are you?", display=False)
        >>> chat.save("chat.json")
        """
        turns = [{"messages": [dict(m) for m in t.messages], "cell": t.cell, "stale": t.is_stale} for t in self.turns]
        document = {"qwen_nb_chat": 1, "system": self.system, "turns": turns}
        Path(path).write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path, **options: Unpack[Options]) -> Chat:
        """The conversation that `save` wrote, with `options` as for a new one. `ConfigError` if the file is none.

        >>> qn.Chat(system="Be brief.").save("chat.json")
        >>> qn.Chat.load("chat.json").system
        'Be brief.'
        """
        try:
            document = json.loads(Path(path).read_text(encoding="utf-8"))
            turns = [Turn(tuple(t["messages"]), t["cell"], t["stale"]) for t in document["turns"]]
            chat = cls(**{"system": document["system"], **options})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{path} is no conversation that Chat.save wrote: {error}.") from error
        chat._turns = Turns(turns)
        return chat


def _kept(options: Options) -> Options:
    """`options` for more than one request: tools that come from a generator come once."""
    return {**options, "tools": list(options["tools"] or ())} if "tools" in options else {**options}


def is_too_long(error: QwenError) -> bool:
    """Whether a server says that the conversation does not fit into the model's context."""
    said = f"{getattr(error, 'code', '')} {error}".lower()
    return any(words in said for words in _TOO_LONG)
