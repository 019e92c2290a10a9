"""Send a question and show its reply: in a widget where there is a kernel, else as text."""

from __future__ import annotations

from typing import Literal

from .asking import Asking
from .host import has_kernel
from .question import Question
from .reply import Reply
from .terminal import Printing

Where = Literal["widget", "terminal", "nowhere"]


def shown(
    question: Question, *, display: bool | None = None, settle: bool = True, raw: bool = False, background: bool = False
) -> Asking | Printing:
    """Send `question`; `wait` for the reply. `display=False` shows nothing, nor does a terminal what runs in the background."""
    reply = question.reply()
    reply.is_raw = raw
    if display is False:
        return sent(question, reply, "nowhere")
    if has_kernel():
        reply.show(settle=settle)
        return sent(question, reply, "widget")
    return sent(question, reply, "nowhere" if background else "terminal")


def sent(question: Question, reply: Reply, where: Where) -> Asking | Printing:
    """Send `question`, whose reply grows `where` it is shown already; the rest of it, too, if it is asked for."""
    reply.resumed_by(lambda: sent(question.rest_of(reply), reply, where))
    if where == "terminal":
        return Printing(question, reply)
    if where == "widget":
        widget = reply.view()
        return Asking(question, reply, widget.stream().put, widget.approver.ask)
    return Asking(question, reply, reply.extend)
