"""Which server is asked, in which dialect, and where that was found, in words. Never a key."""

from __future__ import annotations

from collections.abc import Iterator

from .endpoint import Endpoint, current, sources
from .errors import ConfigError
from .learned import kind_of, lesson


def status() -> Iterator[str]:
    """The lines that `%qwen status` prints."""
    chosen = None
    try:
        chosen = current()
    except ConfigError as error:
        yield f"Asking nobody: {error}"
    else:
        yield from _about(chosen)
    yield "Looked for, in this order (endpoint= comes before them all):"
    for source in sources():
        try:
            found = source.endpoint
            mark = "→" if found and found == chosen else " "
            yield f"  {mark} {source.name}: {found.title if found else 'not set'}"
        except ConfigError as error:
            yield f"    {source.name}: not usable: {error}"


def _about(chosen: Endpoint) -> Iterator[str]:
    kind, known = kind_of(chosen), lesson(chosen)
    yield f"Asking {chosen.title}: {'no model is running' if chosen.is_recorded else chosen.address}"
    yield f"  model     {chosen.model or kind.default_model or known.model or 'the first that the server lists'}"
    yield f"  protocol  {chosen.speaks}"
    yield f"  dialect   {kind.name} ({_why(chosen)}); thinking is said by {kind.thinking}"
    if known.refused:
        yield f"  left out  {', '.join(sorted(known.refused))}: the server refuses them"
    yield f"  key       {'set' if chosen.api_key else 'none'}"


def _why(chosen: Endpoint) -> str:
    if chosen.profile:
        return "as named"
    return "as its list of models says" if lesson(chosen).profile else "guessed by its address"
