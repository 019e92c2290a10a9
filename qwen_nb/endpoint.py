"""Which server is asked: `Endpoint`, and the order in which one is found."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast
from urllib.parse import SplitResult, unquote, urlsplit

from .errors import ConfigError
from .keys import Secret, is_secret, known_key, secrets_in
from .profiles import PROFILES, Profile, profile_for
from .redaction import Redaction, redaction_of, without_keys

ProtocolName = Literal["chat", "responses", "dashscope"]
PROTOCOLS: tuple[ProtocolName, ...] = ("chat", "responses", "dashscope")

_IN_NO_ADDRESS = re.compile(r"[\x00-\x20\x7f]")

RECORDINGS = Path(__file__).with_name("recordings")


@dataclass(frozen=True)
class Endpoint:
    """A server that serves models.

    `base_url` is the address up to and including its version, such as `http://127.0.0.1:8000/v1`. A user and password in it
    become a header. `ConfigError` if it is no `http(s)` address or has a query, if `api_key` cannot be sent, or if `protocol` or
    `profile` is unknown.

    >>> local = qn.Endpoint("http://127.0.0.1:8000/v1", model="Qwen/Qwen3-8B", profile="vllm", timeout=600)
    >>> local.base_url, local.address
    ('http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1')
    >>> qn.Endpoint("https://qwen.example.org/v1", api_key="sk-0123456789", headers={"X-Team": "maps"})  # shows neither
    Endpoint(base_url='https://qwen.example.org/v1', model='', ...)
    >>> cloud = qn.Endpoint("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", protocol="dashscope")
    >>> cloud.address
    'https://dashscope-intl.aliyuncs.com/api/v1'
    >>> from pathlib import Path
    >>> slow = qn.Endpoint("http://recorded.invalid/v1", cassette=Path("demo.jsonl"), speed=0.5, split=1)
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    model: str = ""
    """The model asked for by default; `""` takes the profile's, else the first of the server's list."""
    protocol: ProtocolName | None = None
    """`None` is the profile's."""
    profile: str = ""
    """Which server this is, by a name in `PROFILES`; `""` guesses from the address."""
    timeout: float = 300.0
    """Seconds without a byte before a stream is given up, or, if it has not begun, asked for again: up to four attempts in all.
    Long: prefill, queues and withheld tool calls are silent."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    """Sent with each request."""
    cassette: Path | None = None
    """Replies are played from this recording (a file, or a folder of them); nothing is sent."""
    speed: float = 1.0
    """How many times faster than recorded a cassette plays; `inf` leaves no pauses."""
    split: int | None = None
    """Most bytes of a chunk that a cassette plays; `None` plays the chunks as they came."""

    def __post_init__(self) -> None:
        self._check_address()
        if self.api_key is not None:
            object.__setattr__(self, "api_key", Secret(self.api_key.strip()))
            if not (self.api_key.isascii() and self.api_key.isprintable()):
                raise ConfigError(
                    "The API key has characters that no key has, such as a line end or typographic quotes: copy it again."
                )
        headers = {name: Secret(value) if is_secret(name) else value for name, value in self.headers.items()}
        object.__setattr__(self, "headers", headers)
        if not self.speed > 0 or (self.split is not None and self.split < 1):
            raise ConfigError(
                f"A recording plays at a speed above 0 and in chunks of at least a byte, not {self.speed}, {self.split}."
            )
        if self.protocol not in (None, *PROTOCOLS):
            raise ConfigError(f"Unknown protocol {self.protocol!r}: take one of {', '.join(PROTOCOLS)}.")
        if self.profile and self.profile not in PROFILES:
            raise ConfigError(f"Unknown profile {self.profile!r}: take one of {', '.join(PROFILES)}.")

    def _check_address(self) -> None:
        """`ConfigError` for no address, which is not quoted if it may hold a secret. Takes a password out of one."""
        object.__setattr__(self, "base_url", self.base_url.strip())
        parts = _parts_of(self.base_url)
        if not parts:
            said = repr(self.base_url) if is_harmless(self.base_url) else "This"
            raise ConfigError(f"{said} is no address of a server: it should look like http://127.0.0.1:8000/v1.")
        if parts.query or parts.fragment:
            raise ConfigError(
                "An address of a server has nothing after a ? or #: pass a key as api_key=, anything else as headers=."
            )
        user, at, place = parts.netloc.rpartition("@")
        if at:
            basic = base64.b64encode(unquote(user).encode()).decode()
            object.__setattr__(self, "headers", {"Authorization": f"Basic {basic}", **self.headers})
            object.__setattr__(self, "base_url", parts._replace(netloc=place).geturl())

    @property
    def redaction(self) -> Redaction:
        """Takes the secrets of this endpoint out of texts."""
        secrets = {self.api_key or "", *secrets_in(self.headers)}
        for secret in list(secrets_in(self.headers)):
            with suppress(ValueError):
                # The password is secret in its own spelling, too.
                secrets.add(base64.b64decode(secret, validate=True).decode().rpartition(":")[2])
        return redaction_of(tuple(sorted(secrets)))

    @property
    def server(self) -> Profile:
        """What is known of this kind of server."""
        return PROFILES[self.profile] if self.profile else profile_for(self.base_url)

    @property
    def address(self) -> str:
        """Where requests go: `base_url`, or DashScope's other address for its own protocol."""
        if self.speaks == "dashscope" and self.server.native_url:
            return self.base_url.replace("/compatible-mode/v1", "/api/v1")
        return self.base_url

    @property
    def speaks(self) -> ProtocolName:
        """The protocol in use."""
        return self.protocol or cast("ProtocolName", self.server.protocol)

    @property
    def is_recorded(self) -> bool:
        """Whether no model runs behind it."""
        return self.cassette is not None

    @property
    def title(self) -> str:
        """What to call it in a line of text."""
        return (
            "recorded replies" if self.cassette else f"{self.server.title} at {urlsplit(self.base_url).netloc.rpartition('@')[2]}"
        )


