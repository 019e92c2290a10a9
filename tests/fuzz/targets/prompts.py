"""Prompts with braces: only what `fill` documents is looked up, nothing runs, and everything else stays as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Hashable
from typing import Any, NoReturn

from qwen_nb import fill
from tests.fuzz.target import Target
from tests.fuzz.text_mutation import text_mutator
from tests.test_filling import FILLED, PROMPTS

_OPEN, _CLOSE = "⟦", "⟧"
"""Around the value of a field, so that it is known again."""


class EvaluatedError(BaseException):
    """Something ran that was only to be looked up. Not an `Exception`: `fill` must not be able to hide it."""


def _never(*_: object) -> NoReturn:
    raise EvaluatedError


class Thing:
    """A value that knows how it was reached, and cannot bear to be used otherwise than by looking it up."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Thing:
        if name not in ("a", "b", "name", "x"):
            raise AttributeError(name)
        return Thing(f"{self._path}.{name}")

    def __getitem__(self, key: object) -> Thing:
        return Thing(f"{self._path}[{key!r}]".replace(_OPEN, "").replace(_CLOSE, ""))

    def __repr__(self) -> str:
        return f"{_OPEN}{self._path}{_CLOSE}"

    __call__ = __add__ = __radd__ = __sub__ = __neg__ = __pos__ = __invert__ = __mul__ = __or__ = __and__ = __eq__ = _never
    __lt__ = __gt__ = __le__ = __ge__ = __bool__ = __iter__ = __len__ = __contains__ = __await__ = __enter__ = __index__ = _never
    __format__ = __int__ = __float__ = __setitem__ = __delitem__ = __matmul__ = __pow__ = __mod__ = __truediv__ = _never
    __hash__ = object.__hash__


_NAMES = ("a", "b", "i", "k", "n", "x", "name", "d", "xs", "数据", "df", "text", "year")
NAMES: dict[str, Any] = {name: Thing(name) for name in _NAMES}
WORDS = (
    *("{name}", "{a}", "{x.name}", "{xs[0]}", "{d['k']}", "{d[name]}", "{xs[-1]}", "{xs[1:2]}", "{a.b[0].x}", "{数据}", "{_a}"),
    *("{", "}", "{{", "}}", "[", "]", "(", ")", ".", "'", '"', "`", "``", "```", "```python\n", "```\n", "~~~\n", "$", "$$"),
    *("\\begin{a}", "\\end{a}", "\\frac{a}{b}", "_{i}", "^{n}", 'f"{x}"', "#{x}", "${x}", "{% x %}", "{x()}", "{x+1}", "{x!r}"),
    *("{x:>9}", "{a[b()]}", "{x if a else b}", "{[a]}", "{lambda: x}", "{x.__class__}", "{x[}", "{a[(b)]}", "{a[b:=1]}", "\n", " "),
    *("\\(", "\\[", "x"),
)
_LOOKED_UP = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Slice, ast.UnaryOp, ast.USub, ast.Load)


def check_fill(_variant: int, data: bytes) -> Hashable:
    prompt = data.decode("utf-8", "replace").replace(_OPEN, "").replace(_CLOSE, "")
    assert fill(prompt, {}).content == prompt
    filled = fill(prompt, NAMES)
    assert isinstance(filled.content, str)
    pieces = re.split(f"({_OPEN}[^{_CLOSE}]*{_CLOSE})", filled.content)
    at = 0
    for number, piece in enumerate(pieces):
        if number % 2 == 0:
            assert prompt.startswith(piece, at)
            at += len(piece)
            continue
        assert prompt[at] == "{"
        before, end = prompt[at - 1 : at], prompt.index("}", at)
        assert before not in tuple("{$#%@\\^")
        assert prompt[end + 1 : end + 2] not in ("}", "^")
        field = prompt[at + 1 : end]
        assert field in filled.values
        tree = ast.parse(field, mode="eval").body
        assert all(isinstance(node, _LOOKED_UP) for node in ast.walk(tree))
        # What Python itself makes of it, where nothing but looking up can happen.
        assert repr(eval(field, {"__builtins__": {}}, NAMES)) == piece
        at = end + 1
    assert at == len(prompt)
    assert bool(filled.values) == (len(pieces) > 1)
    return len(filled.values), len(filled.warnings)


def _work(_variant: int, data: bytes) -> object:
    return fill(data.decode("utf-8", "replace"), NAMES)


SEEDS = [prompt.encode() for prompt in (*(each for _, each in PROMPTS), *FILLED)]
FILL = Target("fill", 1, SEEDS, text_mutator(WORDS), check_fill, _work)
