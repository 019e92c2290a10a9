"""The code in an answer."""

from __future__ import annotations

from .markdown_blocks import Code, blocks

_PYTHON = ("python", "py", "python3", "ipython", "")


def code_of(markdown: str) -> str:
    """The fenced Python blocks of `markdown`, one after the other; `""` if there is none."""
    found = (block for block in blocks(markdown) if isinstance(block, Code))
    python = (block.text.rstrip("\n") for block in found if (block.info.split() or [""])[0].lower() in _PYTHON)
    return "\n\n".join(code for code in python if code.strip())
