"""Everything that can go wrong, at every frame of every recorded stream, over real HTTP and through the whole client.

After each: the reply holds exactly what had arrived, its status is right, its error says what to do, no task, thread or
connection is left, and the next question works. `make torture` asks for all of them; without it they are sampled.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import psutil
import pytest

import qwen_nb as qn
from qwen_nb import retry
from qwen_nb.dialects import dialect
from qwen_nb.endpoint import ProtocolName
from qwen_nb.events import Event
from qwen_nb.runner import loop
from qwen_nb.sse import SSEDecoder
from tests.dialects.decoding import EXPECTED, OPENAI, PLAIN, STREAMS, folded
from tests.dialects.test_streams import PROTOCOLS, REFUSED, STREAMED
from tests.faults import FAULTS, Case, Fault, split
from tests.server import Answer, Server, Step, said

ALL = "TORTURE" in os.environ
SAMPLE = 3
"""Cases of each fault where they are sampled; of a costly one a single one, and where all are asked for, one for each stream."""
PATIENCE = 0.3
"""Seconds after which a stall is given up."""
SEED = 7
CLIENT_S_OWN = ("retry", "silence", "buffered")
FRAMES = {name: split((STREAMS / name).read_bytes()) for name in STREAMED}


NEXT = {
    "chat": said("Next."),
    "responses": [
        b'data: {"type": "response.output_text.delta", "delta": "Next."}\n\n',
        b'data: {"type": "response.completed", "response": {"status": "completed"}}\n\n',
    ],
    "dashscope": [b'data: {"output": {"choices": [{"message": {"content": "Next."}, "finish_reason": "stop"}]}}\n\n'],
}


class Bench:
    """One server for all cases, and what is there while nothing is asked."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._case = Answer()
        self._server = Server(lambda _: self._case)

    def __enter__(self) -> Bench:
        url = self._server.__enter__().url
        self.endpoints = {
            protocol: qn.Endpoint(url, model="m", protocol=cast(ProtocolName, protocol), profile="openai")
            for protocol in PROTOCOLS.values()
        }
        self.next_works("chat", "at first")
        self._threads = threading.active_count()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def ask(self, case: Case, protocol: str) -> tuple[qn.Reply, qn.QwenError | None]:
        """The reply to the one question that gets the `case`."""
        self._case = case.answer
        timeout = PATIENCE if case.end == "hangs" else None
        try:
            return qn.ask("Hello?", endpoint=self.endpoints[protocol], display=False, timeout=timeout), None
        except qn.QwenError as error:
            return error.reply or qn.Reply(), error

    def stop(self, steps: list[Step], protocol: str, arrived: list[tuple[Any, ...]]) -> qn.Reply:
        """The reply to a question that is stopped once it holds what has `arrived`."""
        self._case = Answer(steps)
        reply = qn.ask("Hello?", endpoint=self.endpoints[protocol], display=False, background=True)
        deadline = time.monotonic() + 10
        while held(reply) != arrived and time.monotonic() < deadline:
            time.sleep(0.001)
        reply.stop()
        return reply.wait()

    def next_works(self, protocol: str, what: str, *, spoilt: bool = False) -> None:
        """The next question to the same endpoint is answered; at once, unless what is left of the last answer has `spoilt` it."""
        self._case = Answer(NEXT[protocol])
        reply = qn.ask("Next?", endpoint=self.endpoints[protocol], display=False)
        assert (reply.text, reply.status) == ("Next.", "complete"), what
        assert spoilt or not reply.warnings, what

    def nothing_is_left(self, what: str) -> None:
        """No task, no thread, and of connections at most an idle one for each endpoint."""
        _wait_for_nothing(self._left, what)

    def all_is_closed(self, what: str) -> None:
        """The same of the client's ends of the connections, also of those that the server has closed. Takes a while to find out."""
        _wait_for_nothing(self._half_closed, what)

    def _left(self) -> list[Any]:
        left: list[Any] = [*asyncio.all_tasks(loop())]
        if threading.active_count() > self._threads:
            left += threading.enumerate()
        if self._server.connections > len(self.endpoints):
            left.append(f"{self._server.connections} connections")
        return left

    def _half_closed(self) -> list[Any]:
        # Its server lives in the same process, so the client's ends are those that lead to the server's port.
        every = self._process.net_connections("tcp4")
        ends = [each for each in every if each.raddr and each.raddr[1] == self._server.port]
        return [each for each in ends if each.status != psutil.CONN_ESTABLISHED]


