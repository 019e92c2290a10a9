"""Talk to Qwen models, or any OpenAI-compatible ones, from a notebook.

%load_ext qwen_nb                     the magics `%%qwen` and `%qwen`
reply = qn.ask("…")                   the same from Python, with `import qwen_nb as qn`
qn.last                               the newest reply
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .api import ask, ask_async, stream
    from .asking import EventStream
    from .chat import Chat
    from .comparing import Comparison, compare
    from .connecting import connect
    from .connection import record, replay
    from .diagnosis import Check, Diagnosis, doctor
    from .endpoint import Endpoint
    from .errors import ConfigError, ConnectError, Interrupted, QwenError, SchemaError, StatusError, StreamError, TruncatedError
    from .events import PartDelta, PartEnd, PartStart, StreamEnd
    from .filling import Filled, fill
    from .mapping import map  # noqa: A004
    from .reply import Reply
    from .results import Results
    from .sound import Sound
    from .tools import Tool, tool

    last: Reply | None

_HOMES = {
    "api": ("ask", "ask_async", "stream"),
    "asking": ("EventStream", "last"),
    "chat": ("Chat",),
    "comparing": ("Comparison", "compare"),
    "connecting": ("connect",),
    "connection": ("record", "replay"),
    "diagnosis": ("Check", "Diagnosis", "doctor"),
    "endpoint": ("Endpoint",),
    "errors": (
        "ConfigError",
        "ConnectError",
        "Interrupted",
        "QwenError",
        "SchemaError",
        "StatusError",
        "StreamError",
        "TruncatedError",
    ),
    "events": ("PartDelta", "PartEnd", "PartStart", "StreamEnd"),
    "filling": ("Filled", "fill"),
    "mapping": ("map",),
    "reply": ("Reply",),
    "results": ("Results",),
    "sound": ("Sound",),
    "tools": ("Tool", "tool"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Chat",
    "Check",
    "Comparison",
    "ConfigError",
    "ConnectError",
    "Diagnosis",
    "Endpoint",
    "EventStream",
    "Filled",
    "Interrupted",
    "PartDelta",
    "PartEnd",
    "PartStart",
    "QwenError",
    "Reply",
    "Results",
    "SchemaError",
    "Sound",
    "StatusError",
    "StreamEnd",
    "StreamError",
    "Tool",
    "TruncatedError",
    "ask",
    "ask_async",
    "compare",
    "connect",
    "doctor",
    "fill",
    "last",
    "map",
    "record",
    "replay",
    "stream",
    "tool",
]


def __getattr__(name: str) -> Any:
    """Public names come from their modules when first used: `%load_ext` imports neither openai nor anywidget."""
    if home := _HOME_OF.get(name):
        return getattr(importlib.import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext qwen_nb`: register the magics."""
    from .magic import QwenMagics

    shell.register_magics(QwenMagics)
