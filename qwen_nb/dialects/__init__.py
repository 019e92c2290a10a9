"""The three protocols: how a `Request` becomes a body, and frames become events.

`dialect("chat")`, `dialect("responses")` and `dialect("dashscope")` are the way in. All is pure: no HTTP, no clock.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from typing_extensions import Self

from ..errors import ConfigError
from ..events import Event, Status
from ..profiles import Profile
from ..request import Request
from ..sse import Frame

_MODULES = {"chat": "chat", "responses": "responses", "dashscope": "dashscope"}


class Decoder(Protocol):
    """Decodes one reply. Feed it every frame, then end it."""

    @property
    def done(self) -> bool:
        """Whether nothing more is to be expected; frames that come all the same are still decoded."""

    def feed(self, frame: Frame) -> list[Event]:
        """What one frame says."""

    def whole(self, document: dict[str, Any]) -> list[Event]:
        """What a reply says that came as one JSON document."""

    def notice(self, code: str, text: str) -> list[Event]:
        """A notice as a part of this reply."""

    def new_index(self) -> int:
        """The number of a part that somebody else writes."""

    def follow(self, before: Self) -> None:
        """Take the place of `before`, which has read nothing: the parts that it has told of go on."""

    def end(self, status: Status | None = None, *, error: str = "", code: str = "", http_status: int | None = None) -> list[Event]:
        """Close what is open, then `StreamEnd`; nothing at a second call."""


class Dialect(Protocol):
    """One protocol."""

    def path(self, request: Request) -> str:
        """Where to post, relative to the endpoint's `base_url`."""

    def headers(self) -> dict[str, str]:
        """Headers that belong to the protocol."""

    def streams(self, request: Request, profile: Profile) -> bool:
        """Whether the reply comes as a stream; else it is one document, for `Decoder.whole`."""

    def body(self, request: Request, profile: Profile) -> dict[str, Any]:
        """The JSON body. `ConfigError` if this server cannot take such a request."""

    def decoder(self, request: Request, profile: Profile) -> Decoder:
        """What decodes the reply to `request`."""


def dialect(protocol: str) -> Dialect:
    """The dialect of `protocol`. `ConfigError` if there is no such."""
    if protocol not in _MODULES:
        raise ConfigError(f"Unknown protocol {protocol!r}: take one of {', '.join(_MODULES)}.")
    return cast("Dialect", import_module(f".{_MODULES[protocol]}", __name__).DIALECT)
