"""A kernel without a page, whose messages are counted as jupyter_server would send them over the websocket.

A reply of ours is told what JupyterLab's page would tell it, that somebody hears it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1

from .contestants import Contestant

STATIC = Path(__file__).parents[2] / "qwen_nb" / "static"
PATIENCE = 600.0
"""Seconds that a cell may take."""


@dataclass
class Traffic:
    """What the kernel has sent for one cell."""

    messages: int = 0
    bytes: int = 0
    printed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class CountedKernel:
    """Runs cells, one after the other.

    A thread takes the messages as they come off the wire: nothing is parsed but what says that a cell has ended, so that the reader
    is not what is measured. The queue between is unlimited, and no message is lost.
    """

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self._client = client
        self._session = client.session
        self._socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.SUB)
        self._socket.setsockopt(zmq.RCVHWM, 0)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        connection = manager.get_connection_info()
        self._socket.connect(f"tcp://{connection['ip']}:{connection['iopub_port']}")
        self._until_connected()

    def _until_connected(self) -> None:
        """A subscription takes a moment; ask until an answer is heard."""
        for _ in range(100):
            self._client.kernel_info()
            if self._socket.poll(100):
                break
        while self._socket.poll(300):
            self._socket.recv_multipart()

    def run(self, source: str) -> Traffic:
        """Run a cell. Raises `RuntimeError` with what it said if it fails."""
        traffic = Traffic()
        begun = threading.Event()
        request: list[bytes] = []
        reader = threading.Thread(target=self._read, args=(traffic, begun, request))
        reader.start()
        request.append(self._client.execute(source).encode())
        begun.set()
        reader.join(PATIENCE)
        if reader.is_alive() or traffic.errors:
            raise RuntimeError(f"{source}\n" + ("\n".join(traffic.errors) or "The cell does not end."))
        return traffic

    def _read(self, traffic: Traffic, begun: threading.Event, request: list[bytes]) -> None:
        begun.wait()
        while self._socket.poll(int(PATIENCE * 1000)):
            frames = self._socket.recv_multipart()
            header, parent, _metadata, content = body = frames[frames.index(b"<IDS|MSG>") + 2 :][:4]
            buffers = frames[frames.index(b"<IDS|MSG>") + 6 :]
            traffic.messages += 1
            traffic.bytes += len(serialize_msg_to_ws_v1([*body, *buffers], "iopub"))
            if b'"stream"' in header:
                traffic.printed.append(self._session.unpack(content)["text"])
            elif b'"comm_open"' in header and b'"snapshot"' in content:
                self._listen(self._session.unpack(content)["comm_id"])
            elif b'"error"' in header:
                traffic.errors.append("\n".join(self._session.unpack(content)["traceback"]))
            elif b'"status"' in header and b'"idle"' in content and request[0] in parent:
                break

    def _listen(self, comm_id: str) -> None:
        data = {"method": "custom", "content": {"type": "listening", "host": "jupyter"}}
        self._client.shell_channel.send(self._session.msg("comm_msg", {"comm_id": comm_id, "data": data}))

    def cpu(self) -> float:
        """Seconds of CPU time of all threads of the kernel so far."""
        return float("".join(self.run("import time as _time; print(_time.process_time())").printed))


def code_bytes() -> tuple[int, int]:
    """What the page's code takes on its way, once: all of it, and without formulas and colours."""
    sizes = {path.name: path.stat().st_size for path in STATIC.glob("*.gz")}
    return sum(sizes.values()), sizes["core.js.gz"]


@contextmanager
def kernel_for(contestant: Contestant, url: str) -> Iterator[CountedKernel]:
    """A kernel in which `contestant` has shown a short reply, and will ask the server at `url`."""
    manager = KernelManager(kernel_name=contestant.kernel)
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels(iopub=False, stdin=False, hb=False)
    try:
        kernel = CountedKernel(manager, client)
        kernel.run(contestant.prepared(url))
        kernel.run(contestant.warm_up)
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
