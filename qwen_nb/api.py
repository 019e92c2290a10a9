"""The functions that ask a model: `ask`, `ask_async`, `stream`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .asking import EventStream
from .endpoint import Endpoint
from .question import AnyTool, Prompt, Question
from .reply import Reply
from .shown import shown


def ask(
    prompt: Prompt,
    *,
    model: str | None = None,
    endpoint: Endpoint | str | None = None,
    system: str | None = None,
    images: Any = None,
    audio: Any = None,
    video: Any = None,
    tools: Iterable[AnyTool] = (),
    tool_choice: str | Mapping[str, Any] | None = None,
    thinking: bool | None = None,
    thinking_budget: int | None = None,
    schema: Any = None,
    schema_retries: int = 0,
    voice: str | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    stop: str | Sequence[str] = (),
    seed: int | None = None,
    extra: Mapping[str, Any] | None = None,
    display: bool | None = None,
    settle: bool = True,
    raw: bool = False,
    background: bool = False,
    timeout: float | None = None,
) -> Reply:
    """Ask and return the reply once it has ended; meanwhile it is shown live.

    `prompt` is a text, messages as any OpenAI client takes them, or a text that `qn.fill` has filled. `endpoint` is an `Endpoint`,
    the name of a kind of server or an address; without it `qn.connect` and the environment decide. `tools` are functions that the
    model may call, round after round; a JSON schema alone is only offered. `images`, `audio` and `video` go along with the prompt:
    one or a list of paths, addresses, bytes, PIL images or figures. `extra` goes into the request as it is.

    With `schema`, a pydantic model, a dataclass, a type such as `list[Model]` or a JSON schema, the answer is JSON that follows it,
    and `reply.parsed` its value; the model may correct itself `schema_retries` times. With `voice`, such as `"Cherry"`, Qwen-Omni
    speaks its answer: it plays while it streams, and `reply.audio` keeps it.

    `display=None` shows a widget where there is a kernel and prints elsewhere; `False` shows nothing; `raw` draws no Markdown.
    With `settle` the widget becomes plain notebook output when the reply has ended, so that a saved notebook has it.
    `timeout` is in seconds without a byte: it ends no answer that goes on. It counts for each of up to four attempts, for a server
    that does not begin to answer is asked again.

    In the `background` it returns at once: `reply.wait()`, `await reply`, `reply.stop()`.

    Raises `ConfigError`, `ConnectError`, `StatusError`, `StreamError`, `TruncatedError` or `SchemaError`, each with `.reply`, and
    `Interrupted`.

    >>> reply = qn.ask("Why is the sky blue?")
    Air scatters blue light more than red.
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    >>> reply.usage.output_tokens
    12
    """
    asking = shown(Question.of(prompt, locals()), display=display, settle=settle, raw=raw, background=background)
    return asking.reply if background else asking.wait()


async def ask_async(
    prompt: Prompt,
    *,
    model: str | None = None,
    endpoint: Endpoint | str | None = None,
    system: str | None = None,
    images: Any = None,
    audio: Any = None,
    video: Any = None,
    tools: Iterable[AnyTool] = (),
    tool_choice: str | Mapping[str, Any] | None = None,
    thinking: bool | None = None,
    thinking_budget: int | None = None,
    schema: Any = None,
    schema_retries: int = 0,
    voice: str | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    stop: str | Sequence[str] = (),
    seed: int | None = None,
    extra: Mapping[str, Any] | None = None,
    display: bool | None = None,
    settle: bool = True,
    raw: bool = False,
    timeout: float | None = None,
) -> Reply:
    """`ask` for code that awaits: other tasks of the cell's loop go on. Cancelling it ends the reply as interrupted.

    >>> import asyncio
    >>> reply = asyncio.run(qn.ask_async("Hello! Who are you?"))  # in a notebook: await qn.ask_async(…)
    I am Qwen.
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    """
    return await shown(Question.of(prompt, locals()), display=display, settle=settle, raw=raw).wait_async()


def stream(
    prompt: Prompt,
    *,
    model: str | None = None,
    endpoint: Endpoint | str | None = None,
    system: str | None = None,
    images: Any = None,
    audio: Any = None,
    video: Any = None,
    tools: Iterable[AnyTool] = (),
    tool_choice: str | Mapping[str, Any] | None = None,
    thinking: bool | None = None,
    thinking_budget: int | None = None,
    schema: Any = None,
    schema_retries: int = 0,
    voice: str | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    stop: str | Sequence[str] = (),
    seed: int | None = None,
    extra: Mapping[str, Any] | None = None,
    timeout: float | None = None,
) -> EventStream:
    """The events of the reply as they come, shown nowhere: `for event in qn.stream("…")`, or `async for`.

    The options are those of `ask`. The stream's `.reply` grows along.

    >>> for event in qn.stream("Count to three."):
    ...     if isinstance(event, qn.PartDelta):
    ...         print(event.text, end="|")
    1, |2, |3.|
    """
    return EventStream(Question.of(prompt, locals()))
