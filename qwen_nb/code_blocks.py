"""The code in an answer."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})([^\n`]*)\n(.*?)(?:^ {0,3}\2[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_PYTHON = ("python", "py", "python3", "ipython", "")


def code_of(markdown: str) -> str:
    """The fenced Python blocks of `markdown`, one after the other; `""` if there is none."""
    blocks = [
        re.sub(rf"^ {{0,{len(indent)}}}", "", code, flags=re.MULTILINE).rstrip("\n")
        for indent, _, info, code in _FENCE.findall(markdown)
        if (info.split() or [""])[0].lower() in _PYTHON
    ]
    return "\n\n".join(block for block in blocks if block.strip())
