"""Plain IPython in a real terminal, and a script without one: text as it comes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.rounds_server import calling
from tests.server import Answer, Server, Step, frame, said

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}


@pytest.fixture
def ipython(tmp_path: Path) -> Iterator[pexpect.spawn[str]]:
    environment = {**ENVIRONMENT, "IPYTHONDIR": str(tmp_path), "TERM": "xterm"}
    arguments = ["-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit", "--colors=NoColor"]
    child = pexpect.spawn(sys.executable, arguments, env=environment, encoding="utf-8", timeout=30, dimensions=(50, 200))
    child.expect_exact("In [1]: ")
    child.sendline("%load_ext qwen_nb")
    child.expect_exact("In [2]: ")
    yield child
    child.close(force=True)


def test_a_terminal_gets_text_before_the_stream_has_ended(ipython: pexpect.spawn[str]) -> None:
    log = ipython.logfile_read = io.StringIO()
    steps: list[Step] = [frame({"reasoning_content": "Hm."}), *said("early ", finish=None), 2.0, *said("late\x1b[2J")]
    with Server(Answer(steps)) as server:
        ipython.sendline(f"%qwen connect {server.url}")
        ipython.expect_exact("In [3]: ")
        ipython.sendline("%qwen -m m -o answer Say it")
        ipython.expect_exact("thinking: ")
        ipython.expect_exact("early")
        seen = time.monotonic()
        ipython.expect_exact("late")
        assert time.monotonic() - seen > 1.0, "the text waited for the end"
        ipython.expect_exact("Out[3]: <Reply: complete, m")
        ipython.expect_exact("In [4]: ")
        ipython.sendline("answer.text[:5], _ is answer")
        ipython.expect_exact("('early', True)")
        assert "\x1b[2J" not in log.getvalue(), "the model's escape sequence reached the terminal"


def test_ctrl_c_keeps_what_had_arrived(ipython: pexpect.spawn[str]) -> None:
    with Server(Answer([*said("half", finish=None), 30.0])) as server:
        ipython.sendline(f"%qwen connect {server.url}")
        ipython.expect_exact("In [3]: ")
        ipython.sendline("%qwen -m m -o answer Say it")
        ipython.expect_exact("half")
        ipython.sendintr()
        ipython.expect_exact("Interrupted: ")
        ipython.expect_exact("In [4]: ")
        assert "Traceback" not in ipython.before
        ipython.sendline("answer.text, answer.status")
        ipython.expect_exact("('half', 'interrupted')")
        assert server.hung_up.wait(5)


def test_a_script_prints_the_reply() -> None:
    with Server(Answer([frame({"reasoning_content": "Hm."}), *said("Hello")])) as server:
        code = f"import qwen_nb as qn; qn.ask('Hi', endpoint={server.url!r}, model='m')"
        printed = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout
    lines = printed.splitlines()
    assert lines[:3] == ["thinking: Hm.", "", "Hello"]
    assert lines[3].startswith("<Reply: complete, m, ")


def test_a_script_prints_what_was_filled_in_but_not_all_of_it() -> None:
    with Server(Answer(said("Hello"))) as server:
        asked = "qn.fill('Read {text}', {'text': 'a\\nb'})"
        code = f"import qwen_nb as qn; qn.ask({asked}, endpoint={server.url!r}, model='m')"
        printed = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout
        assert server.asked[0].body["messages"] == [{"role": "user", "content": "Read a\nb"}]
    assert printed.splitlines()[:3] == ["note: Filled in: {text}: a b.", "", "Hello"]


def test_a_script_fails_with_the_error() -> None:
    code = "import qwen_nb as qn; qn.ask('Hi', endpoint='nowhere')"
    ended = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "ConfigError: Nothing is known of 'nowhere'" in ended.stderr


@pytest.mark.parametrize(("answer", "told"), [("y", "1 is gone"), ("", "erase was not run. The user said no.")])
def test_a_terminal_asks_before_a_call_that_wants_it(ipython: pexpect.spawn[str], answer: str, told: str) -> None:
    with Server(calling(("c1", "erase", '{"number": 1}')), Answer(said("Done."))) as server:
        ipython.sendline(f"%qwen connect {server.url}")
        ipython.expect_exact("In [3]: ")
        ipython.sendline("def erase(number: int): return f'{number} is gone'\n")
        ipython.expect_exact("In [4]: ")
        ipython.sendline("%qwen -m m --tools erase --confirm Erase it")
        ipython.expect_exact("Run erase(number=1)? [y/N] ")
        ipython.sendline(answer)
        ipython.expect_exact("Done.")
        assert server.asked[1].body["messages"][-1]["content"] == told


def test_ctrl_c_at_the_question_interrupts_the_reply(ipython: pexpect.spawn[str]) -> None:
    with Server(calling(("c1", "erase", '{"number": 1}')), Answer(said("Done."))) as server:
        ipython.sendline(f"%qwen connect {server.url}")
        ipython.expect_exact("In [3]: ")
        ipython.sendline("def erase(number: int): return f'{number} is gone'\n")
        ipython.expect_exact("In [4]: ")
        ipython.sendline("%qwen -m m -o cut --tools erase --confirm Erase it")
        ipython.expect_exact("? [y/N] ")
        ipython.sendintr()
        ipython.expect_exact("Interrupted: ")
        ipython.sendline("cut.status")
        ipython.expect_exact("'interrupted'")
