"""What names on the first line of `%%qwen` stand for: functions, media, types and servers of the notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .endpoint import Endpoint
from .magic_line import LineError
from .tools import asking_first


def listed(names: str) -> list[str]:
    """The elements of a list with commas."""
    return [name for name in (name.strip() for name in names.split(",")) if name]


def functions(given: str, names: Mapping[str, Any], *, confirm: bool) -> list[Any]:
    """The functions of these names; with `confirm` each asks first. `LineError` for one that there is not."""
    found = []
    for name in listed(given):
        function = names.get(name)
        if not callable(function):
            known = ", ".join(name for name, value in names.items() if not name.startswith("_") and _is_function(value))
            raise LineError(
                f"--tools takes functions of this notebook; there is no function {name!r}{f', but {known}' if known else ''}."
            )
        found.append(asking_first(function) if confirm else function)
    return found


def tool_choice(given: str) -> str | dict[str, Any]:
    """As Chat Completions spells it: a word of its own, else the function that must be called."""
    return given if given in ("auto", "none", "required") else {"type": "function", "function": {"name": given}}


def media(given: str, names: Mapping[str, Any]) -> list[Any]:
    """The values of these names; what is no name is a path or an address."""
    return [names.get(item, item) for item in listed(given)]


def schema(given: str, names: Mapping[str, Any]) -> Any:
    """The type, or JSON schema, of this name. `LineError` if there is none."""
    if given not in names:
        raise LineError(f"--schema takes a type of this notebook, such as a pydantic model; there is no {given!r}.")
    return names[given]


def server(given: str, names: Mapping[str, Any]) -> Endpoint | str:
    """The endpoint of this name, else the name or address of a server."""
    value = names.get(given)
    return value if isinstance(value, Endpoint) else given


def _is_function(value: Any) -> bool:
    """Whether somebody has defined it, and not imported it from a library."""
    return callable(value) and getattr(value, "__module__", "") == "__main__" and not isinstance(value, type)
