"""Fill `{name}` in a prompt from the notebook's variables, and never anything else that has braces."""

from __future__ import annotations

import ast
import difflib
import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from .errors import ConfigError
from .fields import Field, fields
from .in_words import in_words
from .media import medium_of, part_of

LONGEST = 200_000
"""Characters of one value that is no text; what is cut is said."""

_SHOWN = 4000
"""Characters of a prompt that is shown as it was sent: it is in the notebook a second time."""

Piece = str | dict[str, Any]
"""What stands for a value in a message: a text, or a part of its own, such as a picture."""

_MEDIA = {"image_url": "a picture", "input_audio": "sound", "video_url": "film"}

_NOT_MEANT = {"In", "Out", "exit", "quit", "get_ipython", "open"}
"""Names that a notebook has by itself."""


@dataclass(frozen=True)
class Filled:
    """A prompt with the values of the notebook in it. `ask` and `Chat` take it like a text.

    >>> filled = qn.fill("Say it in {language}.", {"language": "French"})
    >>> filled.content, filled.values
    ('Say it in French.', {'language': 'French'})
    >>> qn.fill("Say it in {langauge}.", {"language": "French"}).warnings
    ('{langauge} was left as it is: ...',)
    >>> reply = qn.ask(filled)
    note: Filled in: {language}: French.
    <BLANKLINE>
    Je suis Qwen.
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    """

    content: str | list[dict[str, Any]]
    """A text, or the parts of a message: texts, pictures and sounds in their order."""
    values: Mapping[str, str]
    """What was filled in, in a few words each, by what stood between the braces."""
    warnings: tuple[str, ...] = ()
    """What looks meant and was left as it is, a sentence each."""

    @property
    def summary(self) -> str:
        """What was filled in, in one line; below it the prompt as it is sent, if the line does not say all. `""` for nothing.

        >>> qn.fill("Say it in {language}.", {"language": "French"}).summary
        'Filled in: {language}: French.'
        """
        if not self.values:
            return ""
        line = f"Filled in: {'; '.join(f'{{{field}}}: {value}' for field, value in self.values.items()).removesuffix('.')}."
        sent = self.content if isinstance(self.content, str) else "".join(map(_text_of, self.content))
        if all(value in sent for value in self.values.values()):
            return line
        return f"{line}\n{sent[:_SHOWN]}{f'… cut: {len(sent):,} characters in all.' if len(sent) > _SHOWN else ''}"


def fill(prompt: str, names: Mapping[str, Any]) -> Filled:
    """Replace each `{name}`, `{name.attribute}` and `{name[0]}` of `prompt` that `names` has a value for.

    A DataFrame or Series becomes a Markdown table, an image, figure, path of an image or sound or its bytes a part of the message,
    a function its source, any other value its `_repr_markdown_` or `repr`; a string stays as it is. What does not resolve is left
    as it is; so are formulas, f-strings, templates, quoted code, and braces with anything else in them. In a fenced block only a
    line that is nothing but a field is filled. Nothing is called, and nothing is raised.

    >>> qn.fill("Shorter: {text}", {"text": "It is very, very long."}).content
    'Shorter: It is very, very long.'
    """
    found: list[tuple[Field, Any, Piece]] = []
    left: dict[str, None] = {}
    for field in fields(prompt):
        try:
            if field.is_quoted and field.name in names:
                raise LeftError("among code a name is filled only where it has a line of a block for itself.")
            value = value_of(field.text, names)
            piece = piece_of(value)
        except LeftError as error:
            if said := str(error):
                left[f"{{{field.text}}} was left as it is: {said}"] = None
            continue
        except Exception as error:  # a property of the user's may raise anything
            left[f"{{{field.text}}} was left as it is: {in_one_line(error)}"] = None
            continue
        if piece is not None:
            found.append((field, value, piece))
    return filled(prompt, found, tuple(left))


def filled(prompt: str, found: Iterable[tuple[Field, Any, Piece]], warnings: tuple[str, ...] = ()) -> Filled:
    """`prompt` with a piece, which stands for a value, in the place of each field. They are in order."""
    pieces: list[Piece] = []
    values: dict[str, str] = {}
    end = 0
    for field, value, piece in found:
        if isinstance(piece, str) and piece.startswith("| ") and not isinstance(value, str):
            piece = _on_its_own(piece, prompt[: field.start], prompt[field.end :])
        pieces += [prompt[end : field.start], piece]
        values[field.text] = _in_short(value, piece)
        end = field.end
    pieces.append(prompt[end:])
    return Filled(_content(pieces), values, warnings)


class LeftError(Exception):
    """A field is left as it is. The message says why, `""` if it was hardly meant."""


def value_of(field: str, names: Mapping[str, Any]) -> Any:
    """The value of names, attributes and items; calls nothing but what these call themselves."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(field, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise LeftError from None
    return _value(tree, names)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            if name not in names or not _is_own(name):
                raise LeftError(_near(name, names))
            return names[name]
        case ast.Attribute(value=owner, attr=name):
            thing = _value(owner, names)
            if name.startswith("_"):
                raise LeftError(f"{name} is private.")
            return getattr(thing, name)
        case ast.Subscript(value=owner, slice=key):
            return _value(owner, names)[_key(key, names)]
        case _:
            raise LeftError


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


def piece_of(value: Any) -> Piece | None:
    """What stands for `value` in a message; `None` for what nobody means by its name."""
    if isinstance(value, ModuleType):
        return None
    if isinstance(value, (type, FunctionType)):
        return _source(value)
    if medium := medium_of(value):
        return part_of(value, medium)
    if isinstance(value, str):
        return value
    is_plain = isinstance(value, (dict, list, tuple, set, int, float, bool)) or value is None
    text = repr(value) if is_plain else in_words(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… cut: {len(text):,} characters in all."


def _source(value: Callable[..., Any]) -> str | None:
    try:
        return inspect.getsource(value).rstrip()
    except (OSError, TypeError):
        return None


def _text_of(part: dict[str, Any]) -> str:
    return str(part["text"]) if part["type"] == "text" else f"[{_MEDIA[part['type']]}]"


def _on_its_own(table: str, before: str, after: str) -> str:
    """`table` with the empty lines that Markdown wants around it."""
    above = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    below = "" if not after or after.startswith("\n\n") else "\n" if after.startswith("\n") else "\n\n"
    return above + table + below


def _content(pieces: list[Piece]) -> str | list[dict[str, Any]]:
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


def _in_short(value: Any, piece: Piece) -> str:
    kind = type(value).__name__
    shape = getattr(value, "shape", None)
    if isinstance(piece, dict):
        return _MEDIA[piece["type"]]
    if isinstance(shape, tuple) and shape:
        return f"{kind} of {' × '.join(f'{size:,}' for size in shape)}"
    text = " ".join(piece.split())
    return text if len(text) <= 60 else f"{kind}, {len(piece):,} characters: {text[:40]}…"


def _is_own(name: str) -> bool:
    """Whether the user made this variable, and not the notebook."""
    return not name.startswith("_") and name not in _NOT_MEANT


def _near(name: str, names: Mapping[str, Any]) -> str:
    """What to say of a name that there is not: `""` unless it is nearly that of a variable."""
    own = (each for each in names if isinstance(each, str) and _is_own(each))
    near = difflib.get_close_matches(name, own, 1, 0.75) if len(name) > 1 and name not in names else []
    return f"there is no variable {name}. Did you mean {{{near[0]}}}?" if near else ""


def in_one_line(error: Exception) -> str:
    """What an error says, cut."""
    if isinstance(error, ConfigError):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
