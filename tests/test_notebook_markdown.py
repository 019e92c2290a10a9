"""What a notebook draws of a settled reply is what the widget drew."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from qwen_nb.notebook_markdown import for_notebooks

CASES = {
    r"so \(x^2\) and \[y\]": "so $x^2$ and $$y$$",
    r"\( a < b \)": "$a < b$",
    "$x$ and $$y_1$$": "$x$ and $$y_1$$",
    "costs $5 and $10": r"costs \$5 and \$10",
    "from $5 to $10, so $x$": r"from \$5 to \$10, so $x$",
    r"\$5": r"\$5",
    "see <b>this</b> & that": "see &lt;b>this&lt;/b> & that",
    "at <https://qwen.ai>": "at [https&#58;//qwen.ai](https://qwen.ai)",
    "![a cat](https://tracker.test/c.png)": "[a cat](https://tracker.test/c.png)",
    "![a cat][cat]": "[a cat][cat]",
    "![](https://a.b/c.png) ![ ][cat] ![](x)": "[image](https://a.b/c.png) [image ][cat] [image]&#40;x)",
    "![dot](data:image/png;base64,AA==)": "![dot](data:image/png;base64,AA==)",
    "**“重要”**也": "<strong>“重要”</strong>也",
    "**中文。**后": "<strong>中文。</strong>后",
    "**中文**。": "**中文**。",
    "***粗斜。***后": "<strong><em>粗斜。</em></strong>后",
    "~~删除。~~后": "<del>删除。</del>后",
    "**`append()`**方法用于在末尾。": "<strong>`append()`</strong>方法用于在末尾。",
    "使用**`map`**，**不要**修改原数组。": "使用<strong>`map`</strong>，**不要**修改原数组。",
    "**`map`**，**不要**": "**`map`**，**不要**",
    "变量**$x$**是**\\(a*b\\)**输入": "变量<strong>$x$</strong>是<strong>$a*b$</strong>输入",
    "**方法 `append()`：**在": "<strong>方法 `append()`：</strong>在",
    "**重点：**`x`，*<https://a.b>*": "**重点：**`x`，*[https&#58;//a.b](https://a.b)*",
    "\ufdd0 `a` \ufdd0": "\ufffd `a` \ufffd",
    "!<https://a.b> [x](`y`) [x](https://`y`)": "&#33;[https&#58;//a.b](https://a.b) [x]&#40;`y`) [x]&#40;https://`y`)",
    "a **bold** word": "a **bold** word",
    "`a [1] & *b*` stays": "`a [1] & *b*` stays",
    "`$5 <b>` is code": "<code>&#36;5 &#60;b&#62;</code> is code",
    "```sh\necho $5 <b> \\(x\\)\n```\n$5": "```sh\necho $5 <b> \\(x\\)\n```\n\n\\$5",
    "~~~\n```\n1\n~~~\n$2": "~~~\n```\n1\n~~~\n\\$2",
    "~~~\n```\n$1\n~~~\n$2": "<pre><code>&#96;&#96;&#96;&#10;&#36;1</code></pre>\n\n\\$2",
    "- a\n  ```c\n  x\n  ```\n- b": "- a\n  ```c\n  x\n  ```\n- b",
    "- a\n  ```c\n  <x>\n  ```\n- b": "- a\n  <pre><code>&#60;x&#62;</code></pre>\n- b",
    "```text\n    ```\n**“a”**b\n```": "```text\n    ```\n**“a”**b\n```",
    "So:\n\n    if a < b:\n        print('$x')\n\n    **c**\n\nThat": (
        "So:\n\n\n```text\nif a < b:\n    print('$x')\n\n**c**\n```\n\n\nThat"
    ),
    "\tx_1\n\ty": "```text\nx_1\ny\n```",
    "a\n    $5": "a\n    \\$5",
    "- a\n\n    $5\n\n1. b\n```\n1\n```\n\n    $6": "- a\n\n    \\$5\n\n1. b\n```\n1\n```\n\n\n```text\n$6\n```",
    "مثال:\n\n    x = 1\n\nب": ('<div dir="rtl">\n\nمثال:\n\n</div>\n\n```text\nx = 1\n```\n\n<div dir="rtl">\n\nب\n\n</div>'),
    "a ` tick\n\nand ` another $5": "a ` tick\n\nand ` another \\$5",
    "```\nopen $5": "```text\nopen $5\n```",
    "```{.python .x}\nx\n```": "```python\nx\n```",
    "```mermaid\nA-->B\n```": "```text\nA-->B\n```",
    "[x](javascript:1) [y](<https://a.b>)": "[x]&#40;javascript:1) [y](https://a.b)",
    "[x][y]\n\n[y]: data:x": "[x][y]\n\n[y]&#58; data:x",
    "\\\\![x](https://a.b)": "&#92;[x](https://a.b)",
    r"\(a\)\(b\)": "$a$ $b$",
    "$a<b$ and $a < b$": "$a\\lt b$ and $a < b$",
    "b[^b] a[^1]\n\n[^1]: One.\n[^b]: Two.": "b<sup>1</sup> a<sup>2</sup>\n\n<sup>2</sup> One.\n<sup>1</sup> Two.",
    "no note[^x], `[^1]`\n\n[^1]: One.": "no note[^x], `[^1]`\n\n[^1]&#58; One.",
    "سلام **b**\n\nleft": '<div dir="rtl">\n\nسلام **b**\n\n</div>\n\nleft',
    "a سلام\n\n```\nسلام\n```": "a سلام\n\n```\nسلام\n```",
    "**“مهم”**و": '<div dir="rtl">\n\n<strong>“مهم”</strong>و\n\n</div>',
    "a\n\n- سلام\n  ```\n  1\n  ```\n\nb\n- c\n  ```\n  2\n  ```": (
        'a\n\n<div dir="rtl">\n\n- سلام\n  <div dir="ltr">\n\n  ```\n  1\n  ```\n\n  </div>\n\n</div>\n\nb\n- c\n  ```\n  2\n  ```'
    ),
}


@pytest.mark.parametrize(("written", "drawn"), CASES.items())
def test_rewritten(written: str, drawn: str) -> None:
    assert for_notebooks(written) == drawn


def drawn(written: str) -> str:
    """What nbconvert makes of it, without what colours code."""
    return re.sub(r"</?span[^>]*>|\n", "", markdown2html_mistune(for_notebooks(written)))


def test_what_is_bold_with_code_in_it_is_bold() -> None:
    assert drawn("**`a`**方法，使用**`map`**，**不要**修改**$x$**。") == (
        "<p><strong><code>a</code></strong>方法，使用<strong><code>map</code></strong>，<strong>不要</strong>修改<strong>"
        "$x$</strong>。</p>"
    )


def test_what_runs_from_right_to_left_keeps_its_code() -> None:
    for fence in ("```python\nprint(1)\n```", "~~~python\nprint(1)\n~~~"):
        for empty in ("", "\n"):
            assert drawn(f"مثال بسيط:\n{empty}{fence}\n{empty}ثم **مهم**.") == (
                '<div dir="rtl"><p>مثال بسيط:</p></div><div class="highlight"><pre>print(1)</pre></div>'
                '<div dir="rtl"><p>ثم <strong>مهم</strong>.</p></div>'
            )


def test_what_runs_from_right_to_left_keeps_its_lists() -> None:
    assert drawn("1. **العنوان:**\n\n    - نقطة أولى\n\n    - أ\n\n2. آخر") == (
        '<div dir="rtl"><ol><li><p><strong>العنوان:</strong></p><ul><li><p>نقطة أولى</p></li><li><p>أ</p></li></ul></li>'
        "<li><p>آخر</p></li></ol></div>"
    )
    assert drawn("1. افعل:\n\n   ```python\n   print(1)\n   ```\n   ثم\n2. آخر\n\nEnglish.") == (
        '<div dir="rtl"><ol><li><p>افعل:</p><div dir="ltr"><div class="highlight"><pre>print(1)</pre></div></div><p>ثم</p></li>'
        "<li><p>آخر</p></li></ol></div><p>English.</p>"
    )
    assert drawn("> قال:\n> ```python\n> print('$x')\n> ```\n> ثم") == (
        '<div dir="rtl"><blockquote><p>قال:</p><div dir="ltr"><pre><code>print(&#39;&#36;x&#39;)</code></pre></div><p>ثم</p>'
        "</blockquote></div>"
    )


def test_many_marks_of_lists_in_a_line_take_no_time() -> None:
    marks = "-  1.   " * 50
    assert for_notebooks(f"{marks}x") == f"{marks}x"


@given(st.text(alphabet="a中。$\\()[]<>!*`~ \n", max_size=60))
def test_nothing_outside_code_is_html_or_an_image_to_fetch(text: str) -> None:
    drawn = for_notebooks(text)
    if "`" not in text and "~" not in text:
        assert "<a" not in drawn.replace("<strong>", "").replace("<em>", "")
        assert "![" not in drawn.replace("\\![", "")
