"""What servers have taught us since the kernel started: which kind they are, their first model, and fields that they refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .endpoint import Endpoint
from .profiles import Profile, Schema, profile_from_models

KEPT = frozenset({"model", "messages", "input", "stream", "tools", "functions", "parameters"})
"""Without these it would be another question, so they are never left out."""
_NOT_ABOUT_FIELDS = (401, 402, 403, 404, 408, 429)
_ABOUT_SCHEMAS = re.compile(
    r"response_?format|json_?schema|json_?object|json mode|text\.format|structured output|guided|grammar", re.IGNORECASE
)
"""What servers call it when they refuse to hold an answer to a schema."""


@dataclass
class Lesson:
    """What one server has taught us."""

    profile: Profile | None = None
    """The kind of server that its list of models tells; `None` if it has not been asked, or tells nothing."""
    model: str = ""
    """The first model of its list; `""` if it has not been asked."""
    refused: set[str] = field(default_factory=set)
    """Fields of the body that it refuses."""

    schema_forms: dict[str, Schema] = field(default_factory=dict)
    """By model, how it is told of a schema where it has refused the profile's way."""

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

    def learn_schema_refusal(self, model: str, form: Schema, status: int, message: str) -> Schema | None:
        """How to tell `model` of a schema from now on, if it is `form` that the server refuses; else `None`."""
        if form == "prompt" or status in _NOT_ABOUT_FIELDS or not _ABOUT_SCHEMAS.search(message):
            return None
        self.schema_forms[model] = "json_object" if form == "json_schema" else "prompt"
        return self.schema_forms[model]


_lessons: dict[str, Lesson] = {}


def lesson(endpoint: Endpoint) -> Lesson:
    """What the server at `endpoint` has taught us."""
    return _lessons.setdefault(endpoint.address, Lesson())


def kind_of(endpoint: Endpoint) -> Profile:
    """The profile in use: the one that was named, else the one that the server's list tells, else a guess by its address."""
    return endpoint.server if endpoint.profile else lesson(endpoint).profile or endpoint.server
