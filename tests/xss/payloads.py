"""The payloads, and the replies that carry each of them in every place where a server, a model or a function can put a text."""

from __future__ import annotations

import base64
import json
import random
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.xss.own import HTML, JSON, MARKDOWN, MATH, NAMES, UNICODE, links, own

CORPORA = Path(__file__).parent / "corpora"

AROUND = (
    "[{}](https://a.example)",
    "![{}](https://a.example)",
    "| {} | `{}` |\n|-|-|\n| {} | {} |",
    "# {}\n\n> {}\n\n- {}\n\n1. {}",
    "```{}\n{}\n```\n",
    "Text `{}` **{}** ~~{}~~ [^1]\n\n[^1]: {}",
    "${}$ \\({}\\)\n\n$$\n{}\n$$",
    "[{}]\n\n[{}]: https://a.example '{}'",
)
"""Where a payload may stand in Markdown."""


def published() -> dict[str, list[str]]:
    """The corpora by name; `corpora/README.md` says where they come from."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(CORPORA.glob("*.json"))}
    assert len(found) >= 5
    return found


def every() -> list[str]:
    """All payloads, each once."""
    payloads = [payload for corpus in published().values() for payload in corpus]
    return list(dict.fromkeys([*payloads, *own()]))


def some(chance: random.Random) -> list[str]:
    """All but the disguised links, of which there are a few hundred."""
    payloads = [payload for corpus in published().values() for payload in corpus]
    rest = [*HTML, *MARKDOWN, *MATH, *UNICODE, *JSON, *NAMES]
    return list(dict.fromkeys([*payloads, *rest, *chance.sample(list(links()), 300)]))


def surrounded(payload: str) -> Iterator[str]:
    """`payload` at each place in Markdown."""
    return (around.replace("{}", payload) for around in AROUND)


def reply(payload: str) -> dict[str, Any]:
    """A reply with `payload` in every part: `parts` as `[kind, fields of the start, text, reason of the end]`."""
    arguments = json.dumps({payload: payload, "nested": {payload: [payload]}, "__proto__": payload})
    named = {"name": payload, "id": payload}
    parts = [
        ["reasoning", {"name": payload}, payload, ""],
        ["tool", named, arguments, ""],
        ["approval", named, arguments, payload],
        ["result", named, payload, "failed"],
        ["tool", {"name": "f", "id": "__proto__"}, payload, "broken"],
        ["image", {"name": payload, "id": payload}, payload, ""],
        ["image", {"name": "image/png"}, payload, ""],
        ["notice", {}, payload, ""],
        ["notice", {"name": "filled"}, f"Filled.\n{payload}", ""],
        ["refusal", {"choice": 1}, payload, payload],
        ["text", {}, payload, payload],
    ]
    end = {"status": "error", "error": payload, "reason": payload, "model": payload, "request_id": payload, "code": payload}
    return {"parts": parts, "end": end, "about": {"model": payload, "source": payload, "recorded": False, "raw": False}}


def answers(texts: Sequence[str], *, structured: bool = False) -> dict[str, Any]:
    """One reply that says each of `texts` in a part of its own; `structured`: where JSON was asked for."""
    parts = [["text", {}, text, ""] for text in texts]
    about = {"model": "m", "source": "s", "structured": structured}
    return {"parts": parts, "end": {"status": "complete"}, "about": about}


def as_json(payload: str) -> str:
    """`payload` as names and values of JSON."""
    return json.dumps({payload: payload, "more": [{payload: payload}]})


def sounds() -> Iterator[dict[str, Any]]:
    """Speech that is none: headers with impossible rates and lengths."""
    for rate in (0, 1, 2**32 - 1):
        head = b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate, 2, 16) + b"data\xff\xff\xff\xff"
        text = base64.b64encode(head + bytes(200)).decode() + "\n"
        parts = [["audio", {}, text, ""], ["text", {}, "All is well.", ""]]
        yield {"parts": parts, "end": {"status": "complete"}, "about": {"model": "m", "source": "s"}}
