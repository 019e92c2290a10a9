"""Bytes of a body to events and to a reply, without a network."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qwen_nb.dialects import dialect
from qwen_nb.events import Event, Status
from qwen_nb.profiles import PROFILES, Profile
from qwen_nb.reply import Reply
from qwen_nb.request import Request
from qwen_nb.sse import SSEDecoder

STREAMS = Path(__file__).parent.parent / "streams"
EXPECTED: dict[str, dict[str, Any]] = json.loads((STREAMS / "expected.json").read_text(encoding="utf-8"))
PLAIN = Request(({"role": "user", "content": "hi"},), model="m")
OPENAI = PROFILES["openai"]


def tool(name: str, **properties: Any) -> dict[str, Any]:
    """A function tool with these properties."""
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": properties}}}


def sliced(body: bytes, cuts: Iterable[int]) -> list[bytes]:
    """`body`, cut at these positions."""
    places = sorted({0, len(body), *(cut for cut in cuts if 0 < cut < len(body))})
    return [body[start:end] for start, end in itertools.pairwise(places)]


def events(
    chunks: Sequence[bytes] | bytes,
    request: Request = PLAIN,
    *,
    protocol: str = "chat",
    profile: Profile = OPENAI,
    status: Status | None = None,
    error: str = "",
) -> list[Event]:
    """Everything that a body says, and its end."""
    splitter = SSEDecoder()
    decoder = dialect(protocol).decoder(request, profile)
    said: list[Event] = []
    for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
        for frame in splitter.feed(chunk):
            said += decoder.feed(frame)
    for frame in splitter.end():
        said += decoder.feed(frame)
    return [*said, *decoder.end(status, error=error)]


def folded(said: Iterable[Event]) -> Reply:
    """The reply that events lead to."""
    reply = Reply()
    for event in said:
        reply.apply(event)
    return reply


def frames(*documents: Any) -> bytes:
    """A body of these documents; a string stands for itself."""
    texts = [document if isinstance(document, str) else json.dumps(document, ensure_ascii=False) for document in documents]
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """A `chat.completion.chunk` with one choice."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "model": "m", "choices": [choice], **fields}


def said(*texts: str, finish: str | None = "stop") -> bytes:
    """A body that says `texts`, one a frame."""
    return frames(*(chunk({"content": text}) for text in texts), chunk({}, finish), "[DONE]")


def reply(body: bytes | Sequence[bytes], request: Request = PLAIN, **options: Any) -> Reply:
    """The reply that a body leads to."""
    return folded(events(body, request, **options))


def shown(answer: Reply) -> list[tuple[str, str]]:
    """Kind and text of each part, in order; a call with its name, a notice with its code."""
    kinds = {"tool": "call", "notice": "notice"}
    return [(f"{kinds[part.kind]} {part.name}" if part.kind in kinds else part.kind, part.text) for part in answer.parts]
