"""What a line of `%%qwen` or `%qwen` does: call one public function, and return its value."""

from __future__ import annotations

from argparse import Namespace
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from . import asking, named
from .api import ask
from .chat import Chat
from .code_blocks import code_of
from .diagnosis import Diagnosis, doctor
from .filling import fill
from .magic_line import LineError, split_command, split_line
from .profiles import PROFILES
from .question import Text
from .reply import Reply
from .status import status

if TYPE_CHECKING:
    from .comparing import Comparison
    from .magic import QwenMagics

_DEFAULTS = (
    *("model", "endpoint", "system", "thinking", "thinking_budget", "schema_retries", "voice"),
    *("temperature", "top_p", "max_tokens", "stop", "seed", "timeout"),
)
"""Options that a trait of the same name may set for all cells."""


def run(magics: QwenMagics, line: str, cell: str | None) -> Reply | Comparison | Diagnosis | None:
    """Do what `line` says, with the prompt `cell` if there is one. `LineError` if it makes no sense."""
    given, rest = split_line(line, magics.options)
    command = split_command(rest, magics.options) if cell is None else None
    words, more = command or ([], [])
    # In place of IPython's own, which would take any $ and { of a one-line prompt.
    options = magics.options.parse_args([_filled(word, magics) for word in (*given, *more)])
    if options.help:
        print(type(magics).qwen.__doc__)
        return None
    if words:
        return _command(magics, words[0], [_filled(word, magics) for word in words[1:]], options)
    if cell is not None and rest:
        raise LineError(f"%%qwen takes options on its first line and the prompt below it; {rest!r} is no option.")
    return _ask(magics, cell if cell is not None else rest, options)


def _filled(word: str, magics: QwenMagics) -> str:
    """`word` with values of the notebook; a picture has no place in it."""
    filled = fill(word, magics.names).content
    return filled if isinstance(filled, str) else word


def _command(magics: QwenMagics, name: str, words: list[str], options: Namespace) -> Diagnosis | None:
    if name == "doctor":
        return doctor(named.server(words[0], magics.names) if words else None, model=options.model or "")
    if name == "connect":
        if not words:
            raise LineError(f"%qwen connect takes an address, auto, recorded, or one of: {', '.join(PROFILES)}.")
        # It imports an HTTP client, for looking around on this machine.
        from .connecting import connect

        print(f"From now on: {connect(named.server(words[0], magics.names), model=options.model or '').title}.")
    elif name == "reset":
        _reset(magics, words)
    elif name == "chats":
        _print_chats(magics)
    else:
        print("\n".join(status()))
    return None


def _ask(magics: QwenMagics, prompt: str, options: Namespace) -> Reply | Comparison | None:
    if not prompt.strip():
        raise LineError("The prompt is empty: write below %%qwen what to ask.")
    if options.out and not options.out.isidentifier():
        raise LineError(f"-o takes the name of a variable; {options.out!r} is none.")
    if options.background and (options.record or options.to_cell):
        raise LineError("--record and --to-cell wait for the reply: leave out --background.")
    text = prompt.strip("\n")
    said = fill(text, magics.names) if _either(options.fill, magics.fill) else text
    before = asking.last
    value: Reply | Comparison | None = None
    try:
        with _recorded(options.record):
            value = _answer(magics, said, options)
    finally:
        if options.out and asking.last is not before:
            magics.names[options.out] = asking.last if value is None else value
    if options.to_cell and isinstance(value, Reply):
        _offer_code(magics, value)
    return None if options.quiet else value


def _answer(magics: QwenMagics, prompt: Text, options: Namespace) -> Reply | Comparison:
    chosen = _chosen(magics, options)
    shown: dict[str, Any] = {
        "settle": _either(options.settle, magics.settle),
        "raw": _either(options.raw, magics.raw),
        "display": False if options.quiet else None,
    }
    if options.compare:
        if options.chat or options.background:
            raise LineError("--compare asks once, and waits: leave out --chat and --background.")
        from .comparing import compare

        return compare(prompt, named.listed(options.compare), **shown, **chosen)
    if not options.chat:
        return ask(prompt, background=options.background, **shown, **chosen)
    if options.background:
        raise LineError("A conversation waits for its replies: leave out --chat or --background.")
    if not magics.cell and options.chat not in magics.chats:
        print("This front end does not say which cell runs, so each run adds a turn.")
    chat = magics.chats.setdefault(options.chat, Chat())
    if "system" in chosen:
        chat.system = chosen.pop("system")
    return chat(prompt, cell=magics.cell, deleted=magics.deleted, **shown, **chosen)


def _chosen(magics: QwenMagics, options: Namespace) -> dict[str, Any]:
    """The options of `ask`: those of the line, else those that are set for all cells."""
    chosen: dict[str, Any] = {}
    for name in _DEFAULTS:
        value = _either(getattr(options, name), getattr(magics, name))
        if value not in (None, "", []):
            chosen[name] = value
    names = magics.names
    if "endpoint" in chosen:
        chosen["endpoint"] = named.server(chosen["endpoint"], names)
    if tools := _either(options.tools, magics.tools):
        chosen["tools"] = named.functions(tools, names, confirm=_either(options.confirm, magics.confirm))
    if options.tool_choice:
        chosen["tool_choice"] = named.tool_choice(options.tool_choice)
    if options.schema:
        chosen["schema"] = named.schema(options.schema, names)
    for medium in ("images", "audio", "video"):
        if given := getattr(options, medium):
            chosen[medium] = named.media(given, names)
    return chosen


def _offer_code(magics: QwenMagics, reply: Reply) -> None:
    """Put the code of the answer into the next cell."""
    code = code_of(reply.text)
    if code:
        magics.put_into_next_cell(code)
    else:
        print("There is no Python code in the answer, so no cell was added.")


def _reset(magics: QwenMagics, words: list[str]) -> None:
    if not words or words[0] not in magics.chats:
        raise LineError(f"%qwen reset takes the name of a conversation: {', '.join(magics.chats) or 'there is none'}.")
    magics.chats.pop(words[0])
    print(f"Forgotten: {words[0]}.")


def _print_chats(magics: QwenMagics) -> None:
    if not magics.chats:
        print("No conversations. %%qwen --chat NAME begins one.")
    for name, chat in magics.chats.items():
        print(f"{name}: {len(chat)} turn{'s' * (len(chat) != 1)}")
        for turn in chat.turns:
            print(f"  {'stale' if turn.is_stale else '     '}  {' '.join(turn.prompt.split())[:70]}")


def _either(given: Any, default: Any) -> Any:
    """`given`, unless it was not."""
    return default if given is None else given


def _recorded(path: str | None) -> AbstractContextManager[object]:
    if not path:
        return nullcontext()
    # It imports openai.
    from .connection import record

    return record(path)
