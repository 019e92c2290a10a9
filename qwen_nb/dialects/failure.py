"""Errors that a server reports inside a stream, after it has answered HTTP 200."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .one_line import one_line
from .payload import mapping, string


@dataclass(frozen=True)
class Failure:
    """What a server said went wrong."""

    message: str
    """One line."""
    code: str = ""
    """The server's own code, `""` if it gave none."""
    http_status: int | None = None
    request_id: str = ""
    raw: Any = None
    """The error as it came."""


def failure_in(document: dict[str, Any], event: str = "", status: int | None = None) -> Failure | None:
    """The error that a frame's `document` reports, or `None`.

    In this order, since healthy frames carry `error: null` and event names of all kinds: a truthy `error`; an `object` that is
    `error`; a `code` with a `message` where no answer is; an event named `error`, whatever it holds; an HTTP status in the
    frame's comment.
    """
    error = document.get("error")
    if error:
        return _failure(error, document, status)
    if document.get("object") == "error" or document.get("type") == "error":
        return _failure(document, document, status)
    is_answer = document.get("choices") or document.get("output") or "type" in document
    if not is_answer and document.get("code") and "message" in document:
        return _failure(document, document, status)
    if event == "error" or (status is not None and status >= 400 and not is_answer):
        return _failure(document, document, status)
    return None


def failure_of(error: Any, document: dict[str, Any] | None = None, status: int | None = None) -> Failure:
    """The failure that an `error` value describes: an object, a plain string, or anything else. `document` is what holds it."""
    return _failure(error, document or {}, status)


def _failure(error: Any, document: dict[str, Any], status: int | None) -> Failure:
    fields = mapping(error)
    code = next((value for value in (fields.get("code"), document.get("code")) if value not in (None, "")), "")
    if isinstance(code, (dict, list, bool)):
        code = ""
    if status is None or status < 400:
        status = _status(code) or _status(fields.get("status")) or _status(fields.get("status_code"))
    return Failure(
        one_line(_message(error)) or one_line(_message(document)) or "The server reported an error and did not say which.",
        one_line(str(code), 100),
        status,
        string(document.get("request_id")) or string(fields.get("request_id")),
        error,
    )


def _message(error: Any) -> str:
    if isinstance(error, str):
        return error
    fields = mapping(error)
    for name in ("message", "details", "detail", "msg", "error"):
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            # OpenRouter's own message says no more than that a provider failed; the provider's is beside it.
            behind = string(mapping(fields.get("metadata")).get("raw"))
            return f"{value}: {behind}" if behind and behind not in value else value
        if isinstance(value, dict) and (inner := _message(value)):
            return inner
    return json.dumps(error, ensure_ascii=False, default=str) if fields else ""


def _status(code: Any) -> int | None:
    number = int(code) if isinstance(code, str) and code.isdecimal() and len(code) == 3 else code
    return number if isinstance(number, int) and not isinstance(number, bool) and 400 <= number <= 599 else None
