"""Send a question and show its reply: in a widget where there is a kernel, else as text."""

from __future__ import annotations

from .asking import Asking
from .host import has_kernel
from .question import Question
from .terminal import Printing


def shown(question: Question, *, display: bool | None = None, settle: bool = True, background: bool = False) -> Asking | Printing:
    """Send `question`; `wait` for the reply. `display=False` shows nothing, nor does a terminal what runs in the background."""
    reply = question.reply()
    in_widget = display is not False and has_kernel()
    in_terminal = display is not False and not has_kernel() and not background
    if in_widget:
        reply.show(settle=settle)

    def send(asked: Question) -> Asking | Printing:
        reply.resumed_by(lambda: send(question.rest_of(reply)))
        if in_terminal:
            return Printing(asked, reply)
        if in_widget:
            widget = reply.view()
            return Asking(asked, reply, widget.stream().put, widget.approver.ask)
        return Asking(asked, reply, reply.extend)

    return send(question)
