"""Where a key comes from: the environment, the system's keyring, the user. It stays in memory; nothing here writes one down."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from getpass import getpass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from .errors import ConfigError
from .profiles import Profile

SERVICE = "qwen_nb"
"""The service under which the keyring keeps keys: `keyring set qwen_nb dashscope`."""

_SECRET_NAME = re.compile(
    r"(?<![a-z])(?:auth|authorization|(?:api)?key|passw\w*|session|signature)(?![a-z])|token(?![a-z])|secret|cookie|credential",
    re.IGNORECASE,
)


class Secret(str):
    """A string that does not show itself: its `repr` is a mask, in tracebacks, in `vars` and wherever objects are looked at."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[key]'" if self else "''"


def is_secret(name: str) -> bool:
    """Whether a header, or a field, of this name holds something that only its server should see. `max_tokens` does not."""
    return _SECRET_NAME.search(name) is not None


def secrets_in(fields: Mapping[str, Any]) -> Iterator[str]:
    """The strings in `fields`, at any depth, whose names say that they are secrets. Of `Bearer …` the part that is secret."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from secrets_in(value)
        elif isinstance(value, str) and is_secret(name):
            yield value.rpartition(" ")[2]


def known_key(profile: Profile) -> str | None:
    """The key for this kind of server from the environment, else from the keyring if that is installed (`qwen-nb[keyring]`)."""
    for name in profile.key_env:
        if os.environ.get(name):
            return os.environ[name]
    if not needs_key(profile) or find_spec("keyring") is None:
        return None
    import keyring
    import keyring.errors

    try:
        key: str | None = keyring.get_password(SERVICE, profile.name)
    except keyring.errors.KeyringError:
        # A machine without a desktop has the package but no keyring behind it.
        return None
    return key


def needs_key(profile: Profile) -> bool:
    """Whether it answers nobody without a key: the ones in the cloud."""
    return bool(profile.key_env) and profile.base_url.startswith("https://")


def asked_key(profile: Profile) -> str:
    """The key that the user types. `ConfigError` where nobody can."""
    where = f"set {profile.key_env[0]}, or pass api_key="
    try:
        key = getpass(f"API key for {profile.title} ({urlsplit(profile.base_url).hostname}): ").strip()
    except (EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise ConfigError(f"{profile.title} needs an API key, and nobody is here to type one: {where}.") from error
    if not key:
        raise ConfigError(f"{profile.title} needs an API key: {where}.")
    return key
