"""Send a question and show its reply: in a widget where there is a kernel, else as text."""

from __future__ import annotations

from .asking import Asking, EventStream
from .host import has_kernel
from .pacing import Pacer
from .question import Question
from .terminal import Printing


def shown(question: Question, *, display: bool | None, settle: bool) -> Asking | Printing:
    """Send `question`; `wait` for the reply. `display=False` shows nothing."""
    if display is not False and not has_kernel():
        return Printing(EventStream(question))
    reply = question.reply()
    if display is False:
        return Asking(question, reply, reply.extend)
    widget = reply.view(on_stop=lambda: asking.stop())
    reply.show(settle=settle)
    asking = Asking(question, reply, Pacer(widget.send_batch).put)
    return asking
