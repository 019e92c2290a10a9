"""What servers have taught us since the kernel started: which kind they are, their first model, and fields that they refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .endpoint import Endpoint
from .profiles import Profile, profile_from_models

KEPT = frozenset({"model", "messages", "input", "stream", "tools", "functions", "parameters"})
"""Without these it would be another question, so they are never left out."""


@dataclass
class Lesson:
    """What one server has taught us."""

    profile: Profile | None = None
    """The kind of server that its list of models tells; `None` if it has not been asked, or tells nothing."""
    model: str = ""
    """The first model of its list; `""` if it has not been asked."""
    refused: set[str] = field(default_factory=set)
    """Fields of the body that it refuses."""

    def learn_models(self, document: Any) -> None:
        """Learn from the answer to `GET /models`."""
        self.profile = profile_from_models(document)
        entries = document.get("data") if isinstance(document, Mapping) else None
        names = [entry.get("id") for entry in entries or () if isinstance(entry, Mapping)]
        self.model = next((name for name in names if isinstance(name, str) and name), "")

    def learn_refusal(self, fields: tuple[str, ...], body: Mapping[str, Any], extra: Mapping[str, Any]) -> list[str]:
        """The `fields` of `body` that can be left out from now on: those that neither the question nor the user needs."""
        names = {name.rpartition(".")[2] for name in fields} & set(body)
        droppable = sorted(names - KEPT - set(extra) - self.refused)
        self.refused.update(droppable)
        return droppable


_lessons: dict[str, Lesson] = {}


def lesson(endpoint: Endpoint) -> Lesson:
    """What the server at `endpoint` has taught us."""
    return _lessons.setdefault(endpoint.address, Lesson())


def kind_of(endpoint: Endpoint) -> Profile:
    """The profile in use: the one that was named, else the one that the server's list tells, else a guess by its address."""
    return endpoint.server if endpoint.profile else lesson(endpoint).profile or endpoint.server
