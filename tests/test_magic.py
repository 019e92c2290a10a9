"""`%%qwen` in a real kernel, against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.kernel import Kernel, running_kernel
from tests.server import Answer, Server, Step, frame, said


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel() as kernel:
        assert kernel.run("%load_ext qwen_nb\nimport qwen_nb as qn").status == "ok"
        yield kernel


@pytest.fixture
def kernel(shared: Kernel) -> Kernel:
    shared.run("qn.connect('recorded')")
    return shared


def connected(kernel: Kernel, server: Server) -> Kernel:
    assert kernel.run(f"%qwen connect {server.url}").status == "ok"
    return kernel


def test_a_reply_streams_into_the_cell_and_into_a_variable(kernel: Kernel) -> None:
    steps = [frame({"reasoning_content": "Hm."}), *said("Hello", ", ", "world")]
    with Server(Answer(steps)) as server:
        cell = connected(kernel, server).run("%%qwen -m m -o answer --temperature 0.5\nSay hello.")
    assert cell.status == "ok", cell.traceback
    assert "application/vnd.jupyter.widget-view+json" in cell.contents("display_data")[0]["data"]
    assert cell.text == "Hm.Hello, world"
    assert not cell.contents("execute_result"), "the widget shows the reply; the cell's value must not show it again"
    assert kernel.value("answer.text, answer.reasoning, answer is qn.last, answer is _") == "('Hello, world', 'Hm.', True, True)"
    body = server.asked[0].body
    assert body["messages"] == [{"role": "user", "content": "Say hello."}]
    assert (body["model"], body["temperature"], body["stream"]) == ("m", 0.5, True)


def test_text_reaches_the_page_before_the_stream_has_ended(kernel: Kernel) -> None:
    steps: list[Step] = [*said("early", finish=None), 1.5, *said("late")]
    with Server(Answer(steps)) as server:
        connected(kernel, server)
        request = kernel.start("qn.ask('Slowly.', model='m')")
        cell = kernel.finish(request, until="early")
        assert "late" not in cell.text
        assert cell.status == ""
        rest = kernel.finish(request)
    assert rest.text == "late"


def test_without_an_endpoint_a_recording_answers(kernel: Kernel) -> None:
    cell = kernel.run("%%qwen\nWhat is this?")
    assert cell.status == "ok", cell.traceback
    assert kernel.value("qn.last.status") == "'complete'"
    (opened,) = [c["data"]["state"] for c in cell.contents("comm_open") if "about" in c["data"].get("state", {})]
    assert opened["about"]["recorded"] is True


def test_status_says_who_is_asked_and_never_a_key(kernel: Kernel) -> None:
    kernel.run("qn.connect('http://127.0.0.1:9/v1', api_key='sk-canary')")
    printed = kernel.run("%qwen status").printed
    assert "http://127.0.0.1:9/v1" in printed
    assert "key       set" in printed
    assert "canary" not in printed
    assert "canary" not in kernel.value("qn.connect('http://127.0.0.1:9/v1', api_key='sk-canary')")


def refused(status: int, message: str, code: str) -> Answer:
    body = json.dumps({"error": {"message": message, "code": code}}).encode()
    return Answer([body], status, {"content-type": "application/json"})


FAILURES = {
    "wrong key": (refused(401, "Incorrect API key provided: sk-canary", "invalid_api_key"), ["401", "invalid_api_key"]),
    "no such model": (refused(404, "The model `m` does not exist.", "model_not_found"), ["404", "`m`"]),
    "server died": (Answer([*said("half", finish=None), "close"]), ["broke"]),
    "no finish": (Answer(said("half", finish=None)), ["before the model had finished"]),
    "error inside": (Answer([*said("half", finish=None), b'data: {"error": {"message": "Out of memory"}}\n\n']), ["Out of memory"]),
}


@pytest.mark.parametrize(("answer", "words"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_a_short_error_and_loses_nothing(kernel: Kernel, answer: Answer, words: list[str]) -> None:
    with Server(answer) as server:
        kernel.run(f"qn.connect({server.url!r}, api_key='sk-canary')")
        cell = kernel.run("%%qwen -m m -o answer\nSay all.")
    assert cell.status == "error"
    assert len(cell.traceback.splitlines()) <= 3
    assert "canary" not in cell.traceback
    for word in words:
        assert word in cell.traceback
    assert cell.text == kernel.value("answer.text").strip("'")
    assert kernel.value("answer.text") in ("''", "'half'")
    assert cell.events[-1]["status"] in ("error", "truncated")


def test_a_server_that_is_down_is_named(kernel: Kernel) -> None:
    with Server(Answer()) as server:
        gone = server.url
    cell = kernel.run(f"qn.ask('Hello?', endpoint={gone!r}, model='m')")
    assert cell.status == "error"
    assert gone.split("/")[2] in cell.traceback
    assert "running" in cell.traceback


def test_an_interrupt_keeps_what_had_arrived(kernel: Kernel) -> None:
    with Server(Answer([*said("half", finish=None), 30.0])) as server:
        connected(kernel, server)
        request = kernel.start("%%qwen -m m -o answer\nSlowly.")
        kernel.finish(request, until="half")
        kernel.manager.interrupt_kernel()
        cell = kernel.finish(request, timeout=5)
        assert server.hung_up.wait(5), "the connection was left open"
    assert cell.status == "error"
    assert len(cell.traceback.splitlines()) <= 3
    assert kernel.value("answer.text, answer.status") == "('half', 'interrupted')"
    assert kernel.value("1 + 1") == "2"


def test_bad_input_says_what_to_do(kernel: Kernel) -> None:
    assert "prompt is empty" in kernel.run("%%qwen\n\n").printed
    assert "name of a variable" in kernel.run("%%qwen -o 1x\nHello").printed
    assert "no option" in kernel.run("%%qwen hello\nHello").printed
    assert "Nothing is known of 'nowhere'" in kernel.run("%qwen connect nowhere").traceback


def test_4000_chunks_cost_three_times_their_text_and_no_more(kernel: Kernel) -> None:
    texts = [f"{number:05} " for number in range(4000)]
    with Server(Answer(said(*texts))) as server:
        cell = connected(kernel, server).run("reply = qn.ask('Quickly.', model='m')")
    assert cell.text == "".join(texts)
    assert cell.comm_bytes <= 3 * len(cell.text) + 50_000


def test_comm_messages_stay_below_the_limits(kernel: Kernel) -> None:
    steps: list[bytes | float] = [step for number in range(100) for step in (frame({"content": f"{number} "}), 0.01)]
    with Server(Answer([*steps, *said()])) as server:
        cell = connected(kernel, server).run("reply = qn.ask('Steadily.', model='m')")
    assert cell.text == "".join(f"{number} " for number in range(100))
    seconds = cell.batches[-1]["at"] - cell.batches[0]["at"]
    assert len(cell.batches) / seconds <= 30


def test_load_ext_imports_nothing_heavy() -> None:
    with running_kernel() as kernel:
        kernel.run("import sys; before = set(sys.modules)")
        kernel.run("%load_ext qwen_nb")
        heavy = kernel.value("sorted({'openai', 'anywidget', 'ipywidgets', 'pydantic', 'httpx2'} & (set(sys.modules) - before))")
    assert heavy == "[]"


def test_the_model_calls_functions_of_the_notebook(kernel: Kernel) -> None:
    call = {"index": 0, "id": "c1", "function": {"name": "double", "arguments": '{"number": 21}'}}
    with Server(Answer([frame({"tool_calls": [call]}, "tool_calls")]), Answer(said("It is 42."))) as server:
        connected(kernel, server).run("def double(number: int) -> int:\n    print('doubling')\n    return 2 * number")
        cell = kernel.run("%%qwen -m m --tools double\nWhat is twice 21?")
    assert cell.status == "ok", cell.traceback
    assert kernel.value("qn.last.tool_calls[0].result, qn.last.text") == "('42', 'It is 42.')"
    assert "doubling" in cell.printed, "what a tool prints belongs to the cell that asked"
    assert "no function 'nothing'" in kernel.run("%%qwen --tools nothing\nHello").printed


def test_a_conversation_goes_on_from_cell_to_cell(kernel: Kernel) -> None:
    with Server(Answer(said("first")), Answer(said("second")), Answer(said("better"))) as server:
        connected(kernel, server)
        kernel.run("%%qwen -m m --chat trip -s 'Be short.'\nOne.", cell="a")
        kernel.run("%%qwen -m m --chat trip\nTwo.", cell="b")
        kernel.run("%%qwen -m m --chat trip\nOne, again.", cell="a")
        sent = [[message["content"] for message in asked.body["messages"]] for asked in server.asked]
    assert sent == [["Be short.", "One."], ["Be short.", "One.", "first", "Two."], ["Be short.", "One, again."]]
    listed = kernel.run("%qwen chats").printed.splitlines()
    assert listed == ["trip: 2 turns", "         One, again.", "  stale  Two."]
    assert kernel.run("%qwen reset trip").printed == "Forgotten: trip.\n"
    assert "No conversations" in kernel.run("%qwen chats").printed


def test_a_reply_in_the_background_streams_while_the_user_works_on(kernel: Kernel) -> None:
    with Server(Answer([*said("one ", finish=None), 1.0, *said("two")])) as server:
        connected(kernel, server)
        request = kernel.start("%%qwen -m m --background -o later\nSlowly.")
        assert kernel.finish(request).status == "ok"
        assert kernel.value("later.status") == "'streaming'"
        other = kernel.run("print(later.wait().text)")
        assert other.printed == "one two\n"
        assert not other.contents("display_data"), "output of one cell landed in another"
