"""Run `transformers serve` with the tiny model, on loopback, for as long as a `with` block lasts."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.engine.environment import HOME, MODELS, VENV, environ

START = 120.0
"""Seconds that importing torch, listening and loading may take."""
STOP = 10.0
"""Seconds to leave by itself."""


@contextmanager
def serve() -> Iterator[str]:
    """The address (up to `/v1`) of a running server that has both models in memory. `RuntimeError` with its log if it fails."""
    HOME.mkdir(parents=True, exist_ok=True)
    log = HOME / "serve.log"
    command = [str(VENV / "bin" / "transformers"), "serve", "--host", "127.0.0.1", "--port", "0", "--device", "cpu"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environ(), cwd=HOME)
    try:
        address = _wait_for_address(server, log)
        for model in MODELS:
            _load(address, model, log)
        yield f"{address}/v1"
    finally:
        server.terminate()
        try:
            server.wait(STOP)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for_address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Port 0 lets the system choose a free one; the server's log says which."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and server.poll() is None:
        if found := re.search(r"running on (http://[\d.]+:\d+)", log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.2)
    raise RuntimeError(f"transformers serve did not start:\n{_tail(log)}")


def _load(address: str, model: str, log: Path) -> None:
    """Load `model` now: else the first request of a test or a recording would wait for it."""
    body = json.dumps({"model": model}).encode()
    request = urllib.request.Request(f"{address}/load_model", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=START) as response:
        progress = response.read().decode()
    if '"ready"' not in progress:
        raise RuntimeError(f"{model} could not be loaded: {progress}\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
