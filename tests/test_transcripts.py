"""Every recorded stream over real HTTP, through the whole client: what a user gets is what `expected.json` says."""

from __future__ import annotations

from typing import cast

import pytest

import qwen_nb as qn
from qwen_nb.endpoint import ProtocolName
from tests.dialects.decoding import EXPECTED, STREAMS
from tests.dialects.test_streams import PROTOCOLS, check
from tests.server import Answer, Server, Step


def answer(name: str, size: int) -> Answer:
    """The recorded body in chunks of `size` bytes, cut off where the connection broke."""
    case = EXPECTED[name]
    body = (STREAMS / name).read_bytes()
    steps: list[Step] = [body[at : at + size] for at in range(0, len(body), size)]
    if "transport_error" in case:
        steps.append("close")
    return Answer(steps, case.get("status", 200), {"content-type": case.get("content_type", "text/event-stream")})


@pytest.mark.parametrize("size", [7, 1_000_000])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_transcript(name: str, size: int) -> None:
    case = EXPECTED[name]
    with Server(answer(name, size)) as server:
        where = qn.Endpoint(server.url, model="m", protocol=cast(ProtocolName, PROTOCOLS[case["protocol"]]))
        try:
            reply = qn.ask("Hello?", endpoint=where, display=False)
        except qn.QwenError as error:
            reply = error.reply or qn.Reply()
    expect = case["expect"]
    if case.get("status", 200) != 200:
        assert reply.status == "error"
        assert expect["error"]["message"].rstrip(".！") in reply.error
    elif "content_type" in case:
        assert (reply.status, reply.text, reply.finish_reason) == ("complete", expect["content"], expect["finish_reason"])
    elif "transport_error" in case:
        assert (reply.status, reply.text) == ("error", expect["content"])
        assert "broke" in reply.error
    else:
        check(name, reply)