def _parts_of(url: str) -> SplitResult | None:
    """The parts of the address of a server; `None` if this cannot be one."""
    try:
        parts = urlsplit(url)
        # As it is looked up: that takes no name with nothing before a dot.
        is_one = (parts.hostname or "").encode("idna") and parts.port != 0 and parts.scheme in ("http", "https")
    except ValueError:
        return None
    return parts if is_one and not _IN_NO_ADDRESS.search(url) else None


_LONGEST_WORD = 30
"""Letters and digits in a row. Keys have more, names of servers fewer."""


def is_harmless(text: str) -> bool:
    """Whether `text`, which a user gave in the place of an address, can be quoted: a key pasted there, or a password, cannot."""
    return (
        "@" not in text and without_keys(text) == text and not any(len(word) > _LONGEST_WORD for word in re.findall(r"\w+", text))
    )


RECORDED = Endpoint("http://recorded.invalid/v1", model="qwen3-tiny", profile="transformers", cassette=RECORDINGS)
"""What answers where nothing is configured: the recordings in the package."""


def endpoint_of(target: Endpoint | str) -> Endpoint:
    """An endpoint from itself, a profile's name (`"vllm"`), an address, or `"recorded"`. `ConfigError` for anything else."""
    if isinstance(target, Endpoint):
        return target
    if target in ("recorded", "replay"):
        return RECORDED
    if target in PROFILES:
        profile = PROFILES[target]
        if not profile.base_url:
            raise ConfigError(f"{profile.title} has no usual address: connect with its URL, such as http://127.0.0.1:8000/v1.")
        return with_key(Endpoint(profile.base_url, profile=target))
    if target.startswith(("http://", "https://")):
        return with_key(Endpoint(target))
    names = ", ".join(PROFILES)
    said = repr(target) if is_harmless(target) else "this"
    raise ConfigError(f"Nothing is known of {said}: give an address (http://…/v1), an Endpoint, or one of {names}.")


def with_key(endpoint: Endpoint) -> Endpoint:
    """`endpoint` with the key for its kind of server, if it has none of its own. A server of no known kind gets none."""
    if endpoint.api_key or endpoint.server.name == "openai":
        return endpoint
    return replace(endpoint, api_key=known_key(endpoint.server))


@dataclass(frozen=True)
class Source:
    """One place where an endpoint is looked for."""

    name: str
    _find: Callable[[], Endpoint | None]

    @property
    def endpoint(self) -> Endpoint | None:
        """`None` if nothing is set there. `ConfigError` if what is set makes no endpoint."""
        return self._find()


_connected: Endpoint | None = None
_played: Endpoint | None = None


def connected() -> Endpoint | None:
    """What is played, else what `use` has made the default."""
    return _played or _connected


def play(recording: Endpoint | None) -> Endpoint | None:
    """Let every question go to `recording`, with `None` to its server again. Returns what was played before."""
    global _played
    before, _played = _played, recording
    return before


def chosen(target: Endpoint | str | None) -> Endpoint:
    """The endpoint of a question that names `target`, or none.

    While a recording is played that is the recording, asked in the way of the server: what comes is what that server said.
    """
    endpoint = endpoint_of(target) if target is not None else current()
    if _played is None or endpoint.is_recorded:
        return endpoint
    return replace(endpoint, cassette=_played.cassette, speed=_played.speed, split=_played.split)


def use(endpoint: Endpoint | None) -> None:
    """Make `endpoint` the default from now on; with `None` the environment decides again."""
    global _connected
    _connected = endpoint


def sources() -> list[Source]:
    """Where an endpoint is looked for, in order; the first that has one is the default. `endpoint=` comes before them all."""
    return [
        Source("qn.connect(…) or %qwen connect", connected),
        Source("QWEN_NB_BASE_URL", _own),
        Source("DASHSCOPE_API_KEY", lambda: endpoint_of("dashscope") if os.environ.get("DASHSCOPE_API_KEY") else None),
        Source("OPENAI_BASE_URL", _openai),
        Source("recordings in the package", lambda: RECORDED),
    ]


def _own() -> Endpoint | None:
    environ = os.environ
    if not (url := environ.get("QWEN_NB_BASE_URL")):
        return None
    return with_key(
        Endpoint(
            url,
            api_key=environ.get("QWEN_NB_API_KEY"),
            model=environ.get("QWEN_NB_MODEL", ""),
            protocol=cast("ProtocolName | None", environ.get("QWEN_NB_PROTOCOL") or None),
        )
    )


def _openai() -> Endpoint | None:
    url = os.environ.get("OPENAI_BASE_URL")
    return Endpoint(url, api_key=os.environ.get("OPENAI_API_KEY")) if url else None


def current() -> Endpoint:
    """The endpoint that is asked when none is given. `ConfigError`, with its name, if the place that decides is not usable."""
    for source in sources():
        try:
            if found := source.endpoint:
                return found
        except ConfigError as error:
            raise ConfigError(f"{source.name} is not usable: {error}") from None
    return RECORDED
