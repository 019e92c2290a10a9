"""Python functions as tools: their schema, the check of a model's arguments, and how they run."""

from __future__ import annotations

import asyncio
import inspect
import re
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar, overload

from .errors import ConfigError
from .images import Picture, picture_of
from .in_words import in_words
from .runner import in_thread, within

F = TypeVar("F", bound=Callable[..., Any])

_TIMEOUT = 300.0
"""Seconds that a tool may take if it does not say."""
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ARGUMENT = re.compile(
    r"^(?::param\s+(?:[\w\[\], |]+\s+)?(?P<sphinx>\w+)\s*:|(?P<google>\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:)\s*(?P<text>.+)$"
)
_ARGUMENTS = re.compile(r"^\s*(?:Args|Arguments|Parameters)\s*:?\s*$")


@dataclass(frozen=True)
class Outcome:
    """How one call of a tool ended."""

    verdict: Literal["done", "failed", "denied"]
    text: str
    """For the model: what the function returned, in words; for a failure, a sentence."""
    picture: Picture | None = None
    """What the function returned, if that is one."""


class Tool:
    """A function that a model may call. Calling it calls the function.

    >>> def age(born: int) -> int:
    ...     "Years since somebody was born."
    ...     return 2026 - born
    >>> careful = qn.Tool(age, name="years", confirm=True, timeout=5)
    >>> careful, careful(1990)
    (<Tool years>, 36)
    """

    def __init__(self, function: Callable[..., Any], *, name: str = "", confirm: bool = False, timeout: float = _TIMEOUT) -> None:
        self.function = function
        self.name = name or getattr(function, "__name__", type(function).__name__)
        if not _NAME.fullmatch(self.name):
            raise ConfigError(f"{self.name!r} cannot be the name of a tool: use letters, digits, _ and -, at most 64.")
        self.confirm = confirm
        """Whether the user is asked before it runs."""
        self.timeout = timeout
        """Seconds that it may take."""
        self._model = _model_of(function, self.name)
        self._parameters = _parameters(self._model, self.name)
        self.description, _ = _described(function)
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function returns."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Tool {self.name}>"

    @property
    def schema(self) -> dict[str, Any]:
        """The tool as Chat Completions spells it, for a request.

        >>> def age(born: int) -> int: ...
        >>> qn.Tool(age).schema["function"]["parameters"]["properties"]
        {'born': {'type': 'integer'}}
        """
        function = {"name": self.name, "description": self.description, "parameters": self._parameters}
        return {"type": "function", "function": function}

    async def run(self, arguments: Mapping[str, Any]) -> Outcome:
        """Check `arguments`, call the function, wait for it. A failure of any kind is an `Outcome`, told in words for the model.

        A plain function runs in a thread, so that calls run side by side. One that does not end in time is given up, not ended:
        Python cannot stop a thread.
        """
        import pydantic

        try:
            checked = self._model.model_validate(dict(arguments))
        except pydantic.ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors())
            return Outcome("failed", f"The arguments of {self.name} are wrong: {wrong}.")
        values = {name: getattr(checked, name) for name in type(checked).model_fields}
        try:
            return await within(self.timeout, self._outcome(values))
        except asyncio.TimeoutError:
            return Outcome("failed", f"{self.name} took longer than {self.timeout:g} s and was given up.")

    async def _outcome(self, values: dict[str, Any]) -> Outcome:
        called = await in_thread(partial(self._call, values))
        if isinstance(called, Outcome):
            return called
        try:
            value = await called
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            return self._failed(error)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            return self._failed(error)
        return await in_thread(partial(self._done, value))

    # Whatever a user's function raises is an answer to the model, not the end of the conversation; nor of the loop, out of which
    # `SystemExit` would throw it, nor of its call, as `StopIteration` and `CancelledError`, which asyncio takes for its own.

    def _call(self, values: dict[str, Any]) -> Outcome | Awaitable[Any]:
        try:
            value = self.function(**values)
        except BaseException as error:
            return self._failed(error)
        return value if inspect.isawaitable(value) else self._done(value)

    def _done(self, value: Any) -> Outcome:
        try:
            picture = picture_of(value)
            return Outcome("done", "A picture. The user sees it." if picture else in_words(value), picture)
        except BaseException as error:
            return self._failed(error)

    def _failed(self, error: BaseException) -> Outcome:
        # Unlike `str(error)`, it does not fail where that does.
        said = "".join(traceback.format_exception_only(type(error), error)).strip()
        return Outcome("failed", f"{self.name} raised {said}")


def _is_cancelled() -> bool:
    """Whether this task was cancelled, and does not just wait for one that was. Before Python 3.11 nothing tells the two apart."""
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is None or cancelling() > 0


