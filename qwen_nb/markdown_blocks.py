"""A model's Markdown as prose and blocks of code, in turn."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from .inert import lines_as_all_see_them

# With an end to how deep it may stand, or every line of its code would be searched for all of that.
_FENCE = re.compile(r"^(?P<before>(?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])[ \t]){0,99})(?P<ticks>`{3,}(?=[^`\n]*$)|~{3,})(?P<info>.*)$")
ITEM = re.compile(r" {0,3}(?P<mark>[-*+]|\d{1,9}[.)])[ \t]")
"""How an item of a list at the margin begins."""
_NOTE = re.compile(r" {0,3}\[\^[^\]\s]+\]:")
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)[ \t]*\S")
_LEAD = re.compile(r"[ \t>]*")


@dataclass(frozen=True)
class Code:
    """A block between fences, or at the margin with four spaces before each line and no fence."""

    before: str
    """What stands before the fence: space, and the signs of the lists and quotations that begin or go on there."""
    fence: str
    info: str
    """What stands after the fence, first the language."""
    lines: list[str]
    """As they came, with what goes on with the list or the quotation."""
    text: str
    """The code alone."""

    @property
    def inside(self) -> str:
        """What goes on with the list or the quotation."""
        return _inside(self.before)


def blocks(markdown: str) -> Iterator[str | Code]:
    """Prose and code, in turn."""
    prose: list[str] = []
    lines = deque(lines_as_all_see_them(markdown).split("\n"))
    is_list = False
    while lines:
        line = lines.popleft()
        is_apart = not prose or not prose[-1].strip()
        opening = _FENCE.match(line)
        code = None
        if opening:
            code = _fenced(opening, lines)
            is_list = bool(ITEM.match(line)) or (is_list and line[0].isspace())
        elif is_apart and not is_list and _INDENTED.match(line):
            code = _indented(line, lines)
        elif ITEM.match(line) or _NOTE.match(line):
            is_list = True
        elif is_apart and line.strip() and not line[0].isspace():
            is_list = False
        if code is None:
            prose.append(line)
            continue
        if prose:
            yield "\n".join(prose)
            prose = []
        yield code
    if prose:
        yield "\n".join(prose)


def _indented(first: str, lines: deque[str]) -> Code:
    """The code that begins with the line `first`; takes what belongs to it from `lines`."""
    code = [first]
    while lines and (not lines[0].strip() or _INDENTED.match(lines[0])):
        code.append(lines.popleft())
    while not code[-1].strip():
        lines.appendleft(code.pop())
    return Code("", "", "text", code, "\n".join(_LEAD.sub(_in_columns, line, count=1)[4:] for line in code))


def _fenced(opening: re.Match[str], lines: deque[str]) -> Code:
    """The block whose first line is `opening`; takes what belongs to it from `lines`."""
    before, fence = opening["before"], opening["ticks"]
    closing = re.compile(rf" {{0,3}}{fence}{fence[0]}*[ \t]*")
    # A line may have less before it: empty ones, and quoted ones without a space.
    outer = re.compile("".join(f"{char}?" for char in _inside(before).expandtabs(4)))
    code: list[str] = []
    bare: list[str] = []
    while lines:
        line = lines.popleft()
        inner = outer.sub("", _LEAD.sub(_in_columns, line, count=1), count=1) if before else line
        if closing.fullmatch(inner):
            break
        code.append(line)
        bare.append(inner)
    return Code(before, fence, opening["info"], code, "\n".join(bare))


def _inside(before: str) -> str:
    return re.sub(r"[^\s>]", " ", before)


def _in_columns(lead: re.Match[str]) -> str:
    return lead[0].expandtabs(4)
