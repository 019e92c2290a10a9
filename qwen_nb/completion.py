"""What may come next on the first line of `%%qwen`, for the Tab key."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from .endpoint import Endpoint, current, endpoint_of
from .errors import ConfigError
from .learned import kind_of, lesson
from .magic_line import COMMANDS, split_line
from .model_names import listed_models
from .profiles import PROFILES


def completions(
    line: str, parser: argparse.ArgumentParser, names: Mapping[str, Any], chats: Iterable[str]
) -> tuple[str, dict[str, str]]:
    """The word where `line` ends, as far as it is written, and what it may become: each with a word for what that is.

    Of a list with commas the word is the last element. Waits for a server at most a moment.
    """
    magic, *words = line.split()
    if line[-1:].isspace() or not words:
        words.append("")
    *before, word = words
    flags = parser._option_string_actions
    said = _plain(before, parser) if magic == "%qwen" else []
    if said:
        return word, _after(said, names, chats)
    flag, equals, value = word.partition("=")
    if equals and flag in flags:
        before, word = [*before, flag], value
    elif word.startswith("-"):
        return word, _all("option", flags)
    previous = flags.get(before[-1]) if before else None
    if previous is not None and previous.nargs != 0:
        if previous.dest in ("tools", "compare", "images", "audio", "video"):
            word = word.rpartition(",")[2]
        return word, _values(previous.dest, _endpoint(before, names), names, chats)
    return word, {
        **(_all("command", COMMANDS) if magic == "%qwen" else {}),
        **(_all("option", flags) if not word else {}),
    }


def _all(kind: str, found: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(sorted(found), kind)


def _after(said: list[str], names: Mapping[str, Any], chats: Iterable[str]) -> dict[str, str]:
    """What may follow plain words: the object of a command."""
    if said == ["connect"]:
        return _all("server", ["auto", *_servers(names)])
    if said == ["doctor"]:
        return _all("server", _servers(names))
    return _all("conversation", map(_quoted, chats)) if said == ["reset"] else {}


def _plain(words: list[str], parser: argparse.ArgumentParser) -> list[str]:
    """What of `words` comes after the options."""
    try:
        return split_line(" ".join(words), parser)[1].split()
    except ConfigError:
        return []


def _values(option: str, endpoint: Endpoint | None, names: Mapping[str, Any], chats: Iterable[str]) -> dict[str, str]:
    match option:
        case "model" | "compare":
            return _all("model", _models(endpoint))
        case "endpoint":
            return _all("server", _servers(names))
        case "chat":
            return _all("conversation", map(_quoted, chats))
        case "tools":
            return _all("function", (name for name, value in _own(names) if callable(value) and not isinstance(value, type)))
        case "tool_choice":
            return _all("choice", ("auto", "none", "required"))
        case "schema":
            return _all("type", (name for name, value in _own(names) if isinstance(value, (type, dict))))
        case "images" | "audio" | "video" | "out":
            return _all("variable", (name for name, _ in _own(names)))
        case _:
            return {}


def _own(names: Mapping[str, Any]) -> list[tuple[str, Any]]:
    notebook = ("In", "Out", "exit", "quit", "open", "get_ipython")
    return [(name, value) for name, value in names.items() if not name.startswith("_") and name not in notebook]


def _quoted(name: str) -> str:
    """As the line takes it in one word."""
    return f'"{name}"' if " " in name else name


def _servers(names: Mapping[str, Any]) -> list[str]:
    return sorted([*PROFILES, "recorded", *(name for name, value in _own(names) if isinstance(value, Endpoint))])


def _endpoint(words: list[str], names: Mapping[str, Any]) -> Endpoint | None:
    """The one that `words` name, else the one that is asked anyway, if there is a usable one."""
    named = [value for flag, value in itertools.pairwise(words) if flag in ("-e", "--endpoint")]
    named += [value for flag, _, value in (word.partition("=") for word in words) if flag == "--endpoint" and value]
    if named:
        given = names.get(named[-1])
        with suppress(ConfigError):
            return given if isinstance(given, Endpoint) else endpoint_of(named[-1])
    with suppress(ConfigError):
        return current()
    return None


def _models(endpoint: Endpoint | None) -> set[str]:
    if endpoint is None:
        return set()
    known = {endpoint.model, kind_of(endpoint).default_model, lesson(endpoint).model, *listed_models(endpoint)}
    return {model for model in known if model}
