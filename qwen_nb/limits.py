"""The most that we take from a server, so that one that is broken or hostile costs a bounded amount of memory.

Each is far above what any honest model sends: it ends a flood, and no answer. There is no limit of time: an answer may take hours.
They are read when they are needed, so whoever meets one all the same can raise it: `qwen_nb.limits.LARGEST_FRAME = 2**28`.
"""

from __future__ import annotations

from .errors import StreamError

LARGEST_FRAME = 32 * 2**20
"""Bytes of one frame of a stream, or of a reply that comes as one document. The largest honest ones hold a picture in base64."""
READ = 2**18
"""Bytes that are looked at at once, also where a few compressed bytes stand for many."""
CROWDED = 2**20
"""Bytes of a document below which its values are not counted before it is parsed."""
MOST_VALUES = 1_000_000
"""Values in one document. A frame has a few dozen; in Python each takes some thirty times the bytes that it takes in JSON."""
DEEPEST = 100
"""Levels of brackets in the arguments of a call. Models nest about ten; past some hundreds Python's own recursion ends."""
LARGEST_LIST = 8 * 2**20
"""Bytes of a list of models. The longest known, of a gateway to hundreds of models, has one megabyte."""
LARGEST_ERROR = 2**20
"""Bytes of an error's body that are read. What a reader can use fits into a line; the rest is a web page."""
LARGEST_REPLY = 2**28
"""Bytes of memory for the texts of one reply, all rounds together. A million tokens, the longest context of any Qwen, take nearly
all of it in pieces of one token each, and an hour of speech as well."""
FRAGMENT = 150
"""Bytes of memory that a piece of text takes besides itself, about."""
MOST_PARTS = 2_000
"""Parts of the reply to one request: texts, thoughts, calls. Each has a section in the page. Models call a handful of tools at
once, seldom a hundred."""
MOST_CALLS = 128
"""Calls that run in one round. The others are refused, and the model is told, so it can call them in the next."""
MOST_CHOICES = 256
"""Choices of one request (`n`). OpenAI's limit is 128, DashScope's 4."""
MOST_BESIDE = 64 * 2**20
"""Bytes of JSON that are kept as `reply.raw`: log probabilities of some 30,000 tokens with twenty alternatives each."""
LONGEST_CALL = 4_000_000
"""Characters of one call. One that writes a whole file has some hundred thousand. As many wait to be understood where a server left
a call in the text."""
MOST_BAD_LINES = 100
"""Lines of one frame, none of them JSON, after which the others are not tried."""
LONGEST_NAME = 256
"""Characters of a name: of a tool (the longest that servers admit has 64), a model, a finish_reason."""
LONGEST_ID = 2**16
"""Characters of the id of a call. Gateways put signatures of some kilobytes there."""
LARGEST_COUNT = 2**53 - 1
"""Tokens in a server's count, and the largest whole number that a page can hold."""
LONGEST_SHOWN = 1_000_000
"""Characters of one reply that go into a page and a saved notebook, speech and pictures apart: ten times the longest answer that
a Qwen model writes (64,000 tokens). `reply.text` has all."""


def exceeded(what: str) -> StreamError:
    """The error of a reply that is cut off because the server sent `what`."""
    return StreamError(
        f"The server sent {what}, which no model needs, so the reply was cut off there; what had arrived is kept. "
        "Check that the address is that of the server you mean; qwen_nb.limits has the limits.",
        code="too_large",
    )


def in_words(size: int) -> str:
    """`size` in bytes as one reads it: `32 MB`."""
    return f"{size // 2**20} MB" if size >= 2**20 else f"{size:,} bytes"


class Allowance:
    """What the texts of one reply may still take, over all its rounds."""

    def __init__(self) -> None:
        self.left = LARGEST_REPLY
        """Bytes. Counted by who passes texts on; below 0 it does not raise by itself, so that what has arrived is kept."""

    def check(self) -> None:
        """`StreamError` if more has come than the reply may take."""
        if self.left < 0:
            raise exceeded(f"a reply of more than {in_words(LARGEST_REPLY)}")
