"""Ask a model and show the reply: in a widget where there is a kernel, else as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .asking import Asking, EventStream
from .endpoint import Endpoint, current, endpoint_of
from .errors import ConfigError
from .host import has_kernel
from .pacing import Pacer
from .reply import Reply
from .request import Message, Request
from .terminal import Printing

Tool = Mapping[str, Any]


def ask(
    prompt: str | Sequence[Message],
    *,
    model: str | None = None,
    endpoint: Endpoint | str | None = None,
    system: str | None = None,
    tools: Iterable[Tool] = (),
    tool_choice: str | Mapping[str, Any] | None = None,
    thinking: bool | None = None,
    thinking_budget: int | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    stop: str | Sequence[str] = (),
    seed: int | None = None,
    extra: Mapping[str, Any] | None = None,
    display: bool | None = None,
    settle: bool = True,
    timeout: float | None = None,
) -> Reply:
    """Ask and return the reply once it has ended; meanwhile it is shown live.

    `prompt` is a text, or messages as any OpenAI client takes them. `endpoint` is an `Endpoint`, the name of a kind of server or
    an address; without it `qn.connect` and the environment decide. `tools` are JSON schemas of functions. `extra` goes into the
    request as it is. `display=None` shows a widget where there is a kernel and prints elsewhere; `False` shows nothing.
    With `settle` the widget becomes plain notebook output when the reply has ended, so that a saved notebook has it.
    `timeout` is in seconds without a byte.

    Raises `ConfigError`, `ConnectError`, `StatusError`, `StreamError` or `TruncatedError`, each with `.reply`, and `Interrupted`.
    """
    return _shown(locals(), display).wait()


async def ask_async(
    prompt: str | Sequence[Message],
    *,
    model: str | None = None,
    endpoint: Endpoint | str | None = None,
    system: str | None = None,
    tools: Iterable[Tool] = (),
    tool_choice: str | Mapping[str, Any] | None = None,
    thinking: bool | None = None,
    thinking_budget: int | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    max_tokens: int | None = None,
    stop: str | Sequence[str] = (),
    seed: int | None = None,
    extra: Mapping[str, Any] | None = None,
    display: bool | None = None,
    settle: bool = True,
    timeout: float | None = None,
) -> Reply:
    """`ask` for code that awaits: other tasks of the cell's loop go on. Cancelling it ends the reply as interrupted."""
    return await _shown(locals(), display).wait_async()


def stream(
    prompt: str | Sequence[Message],
    *,
    model: str | None = None,
    endpoint: Endpoint | str | None = None,
    system: str | None = None,
    tools: Iterable[Tool] = (),
    tool_choice: str | Mapping[str, Any] | None = None,
    thinking: bool | None = None,
    thinking_budget: int | None = None,
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
    """
    return EventStream(*_question(locals()))


def _question(options: Mapping[str, Any]) -> tuple[Request, Endpoint]:
    """What to ask, and whom, from the arguments of a public function."""
    prompt, system, endpoint, stop = options["prompt"], options["system"], options["endpoint"], options["stop"]
    messages: list[Message] = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
    if not messages or messages == [{"role": "user", "content": ""}]:
        raise ConfigError("The prompt is empty: write what to ask.")
    if system:
        messages.insert(0, {"role": "system", "content": system})
    target = endpoint_of(endpoint) if endpoint is not None else current()
    request = Request(
        messages=tuple(messages),
        model=options["model"] or target.model,
        tools=tuple(options["tools"]),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        extra=options["extra"] or {},
        **{name: options[name] for name in _PLAIN},
    )
    return request, target


_PLAIN = ("tool_choice", "thinking", "thinking_budget", "temperature", "top_p", "max_tokens", "seed", "timeout")


def _shown(options: Mapping[str, Any], display: bool | None) -> Asking | Printing:
    """Ask, and show the reply as it comes."""
    request, endpoint = _question(options)
    if display is not False and not has_kernel():
        return Printing(EventStream(request, endpoint))
    reply = Reply(model=request.model, source=endpoint.title, is_recorded=endpoint.is_recorded)
    if display is False:
        return Asking(request, endpoint, reply, reply.extend)
    widget = reply.view(on_stop=lambda: asking.stop())
    reply.show(settle=options["settle"])
    asking = Asking(request, endpoint, reply, Pacer(widget.send_batch).put)
    return asking
