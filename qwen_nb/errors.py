"""What can go wrong. Each message is one line that says what to do; `.reply` holds everything that had arrived.

QwenError
├── ConfigError          nothing was asked: a setting is missing or wrong
├── ConnectError         no server answered
├── StatusError          the server answered with an error status
├── StreamError          the server reported an error inside the stream, or the connection broke
├── TruncatedError       the stream ended without a finish
└── SchemaError          the answer does not follow its schema
"""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .reply import Reply


class QwenError(Exception):
    """Base of all errors of this package.

    >>> try:
    ...     qn.ask("Tell me a long story.", display=False)
    ... except qn.QwenError as error:
    ...     print(f"{type(error).__name__} after: {error.reply.text}")
    TruncatedError after: Once upon
    """

    reply: Reply | None = None
    """What had arrived before it went wrong; `None` if nothing was asked."""

    def __reduce__(self) -> tuple[Any, ...]:
        # For pickle, out of a process that asks: not by the constructor, which takes other things than it says.
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]  # it is not in typeshed

    def _render_traceback_(self) -> list[str]:
        """One short block for IPython, which else prints every frame."""
        # What a server, a file or a model said may be in it, and could rewrite a terminal's screen.
        return [f"{type(self).__name__}: {''.join(c if c.isprintable() else ascii(c)[1:-1] for c in str(self))}"]


class ConfigError(QwenError):
    """A setting is missing or wrong; nothing was sent.

    >>> qn.connect("vlm")
    Traceback (most recent call last):
    qwen_nb.errors.ConfigError: Nothing is known of 'vlm': give an address (http://…/v1), an Endpoint, or one of ...
    """


class ConnectError(QwenError):
    """No server answered at the endpoint's address.

    >>> qn.ask("Hello! Who are you?", endpoint="http://127.0.0.1:1/v1")
    Traceback (most recent call last):
    qwen_nb.errors.ConnectError: ...
    """


class StatusError(QwenError):
    """The server answered with an error status before the stream began.

    >>> try:
    ...     qn.ask("Hello! Who are you?", model="qwen-99", display=False)
    ... except qn.StatusError as error:
    ...     print(error.status, error.code)
    404 model_not_found
    """

    def __init__(self, message: str, *, status: int, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        """HTTP status."""
        self.code = code
        """The server's own error code, `""` if it gave none."""
        self.request_id = request_id


class StreamError(QwenError):
    """The server reported an error inside the stream, or the connection broke after it began.

    >>> try:
    ...     qn.ask("Count for ever.", display=False)
    ... except qn.StreamError as error:
    ...     print(error.reply.text)
    1, 2,
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class TruncatedError(QwenError):
    """The stream ended cleanly, but without a finish_reason: the answer is cut off.

    >>> try:
    ...     qn.ask("Tell me a long story.", display=False)
    ... except qn.TruncatedError as error:
    ...     print(error.reply.text)
    Once upon
    """


class SchemaError(QwenError):
    """The answer is there, but does not follow the schema that was asked for; `.reply.text` is what the model said.

    >>> from dataclasses import make_dataclass
    >>> Item = make_dataclass("Item", [("name", str), ("price", float)])
    >>> try:
    ...     qn.ask("Coffee is free. What does it cost?", schema=Item, display=False)
    ... except qn.SchemaError as error:
    ...     print(*error.faults)
    price: Input should be a valid number...
    """

    def __init__(self, name: str, faults: tuple[str, ...], advice: str = "schema_retries=1 lets it correct itself.") -> None:
        more = f" ({len(faults) - 1} more: error.faults)" if len(faults) > 1 else ""
        super().__init__(f"The answer does not follow {name}: {faults[0]}{more}. error.reply.text is what the model said; {advice}")
        self.faults = faults
        """Where and what, one line each: `items.0.price: Input should be a valid number`."""


class Interrupted(KeyboardInterrupt):
    """The kernel was interrupted while a reply streamed; what had arrived is in `qn.last`.

    Like every `KeyboardInterrupt` it passes an `except Exception`, so that *Run All* stops.

    >>> try:
    ...     reply = qn.ask("Why is the sky blue?", display=False)
    ... except qn.Interrupted:
    ...     reply = qn.last
    >>> reply.text
    'Air scatters blue light more than red.'
    """

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self}"]
