"""One reply with everything in it that a reply can have, for tests of its looks."""

from __future__ import annotations

import threading

from tests.rounds_server import calling
from tests.server import Answer, Step, frame, said

TOOLS = '''
@qn.tool
def get_weather(city: str) -> dict:
    """The weather in a city."""
    return {"city": city, "sky": "light rain", "degrees": 4}

@qn.tool
def run_python(code: str) -> str:
    """Run a program."""
    raise ValueError("no Python here")
'''
CODE = r'{"code": "for number in range(3):\n    print(number)  # each in a line of its own\n"}'
ANSWER = """\
# A heading

Plain text with **bold**, *italic*, ~~struck~~ and `code`, a [link](https://example.com/page), and a note.[^1]

## Lists, and a table

1. one
2. two
   - [x] done
   - [ ] to do

| Name | Cost |
| :--- | ---: |
| Quicksort | $O(n \\log n)$ |
| 快速排序 | **平均**。 |

> A quotation that is long enough to reach the end of a narrow line, and to go on in the next one, and so on, and so on.

```python
def quicksort(items: list[int]) -> list[int]:
    \"\"\"Sorted, in a line that is much too long for a narrow window, so that it has to be scrolled to be read to its end.\"\"\"
    return items
```

$$
\\int_0^1 x^2 \\, dx = \\frac{1}{3}
$$

مرحبا بالعالم، هذه فقرة تقرأ من اليمين إلى اليسار.

1. **أولاً**، افتح الملف.
   - فرعي

> اقتباس قصير.

A formula in a line: $f(x) = a_0 + a_1 x + a_2 x^2 + a_3 x^3 + a_4 x^4 + a_5 x^5 + a_6 x^6 + a_7 x^7 + a_8 x^8 + a_9 x^9$.

杭州是浙江省的省会，位于钱塘江下游。

![a picture](https://pictures.example.com/remote.png) <script>alert(1)</script> <b>not bold</b>

AVeryLongWordWithoutAnyPlaceToBreakItThatIsWiderThanANarrowWindowCouldEverBeAndThereforeHasToBreakSomewhere

[^1]: The note itself.
"""
PIECES = [ANSWER[start : start + 7] for start in range(0, len(ANSWER), 7)]


def showpiece(go_on: threading.Event | None = None) -> tuple[Answer, Answer]:
    """Two rounds: two calls, of which one fails, and the answer, which stops in the middle until the test wants it to `go_on`."""
    calls = calling(
        ("c1", "get_weather", '{"city": "Oslo"}'), ("c2", "run_python", CODE), thought="I need the weather.\n\nAnd some code."
    )
    half = len(PIECES) // 2
    steps: list[Step] = [frame({"reasoning_content": "Now I know enough."}), *said(*PIECES[:half], finish=None)]
    if go_on:
        steps.append(go_on)
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 120, "completion_tokens": 345}}\n\n'
    return calls, Answer([*steps, *said(*PIECES[half:])[:-1], usage])
