"""Where in a prompt braces may stand for a variable, and where they mean something of their own."""

from __future__ import annotations

import re
import sys
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass

_FIELD = re.compile(r"\{([^\W\d]\w*(?:\.\w+|\[[^\[\]{}\n]*\])*)\}")

_COMMAND = r"\\[A-Za-z]+\*?(?:[ ]?(?:\[[^\]\n]*\]|\{[^{}\n]*\}))+"
_ENVIRONMENT = r"\\begin\{(?P<kind>\w+\*?)\}.{0,4999}?\\end\{(?P=kind)\}"
_MATH = r"\$\$.{0,4999}?\$\$|\\\(.{0,999}?\\\)|\\\[.{0,4999}?\\\]|\$(?![\s{])[^$\n]{0,999}[^$\s]\$(?!\d)"
_F_STRING = r"""\b[rR]?[fFtT][rR]?(?:\"\"\".*?\"\"\"|'''.*?'''|"[^"\n]*"|'[^'\n]*')"""
_FORMATTED = r"""(?:"[^"\n]*"|'[^'\n]*')\.format\(|\b\w+!\(\s*"[^"\n]*\"|(?:\$@?|@\$|\bfmt)"[^"\n]*\""""
_STRING = re.compile(f"{_F_STRING}|{_FORMATTED}", re.DOTALL)
_NOT_PROSE = re.compile("|".join((_ENVIRONMENT, _COMMAND, _MATH)), re.DOTALL)
_INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)[^\n]{1,999}?(?<!`)\1(?!`)")
_FENCE = re.compile(
    r"^ {0,3}(```+|~~~+)(?![`~])[ ]*(?P<info>[^\n`]*)\n(?P<code>.*?)(?:^ {0,3}\1[`~]* *$|\Z)", re.MULTILINE | re.DOTALL
)
_TEXTS = ("", "text", "txt", "markdown", "md")
"""Languages of fenced blocks in which braces are no code."""

_SIGILS = set("{$#%@\\^")
"""What stands before a brace that is not ours: Jinja, templates of shells and JavaScript, Ruby, LaTeX."""
_ENDS = {"}", "^"}
"""What follows a brace that is not ours: Jinja, LaTeX."""
_INDEXED = re.compile(r"(?:(?<![^\W_])[A-Za-z]|\\[A-Za-z]{1,20}|[)\]}])_$")
"""What has an index in LaTeX. A longer word has none: `report_{year}` is the name of a file."""


@dataclass(frozen=True)
class Field:
    """One `{name}`, `{name.attribute}` or `{name[0]}`."""

    start: int
    end: int
    text: str
    """What stands between the braces."""
    is_quoted: bool
    """Whether it stands in code or in a quoted block: it is shown there, and hardly meant."""

    @property
    def name(self) -> str:
        """The name that it begins with."""
        return re.split(r"[.\[]", self.text, maxsplit=1)[0]


def fields(prompt: str, shape: re.Pattern[str] = _FIELD) -> Iterator[Field]:
    """What may stand for a variable in `prompt`, in order; formulas, f-strings and templates are left out.

    In a fenced block of text that is a field on a line of its own; another is `is_quoted`, and so are those in code.
    """
    fences = [match.span("code") for match in _FENCE.finditer(prompt)]
    texts = [match.span("code") for match in _FENCE.finditer(prompt) if match["info"].strip().lower() in _TEXTS]
    outside = _blanked(prompt, fences)
    quoted = [match.span() for match in _INLINE_CODE.finditer(outside)]
    taken = [match.span() for match in _NOT_PROSE.finditer(_blanked(outside, quoted))]
    strings = [match.span() for match in _STRING.finditer(prompt)]
    last = -1
    for match in shape.finditer(prompt):
        start, end = match.span()
        if prompt[start - 1 : start] in _SIGILS or prompt[end : end + 1] in _ENDS or _is_within(start, strings):
            continue
        is_quoted = _is_within(start, quoted)
        if _is_within(start, fences):
            is_quoted = prompt[prompt.rfind("\n", 0, start) + 1 : _line_end(prompt, end)].strip() != match[0]
            if is_quoted and not _is_within(start, texts):
                continue
        elif _is_within(start, taken) or (last != start - 1 and _INDEXED.search(prompt[max(0, start - 25) : start])):
            continue
        yield Field(start, end, match[1], is_quoted)
        last = end


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """`text` with nothing but line ends in `spans`."""
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [text[end:start], re.sub(r"[^\n]", " ", text[start:stop])]
        end = stop
    return "".join([*pieces, text[end:]])


def _is_within(at: int, spans: list[tuple[int, int]]) -> bool:
    """Whether one of `spans`, which are in order and apart, holds `at`."""
    number = bisect(spans, (at, sys.maxsize)) - 1
    return number >= 0 and at < spans[number][1]


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
