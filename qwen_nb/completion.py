"""What may come next on the first line of `%%qwen`, for the Tab key."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from typing import Any

from .endpoint import current
from .learned import kind_of, lesson
from .profiles import PROFILES


def completions(
    line: str, parser: argparse.ArgumentParser, names: Mapping[str, Any], chats: Iterable[str], commands: Iterable[str]
) -> list[str]:
    """What may stand where `line` ends: options, or the values of the option before. Nothing is asked of a server for it."""
    magic, *words = line.split()
    if line.endswith((" ", "\t")):
        words.append("")
    *before, word = words or [""]
    previous = parser._option_string_actions.get(before[-1]) if before else None
    if word.startswith("-"):
        return sorted(parser._option_string_actions)
    if previous is not None and previous.nargs != 0:
        return sorted(_values(previous.dest, names, chats))
    if magic == "%qwen" and not before:
        return sorted(commands)
    if magic == "%qwen" and before in (["connect"], ["doctor"]):
        return _servers()
    if magic == "%qwen" and before == ["reset"]:
        return sorted(chats)
    return sorted(parser._option_string_actions) if not word else []


def _values(option: str, names: Mapping[str, Any], chats: Iterable[str]) -> Iterable[str]:
    match option:
        case "model" | "compare":
            return _models()
        case "endpoint":
            return _servers()
        case "chat":
            return chats
        case "tools":
            return [name for name, value in _own(names) if callable(value) and not isinstance(value, type)]
        case "schema":
            return [name for name, value in _own(names) if isinstance(value, (type, dict))]
        case "images" | "audio" | "video" | "out":
            return [name for name, _ in _own(names)]
        case _:
            return []


def _own(names: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in names.items() if not name.startswith("_")]


def _servers() -> list[str]:
    return sorted([*PROFILES, "auto", "recorded"])


def _models() -> set[str]:
    """Those that are known without asking."""
    endpoint = current()
    return {model for model in (endpoint.model, kind_of(endpoint).default_model, lesson(endpoint).model) if model}
