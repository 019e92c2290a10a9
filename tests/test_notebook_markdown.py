"""What a notebook draws of a settled reply is what the widget drew."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwen_nb.notebook_markdown import for_notebooks

CASES = {
    r"so \(x^2\) and \[y\]": "so $x^2$ and $$y$$",
    r"\( a < b \)": "$a < b$",
    "$x$ and $$y_1$$": "$x$ and $$y_1$$",
    "costs $5 and $10": r"costs \$5 and \$10",
    "from $5 to $10, so $x$": r"from \$5 to \$10, so $x$",
    r"\$5": r"\$5",
    "see <b>this</b> & that": "see &lt;b>this&lt;/b> & that",
    "at <https://qwen.ai>": "at <https://qwen.ai>",
    "![a cat](https://tracker.test/c.png)": "[a cat](https://tracker.test/c.png)",
    "![a cat][cat]": "[a cat][cat]",
    "![dot](data:image/png;base64,AA==)": "![dot](data:image/png;base64,AA==)",
    "**“重要”**也": "<strong>“重要”</strong>也",
    "**中文。**后": "<strong>中文。</strong>后",
    "**中文**。": "**中文**。",
    "a **bold** word": "a **bold** word",
    "`$5 <b> ![i](u)` stays": "`$5 <b> ![i](u)` stays",
    "``a ` $5`` stays": "``a ` $5`` stays",
    "```sh\necho $5 <b> \\(x\\)\n```\n$5": "```sh\necho $5 <b> \\(x\\)\n```\n\\$5",
    "~~~\n```\n$1\n~~~\n$2": "~~~\n```\n$1\n~~~\n\\$2",
    "a ` tick\n\nand ` another $5": "a ` tick\n\nand ` another \\$5",
    "```\nopen $5": "```\nopen $5",
    "b[^b] a[^1]\n\n[^1]: One.\n[^b]: Two.": "b<sup>1</sup> a<sup>2</sup>\n\n<sup>2</sup> One.\n<sup>1</sup> Two.",
    "no note[^x], `[^1]`\n\n[^1]: One.": "no note[^x], `[^1]`\n\n[^1]: One.",
    "سلام **b**\n\nleft": '<div dir="rtl">\n\nسلام **b**\n\n</div>\n\nleft',
    "a سلام\n\n```\nسلام\n```": "a سلام\n\n```\nسلام\n```",
}


@pytest.mark.parametrize(("written", "drawn"), CASES.items())
def test_rewritten(written: str, drawn: str) -> None:
    assert for_notebooks(written) == drawn


@given(st.text(alphabet="a中。$\\()[]<>!*`~ \n", max_size=60))
def test_nothing_outside_code_is_html_or_an_image_to_fetch(text: str) -> None:
    drawn = for_notebooks(text)
    if "`" not in text and "~" not in text:
        assert "<a" not in drawn.replace("<strong>", "").replace("<em>", "")
        assert "![" not in drawn.replace("\\![", "")
