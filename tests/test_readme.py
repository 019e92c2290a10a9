"""What README.md says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import qwen_nb as qn
from qwen_nb.endpoint import sources
from qwen_nb.profiles import PROFILES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCE = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "qwen_nb").rglob("*.py"))


def test_it_names_the_variables_that_are_read() -> None:
    assert set(re.findall(r"QWEN_NB_[A-Z_]+", README)) == set(re.findall(r'environ\.get\("(QWEN_NB_[A-Z_]+)"', SOURCE))


def test_it_names_the_sources_of_an_endpoint_in_their_order() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert rows == [source.name for source in sources() if source.name.isupper()]


@pytest.mark.parametrize("name", re.findall(r"`?qn\.(\w+)", README))
def test_the_names_that_it_uses_are_there(name: str) -> None:
    assert name in qn.__all__


def test_the_servers_that_it_names_are_known() -> None:
    connected = re.findall(r"^%qwen connect (\w[\w-]*) *#?(.*)$", README, re.MULTILINE)
    named = {name for name, _ in connected} | {word for _, more in connected for word in re.findall(r"[a-z]+(?:-[a-z]+)*", more)}
    assert set(PROFILES) - {"openai", "legacy-qwen"} <= named


def test_its_links_lead_somewhere() -> None:
    assert [link for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", README) if not (ROOT / link).exists()] == []
