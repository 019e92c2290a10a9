r"""A model's Markdown, rewritten so that notebooks draw what our widget draws.

JupyterLab, nbconvert and GitHub differ from each other and from the widget. The common ground: math in `$`, not in `\(`; no `$`
for money; emphasis beside Chinese punctuation as tags; footnotes as raised numbers; the direction of Arabic and Hebrew said; and
nothing that a page would run, fetch or take for its own, whatever it takes for code: HTML is shown, links lead to the web or are
text, remote images are links.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from .direction import directed, has_rtl
from .inert import as_text, code_block, code_span, is_risky, language_of, pre
from .markdown_blocks import Code, blocks

_TOKEN = re.compile(
    r"""(?P<escape>\\\\)
      | \\\[(?P<block>.+?)\\\]
      | \$\$(?P<display>[^$]+?)\$\$
      | \\\((?P<inline>.+?)\\\)
      | (?<!\$)\$(?=[^\s$])(?P<dollar>[^\n$]*?[^\s\\$])\$(?![\d$])
      | (?P<escaped>\\[!-/:-@\[-`{-~])
      # Not across what begins a block of its own.
      | (?P<ticks>`+)(?P<code>(?:(?!\n[ ]*(?:\n|[-*+>#|=]|\d+[.)])).)*?[^`])(?P=ticks)(?!`)
      | (?P<open>`+)
      | (?<!\]\()<(?P<link>(?:https?://|mailto:)[^\s<>()\[\]\\"'`$]+)>
      | (?P<image>!\[[^\[\]\\`<$\n]*\]\(data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\))
    """,
    re.DOTALL | re.VERBOSE,
)
_NEUTRAL = re.compile(
    r"""(?P<backslash>\\\\|\\(?=begin\{))
      | (?P<escaped>\\[!-/:-@\[-`{-~])
      | \]\([ \t]*<(?P<target>(?:https?://|mailto:)[^\s<>()]*)>
      | \](?P<leads>[(:])(?!\s*(?:https?://[^\s/\ufdd0]|mailto:[^\s\ufdd0]|\#))
      | (?P<less><)
      | (?P<dollar>\$)
      | (?P<image>!\[)(?P<bare>(?=[ ]*\][(\[]))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MATH_RISKS = (
    (re.compile(r"<(?=[A-Za-z/!?])"), r"\\lt "),
    (re.compile(r"(?<!\\)\$"), r"\\$"),
    (re.compile(r"!\["), "!{}["),
    (re.compile(r"\](?=[(:\[])"), "]{}"),
)
"""What stands in a formula and is more than that where it is taken for text, and what means the same."""
_ENVIRONMENT = re.compile(r"\\begin\{([a-z]*\*?)\}.*?\\end\{\1\}", re.DOTALL)
_EMPHASIS = re.compile(r"(?P<marks>\*{1,3}|(?<!~)~~(?!~))(?=[^\s*])(?P<inner>[^*\n]*?[^\s*])(?P=marks)(?!\*)")
_TAGS = {"***": "<strong><em>{}</em></strong>", "**": "<strong>{}</strong>", "*": "<em>{}</em>", "~~": "<del>{}</del>"}
_MASK = "\ufdd0"
"""Stands for code or a formula. No text holds it: to Unicode it is no character."""
_NOTE = re.compile(r"\[\^(?P<label>[^\]\s]+)\](?P<defines>:)?")
_NOTE_DEFINED = re.compile(r"(?m)^ {0,3}\[\^([^\]\s]+)\]:")


def for_notebooks(text: str) -> str:
    """`text` with the same meaning for JupyterLab, nbconvert and GitHub, and nothing to run or to fetch."""
    found = list(blocks(text))
    prose = "\n".join(block for block in found if isinstance(block, str))
    notes = _numbered_notes(prose)
    written = [_code(block) if isinstance(block, Code) else _prose(block, notes) for block in found]
    joined = directed(zip(found, written, strict=True)) if has_rtl(prose) else "\n".join(written)
    return joined.strip("\n")


def _code(block: Code) -> str:
    """A block of code, as it stands if nothing in it could be more than text."""
    language = language_of(block.info)
    if block.fence and not is_risky("\n".join(block.lines)):
        return "\n".join([f"{block.before}{block.fence}{language}", *block.lines, f"{block.inside}{block.fence}"])
    if block.before:
        return block.before + pre(block.text)
    return f"\n{code_block(block.text, language or 'text')}\n"


def _numbered_notes(prose: str) -> dict[str, int]:
    """The footnotes that are defined, numbered in the order in which they are mentioned."""
    prose = "".join(prose[start:end] for start, end in _between(prose))
    defined = set(_NOTE_DEFINED.findall(prose))
    mentioned = dict.fromkeys(note["label"] for note in _NOTE.finditer(prose) if note["label"] in defined and not note["defines"])
    return {label: number for number, label in enumerate(mentioned, 1)}


def _tokens(prose: str) -> Iterator[re.Match[str]]:
    """Code, formulas, addresses and pictures."""
    return (token for token in _TOKEN.finditer(prose) if token.lastgroup not in ("escape", "escaped", "open") and _holds(token))


def _holds(token: re.Match[str]) -> bool:
    """Whether a formula is one for everybody: it has no empty line, and nothing that could begin code."""
    formula = token["block"] or token["display"] or token["inline"] or token["dollar"]
    return not formula or not re.search(r"\n[ \t]*\n|```|~~~", formula)


def _between(prose: str) -> Iterator[tuple[int, int]]:
    """Where what is no such thing begins and ends."""
    at = 0
    for token in _tokens(prose):
        yield at, token.start()
        at = token.end()
    yield at, len(prose)


def _prose(text: str, notes: dict[str, int]) -> str:
    # Emphasis reaches over code and formulas: a mask stands for each while the rest is rewritten.
    text = text.replace(_MASK, "\N{REPLACEMENT CHARACTER}")
    tokens = list(_tokens(text))
    masked = _MASK.join(text[start:end] for start, end in _between(text))
    pieces: list[str] = []

    def put(piece: str) -> None:
        # `$a$` and `$b$` side by side would make a `$$`.
        if piece.startswith("$") and pieces and pieces[-1].endswith("$"):
            pieces.append(" ")
        # A link after a `!` would be a picture.
        if piece.startswith("[") and pieces and pieces[-1].endswith("!"):
            pieces[-1] = f"{pieces[-1][:-1]}&#33;"
        if piece:
            pieces.append(piece)

    first, *others = _plain(masked, notes).split(_MASK)
    put(first)
    for token, plain in zip(tokens, others, strict=True):
        put(_token(token))
        put(plain)
    return "".join(pieces)


def _token(token: re.Match[str]) -> str:
    if token["code"] is not None:
        return code_span(token["code"]) if is_risky(token["code"]) else token[0]
    if token["link"]:
        return f"[{as_text(token['link'])}]({token['link']})"
    if token["image"]:
        return token["image"]
    display = token["block"] or token["display"]
    formula: str = display or token["inline"] or token["dollar"]
    if not display:
        formula = re.sub(r"\\\\(?=[\[(])", r"\\\\{}", formula.strip())
    for risk, same in _MATH_RISKS:
        formula = risk.sub(same, formula)
    if "\\begin{" in _ENVIRONMENT.sub("", formula):
        formula = formula.replace("\\begin{", "\\begin {")
    if formula.endswith("\\"):
        formula += " "
    return f"$${formula}$$" if display else f"${formula}$"


def _plain(text: str, notes: dict[str, int]) -> str:
    pieces: list[str] = []
    at = 0
    for note in _NOTE.finditer(text):
        if note["label"] in notes:
            pieces += [_NEUTRAL.sub(_neutral, text[at : note.start()]), f"<sup>{notes[note['label']]}</sup>"]
            at = note.end()
    return _EMPHASIS.sub(_emphasis, "".join([*pieces, _NEUTRAL.sub(_neutral, text[at:])]))


def _neutral(found: re.Match[str]) -> str:
    if found["backslash"]:
        return "&#92;"
    if found["escaped"]:
        return {"\\`": "&#96;", "\\<": "&lt;"}.get(found["escaped"], found["escaped"])
    if found["target"]:
        return f"]({found['target']}"
    if found["leads"]:
        return f"]&#{ord(found['leads'])};"
    if found["image"]:
        # As the widget calls a picture that has no name: there would be nothing to click on.
        return "[" if found["bare"] is None else "[image"
    return "&lt;" if found["less"] else r"\$"


def _emphasis(match: re.Match[str]) -> str:
    """Tags where CommonMark would leave the marks as they are: punctuation inside, a letter outside, no space between."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    inner = match["inner"]
    if (_is_punctuation(inner[0]) and _is_letter(before)) or (_is_punctuation(inner[-1]) and _is_letter(after)):
        return _TAGS[match["marks"]].format(inner)
    return match[0]


def _is_punctuation(char: str) -> bool:
    return char == _MASK or unicodedata.category(char)[0] in "PS"


def _is_letter(char: str) -> bool:
    return bool(char) and not char.isspace() and not _is_punctuation(char)
