"""The options of `%%qwen` in a real kernel: what they send, what they show, and how they are found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kernel import Cell, Kernel, running_kernel
from tests.server import Answer, Server, said


@pytest.fixture(scope="module")
def shared() -> Iterator[Kernel]:
    with running_kernel() as kernel:
        assert kernel.run("%load_ext qwen_nb\nimport qwen_nb as qn").status == "ok"
        yield kernel


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Answer(said("Try *this*:\n\n```python\n", "x = 6 * 7\n```\n"))) as server:
        yield server


@pytest.fixture
def kernel(shared: Kernel, server: Server) -> Kernel:
    assert shared.run(f"qn.connect({server.url!r}, model='m');").status == "ok"
    return shared


def asked(server: Server) -> dict[str, Any]:
    body: dict[str, Any] = server.asked[-1].body
    return body


def prompt(server: Server) -> Any:
    return asked(server)["messages"][-1]["content"]


def ok(cell: Cell) -> Cell:
    assert cell.status == "ok", cell.traceback
    return cell


def test_a_one_line_prompt_keeps_its_dashes_quotes_and_braces(kernel: Kernel, server: Server) -> None:
    for line in (
        "what does ls -l --color do?",
        "it's 5 o'clock, isn't it",
        "say \"a  b\" and $HOME {x!r} {'a': 1}",
        "why is -1 < 0",
    ):
        ok(kernel.run(f"%qwen {line}"))
        assert prompt(server) == line
    ok(kernel.run("answer = %qwen who?"))
    assert (prompt(server), kernel.value("answer is qn.last")) == ("who?", "True")
    ok(kernel.run("%qwen chats are what?"))
    assert prompt(server) == "chats are what?"
    ok(kernel.run("%qwen --temperature 0 -m other -- --version of what?"))
    assert prompt(server) == "--version of what?"
    assert (asked(server)["temperature"], asked(server)["model"]) == (0.0, "other")
    ok(kernel.run('%qwen -s "Be  short" --stop=END --stop "-x" Go'))
    assert asked(server)["messages"][0] == {"role": "system", "content": "Be  short"}
    assert asked(server)["stop"] == ["END", "-x"]


def test_what_is_no_option_is_a_line_that_helps(kernel: Kernel, server: Server) -> None:
    before = len(server.asked)
    for line, words in [
        ("%qwen --modle x Hi", "--modle is no option: did you mean --model?"),
        ("%qwen -5 + 3", "A prompt that begins with a dash comes after --."),
        ("%qwen --model", "--model takes a value"),
        ("%qwen --seed x Hi", "invalid int value"),
        ("%%qwen tell me\nmore", "'tell me' is no option"),
        ("%%qwen -b --record x.jsonl\nHi", "leave out --background"),
    ]:
        cell = kernel.run(line)
        assert cell.status == "error"
        assert words in cell.traceback + cell.printed
    assert len(server.asked) == before


def test_help_and_the_question_mark_tell_the_options(kernel: Kernel) -> None:
    printed = ok(kernel.run("%qwen --help")).printed
    for option in ("--model", "--no-fill", "--compare", "--to-cell", "--record"):
        assert option in printed
    request = kernel.start("%%qwen?")
    while (message := kernel.client.get_shell_msg(timeout=30))["parent_header"].get("msg_id") != request:
        pass
    (page,) = message["content"]["payload"]
    assert "--thinking-budget" in page["data"]["text/plain"]


def complete(kernel: Kernel, code: str) -> list[str]:
    request = kernel.client.complete(code, len(code))
    while True:
        message = kernel.client.get_shell_msg(timeout=30)
        if message["parent_header"].get("msg_id") == request:
            content = message["content"]
            return [code[: content["cursor_start"]] + match for match in content["matches"]]


def test_the_tab_key_offers_options_servers_functions_and_chats(kernel: Kernel) -> None:
    ok(kernel.run("def get_weather(city: str) -> str:\n    'The weather.'\n    return 'rain'"))
    ok(kernel.run("%%qwen --chat trip -q\nHi"))
    assert "%%qwen --temperature" in complete(kernel, "%%qwen --te")
    assert "%%qwen -e vllm" in complete(kernel, "%%qwen -e vl")
    assert "%%qwen --tools get_weather" in complete(kernel, "%%qwen --tools get_")
    assert "%%qwen --chat trip" in complete(kernel, "%%qwen --chat t")
    assert "%%qwen --model m" in complete(kernel, "%%qwen --model ")
    assert complete(kernel, "%%qwen -q --model=") == ["%%qwen -q --model=m"]
    assert complete(kernel, "%%qwen --tools print,get_w") == ["%%qwen --tools print,get_weather"]
    assert "%qwen -m m what is --temperature" not in complete(kernel, "%qwen -m m what is --te")
    assert complete(kernel, "%qwen -m m connect dashscope-i") == ["%qwen -m m connect dashscope-intl"]
    assert "%qwen status" in complete(kernel, "%qwen st")
    assert "%qwen connect dashscope-intl" in complete(kernel, "%qwen connect dashscope-")
    assert "%qwen reset trip" in complete(kernel, "%qwen reset ")


def test_the_tab_key_offers_the_models_of_the_server(shared: Kernel) -> None:
    listed = json.dumps({"data": [{"id": "qwen3:8b"}, {"id": "qwen3:30b"}, {"id": "Qwen/QwQ"}]}).encode()
    with Server(Answer([listed], headers={"content-type": "application/json"})) as server:
        shared.run(f"qn.connect({server.url!r})")
        # The first answer may come too late for the first try.
        while not (found := complete(shared, "%%qwen -m qwen3:")):
            time.sleep(0.1)
        assert found == ["%%qwen -m qwen3:30b", "%%qwen -m qwen3:8b"]
        assert complete(shared, "%%qwen --compare qwen3:8b,Qwen/Q") == ["%%qwen --compare qwen3:8b,Qwen/QwQ"]
        assert complete(shared, f"%%qwen -e {server.url} -m Q") == [f"%%qwen -e {server.url} -m Qwen/QwQ"]


def test_the_tab_key_bears_an_environment_that_is_not_usable(kernel: Kernel) -> None:
    ok(kernel.run("import os\nos.environ['QWEN_NB_BASE_URL'] = 'localhost:1/v1'"))
    ok(kernel.run("from qwen_nb import endpoint\nendpoint.use(None)"))
    try:
        assert complete(kernel, "%%qwen --tool-choice req") == ["%%qwen --tool-choice required"]
        assert "QWEN_NB_BASE_URL: not usable" in ok(kernel.run("%qwen status")).printed
    finally:
        ok(kernel.run("del os.environ['QWEN_NB_BASE_URL']"))


def test_loading_again_is_quiet(shared: Kernel) -> None:
    assert ok(shared.run("%reload_ext qwen_nb")).printed == ""
    assert "%%qwen --temperature" in complete(shared, "%%qwen --te")
    assert ok(shared.run("1")).printed == ""


def test_a_server_that_does_not_answer_keeps_nobody_from_typing(shared: Kernel) -> None:
    with Server(Answer([60.0])) as server:
        shared.run(f"qn.connect({server.url!r}, model='mine')")
        begin = time.monotonic()
        assert complete(shared, "%%qwen -m mi") == ["%%qwen -m mine"]
        assert time.monotonic() - begin < 10


def test_traits_set_options_for_all_cells_and_a_line_goes_over_them(kernel: Kernel, server: Server) -> None:
    ok(kernel.run("%config QwenMagics.model = 'mine'\n%config QwenMagics.temperature = 0.5\n%config QwenMagics.thinking = False"))
    try:
        ok(kernel.run("%%qwen\nHi"))
        assert (asked(server)["model"], asked(server)["temperature"]) == ("mine", 0.5)
        ok(kernel.run("%%qwen -m other\nHi"))
        assert (asked(server)["model"], asked(server)["temperature"]) == ("other", 0.5)
    finally:
        reset = "%config QwenMagics.model = ''\n%config QwenMagics.temperature = None\n%config QwenMagics.thinking = None"
        ok(kernel.run(reset))


def test_a_default_can_be_turned_off_for_a_cell(kernel: Kernel, server: Server) -> None:
    ok(kernel.run("who = 'Ada'\n%config QwenMagics.fill = False\n%config QwenMagics.raw = True"))
    try:
        assert "````text" in ok(kernel.run("%qwen Ask {who}")).contents("update_display_data")[-1]["data"]["text/markdown"]
        assert prompt(server) == "Ask {who}"
        drawn = ok(kernel.run("%qwen --fill --no-raw Ask {who}"))
        assert prompt(server) == "Ask Ada"
        assert "````text" not in drawn.contents("update_display_data")[-1]["data"]["text/markdown"]
    finally:
        ok(kernel.run("%config QwenMagics.fill = True\n%config QwenMagics.raw = False"))


def test_ipython_config_sets_defaults(server: Server, tmp_path: Path) -> None:
    (tmp_path / "profile_default").mkdir()
    lines = [
        "c.QwenMagics.temperature = 0.25",
        "c.QwenMagics.stop = ['END']",
        f"c.QwenMagics.endpoint = {server.url!r}",
        "c.InteractiveShellApp.extensions = ['qwen_nb']",
    ]
    (tmp_path / "profile_default" / "ipython_config.py").write_text("c = get_config()\n" + "\n".join(lines))
    command = [sys.executable, "-m", "IPython", "-c", "%qwen -m m Hi"]
    subprocess.run(command, env={**os.environ, "IPYTHONDIR": str(tmp_path)}, check=True, capture_output=True)
    assert (asked(server)["temperature"], asked(server)["stop"]) == (0.25, ["END"])


def test_a_prompt_is_filled_and_the_reply_says_with_what(kernel: Kernel, server: Server) -> None:
    ok(kernel.run("city, prices = 'Oslo', [1, 2]"))
    cell = ok(kernel.run('%%qwen\nHow is {city}, at {prices[1]}? {cty} {"a": 1}'))
    assert prompt(server) == 'How is Oslo, at 2? {cty} {"a": 1}'
    assert kernel.value("[str(warning) for warning in qn.last.warnings]") == repr(
        [
            "Filled in: {city}: Oslo; {prices[1]}: 2.",
            "{cty} was left as it is: there is no variable cty. Did you mean {city}?",
        ]
    )
    bundle = cell.contents("update_display_data")[-1]["data"]["text/markdown"]
    assert "Filled in: {city}: Oslo" in bundle
    cell = ok(kernel.run("long = 'a\\nb'\n%qwen Read {long}"))
    assert kernel.value("qn.last.warnings[0].text") == repr("Filled in: {long}: a b.\nRead a\nb")
    bundle = cell.contents("update_display_data")[-1]["data"]["text/markdown"]
    assert "<details><summary>The prompt as it was sent</summary>\n\n```text\nRead a\nb\n```\n\n</details>" in bundle
    ok(kernel.run("%%qwen --no-fill\n{city}"))
    assert prompt(server) == "{city}"
    ok(kernel.run("%%qwen --chat filled\n{city}"))
    assert prompt(server) == "Oslo"
    assert kernel.value("len(qn.last.warnings), qn.last.text[:3]") == "(1, 'Try')"


def test_pictures_go_along(kernel: Kernel, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    ok(kernel.run(f"photo = open({str(path)!r}, 'rb').read()"))
    ok(kernel.run(f"%%qwen --images photo,{path},https://example.com/x.png\nWhat is it?"))
    *images, text = prompt(server)
    data = "data:image/png;base64,iVBORw0KGgo="
    assert [image["image_url"]["url"] for image in images] == [data, data, "https://example.com/x.png"]
    assert text == {"type": "text", "text": "What is it?"}
    ok(kernel.run("photos = [photo, photo]"))
    ok(kernel.run("%%qwen --images photos,photo\nWhat is it?"))
    assert [part["type"] for part in prompt(server)] == ["image_url", "image_url", "image_url", "text"]
    ok(kernel.run("%%qwen --video photos\nWhat happens?"))
    assert [part["image_url"]["url"] for part in prompt(server)[:-1]] == [data, data]
    ok(kernel.run("%%qwen --chat pictures\nAnd {photo}?"))
    assert "         And [image_url]?" in kernel.run("%qwen chats").printed.splitlines()
    cell = kernel.run("%%qwen --images missing.png\nWhat is it?")
    assert "ConfigError: missing.png cannot be read: No such file or directory." in cell.traceback


def test_quiet_shows_nothing_and_raw_shows_the_text_as_it_came(kernel: Kernel) -> None:
    quiet = ok(kernel.run("%%qwen -q -o kept\nHi"))
    assert not quiet.contents("display_data")
    assert not quiet.contents("execute_result")
    assert kernel.value("kept.text[:10]") == "'Try *this*'"
    raw = ok(kernel.run("%%qwen --raw\nHi"))
    (opened,) = [content for content in raw.contents("comm_open") if "about" in content["data"]["state"]]
    assert opened["data"]["state"]["about"]["raw"] is True
    assert "````text\nTry *this*:" in raw.contents("update_display_data")[-1]["data"]["text/markdown"]
    kept = ok(kernel.run("%%qwen --no-settle\nHi"))
    assert not kept.contents("update_display_data")


def test_the_code_of_an_answer_becomes_the_next_cell(kernel: Kernel) -> None:
    request = kernel.start("%%qwen --to-cell\nHi")
    payloads: list[dict[str, Any]] = []
    while not payloads:
        message = kernel.client.get_shell_msg(timeout=30)
        if message["parent_header"].get("msg_id") == request:
            payloads = message["content"]["payload"]
    assert payloads[0]["source"] == "set_next_input"
    assert payloads[0]["text"] == "x = 6 * 7"


def test_models_are_compared_and_the_variable_has_all_replies(kernel: Kernel) -> None:
    ok(kernel.run("%%qwen --compare small,large -o both\nHi"))
    assert kernel.value("list(both.replies), both['large'].text[:3]") == "(['small', 'large'], 'Try')"


def test_an_exchange_is_recorded_and_can_be_replayed(kernel: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    ok(kernel.run(f"%%qwen --record {path}\nRemember this."))
    assert "Remember this." in path.read_text()
    assert all(json.loads(line) for line in path.read_text().splitlines())
    ok(kernel.run(f"with qn.replay({str(path)!r}):\n    reply = qn.ask('Remember this.')"))
    assert kernel.value("reply.text[:3], reply.is_recorded") == "('Try', True)"


def test_names_on_the_line_stand_for_values_of_the_notebook(kernel: Kernel, server: Server) -> None:
    ok(kernel.run(f"mine = qn.Endpoint({server.url!r}, model='named')\ndef add(a: int, b: int) -> int:\n    return a + b"))
    ok(kernel.run("%%qwen -e mine --tools add --tool-choice add --no-thinking\nHi"))
    assert (asked(server)["model"], asked(server)["tools"][0]["function"]["name"]) == ("named", "add")
    assert asked(server)["tool_choice"] == {"type": "function", "function": {"name": "add"}}
    ok(kernel.run("who = 'also'\n%qwen -m {who} Hi"))
    assert asked(server)["model"] == "also"
    printed = kernel.run("%qwen --tools ad Hi").printed
    assert "no function 'ad', but " in printed
    assert printed.endswith("add.\n")
    assert "there is no 'Nothing'" in kernel.run("%qwen --schema Nothing Hi").printed


def test_a_command_takes_options_behind_it_and_names_of_the_notebook(kernel: Kernel, server: Server) -> None:
    before = len(server.asked)
    ok(kernel.run(f"mine = qn.Endpoint({server.url!r}, model='named')"))
    assert "From now on: " in ok(kernel.run("%qwen connect mine")).printed
    assert "named" in ok(kernel.run("%qwen status")).printed
    assert "From now on: vLLM" in ok(kernel.run("%qwen connect vllm --model foo")).printed
    assert "model     foo" in ok(kernel.run("%qwen status")).printed
    assert "did you mean --model?" in kernel.run("%qwen connect vllm --modle foo").printed
    assert "%qwen connect auto" in complete(kernel, "%qwen connect a")
    assert "%qwen doctor mine" in complete(kernel, "%qwen doctor m")
    for line in ("%qwen doctor ", "%%qwen -e "):
        assert f"{line}auto" not in complete(kernel, line)
    assert len(server.asked) == before
    ok(kernel.run("%qwen connect mine"))
    for line in ("connect me with a doctor", "status --why is it?", "reset my trip, please", "reset: what is it?"):
        ok(kernel.run(f"%qwen {line}"))
        assert prompt(server) == line


def test_a_conversation_with_a_space_in_its_name_can_be_forgotten(kernel: Kernel) -> None:
    ok(kernel.run('%%qwen --chat "my trip" -q\nHi'))
    assert '%qwen reset "my trip"' in complete(kernel, "%qwen reset ")
    assert "Forgotten: my trip." in ok(kernel.run('%qwen reset "my trip"')).printed
    assert "my trip" not in ok(kernel.run("%qwen chats")).printed


def test_a_front_end_that_sends_no_cells_is_told_of_once_in_a_conversation(kernel: Kernel) -> None:
    said = [ok(kernel.run("%%qwen --chat once -q\nHi")).printed for _ in range(2)]
    assert ["does not say which cell runs" in words for words in said] == [True, False]
    assert kernel.run("%%qwen --chat cells -q\nHi", cell="a").printed == ""


def test_a_recording_that_cannot_be_written_is_told_in_a_line(kernel: Kernel, server: Server, tmp_path: Path) -> None:
    cell = kernel.run(f"%%qwen --record {tmp_path}/none/x.jsonl\nHi")
    assert cell.traceback == f"ConfigError: No recording can be written to {tmp_path}/none/x.jsonl: No such file or directory."
    assert not server.asked


def test_a_schema_of_the_notebook_shapes_the_answer(kernel: Kernel) -> None:
    ok(kernel.run("from pydantic import BaseModel\nclass City(BaseModel):\n    name: str"))
    with Server(Answer(said('{"name": ', '"Oslo"}'))) as server:
        ok(kernel.run(f"%%qwen -e {server.url} -m m --schema City -o found\nA city."))
    assert kernel.value("found.parsed") == "City(name='Oslo')"


def test_a_conversation_can_be_raw_and_a_comparison_too(kernel: Kernel) -> None:
    chat = ok(kernel.run("%%qwen --raw --chat plain\nHi"))
    assert "````text\nTry *this*:" in chat.contents("update_display_data")[-1]["data"]["text/markdown"]
    compared = ok(kernel.run("%%qwen --raw --compare a,b\nHi"))
    assert "````text\nTry *this*:" in compared.contents("update_display_data")[-1]["data"]["text/markdown"]
