"""A template of `map`: a prompt whose fields are the names of columns."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .errors import ConfigError
from .fields import Field, fields
from .filling import Filled, LeftError, filled, in_one_line, piece_of, value_of

_PATH = r"(?:\.\w+|\[[^\[\]{}\n]*\])*"
_LIKE_A_FIELD = re.compile(rf"\{{([^\W\d]\w*(?:[ -]\w+)*{_PATH})\}}")


class Template:
    """`text`, which is filled once for each row.

    `{name}` stands for the column of exactly this name, wherever it is written and whatever the name is, and so do
    `{name.attribute}` and `{name[0]}`. Doubled braces and those of JSON, formulas and code stand for themselves. `ConfigError` if
    there is no field, or anything else that looks like one: ten thousand prompts would be sent with it.
    """

    def __init__(self, text: str, columns: Collection[str]) -> None:
        self._text = text
        self._fields = list(_fields_of(text, columns))
        if why := _misfit(text, columns, {field.start for field, _, _ in self._fields}):
            known = ", ".join(f"{{{column}}}" for column in columns)
            raise ConfigError(f"The template does not fit: {why} Its fields can be {known or 'none'}.")
        self.columns = {column for _, column, _ in self._fields}
        """The columns that it names."""

    def filled(self, row: Mapping[str, Any]) -> Filled:
        """The prompt for `row`, which has a value in each of the `columns`. `ConfigError` if one cannot be used."""
        found = []
        for field, column, path in self._fields:
            try:
                # By a name of our own, for a column's may be none that Python can read.
                value = value_of(f"cell{path}", {**row, "cell": row[column]})
                piece = piece_of(value)
            except Exception as error:  # a property of the user's may raise anything
                why = str(error) or "nothing is computed here" if isinstance(error, LeftError) else in_one_line(error)
                raise ConfigError(f"{{{field.text}}} cannot be filled: {why.removesuffix('.')}.") from error
            if piece is None:
                raise ConfigError(f"{{{field.text}}} cannot be filled: a {type(value).__name__} cannot be told.")
            found.append((field, value, piece))
        return filled(self._text, found)


def _fields_of(text: str, columns: Collection[str]) -> Iterator[tuple[Field, str, str]]:
    """Each field with its column, and the path from there to what is meant."""
    for match in re.finditer(rf"\{{((?P<column>{_any_of(columns)})(?P<path>{_PATH}))\}}", text):
        start, end = match.span()
        if (text[start - 1 : start], text[end : end + 1]) != ("{", "}"):
            yield Field(start, end, match[1], is_quoted=False), match["column"], match["path"]


def _misfit(text: str, columns: Collection[str], taken: Collection[int]) -> str:
    """What to say of the first field that is none; `""` if all are columns."""
    if formatted := re.search(rf"(?<!\{{)\{{(?P<column>{_any_of(columns)})[!:][^{{}}\s]*\}}", text):
        return f"{formatted[0]} has a format, and a field takes none: write {{{formatted['column']}}}."
    for field in fields(text, _LIKE_A_FIELD):
        near = difflib.get_close_matches(field.name, columns, 1, 0.75)
        # Code is quoted, and has names of its own.
        if field.start not in taken and (near or not field.is_quoted):
            hint = f"Did you mean {{{near[0]}}}?" if near else "What is to be sent with its braces stands in `backticks`."
            return f"there is no column {field.text}. {hint}"
    return "" if taken else "it has no field."


def _any_of(columns: Collection[str]) -> str:
    """A pattern for their names, the longest first: a column may be named as an attribute of another."""
    return "|".join(re.escape(column) for column in sorted(columns, key=len, reverse=True) if column.strip()) or "(?!)"
