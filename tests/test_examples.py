"""The examples in the docstrings of public names: each name has one, and each does what it says."""

from __future__ import annotations

import doctest
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import qwen_nb as qn
from qwen_nb import endpoint
from tests.examples_server import answer
from tests.server import Server

VALUES = {"last"}
"""Public names without a docstring of their own."""
OF_THE_PACKAGE = {
    "Reply": {
        *("apply", "extend", "catch_up", "events", "check", "view", "close_view", "excerpt", "was_shown"),
        *("delivered_by", "resumed_by", "resume"),
    },
    "Endpoint": {"server", "speaks", "is_recorded", "title", "redaction"},
    "Comparison": {"settle"},
    "Sound": {"of", "pcm"},
    "Tool": {"run"},
}
"""Members that are there for the package's other files."""
FORGIVING = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

NAMES = sorted(set(qn.__all__) - VALUES)
CLASSES = [name for name in NAMES if inspect.isclass(getattr(qn, name))]


def members(thing: type) -> dict[str, object]:
    """What a class has of the package's: its own members, and those of the classes it is made from."""
    made_from = [each for each in reversed(thing.__mro__) if each.__module__.startswith("qwen_nb")]
    return {member: value for each in made_from for member, value in vars(each).items()}


def documented(name: str) -> Iterator[tuple[str, str]]:
    """The docstrings of a public name and of its members, by their names."""
    thing = getattr(qn, name)
    yield name, thing.__doc__ or ""
    if inspect.isclass(thing):
        for member, value in members(thing).items():
            function = value.__func__ if isinstance(value, classmethod) else value
            if not member.startswith("_") and isinstance(function, (FunctionType, property)):
                yield f"{name}.{member}", function.__doc__ or ""


EXAMPLES = {
    name: test
    for each in NAMES
    for name, text in documented(each)
    if (test := doctest.DocTestParser().get_doctest(text, {}, f"qn.{name}", None, None)).examples
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(answer) as server:
        yield server


@pytest.fixture
def connected(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What a user has who reads an example: a server that is connected, a folder, no key in sight."""
    before = endpoint.connected()
    for name in os.environ:
        if name.endswith("_API_KEY") or name.startswith(("QWEN_NB_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    qn.connect(server.url, model="qwen3-8b")
    yield
    endpoint.use(before)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_has_an_example(name: str) -> None:
    assert name in EXAMPLES, f"the docstring of qn.{name} has no >>> example"


@pytest.mark.parametrize("name", CLASSES)
def test_an_example_uses_each_member_that_users_type(name: str) -> None:
    thing: Any = getattr(qn, name)
    public = {member for member in (*members(thing), *getattr(thing, "__annotations__", ())) if not member.startswith("_")}
    if issubclass(thing, BaseException) or hasattr(thing, "type"):
        public = {member for member in public if inspect.isfunction(members(thing).get(member))}
    sources = "".join(example.source for each, test in EXAMPLES.items() if each.split(".")[0] == name for example in test.examples)
    unused = {
        member for member in public - OF_THE_PACKAGE.get(name, set()) if f".{member}" not in sources and f"{member}=" not in sources
    }
    assert not unused, f"no example of qn.{name} uses {', '.join(sorted(unused))}"


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.usefixtures("connected")
def test_the_example_does_what_it_says(name: str) -> None:
    said: list[str] = []
    test = EXAMPLES[name]
    test.globs = {"qn": qn}
    result = doctest.DocTestRunner(verbose=False, optionflags=FORGIVING).run(test, out=said.append)
    assert not result.failed, "".join(said)
