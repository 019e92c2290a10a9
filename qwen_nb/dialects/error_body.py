"""What a server says when it refuses: any body that may come with an error status, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jiter import from_json

from ..profiles import Profile
from ..sse import SSEDecoder
from .advice import advice_for
from .failure import Failure, failure_of
from .one_line import one_line
from .payload import documents, items, mapping, string

_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LONGEST_PAGE = 10_000
"""Characters of a page in which its title is looked for."""
_TRANSIENT = ("throttling", "limit_requests", "limit_burst_rate", "requesttimeout", "modelservingerror", "modelunavailable")
_OUT_OF_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "throttling.allocationquota")
_PERMANENT = ("freetieronly", "arrearage", "unpurchased")
_REFUSED = (
    re.compile(r"Unexpected fields in the request: \{([^}]*)\}"),
    re.compile(r"(?:Unrecognized request argument supplied|Unknown parameter|Unsupported parameter)s?: '?([\w., ]+)"),
    re.compile(r"([\w.]+): Extra inputs are not permitted"),
)


@dataclass(frozen=True)
class ServerError:
    """Why a server refused."""

    message: str
    """One line, in the server's words."""
    code: str = ""
    """The server's own code, `""` if it gave none."""
    request_id: str = ""
    advice: str = ""
    """What to do, in one sentence; `""` where nothing better than the message is known."""


def parse_error_body(status: int, content_type: str, body: bytes, profile: Profile) -> ServerError:
    """The error in a `body` that came with an HTTP `status`, or with 200 where a reply should have been. Never raises."""
    failure = _failure(status, content_type, body)
    return ServerError(
        failure.message,
        failure.code,
        failure.request_id,
        advice_for(failure.http_status or status, failure.code, failure.message, profile),
    )


def is_retryable(status: int, code: str, message: str, profile: Profile) -> bool:
    """Whether the same request may succeed in a moment."""
    said = f"{code} {message}".lower()
    if any(word in said for word in _PERMANENT):
        return False
    if any(word in code.lower() for word in _OUT_OF_QUOTA):
        return profile.quota_is_throttle
    return status in (408, 409, 429) or (status >= 500 and status != 501) or code.lower().startswith(_TRANSIENT)


def refused_fields(message: str) -> tuple[str, ...]:
    """The fields of the body that a strict server says it does not know; empty if that is not what it says."""
    for pattern in _REFUSED:
        if found := pattern.findall(message):
            return tuple(name for part in found for name in re.findall(r"[\w.]+", part))
    return ()


def _failure(status: int, content_type: str, body: bytes) -> Failure:
    text = body.decode("utf-8", "replace").strip().removeprefix("\ufeff")
    if not text:
        return Failure("The server gave no reason.")
    if "html" in content_type or text[:1] == "<":
        return Failure(_html(text))
    document = _document(body)
    if document is None:
        return Failure(one_line(text, 300) or "The server gave no reason.")
    detail = document.get("detail")
    if isinstance(detail, list):
        return Failure(one_line("; ".join(filter(None, map(_complaint, detail)))) or one_line(text))
    return failure_of(document.get("error") or document, document, status)


def _document(body: bytes) -> dict[str, Any] | None:
    """The first object in a body: JSON, or frames of a stream that is labelled as JSON."""
    try:
        value = from_json(body.strip())
    except ValueError:
        decoder = SSEDecoder()
        frames = [*decoder.feed(body), *decoder.end()]
        found = [document for frame in frames for document in documents(frame.data)[0]]
        value = next((document for document in found if isinstance(document, dict)), None)
    if isinstance(value, str):
        return {"message": value}
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), None)
    return value if isinstance(value, dict) else None


def _complaint(entry: Any) -> str:
    """One entry of FastAPI's list: where, and what."""
    fields = mapping(entry)
    place = ".".join(str(step) for step in items(fields.get("loc")) if step != "body")
    message = string(fields.get("msg")) or (entry if isinstance(entry, str) else "")
    return f"{place}: {message}" if place and message else message


def _html(text: str) -> str:
    text = text[:_LONGEST_PAGE]
    found = _TITLE.search(text)
    title = one_line(_TAG.sub(" ", found[2] if found else text), 100)
    return f"an HTML page, “{title}”, instead of an answer" if title else "an HTML page instead of an answer"
