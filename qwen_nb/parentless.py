"""Comm messages that do not say which request they belong to.

ipykernel repeats the header of the cell's request in every message. Of a batch of a few words that is a third, and no page of
Jupyter's reads it: a comm message goes to the model of its comm, not to a cell. The protocol lets it be empty
(https://jupyter-client.readthedocs.io/en/stable/messaging.html#parent-header).
"""

from __future__ import annotations

from typing import Any

from ipywidgets import Widget


def send(widget: Widget, content: dict[str, Any]) -> None:
    """What `widget.send(content)` does, with an empty parent header where the kernel is ipykernel."""
    kernel = getattr(widget.comm, "kernel", None)
    if kernel is None:
        widget.send(content)
        return
    message = {"comm_id": widget.comm.comm_id, "data": {"method": "custom", "content": content}}
    kernel.session.send(kernel.iopub_socket, "comm_msg", message, ident=widget.comm.topic)
