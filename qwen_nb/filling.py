"""Fill `{name}` in a prompt from the notebook's variables, and never anything else that has braces."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import sys
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from .errors import ConfigError
from .in_words import in_words
from .media import medium_of, part_of

LONGEST = 200_000
"""Characters of one value; what is cut is said."""

_FIELD = re.compile(r"\{([^\W\d]\w*(?:\.\w+|\[[^\[\]{}\n]*\])*)\}")
_LATEX = r"\\[A-Za-z]+\*?(?:[ ]?(?:\[[^\]\n]*\]|\{[^{}\n]*\}))+"
_MATH = r"\$\$.{0,9999}?\$\$|\\\(.{0,999}?\\\)|\\\[.{0,9999}?\\\]|\$(?![\s{])[^$\n]{0,999}[^$\s]\$(?!\d)"
_F_STRING = r"""\b[rR]?[fF][rR]?(?:\"\"\".*?\"\"\"|'''.*?'''|"[^"\n]*"|'[^'\n]*')"""
_FORMATTED = r"""(?:"[^"\n]*"|'[^'\n]*')\.format\("""
_INLINE_CODE = r"(?<!`)(`+)(?!`)[^\n]{1,999}?(?<!`)\1(?!`)"
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)[^\n]*\n(?P<code>.*?)(?:^ {0,3}\1[`~]* *$|\Z)", re.MULTILINE | re.DOTALL)
_NOT_PROSE = re.compile("|".join((_LATEX, _MATH, _F_STRING, _FORMATTED, _INLINE_CODE)), re.DOTALL)
"""Where braces mean something of their own."""
_BEFORE = set("{$#%@\\^_")
"""What stands before a brace that is not ours: Jinja, templates of shells and JavaScript, Ruby, LaTeX."""

_NOT_MEANT = {"In", "exit", "quit", "get_ipython", "open"}
"""Names that a notebook has by itself."""


@dataclass(frozen=True)
class Filled:
    """A prompt with the values of the notebook in it. `ask` and `Chat` take it like a text."""

    content: str | list[dict[str, Any]]
    """A text, or the parts of a message: texts, pictures and sounds in their order."""
    values: Mapping[str, str]
    """What was filled in, in a few words each, by what stood between the braces."""
    warnings: tuple[str, ...] = ()
    """What looks meant and was left as it is, a sentence each."""


def fill(prompt: str, names: Mapping[str, Any]) -> Filled:
    """Replace each `{name}`, `{name.attribute}` and `{name[0]}` of `prompt` that `names` has a value for.

    A DataFrame or Series becomes a Markdown table, an image, figure, path of an image or sound or its bytes a part of the message,
    a function its source, any other value its `_repr_markdown_` or `repr`; a string stays as it is. What does not resolve is left
    as it is; so are formulas, f-strings, templates, quoted code, and braces with anything else in them. In a fenced block only a
    line that is nothing but a field is filled. Nothing is called, and nothing is raised.

    >>> qn.fill("Shorter: {text}", {"text": "It is very, very long."}).content
    'Shorter: It is very, very long.'
    """
    pieces: list[str | dict[str, Any]] = []
    values: dict[str, str] = {}
    warnings: dict[str, None] = {}
    end = 0
    for match in _fields(prompt):
        field = match[1]
        try:
            value = _resolve(field, names)
            piece = _piece(value)
        except _NotThereError:
            if hint := _meant(field, names):
                warnings[hint] = None
            continue
        except Exception as error:  # a property of the user's may raise anything
            warnings[f"{{{field}}} was left as it is: {_one_line(error)}"] = None
            continue
        if piece is None:
            continue
        pieces += [prompt[end : match.start()], piece]
        values[field] = _in_short(value, piece)
        end = match.end()
    pieces.append(prompt[end:])
    return Filled(_content(pieces), values, tuple(warnings))


def _fields(prompt: str) -> Iterator[re.Match[str]]:
    """The fields that may be filled."""
    fences = [match.span("code") for match in _FENCE.finditer(prompt)]
    taken = [match.span() for match in _NOT_PROSE.finditer(_blanked(prompt, fences))]
    for match in _FIELD.finditer(prompt):
        start, end = match.span()
        if _is_within(start, fences):
            line = prompt[prompt.rfind("\n", 0, start) + 1 : _line_end(prompt, end)]
            if line.strip() == match[0]:
                yield match
        elif prompt[start - 1 : start] not in _BEFORE and prompt[end : end + 1] != "}" and not _is_within(start, taken):
            yield match


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


class _NotThereError(Exception):
    """There is no variable of this name."""


def _resolve(field: str, names: Mapping[str, Any]) -> Any:
    """The value of names, attributes and items; calls nothing but what these call themselves."""
    try:
        tree = ast.parse(field, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _NotThereError from None
    return _value(tree, names)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            if name not in names or name in _NOT_MEANT:
                raise _NotThereError
            return names[name]
        case ast.Attribute(value=owner, attr=name):
            return getattr(_value(owner, names), name)
        case ast.Subscript(value=owner, slice=key):
            return _value(owner, names)[_key(key, names)]
        case _:
            raise _NotThereError


def _key(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
        case ast.Slice(lower=lower, upper=upper, step=step):
            return slice(*(None if bound is None else _key(bound, names) for bound in (lower, upper, step)))
        case _:
            return _value(node, names)


def _piece(value: Any) -> str | dict[str, Any] | None:
    """What stands for `value` in a message; `None` for what nobody means by its name."""
    if isinstance(value, ModuleType):
        return None
    if isinstance(value, (type, FunctionType)):
        return _source(value)
    if medium := medium_of(value):
        return part_of(value, medium)
    if isinstance(value, str):
        text = value
    elif isinstance(value, (dict, list, tuple, set, int, float, bool)) or value is None:
        text = repr(value)
    else:
        text = in_words(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… cut: {len(text):,} characters in all."


def _source(value: Callable[..., Any]) -> str | None:
    try:
        return inspect.getsource(value).rstrip()
    except (OSError, TypeError):
        return None


def _content(pieces: list[str | dict[str, Any]]) -> str | list[dict[str, Any]]:
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(str(piece) for piece in pieces)
    parts: list[dict[str, Any]] = []
    for piece in pieces:
        if not isinstance(piece, str):
            parts.append(piece)
        elif parts and parts[-1]["type"] == "text":
            parts[-1] = {"type": "text", "text": parts[-1]["text"] + piece}
        elif piece:
            parts.append({"type": "text", "text": piece})
    return parts


def _in_short(value: Any, piece: str | dict[str, Any]) -> str:
    kind = type(value).__name__
    shape = getattr(value, "shape", None)
    if isinstance(piece, dict):
        return {"image_url": "a picture", "input_audio": "sound", "video_url": "film"}[piece["type"]]
    if isinstance(shape, tuple) and shape:
        return f"{kind} of {' × '.join(f'{size:,}' for size in shape)}"
    text = " ".join(piece.split())
    return text if len(text) <= 60 else f"{kind}, {len(piece):,} characters: {text[:40]}…"


def _meant(field: str, names: Mapping[str, Any]) -> str:
    """A sentence about a field whose name is nearly that of a variable, else `""`."""
    root = re.split(r"[.\[]", field, maxsplit=1)[0]
    known = [name for name in names if not name.startswith("_") and name not in _NOT_MEANT]
    near = difflib.get_close_matches(root, known, 1, 0.75) if len(root) > 1 else []
    return f"{{{field}}} was left as it is: there is no variable {root}. Did you mean {{{near[0]}}}?" if near else ""


def _one_line(error: Exception) -> str:
    if isinstance(error, ConfigError):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
