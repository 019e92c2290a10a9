"""A model's Markdown as prose and fenced code, in turn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .inert import lines_as_all_see_them

# With an end to how deep it may stand, or every line of its code would be searched for all of that.
_FENCE = re.compile(r"^(?P<before>(?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])[ \t]){0,99})(?P<ticks>`{3,}(?=[^`\n]*$)|~{3,})(?P<info>.*)$")
ITEM = re.compile(r" {0,3}(?P<mark>[-*+]|\d{1,9}[.)])[ \t]")
"""How an item of a list at the margin begins."""
_LEAD = re.compile(r"[ \t>]*")


@dataclass(frozen=True)
class Code:
    """A block between fences."""

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
    """Prose and fenced code, in turn."""
    prose: list[str] = []
    lines = iter(lines_as_all_see_them(markdown).split("\n"))
    for line in lines:
        opening = _FENCE.match(line)
        if opening is None:
            prose.append(line)
            continue
        if prose:
            yield "\n".join(prose)
            prose = []
        yield _code(opening, lines)
    if prose:
        yield "\n".join(prose)


def _code(opening: re.Match[str], lines: Iterator[str]) -> Code:
    """The block whose first line is `opening`; takes what belongs to it from `lines`."""
    before, fence = opening["before"], opening["ticks"]
    closing = re.compile(rf" {{0,3}}{fence}{fence[0]}*[ \t]*")
    # A line may have less before it: empty ones, and quoted ones without a space.
    outer = re.compile("".join(f"{char}?" for char in _inside(before).expandtabs(4)))
    code: list[str] = []
    bare: list[str] = []
    for line in lines:
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
