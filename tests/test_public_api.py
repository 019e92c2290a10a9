"""What a user types: every public name is there, documented, typed, and imported only when it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import qwen_nb as qn

VALUES = {"last"}
"""Public names that are neither functions nor classes."""


def test_the_names_are_those_that_are_written_down() -> None:
    assert sorted(qn.__all__) == qn.__all__
    assert set(qn.__all__) <= set(dir(qn))


@pytest.mark.parametrize("name", sorted(set(qn.__all__) - VALUES))
def test_every_name_is_documented(name: str) -> None:
    thing = getattr(qn, name)
    own = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    assert own, f"qn.{name} has no docstring"
    assert not own.startswith(f"{name}("), f"qn.{name} has only the docstring that a dataclass makes"
    if inspect.isclass(thing):
        undocumented = [
            member
            for member, value in inspect.getmembers(thing)
            if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)) and not value.__doc__
        ]
        assert not undocumented, f"of qn.{name}"


@pytest.mark.parametrize("name", sorted(name for name in set(qn.__all__) - VALUES if inspect.isfunction(getattr(qn, name))))
def test_every_argument_and_result_has_a_type(name: str) -> None:
    signature = inspect.signature(getattr(qn, name))
    assert signature.return_annotation is not inspect.Signature.empty
    assert [each.name for each in signature.parameters.values() if each.annotation is inspect.Parameter.empty] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'aks'"):
        qn.aks  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = (
        "import sys, qwen_nb; print(*{'openai', 'httpx2', 'pydantic', 'anywidget', 'ipywidgets', 'IPython'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
