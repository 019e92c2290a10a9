"""The JSON documents in a frame, however it was mangled on the way."""

from __future__ import annotations

import json
from typing import Any

from jiter import from_json

from .. import limits
from ..well_formed import well_formed

DONE = "[DONE]"
_lenient = json.JSONDecoder(strict=False)


def documents(data: bytes) -> tuple[list[Any], str]:
    """What the data of a frame holds, in order, and the text in it that is no JSON (`""` if there is none).

    The marker `[DONE]` stands as the string itself. More than one document comes where a server ends its frames with a single
    line end, so that two frames arrive as one.
    """
    try:
        return [from_json(data)], ""
    except ValueError:
        return _salvaged(data.decode("utf-8", "replace"))


def is_crowded(data: bytes) -> bool:
    """Whether a document has more values than any model sends: brackets and commas, whether or not they are in strings."""
    return len(data) > limits.CROWDED and sum(map(data.count, (b",", b"[", b"{"))) > limits.MOST_VALUES


def _salvaged(text: str) -> tuple[list[Any], str]:
    found: list[Any] = []
    bad: list[str] = []
    at = 0
    while at < len(text):
        if len(bad) > limits.MOST_BAD_LINES:
            bad.append(text[at:])
            break
        if text[at].isspace():
            at += 1
        elif text.startswith(DONE, at):
            found.append(DONE)
            at += len(DONE)
        else:
            try:
                document, at = _lenient.raw_decode(text, at)
                found.append(_without_surrogates(document))
            except (ValueError, RecursionError):
                # What is not JSON goes up to its line's end; the next line may be another frame.
                end = text.find("\n", at)
                end = end if end >= 0 else len(text)
                bad.append(text[at:end])
                at = end
    return found, "\n".join(bad)


def _without_surrogates(value: Any) -> Any:
    """`value`, which Python reads with halves of surrogate pairs, without them: nothing can carry them to the page."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def string(value: Any) -> str:
    """`value` if it is a string, else `""`: absent, null and nonsense all mean that nothing was said."""
    return value if isinstance(value, str) else ""


def mapping(value: Any) -> dict[str, Any]:
    """`value` if it is an object, else `{}`."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """`value` if it is a list, else `[]`."""
    return value if isinstance(value, list) else []
