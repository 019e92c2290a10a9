"""A reply as plain notebook output, for wherever the widget cannot be: a saved notebook, nbconvert, a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .reply import Part, Reply


def mimebundle(reply: Reply) -> dict[str, str]:
    """`text/markdown` and `text/plain` of what has been said so far."""
    return {"text/markdown": markdown(reply), "text/plain": plain(reply)}


def plain(reply: Reply) -> str:
    """The answer, and how it ended if it did not end well."""
    return "\n\n".join(piece for piece in (reply.text or reply.refusal, _ending(reply)) if piece) or repr(reply)


def markdown(reply: Reply) -> str:
    """Everything, in order: thoughts and tool calls folded, the answer as the model wrote it."""
    blocks = [_block(part) for part in reply.parts if part.text or part.kind == "tool"]
    if ending := _ending(reply):
        blocks.append(f"> **{ending}**")
    return "\n\n".join(block for block in blocks if block)


def _block(part: Part) -> str:
    if part.kind == "reasoning":
        return _folded(_thought(part), "\n".join(f"> {line}" for line in part.text.splitlines()))
    if part.kind == "tool":
        return _folded(f"Called <code>{_escaped(part.name)}</code>", _fenced(_pretty(part.text), "json"))
    if part.kind == "result":
        return _folded(f"Result of <code>{_escaped(part.name)}</code>", _fenced(part.text, ""))
    if part.kind == "audio":
        return ""
    if part.kind == "notice":
        return f"> {part.text}"
    return part.text


def _thought(part: Part) -> str:
    if part.started is None or part.ended is None:
        return "Thought"
    return f"Thought for {part.ended - part.started:.1f} s"


def _ending(reply: Reply) -> str:
    if reply.status == "truncated":
        return "Cut off: the stream ended before the model had finished."
    if reply.status in ("stopped", "interrupted"):
        return f"{reply.status.capitalize()}: what had arrived is kept."
    return reply.error


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _pretty(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments or "{}"), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
