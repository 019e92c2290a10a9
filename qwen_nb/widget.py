"""The live widget: applies batches to its reply and sends each as one comm message. The only file that imports anywidget."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import DisplayHandle, display
from ipywidgets import Layout, widget_serialization
from ipywidgets.widgets.trait_types import InstanceDict

from . import parentless
from .approval import Approver
from .events import Event, PartDelta, StreamEnd
from .excerpt import Excerpt
from .fallback import mimebundle
from .pacing import Pacer, is_crowded
from .reply import Reply
from .runner import loop
from .together import Together
from .wire import to_wire

_LISTENING = 600.0
"""Seconds after which a reply settles though somebody has not heard the end of it."""
KEPT = 32
"""Outputs whose widgets stay when plain output has taken their place: a page that was closed meanwhile, or is opened again as it
was saved while the reply came, still has them where the output was."""
LINGER = 5.0
"""Seconds after which one more is closed: anywidget takes two to give up on a model that is closed before its code was there, and
then logs an error."""
STATIC = Path(__file__).with_name("static")


class CodeWidget(anywidget.AnyWidget):
    """Carries the front-end code to the page: once per kernel, however many replies there are."""

    _esm = "export default {};"

    hash = traitlets.Unicode().tag(sync=True)
    """Names the code, so that a page evaluates it once."""
    code = traitlets.Bytes().tag(sync=True)
    """An ES module, gzipped."""
    bundles = traitlets.Dict().tag(sync=True)
    """Name to model id of further code that has been needed."""


_carriers: dict[str, CodeWidget] = {}


def carrier(name: str) -> CodeWidget:
    """The one widget of this kernel that carries `static/NAME.js.gz`; another when a user has closed all widgets."""
    held = _carriers.get(name)
    if held is None or held.comm is None:
        code = (STATIC / f"{name}.js.gz").read_bytes()
        held = _carriers[name] = CodeWidget(hash=hashlib.sha256(code).hexdigest(), code=code)
    return held


together = Together(lambda message: carrier("core").send(message))
"""Sends batches of many replies as one message: over the comm of the code, which the page of every reply hears."""

_numbers = itertools.count(1)
_SIGNS = {"math": ("$", "\\(", "\\["), "highlight": ("```", "~~~")}
"""What a text has that needs further code. A page cannot ask for it: a busy kernel would answer when the reply is over."""


def provide(text: str) -> None:
    """Bring the further code that `text` needs to the page, if it is not there."""
    core = carrier("core")
    for name, signs in _SIGNS.items():
        if name not in core.bundles and any(sign in text for sign in signs):
            core.bundles = {**core.bundles, name: carrier(name).model_id}


class StreamWidget(anywidget.AnyWidget):
    """One reply, live, in any number of views. Batches come from the background loop, requests for the state from anywhere."""

    # As text: of a path, anywidget keeps every widget that was made with it, to tell it when the file changes.
    _esm = (STATIC / "stub.js").read_text(encoding="utf-8")

    snapshot = traitlets.Dict().tag(sync=True, to_json=lambda _, widget: widget._snapshot())
    about = traitlets.Dict().tag(sync=True)
    last_seq = traitlets.Int().tag(sync=True)
    # None: a page keeps, with a layout, the views that it was for, when they are long gone.
    layout = InstanceDict(Layout, allow_none=True).tag(sync=True, **widget_serialization)
    _code = traitlets.Unicode().tag(sync=True)

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self._seq = 1 if reply.parts or reply.status != "streaming" else 0
        self._deltas = 0
        self._tail = ""
        self._excerpt = Excerpt()
        # What has come before counts.
        self._provide(self._excerpt.of(reply.events()))
        self._output: DisplayHandle | None = None
        self._stays = False
        """Whether it is shown somewhere where nothing takes its place."""
        self.uses = 0
        """How often somebody has asked for it."""
        self._pacer: Pacer | None = None
        self._number = next(_numbers)
        self._shares = False
        self._is_jupyter = False
        """Whether a page of Jupyter's own hears it."""
        self._is_deaf = False
        self._is_heard = False
        self._settling: asyncio.TimerHandle | None = None
        # Output goes to the cell that asked, whatever runs when it is sent.
        self._context = contextvars.copy_context()
        self.approver = Approver()
        # A page may ask for the state, on the shell's thread, while the loop applies a batch.
        self._lock = threading.Lock()
        about = {"model": reply.model, "source": reply.source, "recorded": reply.is_recorded, "raw": reply.is_raw}
        about |= {"structured": reply.shape is not None, "number": self._number}
        last_seq = self._seq if reply.status != "streaming" else 0
        super().__init__(about=about, last_seq=last_seq, _code=carrier("core").model_id, layout=None)
        self.on_msg(self._receive)
        _hear_while_busy(self)

    def stream(self) -> Pacer:
        """What takes the events of a request and sends them."""
        self._pacer = Pacer(self.send_batch, self._deltas, self._shares)
        return self._pacer

    def put(self, events: list[Event]) -> None:
        """Take events of a stream that had begun before there was this widget."""
        (self._pacer or self.stream()).put(events)

    def catch_up(self) -> None:
        """Show what the reply has got from elsewhere."""
        self._seq += 1
        self._provide(Excerpt().of(self.reply.events()))
        self.send_state("snapshot")
        if self.reply.status != "streaming":
            self._end()

    def send_batch(self, events: list[Event], deltas: int) -> None:
        """Apply `events` to the reply and send them; `deltas` is how many deltas the model has sent in all."""
        with self._lock:
            for event in events:
                self.reply.apply(event)
            shown = list(self._excerpt.of(events))
            self._deltas = deltas
            if not shown:
                return
            self._seq += 1
            batch = self._state(shown)
        is_over = isinstance(shown[-1], StreamEnd)
        is_shared = self._is_deaf or (self._shares and is_crowded())
        if is_shared:
            together.put(self._number, batch)
        if is_over or not is_shared:
            # What came before goes first.
            together.flush()
        if not is_shared:
            send = partial(parentless.send, self) if self._is_jupyter else self.send
            send(batch)
        self._provide(shown)
        if is_over:
            self._end()

    def _provide(self, shown: Iterable[Event]) -> None:
        for event in shown:
            if isinstance(event, PartDelta):
                # A sign may be cut by the end of a batch.
                text = self._tail + event.text
                provide(text)
                self._tail = text[-2:]

    def _end(self) -> None:
        self.last_seq = self._seq
        if self._is_heard:
            # Plain output would silence it.
            loop().call_soon_threadsafe(self._settle_later)
        else:
            self._settle()

    def _settle_later(self) -> None:
        """When the page says that it is over. On the loop."""
        if self._is_heard:
            self._settling = loop().call_later(_LISTENING, self._settle)
        else:
            self._settle()

    def _settle(self) -> None:
        """Let plain output take the widget's place."""
        self._settling = None
        if self._output:
            self._output.update(mimebundle(self.reply), raw=True)
            if not self._stays:
                retire(partial(self.reply.close_view, self.uses))

    def _hear_of_sound(self, is_heard: bool) -> None:
        """Speech of the reply is heard in the page now, or no more. On the loop."""
        self._is_heard = is_heard
        if self._settling and not is_heard:
            self._settling.cancel()
            self._context.run(self._settle)

    def show(self, *, settle: bool) -> None:
        """Display it. With `settle`, plain output takes its place when the reply has ended.

        Nothing else survives a saved, reopened or converted notebook: where a bundle names a widget, front ends draw that or an
        error, never the text beside it.
        """
        output = display(self, display_id=True)
        if settle:
            self._output = output
        else:
            self._stays = True

    def _snapshot(self) -> dict[str, Any]:
        with self._lock:
            return self._state(Excerpt().of(self.reply.events()))

    def _state(self, events: Iterable[Event]) -> dict[str, Any]:
        at = round(time.monotonic() - self.reply.asked_at, 3)
        return {"seq": self._seq, "at": at, "deltas": self._deltas, "events": [to_wire(event) for event in events]}

    def listened_to(self, host: str) -> None:
        """The page of this reply hears what is sent for many; it is `host`'s, as `theme.ts` tells. From any thread."""
        self._is_jupyter = host == "jupyter"
        self._shares = True
        if self._pacer:
            self._pacer.shares = True

    def _receive(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        if message.get("type") == "pull" and message.get("seq", 0) < self._seq:
            self.send_state("snapshot")
            if message.get("again"):
                # Front ends can give up a comm and not say so.
                self._is_deaf = True
                together.snapshot(self._number, self._snapshot())
        elif message.get("type") == "listening":
            self.listened_to(message.get("host", ""))
        elif message.get("type") == "stop":
            self.send({"type": "stopping"})
            self.reply.stop()
        elif message.get("type") == "continue":
            self.reply.resume()
        elif message.get("type") in ("playing", "played"):
            loop().call_soon_threadsafe(self._hear_of_sound, message["type"] == "playing")
        elif message.get("type") in ("here", "approval"):
            self.approver.receive(message)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if not bundle:
            return bundle
        data, metadata = bundle
        return {**data, **mimebundle(self.reply)}, metadata


_retired: deque[Callable[[], None]] = deque()


def retire(close: Callable[[], None]) -> None:
    """Plain output has taken the place of widgets: keep them while they are among the last, then `close` them. From any thread."""
    loop().call_soon_threadsafe(_retire, close)


def _retire(close: Callable[[], None]) -> None:
    _retired.append(close)
    if len(_retired) > KEPT:
        loop().call_later(LINGER, _retired.popleft())


def _hear_while_busy(widget: StreamWidget) -> None:
    """Let messages of the page reach the widget while its cell runs.

    JupyterLab sends comm messages to a subshell thread, but ipykernel 7.4 asks the comm which shell gets one, and by default that
    is the shell that last wrote to the comm, which is the busy one. It asks on a thread that is never busy: so Stop is heard
    there, also where a front end uses no subshells. The attribute is private; without it the page interrupts the kernel.
    """
    if not hasattr(widget.comm, "_reply_subshell_for"):
        return

    def route(data: Any, chosen: str | None) -> str | None:
        content = data.get("content") if isinstance(data, dict) else None
        match content:
            case {"type": "stop"}:
                widget.reply.stop()
            case {"type": "listening", "host": str(host)}:
                widget.listened_to(host)
        return chosen

    widget.comm._reply_subshell_for = route
