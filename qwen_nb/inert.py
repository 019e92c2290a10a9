"""Text and code that stay text and code, whoever reads the Markdown around them.

Readers of Markdown disagree on where code and formulas begin and end: nbconvert looks for `$$` and `\\begin{…}` before it looks for
code, and lets HTML and every link through. So nothing may depend on that: what one of them could take for more than text is
written as character references.
"""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"""[!"#$&'*:<>@\[\\\]^`{|}~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])""")
_RISKY = re.compile(r"<(?=[A-Za-z/!?])|\$|\\[\\(\[]|\\begin\{|!\[|\](?=[(:\[])")
_FENCE_LINE = re.compile(r"^[\s>]*(?:`{3,}|~{3,})", re.MULTILINE)
_LANGUAGE = re.compile(r"\{?\.?([A-Za-z0-9][A-Za-z0-9+#_.-]{0,31})(?![^\s}])")
_BREAKS = {ord(char): " " for char in "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"}


def lines_as_all_see_them(text: str) -> str:
    """`text` with no ends of lines but those that everybody takes for one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").translate(_BREAKS)


def as_text(text: str) -> str:
    """`text` in one line, for Markdown and for HTML in it."""
    return _SPECIAL.sub(lambda char: f"&#{ord(char[0])};", " ".join(text.split()))


def is_risky(code: str) -> bool:
    """Whether somebody who does not take `code` for code would take it for more than text."""
    return bool(_RISKY.search(code))


def code_span(code: str) -> str:
    """Risky code within a line."""
    return f"<code>{as_text(code)}</code>"


def code_block(code: str, language: str = "text") -> str:
    """A block at the margin, between empty lines."""
    if is_risky(code) and _FENCE_LINE.search(code):
        return pre(code)
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def pre(code: str) -> str:
    """A block wherever it stands, in one line, for an empty one could end it. It has no colours."""
    lines = [_SPECIAL.sub(lambda char: f"&#{ord(char[0])};", line) for line in code.split("\n")]
    return f"<pre><code>{'&#10;'.join(lines)}</code></pre>"


def language_of(info: str) -> str:
    """The language that the words after a fence name, `""` if they name none.

    Diagrams are shown as code, as the widget shows them: drawn ones may fetch pictures, and nbconvert takes their text for HTML.
    """
    found = _LANGUAGE.match(info.strip())
    if not found:
        return ""
    return "text" if found[1].lower().startswith("mermaid") else found[1]