def _wait_for_nothing(left: Callable[[], list[Any]], what: str) -> None:
    deadline = time.monotonic() + 5
    while (found := left()) and time.monotonic() < deadline:
        time.sleep(0.002)
    assert not found, f"{what}: {found}"


def places(fault: Fault, bodies: dict[str, list[bytes]]) -> list[tuple[str, int]]:
    """The bodies, and the frames in them, at which a fault is tried."""
    chance = random.Random(f"{SEED} {fault.name}")
    every = [(name, at) for name, frames in bodies.items() for at in fault.at(frames)]
    if ALL and fault.is_costly:
        return [(name, chance.choice(fault.at(frames))) for name, frames in bodies.items() if fault.at(frames)]
    return every if ALL else chance.sample(every, 1 if fault.is_costly else min(SAMPLE, len(every)))


def decoded(body: bytes, protocol: str, *, breaks: bool, ends: bool = True) -> tuple[qn.Reply, bool]:
    """What a body says, and whether nothing more was to be expected."""
    splitter, decoder = SSEDecoder(), dialect(protocol).decoder(PLAIN, OPENAI)
    said: list[Event] = []
    for piece in split(body):
        for each in splitter.feed(piece):
            said += decoder.feed(each)
        if decoder.done:
            break
    else:
        for each in splitter.end() if ends else ():
            said += decoder.feed(each)
    done = decoder.done
    return folded([*said, *(decoder.end("error" if breaks else None) if ends else ())]), done


def held(reply: qn.Reply) -> list[tuple[Any, ...]]:
    """All that a reply holds, but for what the client itself says."""
    parts = [part for part in reply.parts if not (part.kind == "notice" and part.name in CLIENT_S_OWN)]
    return [(part.kind, part.name, part.id, part.choice, part.text, part.is_open, part.reason) for part in parts]


def without_notices(reply: qn.Reply) -> list[tuple[Any, ...]]:
    return [part for part in held(reply) if part[0] != "notice"]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as patch, Bench() as bench:
        patch.setattr(retry, "FIRST_WAIT", 0.005)
        yield bench


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_reply_holds_what_had_arrived_and_nothing_is_left(bench: Bench, fault: Fault) -> None:
    for name, at in places(fault, FRAMES):
        case = fault.make(FRAMES[name], at)
        protocol = PROTOCOLS[EXPECTED[name]["protocol"]]
        what = f"{fault.name} at frame {at} of {name}"
        reply, error = bench.ask(case, protocol)
        check(fault, case, name, at, reply, error, what)
        bench.nothing_is_left(what)
        bench.next_works(protocol, what, spoilt=fault.spoils_next)
    bench.all_is_closed(fault.name)


def check(fault: Fault, case: Case, name: str, at: int, reply: qn.Reply, error: qn.QwenError | None, what: str) -> None:
    protocol = PROTOCOLS[EXPECTED[name]["protocol"]]
    arrived, _ = decoded(case.arrived, protocol, breaks=case.end != "ends")
    assert held(reply) == held(arrived), what
    status = "error" if case.end == "refused" else arrived.status
    assert (reply.status, reply.finish_reason, reply.usage.raw) == (status, arrived.finish_reason, arrived.usage.raw), what
    before, was_over = decoded(b"".join(FRAMES[name][:at]), protocol, breaks=False)
    if fault.effect == "none":
        whole, _ = decoded(b"".join(FRAMES[name]), protocol, breaks=False)
        assert without_notices(reply) == without_notices(whole), what
        assert (reply.status, reply.error) == (whole.status, whole.error), what
    elif fault.effect == "error" and not was_over:
        assert reply.status == "error", what
        assert "Boom." in reply.error, what
        assert without_notices(reply) == without_notices(before), what
    assert (error is None) == (status == "complete"), what
    if error:
        assert reply.error == str(error), what
        assert len(str(error).splitlines()) == 1, what
        assert "defect" not in str(error), what
    if case.end == "breaks" and not arrived.error and status != "complete":
        assert "%qwen doctor" in reply.error or "compress" in reply.error, what


