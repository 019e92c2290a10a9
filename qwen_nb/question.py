"""A question: what is asked, whom, and the functions that the model may call meanwhile."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict

from .as_json import as_json
from .endpoint import Endpoint, chosen
from .errors import ConfigError
from .events import CUT_REASONS, Event, PartDelta, PartEnd, PartStart
from .filling import Filled
from .learned import kind_of
from .media import Medium, parts_of
from .pieces import Notice
from .reply import Reply
from .request import Message, Request
from .structured import Shape
from .tools import Tool, tools_of
from .well_formed import well_formed

if TYPE_CHECKING:
    from .rounds import Ask

AnyTool = Tool | Callable[..., Any] | Mapping[str, Any]
"""What can be passed as a tool: a function, one made by `@tool`, or only a schema, whose calls nobody runs."""


Text = str | Filled
"""What a user says: a text, or one that `fill` has filled."""
Prompt = Text | Sequence[Message]
"""What is asked: what a user says, or messages as any OpenAI client takes them."""


class Options(TypedDict, total=False):
    """The options of a question, as `ask` takes them."""

    model: str | None
    endpoint: Endpoint | str | None
    system: str | None
    images: Any
    audio: Any
    video: Any
    tools: Iterable[AnyTool]
    tool_choice: str | Mapping[str, Any] | None
    thinking: bool | None
    thinking_budget: int | None
    schema: Any
    schema_retries: int
    voice: str | None
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    stop: str | Sequence[str]
    seed: int | None
    extra: Mapping[str, Any] | None
    timeout: float | None


def check_names(options: Mapping[str, Any]) -> None:
    """`ConfigError` if one of `options` is none of `Options`: it would be left out without a word."""
    if unknown := set(options) - set(Options.__annotations__):
        raise ConfigError(f"{', '.join(sorted(unknown))}: no such option here. There are {', '.join(Options.__annotations__)}.")


_GO_ON = "Your answer was cut off. Go on exactly where it stopped: no greeting, no summary, nothing twice."
_MEDIA: tuple[tuple[str, Medium], ...] = (("images", "image"), ("audio", "audio"), ("video", "video"))
_AS_THEY_ARE = ("tool_choice", "thinking", "thinking_budget", "temperature", "top_p", "max_tokens", "seed")


@dataclass(frozen=True)
class Question:
    """One question. It is sent by `send`, on the background loop."""

    request: Request
    endpoint: Endpoint
    tools: Mapping[str, Tool] = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)
    """Grows by the messages of assistant and tools, whole rounds only, while it runs. Empty without tools and retries."""
    shape: Shape | None = None
    """What the answer must look like."""
    schema_retries: int = 0
    """How often the model may correct an answer that does not."""
    going_on: int = 0
    """How many messages at the end of the request only ask for the rest of an answer."""
    notices: tuple[Notice, ...] = ()
    """What the user should know of the question itself: the reply begins with it."""

    @classmethod
    def of(cls, prompt: Prompt, options: Mapping[str, Any]) -> Question:
        """The question of `prompt` with `options` (`Options`; others are not looked at). `ConfigError` if it makes no sense."""
        messages = _messages_of(prompt, options.get("system"))
        if media := [part for name, medium in _MEDIA for part in parts_of(options.get(name), medium)]:
            messages = with_media(messages, media)
        endpoint = chosen(options.get("endpoint"))
        stop = options.get("stop") or ()
        extra = options.get("extra") or {}
        if not isinstance(extra, Mapping):
            raise ConfigError(f"extra takes a dict of fields for the request, and no {type(extra).__name__}.")
        shape = Shape.of(wanted) if (wanted := options.get("schema")) is not None else None
        schemas, runnable = tools_of(options.get("tools") or ())
        request = Request(
            messages=tuple(messages),
            model=options.get("model") or endpoint.model,
            tools=tuple(as_json(schemas, "tools")),
            stop=tuple(as_json([stop] if isinstance(stop, str) else list(stop), "stop")),
            schema=as_json(shape.schema, "schema") if shape else None,
            voice=options.get("voice") or "",
            extra=as_json(extra, "extra"),
            timeout=options.get("timeout"),
            **{name: as_json(options.get(name), name) for name in _AS_THEY_ARE},
        )
        retries = options.get("schema_retries") or 0
        return cls(request, endpoint, runnable, shape=shape, schema_retries=retries, notices=notices_of(prompt))

    def rest_of(self, reply: Reply) -> Question:
        """The question for the rest of `reply`, which was cut off. `ConfigError` if that cannot be asked."""
        if reply.status == "streaming":
            raise ConfigError("The reply still streams: stop it first, or wait.")
        if reply.status == "complete" and reply.finish_reason not in CUT_REASONS:
            raise ConfigError("The reply is complete: there is nothing to continue.")
        if any(call.arguments is None and call.result is None for call in reply.tool_calls):
            raise ConfigError("The reply was cut off within a tool call, and half a call cannot be continued: ask again.")
        before, said = self.request.messages, list(self.said)
        if said and said[-1].get("role") == "assistant" and not said[-1].get("tool_calls"):
            # The half of the answer, all of which goes along below.
            said.pop()
        if not said:
            before = before[: len(before) - self.going_on]
        going_on: list[Message] = []
        spoken = [part.kind for part in reply.parts if part.kind == "result" or (part.kind == "text" and not part.name)]
        if spoken[-1:] == ["text"]:
            going_on.append({"role": "assistant", "content": reply.text})
            if kind_of(self.endpoint).prefix == "none":
                going_on.append({"role": "user", "content": _GO_ON})
        request = replace(self.request, messages=(*before, *said, *going_on))
        # Who corrects an answer sees only the rest of it.
        return replace(self, request=request, endpoint=chosen(self.endpoint), said=[], going_on=len(going_on), schema_retries=0)

    def reply(self) -> Reply:
        """A reply to it in which nothing has been said yet."""
        reply = Reply(model=self.request.model, source=self.endpoint.title, is_recorded=self.endpoint.is_recorded)
        reply.shape = self.shape
        for index, notice in enumerate(self.notices):
            reply.extend([PartStart(index, "notice", name=notice.code), PartDelta(index, notice.text), PartEnd(index)])
        return reply

    async def send(self, sink: Callable[[list[Event]], object], *, ask: Ask | None = None, started: float) -> None:
        """What runs on the loop: events go to `sink`, the last is the `StreamEnd`. Raises as `client.stream`."""
        # openai takes most of a second to import. `%load_ext` should not; nor should the cell, where an interrupt would leave a
        # reply that is shown and never ends.
        if not self.tools and not (self.shape and self.schema_retries):
            from .client import stream

            await stream(self.request, self.endpoint, sink, started=started)
            return
        from .approval import nobody
        from .rounds import converse

        await converse(
            self.request,
            self.endpoint,
            self.tools,
            sink,
            self.said,
            ask=ask or nobody,
            shape=self.shape,
            retries=self.schema_retries,
            started=started,
        )


def user_message(prompt: Text) -> Message:
    """The message that asks `prompt`."""
    return {"role": "user", "content": prompt.content if isinstance(prompt, Filled) else prompt}


def is_message(value: Any) -> bool:
    """Whether `value` is one message: a dict, or what an OpenAI client has returned."""
    return "role" in value if isinstance(value, Mapping) else hasattr(value, "model_dump") and hasattr(value, "role")


def _messages_of(prompt: Prompt, system: str | None) -> list[Message]:
    """What is asked as messages in plain JSON, behind `system`. `ConfigError` if it is nothing that can be asked."""
    if isinstance(prompt, (str, Filled)):
        prompt = [user_message(prompt)]
    if is_message(prompt) or not isinstance(prompt, Iterable):
        hint = ": one message goes into a list, too" if is_message(prompt) else ""
        raise ConfigError(f"A prompt is a text or a list of messages, and no {type(prompt).__name__}{hint}.")
    messages: list[Message] = []
    for message in prompt:
        if not is_message(message):
            raise ConfigError(
                'A prompt is a text or a list of messages such as {"role": "user", "content": "…"}, '
                f"and {reprlib.repr(message)} is none. For many prompts there is map."
            )
        messages.append(as_json(message, "messages"))
    if not messages or messages == [{"role": "user", "content": ""}]:
        raise ConfigError("The prompt is empty: write what to ask.")
    if system:
        messages.insert(0, {"role": "system", "content": as_json(system, "system")})
    for content in (message.get("content") for message in messages):
        is_parts = isinstance(content, list) and all(isinstance(part, dict) for part in content)
        if not (is_parts or isinstance(content, (str, type(None)))):
            raise ConfigError(f"The content of a message is a text or a list of parts, and not {reprlib.repr(content)}.")
    return messages


def with_media(messages: list[Message], media: list[dict[str, Any]]) -> list[Message]:
    """`messages` with `media` in the last of the user's, before its text: models see better what they are then asked about."""
    at = next((at for at in reversed(range(len(messages))) if messages[at].get("role") == "user"), None)
    if at is None:
        raise ConfigError("Pictures, sound and film go along with what the user says, and there is no such message.")
    content = messages[at].get("content") or []
    said = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    return [*messages[:at], {**messages[at], "content": [*media, *said]}, *messages[at + 1 :]]


def notices_of(prompt: Prompt) -> tuple[Notice, ...]:
    """What was filled in, and what was not though it looks meant."""
    if not isinstance(prompt, Filled):
        return ()
    return (
        *([Notice("filled", well_formed(prompt.summary))] if prompt.values else []),
        *(Notice("not-filled", well_formed(warning)) for warning in prompt.warnings),
    )
