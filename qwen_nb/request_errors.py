"""What goes wrong with a request over HTTP, as errors that say what to do: in one line each, without keys."""

from __future__ import annotations

import httpx2
import openai

from .dialects.error_body import ServerError, parse_error_body
from .dialects.one_line import one_line
from .errors import ConnectError, StatusError, StreamError
from .profiles import Profile
from .redaction import Redaction

_LONGEST_MESSAGE = 1_000
"""Characters of an error's message, advice included."""


class RequestErrors:
    """The errors of requests to the server called `title`, without what `redaction` takes out."""

    def __init__(self, title: str, redaction: Redaction) -> None:
        self._title = title
        self._redaction = redaction

    def told(self, response: httpx2.Response, body: bytes, profile: Profile) -> ServerError:
        """Why a server refused, by the `body` of its response."""
        body = self._redaction.clean_bytes(body)
        return parse_error_body(response.status_code, response.headers.get("content-type", ""), body, profile)

    def unreachable(self, error: openai.APIConnectionError) -> ConnectError:
        """No response came."""
        cause = error.__cause__
        if isinstance(error, openai.APITimeoutError):
            why = "it did not answer in time"
        else:
            why = str(cause or error).rstrip(".") or type(cause).__name__
        return ConnectError(
            self._clean(
                f"No connection to {self._title}: {why.removesuffix('.')}. "
                "Is the server running, and is the address right? %qwen status shows which address is used and why."
            )
        )

    def refused(self, response: httpx2.Response, told: ServerError) -> StatusError:
        """The response has an error status."""
        request_id = self._request_id(response, told)
        facts = ", ".join(fact for fact in (told.code, request_id and f"request {request_id}") if fact)
        message = f"HTTP {response.status_code} from {self._title}: {told.message}{f' ({facts})' if facts else ''}"
        return self._status_error(response, told, f"{message.removesuffix('.')}. {told.advice}")

    def no_reply(self, response: httpx2.Response, told: ServerError) -> StatusError:
        """The response has a good status and holds something else than a reply."""
        message = f"{self._title} answered with something that is no reply: {told.message} {told.advice}"
        return self._status_error(response, told, message)

    def silent(self, seconds: float) -> StreamError:
        """Nothing has come for so long."""
        return StreamError(f"No data for {seconds:g} s: the stream was given up. timeout= sets how long to wait.")

    def broken(self, error: httpx2.HTTPError) -> StreamError:
        """The connection broke within the body."""
        return StreamError(
            f"The connection broke before the reply had ended ({str(error) or type(error).__name__}): "
            "does the server still run? %qwen doctor examines it."
        )

    def _status_error(self, response: httpx2.Response, told: ServerError, message: str) -> StatusError:
        return StatusError(
            self._clean(message),
            status=response.status_code,
            code=self._clean(told.code),
            request_id=self._request_id(response, told),
        )

    def _request_id(self, response: httpx2.Response, told: ServerError) -> str:
        return self._clean(told.request_id or response.headers.get("x-request-id", ""))

    def _clean(self, text: str) -> str:
        """Text of a server for a user: one line, no control characters, no key."""
        return one_line(self._redaction.clean(text), _LONGEST_MESSAGE)
