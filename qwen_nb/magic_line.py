"""The first line of `%%qwen`: options, then what is left of it, untouched."""

from __future__ import annotations

import argparse
import difflib
import re

from .errors import ConfigError

_WORD = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[^\s"'])+|["'])""")
_OURS = re.compile(r"(%%qwen|\s*%qwen)\s")
_QUESTION = re.compile(r"^(\s*(?:\w[\w.,\[\]'\" ]*=\s*)?)%qwen\s+(\S.*\?)\s*$")

COMMANDS = {"chats": 0, "connect": 1, "doctor": 1, "reset": 1, "status": 0}
"""What `%qwen` does besides asking, and the most words that follow."""


class LineError(ConfigError):
    """A line makes no sense. The message says what to do."""


def split_line(line: str, parser: argparse.ArgumentParser) -> tuple[list[str], str]:
    """The options at the beginning of `line` with their values, and the rest as it was written.

    Options end at the first word that is none, or at `--`: a prompt may have dashes, quotes and braces. `LineError` for an
    option that there is not, or one whose value is missing.
    """
    found: list[str] = []
    at = 0
    while match := _WORD.match(line, at):
        word = match[1]
        if word == "--":
            return found, line[match.end() :].strip()
        if not word.startswith("-") or word == "-":
            break
        _check_closed(match)
        name, equals, value = word.partition("=")
        action = _option(name, parser)
        at = match.end()
        if action.nargs == 0:
            found.append(name)
        elif equals:
            found.append(f"{name}={_unquoted(value)}")
        elif match := _WORD.match(line, at):
            _check_closed(match)
            # In one word: a value may begin with a dash.
            value = _unquoted(match[1])
            found += [f"{name}={value}"] if name.startswith("--") else [name + value] if value else [name, ""]
            at = match.end()
        else:
            raise LineError(f"{name} takes a value: {name} {action.metavar or action.dest.upper()}.")
    return found, line[at:].strip()


def split_command(rest: str, parser: argparse.ArgumentParser) -> tuple[list[str], list[str]] | None:
    """The command that `rest` gives with the words that follow it, and the options behind them; `None` for a prompt.

    A command has no more words than it takes, and nothing after its options. `LineError` for an option of those that take some
    that there is not.
    """
    words: list[str] = []
    at = 0
    while match := _WORD.match(rest, at):
        if words and (len(words) > COMMANDS[words[0]] or match[1].startswith("-")):
            break
        if not words and match[1] not in COMMANDS:
            return None
        words.append(_unquoted(match[1]))
        at = match.end()
    if not words:
        return None
    try:
        options, left = split_line(rest[at:], parser)
    except LineError:
        if words[0] in ("connect", "doctor"):
            raise
        return None
    return None if left else (words, options)


def _option(name: str, parser: argparse.ArgumentParser) -> argparse.Action:
    known = parser._option_string_actions
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else "%qwen --help lists them."
    raise LineError(f"{name} is no option: {hint} A prompt that begins with a dash comes after --.")


def _check_closed(word: re.Match[str]) -> None:
    """`LineError` if a quotation mark in or behind `word` is not closed."""
    if word[1] in ("'", '"') or word.string[word.end() : word.end() + 1] in ("'", '"'):
        raise LineError('A quotation mark among the options is not closed: write --system "Be short".')


def _unquoted(word: str) -> str:
    return re.sub(r"""(["'])(.*?)\1""", r"\2", word)


def is_ours(line: str, *, is_first: bool) -> bool:
    """Whether `line` is one of `%qwen`, or of `%%qwen` if it is the first of its cell."""
    match = _OURS.match(line)
    return match is not None and (is_first or match[1] != "%%qwen")


def keep_questions(lines: list[str]) -> list[str]:
    """An input transformer of IPython: a line such as `%qwen why?` asks, where IPython would look for help on `why`."""
    if lines and lines[0].startswith("%%"):
        return lines
    return [_QUESTION.sub(lambda match: f"{match[1]}get_ipython().run_line_magic('qwen', {match[2]!r})\n", line) for line in lines]
