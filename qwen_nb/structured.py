"""Answers of a shape: a schema that a server or a prompt holds the model to, and the answer as a Python value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ConfigError, SchemaError

_WRAPPER = "answer"
"""The one field of the object around anything that is no object itself: servers hold a model to objects only."""
_MOST_FAULTS = 10
"""That a model is told of at once."""
_FENCED = re.compile(r"```\w*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)


REJECTED = "rejected"
"""The name of a text part that did not follow its schema, and is not the answer."""


@dataclass(frozen=True)
class Shape:
    """What an answer must look like."""

    name: str
    """For lines of text."""
    schema: Mapping[str, Any]
    """A JSON schema of an object: what is sent."""
    is_wrapped: bool
    """Whether that object is only there to hold the answer in its one field."""
    validate: Callable[[Any], Any]
    """A JSON value as what the user wants; raises `SchemaError`."""
    wanted: Any = None
    """What it is the shape of."""

    def __reduce__(self) -> tuple[Any, ...]:
        # For pickle: functions that were made here cannot travel, but can be made again.
        return Shape.of, (self.wanted,)

    @classmethod
    def of(cls, wanted: Any) -> Shape:
        """The shape of `wanted`: a pydantic model, a dataclass, a TypedDict, a type such as `list[Model]`, or a JSON schema.

        The fields of a JSON schema are checked by `jsonschema`, where that is installed; Jupyter brings it. `ConfigError` if
        `wanted` is none of these.
        """
        if isinstance(wanted, Mapping):
            name, schema, validate = str(wanted.get("title", "the schema")), dict(wanted), _by_json_schema(wanted)
        else:
            name, schema, validate = _by_pydantic(wanted)
        if _is_object(schema):
            return cls(name, schema, False, validate, wanted)
        definitions = {key: schema.pop(key) for key in ("$defs", "definitions") if key in schema}
        return cls(name, {**_object({_WRAPPER: schema}), **definitions}, True, validate, wanted)

    def parse(self, text: str) -> Any:
        """The answer `text` as the value that it stands for; what is around the JSON is left out. `SchemaError` if it is none."""
        try:
            value = json_in(text)
        except ValueError as error:
            raise SchemaError(self.name, (f"it is no JSON: {error}",)) from None
        if self.is_wrapped and isinstance(value, dict) and list(value) == [_WRAPPER]:
            value = value[_WRAPPER]
        try:
            return self.validate(value)
        except SchemaError as error:
            raise SchemaError(self.name, error.faults) from None

    def fault_in(self, text: str) -> str:
        """What is wrong with the answer `text`, in a sentence; `""` if nothing is."""
        try:
            self.parse(text)
        except SchemaError as error:
            return f"The answer does not follow {self.name}: {'; '.join(error.faults[:_MOST_FAULTS])}."
        return ""


def is_strict(schema: Any) -> bool:
    """Whether every object of `schema` has just the fields that it names: only then may a request say `strict`.

    OpenAI refuses `strict` with any other schema: https://platform.openai.com/docs/guides/structured-outputs.
    """
    if isinstance(schema, Mapping):
        if "properties" in schema or schema.get("type") == "object":
            required = set(schema.get("required", ()))
            if schema.get("additionalProperties") is not False or required != set(schema.get("properties", ())):
                return False
        return all(is_strict(value) for value in schema.values())
    return not isinstance(schema, list) or all(is_strict(value) for value in schema)


def _by_pydantic(wanted: Any) -> tuple[str, dict[str, Any], Callable[[Any], Any]]:
    # It takes a tenth of a second to import, and `import qwen_nb` should not.
    from pydantic import TypeAdapter, ValidationError
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

    try:
        adapter = wanted if isinstance(wanted, TypeAdapter) else TypeAdapter(wanted)
        schema = adapter.json_schema()
    except (PydanticUserError, PydanticSchemaGenerationError, NameError, TypeError) as error:
        why = str(error).partition("\n")[0].rstrip(".")
        raise ConfigError(
            "schema= takes a pydantic model, a dataclass, a TypedDict, a type such as list[int] or a JSON schema in a dict, "
            f"not {wanted!r}: {why}."
        ) from error

    def validate(value: Any) -> Any:
        try:
            # As JSON: a date or a tuple that is strict about Python values still comes as a string or a list.
            return adapter.validate_json(json.dumps(value))
        except ValidationError as error:
            raise SchemaError("", tuple(_fault(each["loc"], each["msg"]) for each in error.errors())) from None

    return str(schema.get("title", "the schema")), _closed(schema), validate


def _by_json_schema(schema: Mapping[str, Any]) -> Callable[[Any], Any]:
    try:
        from jsonschema.exceptions import SchemaError as BadSchema  # type: ignore[import-untyped]
        from jsonschema.validators import validator_for  # type: ignore[import-untyped]
    except ImportError:
        return lambda value: value
    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
    except BadSchema as error:
        raise ConfigError(f"schema= is no JSON schema: {error.message}.") from None
    validator = kind(schema)

    def validate(value: Any) -> Any:
        if faults := tuple(_fault(error.absolute_path, error.message) for error in validator.iter_errors(value)):
            raise SchemaError("", faults)
        return value

    return validate


def _fault(path: Any, message: str) -> str:
    place = ".".join(str(step) for step in path)
    return f"{place}: {message}" if place else message


def json_in(text: str) -> Any:
    """The JSON value in `text`: all of it, what a fence holds, or what begins at the first bracket. `ValueError`: there is none."""
    text = text.strip()
    if not text:
        raise ValueError("nothing was said")
    fenced = _FENCED.findall(text)
    pieces = [text, *fenced] if text[0] in "{[" else [*fenced, text]
    fault: ValueError | None = None
    for piece in pieces:
        start = next((at for at, character in enumerate(piece) if character in "{["), None)
        try:
            return json.loads(piece) if start is None else json.JSONDecoder().raw_decode(piece, start)[0]
        except ValueError as error:
            fault = fault or error
        except RecursionError:
            fault = fault or ValueError("its brackets are nested too deep")
    assert fault
    raise fault


def _is_object(schema: Mapping[str, Any]) -> bool:
    """Whether `schema` is of objects, by itself or by what it refers to."""
    place = schema.get("$ref", "")
    if place.startswith("#/"):
        target: Any = schema
        for step in place[2:].split("/"):
            target = target.get(step, {}) if isinstance(target, Mapping) else {}
        return isinstance(target, Mapping) and target is not schema and _is_object({**target, "$ref": ""})
    return schema.get("type") == "object" or "properties" in schema


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": list(properties), "additionalProperties": False}


def _closed(schema: Any) -> Any:
    """`schema` with no other fields in its objects than those that it names, unless it says otherwise."""
    if isinstance(schema, list):
        return [_closed(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    return {**closed, "additionalProperties": schema.get("additionalProperties", False)} if _has_fields(schema) else closed


def _has_fields(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
