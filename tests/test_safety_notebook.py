"""Published attacks, our own and random Markdown as nbconvert draws them, which lets HTML, every link and every picture through.

`SAFETY=all`, which `make safety` sets, takes all of them and many more random ones.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterable
from html.parser import HTMLParser

import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from qwen_nb.events import Event, PartDelta, PartEnd, PartStart, StreamEnd
from qwen_nb.fallback import markdown
from qwen_nb.notebook_markdown import for_notebooks
from qwen_nb.reply import Reply
from tests.xss import payloads
from tests.xss.own import HTML, MARKDOWN, MATH

ALL = os.environ.get("SAFETY") == "all"
ELEMENTS = re.compile(
    "p|a|em|strong|code|pre|span|div|ul|ol|li|blockquote|h[1-6]|table|thead|tbody|tr|th|td|hr|br|img|del|sup|input|dl|dt|dd|"
    "small|details|summary"
)
ATTRIBUTES = {"alt", "checked", "class", "dir", "disabled", "href", "id", "open", "src", "start", "style", "title", "type"}
STYLES = re.compile(
    r"text-align:(?:left|right|center)|border-left: 2px solid var\(--jp-border-color2, #e0e0e0\); padding-left: 14px"
)


class Offences(HTMLParser):
    """All that is in `html` and should not be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if not ELEMENTS.fullmatch(tag):
            self.found.append(f"<{tag}>")
        for name, value in attributes:
            allowed = name in ATTRIBUTES
            if name == "href":
                allowed = bool(re.match(r"https?://|mailto:|#", value or ""))
            elif name == "src":
                allowed = bool(re.match(r"data:image/(?:png|jpeg|gif|webp);base64,", value or ""))
            elif name == "style":
                allowed = bool(STYLES.fullmatch(value or ""))
            elif name == "class":
                # Its text is HTML to nbconvert, and its pictures are fetched.
                allowed = "mermaid" not in (value or "").lower().split()
            if not allowed:
                self.found.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.found.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data}>")


def offences(written: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Which of what a model has written becomes more than text, and how."""
    drawn = ((text, Offences(markdown2html_mistune(for_notebooks(text))).found) for text in written)
    return [(text[:400], found) for text, found in drawn if found]


def texts() -> list[str]:
    chance = random.Random(7)
    return payloads.every() if ALL else [*MARKDOWN, *MATH, *HTML, *chance.sample(payloads.some(chance), 300)]


def test_attacks_are_text_in_an_answer() -> None:
    # nbconvert takes time for these that grows with the square of their length.
    short = [text for text in texts() if len(text) < 2_000]
    assert offences(short) == []
    few = [text for text in payloads.some(random.Random(7)) if len(text) < 500] if ALL else random.Random(7).sample(short, 30)
    assert offences(placed for text in few for placed in payloads.surrounded(text)) == []


def test_attacks_are_text_wherever_else_a_server_or_a_model_can_put_them() -> None:
    short = [text for text in texts() if len(text) < 500]
    for text in short if ALL else random.Random(7).sample(short, 60):
        reply = Reply(model=text)
        events: list[Event] = []
        for index, (kind, more, said, reason) in enumerate(payloads.reply(text)["parts"]):
            events += [PartStart(index, kind, more.get("name", ""), more.get("id", ""), at=0.5), PartDelta(index, said)]
            events.append(PartEnd(index, reason, at=1.0))
        reply.extend([*events, StreamEnd("error", text, error=text, model=text, request_id=text, output_tokens=4, at=2.0)])
        shown = markdown2html_mistune(markdown(reply))
        assert (text, Offences(shown).found) == (text, [])
        assert shown.count("<details>") == 4, text


PIECES = (
    *(
        "<script>x</script>",
        "<img src=x onerror=1>",
        "<b>",
        "</pre>",
        "</code>",
        "<!--",
        "-->",
        "<div>",
        "<?x?>",
        "<![CDATA[",
        "<h",
        "/>",
    ),
    *("```", "```html", "````", "~~~", "~~~ x", "`", "``", "mermaid", "{", "}", "[", "]", "(", ")", "[x](", "](", "![", "!"),
    *("$", "$$", "\\", "\\\\", "\\[", "\\]", "\\\\[", "\\\\]", "\\(", "\\)", "\\begin{a}", "\\end{a}", "\\$", "\\`", "\\<", "\\!"),
    *(
        "\n",
        "\n",
        "\n",
        "\n\n",
        "\n\n",
        "\r",
        "\u2028",
        "\x0b",
        "\t",
        "\0",
        "  ",
        "    ",
        "- ",
        "1. ",
        "> ",
        "# ",
        "| ",
        "|-|\n",
        ": ",
    ),
    *("[^1]", "[^1]:", "[y]: ", "javascript:1", "data:text/html,x", "https://a.b/c", "<https://a.b>", "data:image/png;base64,AA=="),
    *("a", "x y", "*", "**", "_", "“", "”", "中", "س", "&lt;", "&#60;", "www.a.b", "a@b.c", "===", "---", "~~", "- [ ] "),
)
"""What Markdown, formulas and HTML are made of."""


@pytest.mark.parametrize("seed", range(50 if ALL else 1))
def test_random_markdown_is_no_html(seed: int) -> None:
    chance = random.Random(seed)
    assert offences("".join(chance.choices(PIECES, k=chance.randint(2, 24))) for _ in range(2_000 if ALL else 700)) == []


def test_what_is_not_rewritten_is_seen() -> None:
    for text in (
        "<b onclick=1>",
        "[x](javascript:1)",
        "![x](https://a.b)",
        "```mermaid\n<x>\n```",
        "<!-- x -->",
        "<script>1</script>",
    ):
        assert Offences(markdown2html_mistune(text)).found, text
