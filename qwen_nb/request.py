"""What is asked of a model. No HTTP here, and no server's dialect: `dialects/` turns a `Request` into a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .profiles import Schema

Message = Mapping[str, Any]
"""A message as Chat Completions spells it: `role`, `content` (a string or a list of parts), and where they belong
`reasoning_content`, `tool_calls`, `tool_call_id`, `name`. Any OpenAI client takes a list of these."""


@dataclass(frozen=True)
class Request:
    """One question to one model. Every field at its default is left out of the body."""

    messages: tuple[Message, ...]
    model: str = ""
    tools: tuple[Mapping[str, Any], ...] = ()
    """Function tools as Chat Completions spells them: `{"type": "function", "function": {"name", "description", "parameters"}}`."""
    tool_choice: str | Mapping[str, Any] | None = None
    thinking: bool | None = None
    """`None` leaves it to the model; else said in the form that the server's profile names."""
    thinking_budget: int | None = None
    """Most tokens of reasoning."""
    schema: Mapping[str, Any] | None = None
    """JSON schema of an object that the answer must follow."""
    schema_form: Schema | None = None
    """How the server is told; `None` leaves it to the profile."""
    voice: str = ""
    """Speak the answer, too, in this voice."""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    n: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Sent as it is, over everything else."""
    timeout: float | None = None
    """Seconds without a byte before the stream, or the attempt to get one, is given up; `None` is the endpoint's."""
