"""Send a question and show its reply: in a widget where there is a kernel, else as text."""

from __future__ import annotations

from .asking import Asking, EventStream
from .host import has_kernel
from .pacing import Pacer
from .question import Question
from .terminal import Printing


def shown(question: Question, *, display: bool | None = None, settle: bool = True, background: bool = False) -> Asking | Printing:
    """Send `question`; `wait` for the reply. `display=False` shows nothing, nor does a terminal what runs in the background."""
    asking = _sent(question, display, settle, background)
    reply = asking.reply
    reply.continued_by(lambda: shown(question.rest_of(reply), display=display, settle=settle).wait())
    return asking


def _sent(question: Question, display: bool | None, settle: bool, background: bool) -> Asking | Printing:
    if display is not False and not background and not has_kernel():
        return Printing(EventStream(question))
    reply = question.reply()
    if display is False or not has_kernel():
        return Asking(question, reply, reply.extend)
    widget = reply.view(on_stop=reply.stop)
    reply.show(settle=settle)
    return Asking(question, reply, Pacer(widget.send_batch).put, widget.approver.ask)
