"""Values of Python as the JSON that is sent."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import Any

from .errors import ConfigError
from .well_formed import well_formed


def as_json(value: Any, name: str) -> Any:
    """`value`, in which numbers and arrays of numpy, models of pydantic and dates are spelled as JSON has them.

    `ConfigError` for what JSON has no word for; `name` tells the user where it stands.
    """
    kind = type(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {_key(key, name): as_json(item, name) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item, name) for item in value]
    if hasattr(kind, "model_dump"):
        # Other servers than the one that sent a message refuse its empty fields.
        return as_json(value.model_dump(exclude_none=True), name)
    if hasattr(kind, "tolist"):
        return as_json(value.tolist(), name)
    if hasattr(kind, "isoformat"):
        return value.isoformat()
    if hasattr(kind, "__index__"):
        return operator.index(value)
    if hasattr(kind, "__float__") and not isinstance(value, float):
        return as_json(float(value), name)
    raise _no_json(value, name)


def _key(key: Any, name: str) -> Any:
    plain = as_json(key, name)
    if isinstance(plain, (list, dict)):
        raise _no_json(key, name)
    return plain


def _no_json(value: Any, name: str) -> ConfigError:
    return ConfigError(f"{name} cannot be sent: JSON has no {value if isinstance(value, float) else type(value).__name__}.")
