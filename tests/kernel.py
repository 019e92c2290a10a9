"""A real ipykernel, driven as a front end drives it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel


@dataclass
class Cell:
    """What one executed cell sent."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    status: str = ""

    def contents(self, kind: str) -> list[dict[str, Any]]:
        return [message["content"] for message in self.messages if message["msg_type"] == kind]

    @property
    def printed(self) -> str:
        return "".join(content["text"] for content in self.contents("stream"))

    @property
    def traceback(self) -> str:
        return "\n".join(line for content in self.contents("error") for line in content["traceback"])

    @property
    def batches(self) -> list[dict[str, Any]]:
        """The batches of events that went to the page."""
        custom = [content["data"] for content in self.contents("comm_msg") if content["data"].get("method") == "custom"]
        return [data["content"] for data in custom if "events" in data["content"]]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches for event in batch["events"]]

    @property
    def text(self) -> str:
        return "".join(event["text"] for event in self.events if event["type"] == "part_delta")

    @property
    def comm_bytes(self) -> int:
        """The size of all comm messages as they cross the websocket, headers included."""
        import json

        return sum(len(json.dumps(message, default=str)) for message in self.messages if message["msg_type"].startswith("comm"))


class Kernel:
    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def start(self, code: str, cell: str = "") -> str:
        """Execute without waiting, as the cell with the id `cell`; the id of the request."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell} if cell else {})
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, request: str, *, until: str = "", timeout: float = 60.0) -> Cell:
        """What the cell sends until it is idle, or until one of its batches has the text `until`."""
        cell = Cell()
        deadline = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=deadline - time.monotonic())
            if message["parent_header"].get("msg_id") != request:
                continue
            cell.messages.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            if until and until in cell.text:
                return cell
        cell.status = self._reply_to(request)
        return cell

    def _reply_to(self, request: str) -> str:
        while True:
            reply = self.client.get_shell_msg(timeout=10)
            if reply["parent_header"].get("msg_id") == request:
                return str(reply["content"]["status"])

    def run(self, code: str, cell: str = "") -> Cell:
        return self.finish(self.start(code, cell))

    def value(self, expression: str) -> str:
        """`repr` of an expression in the kernel."""
        cell = self.run(f"print(repr(({expression})))")
        assert cell.status == "ok", cell.traceback
        return cell.printed.strip()


@contextmanager
def running_kernel() -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3", extra_arguments=["--IPKernelApp.capture_fd_output=False"])
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