@overload
def tool(function: F, /) -> Tool: ...
@overload
def tool(*, name: str = "", confirm: bool = False, timeout: float = _TIMEOUT) -> Callable[[F], Tool]: ...
def tool(
    function: F | None = None, /, *, name: str = "", confirm: bool = False, timeout: float = _TIMEOUT
) -> Tool | Callable[[F], Tool]:
    """Make a typed function a tool: `@qn.tool`, or `@qn.tool(confirm=True)` to be asked before each run.

    The schema comes from the type hints, the description and those of the arguments from the docstring (Google or Sphinx style).
    `timeout` is in seconds. `ConfigError` if the function takes `*args` or something that JSON cannot say.

    >>> @qn.tool
    ... def get_weather(city: str) -> str:
    ...     "The weather in a city, now."
    ...     return "4 °C, rain"
    >>> reply = qn.ask("What is the weather in Oslo?", tools=[get_weather], display=False)
    >>> reply.text
    'It is 4 °C and rains.'
    """
    if function is not None:
        return Tool(function)
    return lambda wrapped: Tool(wrapped, name=name, confirm=confirm, timeout=timeout)


def asking_first(function: Tool | Callable[..., Any]) -> Tool:
    """The same as a tool that asks before each run."""
    if isinstance(function, Tool):
        return Tool(function.function, name=function.name, confirm=True, timeout=function.timeout)
    return Tool(function, confirm=True)


def tools_of(given: Iterable[Tool | Callable[..., Any] | Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], dict[str, Tool]]:
    """Schemas of all that is given, and by name what can be run: a schema alone is offered to the model, but nobody runs it."""
    schemas: list[Mapping[str, Any]] = []
    runnable: dict[str, Tool] = {}
    for each in given:
        if isinstance(each, Mapping):
            schemas.append(each)
            continue
        made = each if isinstance(each, Tool) else Tool(each)
        if made.name in runnable:
            raise ConfigError(f"Two tools are called {made.name}: name one of them with @qn.tool(name=…).")
        runnable[made.name] = made
        schemas.append(made.schema)
    return schemas, runnable


def _model_of(function: Callable[..., Any], name: str) -> Any:
    """A pydantic model of the function's arguments."""
    import pydantic
    from pydantic.fields import FieldInfo

    _, told = _described(function)
    fields: dict[str, Any] = {}
    try:
        signature = inspect.signature(function, eval_str=True)
    except (NameError, ValueError) as error:
        raise ConfigError(f"The arguments of {name} cannot be read: {error}.") from error
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise ConfigError(f"{name} takes {parameter}: a tool's arguments need names. Wrap it in a function that names them.")
        hint = Any if parameter.annotation is parameter.empty else parameter.annotation
        default = ... if parameter.default is parameter.empty else parameter.default
        about: FieldInfo = pydantic.Field(default, description=told.get(parameter.name))
        fields[parameter.name] = (hint, about)
    try:
        return pydantic.create_model(name, __config__=pydantic.ConfigDict(extra="forbid"), **fields)
    except (pydantic.errors.PydanticUserError, TypeError) as error:
        raise ConfigError(f"The arguments of {name} have no JSON schema: {str(error).splitlines()[0]}") from error


def _parameters(model: Any, name: str) -> dict[str, Any]:
    """The JSON schema of the arguments."""
    from pydantic.errors import PydanticUserError
    from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

    class Quiet(GenerateJsonSchema):
        def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
            # A default that JSON cannot say is left out of the schema; that is no news to who wrote it.
            if kind != "non-serializable-default":
                super().emit_warning(kind, detail)

    try:
        schema: dict[str, Any] = model.model_json_schema(schema_generator=Quiet)
    except PydanticUserError as error:
        raise ConfigError(f"The arguments of {name} have no JSON schema: {str(error).splitlines()[0]}") from error
    for described in (schema, *schema.get("properties", {}).values()):
        described.pop("title", None)
    return schema


def _described(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What the docstring says of the function, and of each argument."""
    summary: list[str] = []
    told: dict[str, str] = {}
    in_arguments, last = False, ""
    for line in (inspect.getdoc(function) or "").splitlines():
        found = _ARGUMENT.match(line.strip())
        if _ARGUMENTS.match(line):
            in_arguments = True
        elif found and (found["sphinx"] or in_arguments):
            last = (found["sphinx"] or found["google"]).lstrip("*")
            told[last] = found["text"].strip()
        elif last and line.startswith(("  ", "\t")):
            told[last] += " " + line.strip()
        elif in_arguments and not line.strip():
            in_arguments, last = False, ""
        elif re.match(r"^(Returns|Raises|Yields|Examples?)\s*:", line) or line.startswith(":return"):
            break
        elif not in_arguments:
            summary.append(line)
    return "\n".join(summary).strip(), told
