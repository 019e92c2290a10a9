"""Any Python value as text that a model can read: tables for data, JSON for containers, `repr` for the rest."""

from __future__ import annotations

import json
import sys
from typing import Any

from .well_formed import well_formed

LONGEST = 50_000
"""Characters. A result of ten megabytes would fill any context; what is cut is said."""
ROWS, COLUMNS = 50, 20
"""Of a table; what is cut is said."""


def in_words(value: Any) -> str:
    """`value` as text, at most `LONGEST` characters."""
    text = well_formed(_words(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… cut: {len(text):,} characters in all."


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"{len(value):,} bytes of data"
    if _is(value, "pandas", "DataFrame"):
        return table(value)
    if _is(value, "pandas", "Series"):
        return table(value.to_frame())
    if isinstance(value, (dict, list, tuple, int, float, bool)) or value is None:
        return _json(value)
    if callable(as_markdown := getattr(type(value), "_repr_markdown_", None)):
        return str(as_markdown(value))
    return repr(value)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=_words)
    except (TypeError, ValueError):
        return repr(value)


def table(frame: Any) -> str:
    """A pandas DataFrame as a Markdown table, cut to `ROWS` and `COLUMNS`, with its shape said if it is cut."""
    rows, columns = frame.shape
    shown = frame.iloc[:ROWS, :COLUMNS]
    named = shown.index.name is not None or list(shown.index) != list(range(len(shown)))
    head = [_cell(shown.index.name or "")] * named + [_cell(name) for name in shown.columns]
    lines = [_row(head), _row(["---"] * len(head))]
    for label, values in zip(shown.index, shown.itertuples(index=False, name=None), strict=True):
        lines.append(_row([_cell(label)] * named + [_cell(value) for value in values]))
    if shown.shape != frame.shape:
        lines.append(f"\nCut: the whole has {rows:,} rows and {columns:,} columns.")
    return "\n".join(lines)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _is(value: Any, module: str, name: str) -> bool:
    """Whether `value` is of a class of a package that may not be installed, and is not imported for this."""
    package = sys.modules.get(module)
    return package is not None and isinstance(value, getattr(package, name))
