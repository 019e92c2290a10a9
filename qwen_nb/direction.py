"""Arabic, Hebrew and the like in boxes that run from right to left, with the code among them from left to right.

A box is HTML. Markdown ends where it begins and where it ends: so there are empty lines around it, and a list is in one box with
all that its items hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from .markdown_blocks import ITEM, Code

_STRONG = ("L", "R", "AL")
"""Kinds of characters that have a direction of their own."""
_MARKUP = re.compile(r"</?[a-z][^>]*>|&#?\w+;")
"""What nobody reads as letters."""


@dataclass
class _Group:
    """What has one direction: a paragraph, a list with all that is in it, code at the margin."""

    lines: list[tuple[str, Code | None]] = field(default_factory=list)
    """With a block of code as one of them."""
    mark: str = ""
    """The sign of the items, if there is a list."""
    is_code: bool = False

    def put(self, line: str, code: Code | None) -> None:
        self.lines.append((line, code))
        # Not that of a list within an item.
        if not self.mark or (line and not line[0].isspace()):
            self.mark = _mark(line) or self.mark

    def goes_on(self, line: str) -> bool:
        """Whether `line`, which an empty one precedes, belongs to the list."""
        return bool(self.mark) and (line[0].isspace() or _mark(line) == self.mark)

    @property
    def is_rtl(self) -> bool:
        """Whether it begins so."""
        prose = "\n".join(line for line, code in self.lines if code is None)
        kinds = map(unicodedata.bidirectional, _MARKUP.sub("", prose))
        return next((kind for kind in kinds if kind in _STRONG), "L") != "L"

    def text(self, *, is_rtl: bool) -> str:
        return "\n".join(_ltr(line, code) if is_rtl and code and self._holds(code) else line for line, code in self.lines)

    def _holds(self, code: Code) -> bool:
        """Whether it stands within a list or a quotation: elsewhere space before it could make it something else than a block."""
        return bool(self.mark or code.before.strip())


def has_rtl(text: str) -> bool:
    """Whether any of `text` runs from right to left."""
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def directed(blocks: Iterable[tuple[str | Code, str]]) -> str:
    """Blocks as they came and as they are written, the latter joined and in boxes."""
    groups: list[_Group] = []
    is_apart = False
    for block, written in blocks:
        code = block if isinstance(block, Code) else None
        is_margin = code is not None and not code.before
        for line in [written] if code else written.split("\n"):
            if not line.strip():
                is_apart = True
                continue
            if not groups or is_margin or groups[-1].is_code or (is_apart and not groups[-1].goes_on(line)):
                groups.append(_Group(is_code=is_margin))
            if is_apart:
                groups[-1].put("", None)
            groups[-1].put(line, code)
            is_apart = False
    boxes = []
    for is_rtl, run in groupby(groups, lambda group: group.is_rtl):
        text = "\n".join(group.text(is_rtl=is_rtl) for group in run).strip("\n")
        boxes.append(f'<div dir="rtl">\n\n{text}\n\n</div>' if is_rtl else text)
    return "\n\n".join(boxes)


def _mark(line: str) -> str:
    item = ITEM.match(line)
    return item["mark"][-1] if item else ""


def _ltr(written: str, code: Code) -> str:
    """Code within a list or a quotation, in a box of its own."""
    inside, empty = code.inside, code.inside.rstrip()
    block = f"{inside}{written[len(code.before) :]}"
    return "\n".join([f'{code.before}<div dir="ltr">', empty, block, empty, f"{inside}</div>", empty])
