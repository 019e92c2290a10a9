"""A reply as plain notebook output, for wherever the widget cannot be: a saved notebook, GitHub, nbconvert, a terminal."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from .events import CUT_REASONS
from .inert import as_text, code_block, lines_as_all_see_them
from .notebook_markdown import for_notebooks
from .sound import Sound
from .structured import json_in
from .visible import escaped

if TYPE_CHECKING:
    from .pieces import Part
    from .reply import Reply


MOST_SOUND = 1_000_000
"""Bytes of speech that goes into a notebook: 21 seconds, which are 1.3 MB there."""

CONTROLS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")
"""For `str.translate`. Escape sequences in a model's text could rewrite a terminal's screen, or its title."""

# The margin of the widget, so that text stays where the reader's eyes are when plain output takes its place. JupyterLab keeps
# these styles; GitHub drops them, and nothing else.
_FRAME = '<div style="border-left: 2px solid var(--jp-border-color2, #e0e0e0); padding-left: 14px">\n\n{}\n\n</div>'

_DRAWN = re.compile(r"image/(?:png|jpeg|gif|webp)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")

_TOO_LONG = "Cut off: the answer reached its length limit."
_REST = "What had arrived is kept; qn.last.continue_() asks for the rest."


def mimebundle(reply: Reply) -> dict[str, str]:
    """`text/markdown` and `text/plain` of what has been said so far."""
    shown = reply.excerpt()
    return {"text/markdown": _FRAME.format(markdown(shown)), "text/plain": plain(shown)}


def plain(reply: Reply) -> str:
    """The answer, and how it ended if it did not end well."""
    missing = [notice.text for notice in reply.warnings if notice.code == "excerpt"]
    text = "\n\n".join(piece for piece in (reply.text or reply.refusal, *missing, _ending(reply)) if piece) or repr(reply)
    return text.translate(CONTROLS)


def markdown(reply: Reply) -> str:
    """Everything, in order: thoughts and tool calls folded, the answer as the model wrote it, how it ended, what it cost."""
    results = {part.id: part for part in reply.parts if part.kind == "result"}
    changed = {part.id: part.text for part in reply.parts if part.kind == "approval" and part.text}
    blocks: list[str] = []
    for choice, parts in groupby(sorted(reply.parts, key=_choice), key=_choice):
        # The first is the reply itself, which says at its end how it ended.
        blocks.append(f"**Choice {choice + 1}**" if choice else "")
        for part in parts:
            is_plain = part.kind == "text" and (reply.is_raw or reply.shape)
            blocks.append(_as_it_came(part, reply) if is_plain else _block(part, results, changed))
            if choice and part.kind == "text" and part.reason in CUT_REASONS:
                blocks.append(_warning(_TOO_LONG))
    return "\n\n".join(block for block in (*blocks, _warning(_ending(reply)), _facts(reply)) if block)


def _choice(part: Part) -> int:
    return part.choice


def _block(part: Part, results: dict[str, Part], changed: dict[str, str]) -> str:
    if part.kind == "tool":
        return _call(part, results.get(part.id), changed.get(part.id, ""))
    if part.kind == "image":
        return _picture(part)
    if part.kind == "audio":
        return _speech(Sound.of(part.text))
    if part.kind in ("result", "approval") or not part.text.strip():
        return ""
    if part.kind == "reasoning":
        return _folded(_thought(part), _quoted(for_notebooks(part.text)))
    if part.kind == "notice":
        line, _, sent = part.text.partition("\n") if part.name == "filled" else (part.text, "", "")
        folded = f"\n\n{_folded('The prompt as it was sent', _fenced(sent, 'text'))}" if sent else ""
        return _quoted(for_notebooks(line)) + folded
    # Space at the start of a text would make it code.
    return for_notebooks(part.text.strip("\n"))


def _as_it_came(part: Part, reply: Reply) -> str:
    """A text that is no Markdown: one that shall be shown raw, or JSON that was asked for."""
    if not part.text:
        return ""
    if not reply.is_raw:
        with suppress(ValueError):
            return _fenced(json.dumps(json_in(part.text), indent=2, ensure_ascii=False), "json")
    return _fenced(part.text, "text")


def _picture(part: Part) -> str:
    """What the widget draws, too; SVG, which can hold scripts, is not among it."""
    data = "".join(part.text.split())
    if not _DRAWN.fullmatch(part.name) or not _BASE64.fullmatch(data):
        return ""
    return f"![Picture that a function returned](data:{part.name};base64,{data})"


def _speech(sound: Sound) -> str:
    """A player, if the notebook can bear it: a minute takes four megabytes. JupyterLab and nbconvert keep it, GitHub drops it."""
    if len(sound.pcm) <= MOST_SOUND:
        return sound.player
    return f"<small>Speech of {sound.seconds:.0f} s, which is too long for a notebook: reply.audio has it.</small>"


def _thought(part: Part) -> str:
    if part.started is None or part.ended is None:
        return "Thought"
    return f"Thought for {part.ended - part.started:.1f} s"


def _call(part: Part, result: Part | None, changed: str) -> str:
    called = f"Called <code>{as_text(part.name)}</code>"
    if part.reason == "broken":
        called += " with broken arguments: it was not run"
    elif result and result.reason in ("failed", "denied"):
        called += f": {result.reason}"
    body = _fenced(escaped(_pretty(changed or part.text)), "json")
    if changed:
        body = f"Arguments as the user changed them:\n\n{body}"
    return _folded(called, f"{body}\n\n{_fenced(result.text, 'text')}" if result else body)


def _ending(reply: Reply) -> str:
    if reply.status == "truncated":
        return f"Cut off: the stream ended before the model had finished. {_REST}"
    if reply.status in ("stopped", "interrupted"):
        return f"Stopped. {_REST}"
    if reply.finish_reason in CUT_REASONS:
        return f"{_TOO_LONG} {_REST}"
    return reply.error


def _warning(ending: str) -> str:
    return _quoted(f"**{for_notebooks(' '.join(ending.split()))}**") if ending else ""


def _facts(reply: Reply) -> str:
    """Model, timing and tokens, in a small line."""
    usage, timing = reply.usage, reply.timing
    facts = [
        "recorded: no model was running" if reply.is_recorded else "",
        reply.model,
        f"first token {timing.first_token:.2f} s" if timing.first_token is not None else "",
        f"{timing.tokens_per_second:.0f} tok/s" if timing.tokens_per_second else "",
        f"{usage.input_tokens} in, {usage.output_tokens} out" if usage.output_tokens is not None else "",
    ]
    said = " · ".join(as_text(fact) for fact in facts if fact)
    return f"<small>{said}</small>" if said and reply.status != "streaming" else ""


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))


def _fenced(text: str, language: str) -> str:
    return code_block(lines_as_all_see_them(text), language)


def _pretty(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments or "{}"), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return arguments
