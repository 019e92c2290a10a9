"""Prompts out of what people have them in: a list, an iterator, a column, a table with a template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .errors import ConfigError
from .filling import Filled
from .question import Prompt, is_message
from .template import Template


def prompts_of(items: Iterable[Any], template: str | None) -> Iterator[Prompt | ConfigError]:
    """The prompt of each item, in order; a `ConfigError` in the place of one that makes none.

    An item is a prompt as `ask` takes it; with a `template` it is a row whose columns fill the template's fields, or one value,
    which fills `{prompt}` and, out of a named column, `{name}`. Raises `ConfigError` where the first row tells that none will do.
    """
    named = _rows(items)
    if template is None:
        if named is not items:
            raise ConfigError('A table needs a template that names its columns: map(table, template="Translate {text}").')
        for number, item in enumerate(items):
            yield item if _is_prompt(item) else ConfigError(f"Prompt {number} is {_in_short(item)}, and no text: {_HOW}")
        return
    column = getattr(items, "name", None)
    fitted: Template | None = None
    for number, item in enumerate(named):
        row = item if isinstance(item, Mapping) else {"prompt": item, **({column: item} if isinstance(column, str) else {})}
        row = {str(name): _plain(value) for name, value in row.items()}
        fitted = fitted or Template(template, row)
        if empty := [name for name in sorted(fitted.columns) if _is_missing(row.get(name))]:
            yield ConfigError(f"Row {number} has no {', '.join(empty)}.")
            continue
        try:
            yield _text(fitted.filled(row))
        except ConfigError as error:
            refusal = ConfigError(f"Row {number}: {error}")
            if number == 0:
                raise refusal from error
            yield refusal


_HOW = 'give texts, lists of messages, or rows with template="…{column}…".'


def _rows(items: Iterable[Any]) -> Iterable[Any]:
    """The rows of a DataFrame (pandas, polars) as dicts; anything else unchanged."""
    columns = getattr(items, "columns", None)
    if columns is None or not hasattr(items, "__getitem__"):
        return items
    if twice := [name for name, times in Counter(map(str, columns)).items() if times > 1]:
        raise ConfigError(f"More than one column is named {', '.join(twice)}: rename them, so that a template can tell them apart.")
    # Not row by row through the table: that would make a Series of each, and turn integers beside floats into floats.
    return (dict(zip(columns, row, strict=True)) for row in zip(*(items[name] for name in columns), strict=True))


def _is_prompt(item: Any) -> bool:
    return isinstance(item, (str, Filled)) or (isinstance(item, (list, tuple)) and bool(item) and all(map(is_message, item)))


def _plain(value: Any) -> Any:
    """A numpy scalar as Python's own, which reads better in a prompt."""
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def _is_missing(value: Any) -> bool:
    """Whether a cell is empty: `None`, NaN, NaT."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)


def _text(filled: Filled) -> Prompt:
    """What was filled in is not told in each of ten thousand replies."""
    return filled.content if isinstance(filled.content, str) else Filled(filled.content, {})


def _in_short(item: Any) -> str:
    text = repr(item)
    return text if len(text) <= 40 else f"{text[:39]}…"
