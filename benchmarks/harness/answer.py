"""The answer that all read: Markdown as models write it, in chunks of six characters."""

from __future__ import annotations

SIZE = 6
"""Characters of a chunk."""
SECTION = """## Section {0}

Some **words** about `value_{0}`, a [link](https://example.com/{0}), and a formula $x^{0} + y$. They go on for a while, as answers
do, with *emphasis* here and there.

- one
- two, with `code`
- three

| name | value |
| --- | ---: |
| a | {0} |
| b | 2 |

```python
def f_{0}(items: list[int]) -> int:
    return sum(item * {0} for item in items)
```

"""
TEXT = "".join(SECTION.format(number) for number in range(1000))
"""More than anybody asks for."""


def chunk(number: int, size: int = SIZE) -> str:
    """Chunk `number` of the answer, from 0."""
    return TEXT[number * size : (number + 1) * size]
