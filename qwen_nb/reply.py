"""A reply that somebody asked for: it can be waited for, stopped, continued and shown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .errors import ConfigError
from .events import Event
from .excerpt import Excerpt
from .fallback import mimebundle, plain
from .host import execution_count, has_kernel
from .transcript import Transcript
from .visible import visible

if TYPE_CHECKING:
    from .widget import StreamWidget


class Delivery(Protocol):
    """Whatever brings a reply: it can be waited for and stopped."""

    def wait(self) -> Reply:
        """The reply once it has ended."""

    async def wait_async(self) -> Reply:
        """The same for code that awaits."""

    def stop(self) -> None:
        """End it now."""


class Reply(Transcript):
    """A model's reply, complete or still streaming.

    What it says can be read at any time, also from another thread: while it streams, as far as it has come.

    >>> reply = qn.ask("Is 97 a prime number?", thinking=True, display=False)
    >>> reply
    <Reply: complete, qwen3-8b, 12 tokens, ... s>
    >>> reply.text, reply.reasoning
    ('Yes.', '2, 3, 5 and 7 do not divide it.')
    >>> reply.status, reply.finish_reason, reply.error, reply.refusal, reply.warnings
    ('complete', 'stop', '', '', [])
    >>> reply.usage.input_tokens, reply.usage.output_tokens
    (9, 12)
    >>> reply.timing.first_token < reply.timing.total
    True
    >>> reply.model, reply.request_id
    ('qwen3-8b', 'chatcmpl-1')
    >>> [part.kind for part in reply.parts]
    ['reasoning', 'text']
    """

    def __init__(self, *, model: str = "", source: str = "", is_recorded: bool = False) -> None:
        super().__init__(model=model)
        self.source = source
        """What answers, in a few words."""
        self.is_recorded = is_recorded
        """Whether a recording answers and no model."""
        self.is_raw = False
        """Whether its text is shown as it came, and not as Markdown."""
        self._shown_in: int | None = None
        self._view: StreamWidget | None = None
        # Either a view is made with all that has come, or what comes goes through it.
        self._viewing = threading.RLock()
        self._delivery: Delivery | None = None
        self._resume: Callable[[], Delivery] | None = None

    def __getstate__(self) -> dict[str, Any]:
        # For pickle and copy: what was said, without what shows it and brings more of it here.
        here = ("_shown_in", "_view", "_viewing", "_delivery", "_resume")
        return {name: value for name, value in vars(self).items() if name not in here}

    def __setstate__(self, state: dict[str, Any]) -> None:
        Reply.__init__(self)
        vars(self).update(state)

    def extend(self, events: Sequence[Event]) -> None:
        """Grow by the next events of a stream, on the background loop, and show them if this reply is shown by now."""
        with self._viewing:
            if self._view is None:
                for event in events:
                    self.apply(event)
                return
        self._view.put(list(events))

    def catch_up(self) -> None:
        """Show what has come past the view."""
        if self._view:
            self._view.catch_up()

    def excerpt(self) -> Reply:
        """As much of it as goes into a saved notebook: itself, unless it is longer than any model's answer."""
        shown = Reply(model=visible(self._model), source=self.source, is_recorded=self.is_recorded)
        shown.asked_at, shown.is_raw, shown.shape = self.asked_at, self.is_raw, self.shape
        for event in Excerpt().of(self.events()):
            shown.apply(event)
        return shown

    def delivered_by(self, delivery: Delivery) -> None:
        """`delivery` brings this reply, or the rest of it: `wait` and `stop` are its business."""
        self._delivery = delivery
        self.asked_at = time.monotonic() - (self.timing.total or 0.0)

    def resumed_by(self, resume: Callable[[], Delivery]) -> None:
        """`resume` asks for the rest of this reply."""
        self._resume = resume

    def wait(self) -> Reply:
        """This reply, once it has ended. Raises what `ask` raises. For a reply that was asked for in the background.

        >>> reply = qn.ask("Why is the sky blue?", background=True, display=False)
        >>> reply.wait().text
        'Air scatters blue light more than red.'
        """
        return self._delivery.wait() if self._delivery else self

    def __await__(self) -> Generator[Any, None, Reply]:
        """`await reply` is `reply.wait()` for code that awaits."""
        if self._delivery:
            yield from self._delivery.wait_async().__await__()
        return self

    def stop(self) -> None:
        """End it now and keep what has arrived, with status `stopped`. From any thread; a reply that has ended stays as it is.

        >>> reply = qn.ask("Count slowly.", background=True, display=False)
        >>> reply.stop()
        >>> reply.wait().status
        'stopped'
        """
        if self._delivery:
            self._delivery.stop()

    def continue_(self) -> Reply:
        """Ask for the rest of a reply that was cut off, stopped, or reached its length limit, and return it, grown.

        It is shown again, and streams on. The server's own way to continue is used where it has one, and words otherwise.
        `ConfigError` if there is nothing to continue, or a tool call was cut off: half a call cannot be continued.

        >>> reply = qn.ask("Name the inner planets.", max_tokens=5, display=False)
        >>> reply.finish_reason, reply.text
        ('length', 'Mercury, Venus')
        >>> reply.continue_().text
        'Mercury, Venus, Earth, Mars'
        """
        delivery = self.resume()
        if self._view:
            self.show(settle=True)
        return delivery.wait()

    def resume(self) -> Delivery:
        """`continue_` without waiting, where the reply is shown now."""
        if self._resume is None:
            raise ConfigError("Only a reply of ask, Chat or %%qwen can be continued.")
        return self._resume()

    def show(self, *, settle: bool = False) -> None:
        """Show the live widget, as often as you like. With `settle` plain output takes its place when the reply has ended.

        Of a reply whose events you read yourself it shows what has come by now, and the rest at its end. Where there is no kernel
        it prints what has come.

        >>> reply = qn.ask("Why is the sky blue?", display=False)
        >>> reply.show()
        Air scatters ...
        """
        if not has_kernel():
            print(plain(self))
            return
        with self._viewing:
            self.view().show(settle=settle)
        self.was_shown()

    def view(self) -> StreamWidget:
        """The one widget of this reply; a new one if plain output has taken its place, or somebody has closed it.

        It has a layout if it is given one: `reply.view().layout = {"width": "50%"}`.
        """
        with self._viewing:
            if self._view is None or self._view.comm is None:
                from .widget import StreamWidget

                self._view = StreamWidget(self)
            self._view.uses += 1
            return self._view

    def close_view(self, uses: int) -> None:
        """Let go of the widget, unless it has been asked for more than `uses` times: it is shown again, or goes on."""
        with self._viewing:
            if self._view and self._view.uses == uses:
                self._view.close()
                self._view = None

    def was_shown(self) -> None:
        """The cell that runs shows this reply: as the value of the same cell it is not shown once more."""
        self._shown_in = execution_count()

    def _ipython_display_(self) -> None:
        is_shown = self._shown_in is not None and self._shown_in == execution_count()
        if not has_kernel():
            print(repr(self) if is_shown else plain(self))
        elif not is_shown:
            from IPython.display import display

            display(mimebundle(self), raw=True)

    def __repr__(self) -> str:
        facts = [self.status, visible(self.model)]
        if (tokens := self.usage.output_tokens) is not None:
            facts.append(f"{tokens} tokens")
        if (total := self.timing.total) is not None:
            facts.append(f"{total:.1f} s")
        return f"<Reply: {', '.join(fact for fact in facts if fact)}>"
