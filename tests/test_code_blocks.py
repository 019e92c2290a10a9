"""The next cell gets the code of an answer, all of it and nothing else."""

from __future__ import annotations

import pytest

from qwen_nb.code_blocks import code_of

CASES = {
    "Try:\n\n```python\nx = 1\n```\n\nThen:\n\n~~~py\n\ny = 2\n~~~\n": "x = 1\n\n\ny = 2",
    "```\nx = 1\n```\n": "x = 1",
    "```sh\nls\n```\n": "",
    "```python\nx = '''\n~~~\n'''\n```\n": "x = '''\n~~~\n'''",
    "No code.": "",
    "Some, in what language?\n\n    x = 1\n": "",
    "```python\n\n```": "",
    "```python\nx = 1": "x = 1",
    "1. ```python\n   import os\n   ```\n2. Then run it.\n\nThat prints the folder.\n": "import os",
    "Run:\r\n\r\n```python\r\nprint(1)\r\n```\r\n\r\nThat prints 1.\r\n": "print(1)",
    "- Install it, then\n\n    ```python\n    if a:\n        print(1)\n    ```\n": "if a:\n    print(1)",
    "- a\n  - b\n    ```python\n    x\n\n    y\n    ```\n": "x\n\ny",
    "-\t```python\n\tif a:\n\t\tb\n\t```\n": "if a:\n    b",
    "> ```python\n> if a:\n>     b\n>\n> c\n> ```\n\nMore.": "if a:\n    b\n\nc",
    ">```python\n>if a:\n>    b\n>```\n": "if a:\n    b",
    "> ```python\n> >>> a\n> ```\n": ">>> a",
    "> - ```python\n>   x\n>   ```\n": "x",
    "   ```python\n   if a:\n       b\n   ```\n": "if a:\n    b",
    "```python\nif a:\n\tb\n```\n": "if a:\n\tb",
    "```python\nx = '\\\n    ```\n'\n```\nMore.": "x = '\\\n    ```\n'",
}


@pytest.mark.parametrize(("answer", "code"), CASES.items())
def test_the_code_of_an_answer(answer: str, code: str) -> None:
    assert code_of(answer) == code
