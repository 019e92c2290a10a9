r"""A model's Markdown, rewritten so that notebooks draw what our widget draws.

JupyterLab, nbconvert and GitHub differ from each other and from the widget. The common ground: math in `$`, not in `\(`; no `$`
for money; emphasis beside Chinese punctuation as tags; footnotes as raised numbers; the direction of Arabic and Hebrew said; and
nothing that a page would fetch or take for its own: HTML is shown, remote images are links.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

_FENCE = re.compile(r"^ {0,3}(?P<ticks>`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?:.*?[^`])(?P=ticks)(?!`)", re.DOTALL)
_MATH = re.compile(
    r"""\\\[(?P<block>.+?)\\\]
      | \$\$(?P<display>.+?)\$\$
      | \\\((?P<inline>.+?)\\\)
      | (?<![\\$])\$(?=[^\s$])(?P<dollar>[^\n$]*?[^\s\\$])\$(?![\d$])
    """,
    re.DOTALL | re.VERBOSE,
)
_AUTOLINK = re.compile(r"<(?:https?://|mailto:)[^\s<>]*>")
_EMPHASIS = re.compile(r"(?P<marks>\*{1,2})(?=[^\s*])(?P<inner>[^*\n]*?[^\s*])(?P=marks)(?!\*)")
_TAGS = {"**": "strong", "*": "em"}
_NOTE = re.compile(r"\[\^(?P<label>[^\]\s]+)\](?P<defines>:)?")
_STRONG = ("L", "R", "AL")
"""Kinds of characters that have a direction of their own."""
_NOTE_DEFINED = re.compile(r"(?m)^ {0,3}\[\^([^\]\s]+)\]:")


def for_notebooks(text: str) -> str:
    """`text` with the same meaning for JupyterLab, nbconvert and GitHub. Code is left as it is."""
    pieces = list(_pieces(text))
    notes = _numbered_notes("".join(piece for is_code, piece in pieces if not is_code))

    def prose(between: str) -> str:
        return _NOTE.sub(lambda note: _raised(note, notes), _prose(between))

    return _directed("".join(piece if is_code else _rewrite(piece, _MATH, _math, prose) for is_code, piece in pieces))


def _numbered_notes(prose: str) -> dict[str, int]:
    """The footnotes that are defined, numbered in the order in which they are mentioned."""
    defined = set(_NOTE_DEFINED.findall(prose))
    mentioned = dict.fromkeys(note["label"] for note in _NOTE.finditer(prose) if note["label"] in defined and not note["defines"])
    return {label: number for number, label in enumerate(mentioned, 1)}


def _raised(note: re.Match[str], notes: dict[str, int]) -> str:
    number = notes.get(note["label"])
    return note[0] if number is None else f"<sup>{number}</sup>"


def _directed(text: str) -> str:
    """`text` with each paragraph that begins in Arabic, Hebrew or the like in a box that runs from right to left."""
    if not any(unicodedata.bidirectional(char) in ("R", "AL") for char in text):
        return text
    blocks: list[str] = []
    fence = ""
    for block in re.split(r"(\n[ \t]*\n)", text):
        is_code = bool(fence)
        for found in filter(None, map(_FENCE.match, block.splitlines())):
            is_code = True
            if not fence or found["ticks"].startswith(fence):
                fence = "" if fence else found["ticks"]
        runs_left = next((kind for kind in map(unicodedata.bidirectional, block) if kind in _STRONG), "L") != "L"
        blocks.append(f'<div dir="rtl">\n\n{block}\n\n</div>' if runs_left and not is_code else block)
    return "".join(blocks)


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Alternating prose and code: fenced blocks, and spans within a paragraph."""
    prose: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        found = _FENCE.match(line)
        if fence:
            yield True, line
            if found and found["ticks"].startswith(fence) and not line.strip(" \t\r\n`~"):
                fence = ""
        elif found:
            yield from _spans("".join(prose))
            prose, fence = [], found["ticks"]
            yield True, line
        else:
            prose.append(line)
    yield from _spans("".join(prose))


def _spans(prose: str) -> Iterator[tuple[bool, str]]:
    for paragraph in re.split(r"(\n[ \t]*\n)", prose):
        at = 0
        for span in _CODE_SPAN.finditer(paragraph):
            yield False, paragraph[at : span.start()]
            yield True, span[0]
            at = span.end()
        yield False, paragraph[at:]


def _rewrite(text: str, pattern: re.Pattern[str], matched: Callable[[re.Match[str]], str], between: Callable[[str], str]) -> str:
    pieces: list[str] = []
    at = 0
    for match in pattern.finditer(text):
        pieces += [between(text[at : match.start()]), matched(match)]
        at = match.end()
    return "".join([*pieces, between(text[at:])])


def _math(match: re.Match[str]) -> str:
    inner = match["block"] or match["display"]
    if inner:
        return f"$${inner}$$"
    return f"${(match['inline'] or match['dollar']).strip()}$"


def _prose(text: str) -> str:
    text = re.sub(r"(?<!\\)\$", r"\\$", text)
    text = re.sub(r"(?<!\\)!\[(?![^\]]*\]\(data:image/)", "[", text)
    text = _rewrite(text, _AUTOLINK, lambda link: link[0], lambda between: between.replace("<", "&lt;"))
    return _EMPHASIS.sub(_emphasis, text)


def _emphasis(match: re.Match[str]) -> str:
    """Tags where CommonMark would leave the marks as they are: punctuation inside, a letter outside, no space between."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    inner = match["inner"]
    if (_is_punctuation(inner[0]) and _is_letter(before)) or (_is_punctuation(inner[-1]) and _is_letter(after)):
        tag = _TAGS[match["marks"]]
        return f"<{tag}>{inner}</{tag}>"
    return match[0]


def _is_punctuation(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _is_letter(char: str) -> bool:
    return bool(char) and not char.isspace() and not _is_punctuation(char)
