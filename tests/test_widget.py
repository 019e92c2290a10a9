"""What the kernel sends to the page, so that a reply can be drawn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel import Cell, Kernel, running_kernel
from tests.server import Answer, Server, said


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel() as kernel:
        yield kernel


def needed(cell: Cell) -> set[str]:
    """The further code that the page of `cell` has been told of."""
    data = [content["data"] for content in cell.contents("comm_open") + cell.contents("comm_msg")]
    return {name for each in data for name in each.get("state", {}).get("bundles", {})}


def test_a_reply_that_is_shown_when_it_has_come_brings_the_code_that_draws_it(kernel: Kernel) -> None:
    formula, code = Answer(said("So ", "$x^2$.")), Answer(said("Run:\n\n``", "`python\nx\n```\n"))
    with Server(formula, code) as server:
        kernel.run(f"import qwen_nb as qn\nqn.connect({server.url!r}, model='m')\nreply = qn.ask('Hi', display=False)")
        assert needed(kernel.run("reply.show()")) == {"math"}
        kernel.run("stream = qn.stream('Hi')")
        assert needed(kernel.run("stream.reply.show()")) == set()
        assert needed(kernel.run("for event in stream: pass")) == {"math", "highlight"}
