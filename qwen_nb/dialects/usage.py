"""Token counts, under the names that each protocol has for them."""

from __future__ import annotations

from typing import Any, TypedDict

from .. import limits
from .payload import mapping


class Tokens(TypedDict):
    """The four counts of a `StreamEnd`; `None` where the server sent no number."""

    input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    cached_tokens: int | None


def tokens(usage: dict[str, Any]) -> Tokens:
    """The four counts in a `usage` object of any protocol.

    SGLang has `reasoning_tokens` at the top level; Responses and DashScope's own protocol say `input` and `output` where Chat
    Completions says `prompt` and `completion`.
    """
    spoken = {**mapping(usage.get("output_tokens_details")), **mapping(usage.get("completion_tokens_details"))}
    read = {**mapping(usage.get("input_tokens_details")), **mapping(usage.get("prompt_tokens_details"))}
    return Tokens(
        input_tokens=_count(usage.get("prompt_tokens"), usage.get("input_tokens")),
        output_tokens=_count(usage.get("completion_tokens"), usage.get("output_tokens")),
        reasoning_tokens=_count(spoken.get("reasoning_tokens"), usage.get("reasoning_tokens")),
        cached_tokens=_count(read.get("cached_tokens"), usage.get("cached_tokens"), usage.get("prompt_cache_hit_tokens")),
    )


def _count(*values: Any) -> int | None:
    numbers = (value for value in values if isinstance(value, int) and not isinstance(value, bool))
    return next((number for number in numbers if 0 <= number <= limits.LARGEST_COUNT), None)
