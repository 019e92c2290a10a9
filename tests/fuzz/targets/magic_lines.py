"""The line of `%%qwen` and `%qwen`: options first, the rest untouched, and nothing but a sentence to the user for what is wrong."""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable

from IPython.core.error import UsageError

from qwen_nb.completion import completions
from qwen_nb.magic import QwenMagics
from qwen_nb.magic_line import LineError, is_ours, keep_questions, split_line
from tests.fuzz.target import Target
from tests.fuzz.text_mutation import text_mutator

PARSER = QwenMagics.qwen.parser
SEEDS = (
    "what does ls -l do?",
    "-m qwen-plus -s 'Be  short' --thinking what's -q for",
    '--model=qwen3 -q --temperature 0.5 --top-p=0.9 "go"',
    "--no-thinking --max-tokens 10 --stop a --stop 'b c' -- -q?",
    "-c chat -t f,g --confirm --tool-choice f go {name}",
    "connect vllm",
    "reset chat",
    "- a list",
    "  x = %qwen why?",
    "%qwen it's what? ",
    "-i {a},b.png --schema list[int] -o reply why?",
)
WORDS = (
    *("-m", "-s", "--model", "--model=", "--thinking", "--no-thinking", "-q", "--", "-", "--x", "=", "'", '"', " ", "  ", "\t"),
    *("-5", "--stop", "--seed", "1", "{name}", "$x", "\\", "%qwen ", "%%qwen ", "x = ", "connect", "doctor", "status", "--help"),
    *("-h", "?"),
)
_QUESTION = re.compile(r"(\s*(?:\w[\w.,\[\]'\" ]*=\s*)?)get_ipython\(\)\.run_line_magic\('qwen', (.*)\)\n", re.DOTALL)


def check_magic_line(_variant: int, data: bytes) -> Hashable:
    text = data.decode("utf-8", "replace")
    kind: Hashable = _check_question(text)
    line = text.replace("\n", " ").replace("\r", " ")
    completions(f"%qwen {line}", PARSER, {}, ["chat"])
    is_ours(line, is_first=True)
    try:
        options, rest = split_line(line, PARSER)
    except LineError as error:
        return kind, "no options", str(error)[:3]
    assert line.strip().endswith(rest)
    try:
        given = PARSER.parse_args(options)
    except UsageError as error:
        return kind, "no value", str(error)[:20]
    return kind, tuple(name for name, value in vars(given).items() if value is not None and value is not False), bool(rest)


def _check_question(text: str) -> Hashable:
    lines = text.splitlines(keepends=True)
    kept = keep_questions(lines)
    assert len(kept) == len(lines)
    changed = 0
    for line, new in zip(lines, kept, strict=True):
        if line == new:
            continue
        changed += 1
        found = _QUESTION.fullmatch(new)
        assert found
        asked = ast.literal_eval(found[2])
        assert line.split() == f"{found[1]}%qwen {asked}".split()
        assert asked.endswith("?")
    return changed


MAGIC_LINE = Target(
    "magic_line",
    1,
    [line.encode() for line in SEEDS],
    text_mutator(WORDS),
    check_magic_line,
    lambda _, data: (
        keep_questions([f"%qwen {data.decode('utf-8', 'replace')}"]),
        _split(data.decode("utf-8", "replace").replace("\n", " ")),
    ),
)


def _split(line: str) -> object:
    try:
        return split_line(line, PARSER)
    except LineError:
        return None