WHOLE = {"json-200-instead-of-stream.sse"}
PIECES = {
    name: [body[at : at + 40] for at in range(0, len(body), 40)]
    for name in (*REFUSED, *WHOLE)
    for body in [(STREAMS / name).read_bytes()]
}
CUTS = [fault for fault in FAULTS if fault.effect == "cut" and fault.name != "a page in the stream"]


def labelled(case: Case, name: str) -> Case:
    """The `case` with the status and the content type of a recorded body that is no stream."""
    recorded = EXPECTED[name]
    headers = {**case.answer.headers, "content-type": recorded.get("content_type", "text/event-stream")}
    status = case.answer.status and recorded.get("status", 200)
    return replace(case, answer=replace(case.answer, status=status, headers=headers))


@pytest.mark.parametrize("fault", CUTS, ids=lambda fault: fault.name)
def test_a_reply_in_one_piece_is_whole_or_an_error(bench: Bench, fault: Fault) -> None:
    for name, at in places(fault, {name: PIECES[name] for name in WHOLE}):
        case = labelled(fault.make(PIECES[name], at), name)
        what = f"{fault.name} at piece {at} of {name}"
        reply, error = bench.ask(case, "chat")
        if case.arrived == b"".join(PIECES[name]) and case.end == "ends":
            assert (reply.status, reply.text) == ("complete", EXPECTED[name]["expect"]["content"]), what
        else:
            assert (reply.status in ("error", "truncated"), reply.text, reply.error) == (True, "", str(error)), what
            assert "defect" not in reply.error, what
        bench.nothing_is_left(what)
        bench.next_works("chat", what, spoilt=fault.spoils_next)
    bench.all_is_closed(fault.name)


@pytest.mark.parametrize("fault", CUTS, ids=lambda fault: fault.name)
def test_a_refusal_is_one_however_its_body_ends(bench: Bench, fault: Fault) -> None:
    for name, at in places(fault, {name: PIECES[name] for name in REFUSED}):
        case = labelled(fault.make(PIECES[name], at), name)
        status = case.answer.status
        if status is None:
            continue
        what = f"{fault.name} at piece {at} of {name}"
        reply, error = bench.ask(case, "chat")
        assert isinstance(error, qn.StatusError), f"{what}: {error!r}"
        assert (error.status, reply.status, reply.error, held(reply)) == (status, "error", str(error), []), what
        bench.nothing_is_left(what)
        bench.next_works("chat", what, spoilt=True)
    bench.all_is_closed(fault.name)


@pytest.mark.parametrize("name", [name for name, frames in FRAMES.items() if frames])
def test_a_reply_that_is_stopped_at_any_frame_keeps_what_had_arrived(bench: Bench, name: str) -> None:
    protocol = PROTOCOLS[EXPECTED[name]["protocol"]]
    frames = FRAMES[name]
    for at in range(len(frames)) if ALL else [random.Random(f"{SEED} {name}").randrange(len(frames))]:
        what = f"stopped at frame {at} of {name}"
        # What is held back until more comes cannot be waited for; the notice that follows it can.
        sent = [*frames[:at], b"data: no JSON\n\n"]
        body = b"".join(sent)
        arrived, is_over = decoded(body, protocol, breaks=False, ends=False)
        if is_over:
            break
        reply = bench.stop([*sent, 30.0], protocol, held(arrived))
        whole, _ = decoded(body, protocol, breaks=False)
        assert held(reply) == held(whole), what
        assert reply.status == "stopped", what
        bench.nothing_is_left(what)
        bench.next_works(protocol, what)
    bench.all_is_closed(name)
