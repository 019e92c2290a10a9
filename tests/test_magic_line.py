"""How a line of `%qwen` is read: options first, and the rest as it was written."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwen_nb.magic_line import LineError, is_ours, keep_questions, split_line


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(add_help=False)
    made.add_argument("-m", "--model")
    made.add_argument("-s", "--system", metavar="TEXT")
    made.add_argument("-q", "--quiet", action="store_true")
    return made


@pytest.mark.parametrize(
    ("line", "options", "rest"),
    [
        ("what does ls -l do?", [], "what does ls -l do?"),
        ("-m x what's -q for", ["-mx"], "what's -q for"),
        ("  -q   two  spaces", ["-q"], "two  spaces"),
        ("--model=x -q", ["--model=x", "-q"], ""),
        ("--system 'Be  short' \"go\"", ["--system=Be  short"], '"go"'),
        ("-s 'it is' it's", ["-sit is"], "it's"),
        ("-s '' go", ["-s", ""], "go"),
        ("-s -1 go", ["-s-1"], "go"),
        ("-- -q?", [], "-q?"),
        ("- a list", [], "- a list"),
        ("", [], ""),
    ],
)
def test_options_come_first_and_the_rest_stays(line: str, options: list[str], rest: str) -> None:
    assert split_line(line, parser()) == (options, rest)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--modle x go", "--modle is no option: did you mean --model?"),
        ("-5 + 3", "A prompt that begins with a dash comes after --."),
        ("--system", "--system takes a value: --system TEXT."),
        ('-s "Be short', "not closed"),
        ("-s it's fine", "not closed"),
        ("--system='Be short", "not closed"),
    ],
)
def test_what_makes_no_sense_is_said(line: str, words: str) -> None:
    with pytest.raises(LineError) as raised:
        split_line(line, parser())
    assert words in str(raised.value)


LINES = st.text(alphabet=st.sampled_from(list("-mqs=\"' \tx{}?%\\中")), max_size=30)


@given(LINES)
def test_no_line_fails_otherwise_and_what_is_left_was_written(line: str) -> None:
    try:
        _, rest = split_line(line, parser())
    except LineError:
        return
    assert line.strip().endswith(rest)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("%qwen why?\n", "get_ipython().run_line_magic('qwen', 'why?')\n"),
        ("  x = %qwen it's what? \n", "  x = get_ipython().run_line_magic('qwen', \"it's what?\")\n"),
        ("%qwen?\n", "%qwen?\n"),
        ("%qwen why\n", "%qwen why\n"),
        ("%%qwen?\n", "%%qwen?\n"),
        ("print?\n", "print?\n"),
        ("x == %qwen why?\n", "x == %qwen why?\n"),
    ],
)
def test_a_question_is_asked_and_not_looked_up(line: str, kept: str) -> None:
    assert keep_questions([line]) == [kept]


def test_other_cells_are_left_alone() -> None:
    assert keep_questions(["%%writefile notes\n", "%qwen why?\n"]) == ["%%writefile notes\n", "%qwen why?\n"]


@given(st.lists(st.text(max_size=40)))
def test_lines_without_the_magic_are_left_alone(lines: list[str]) -> None:
    assert [line for line in keep_questions(lines) if "%qwen" not in line] == [line for line in lines if "%qwen" not in line]


def test_only_lines_of_ours_are_completed() -> None:
    assert is_ours("%%qwen ", is_first=True)
    assert is_ours("    %qwen -m", is_first=False)
    assert not is_ours("%%qwen ", is_first=False)
    assert not is_ours("%qwenx -", is_first=True)
    assert not is_ours("print(1)", is_first=True)
