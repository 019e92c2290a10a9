"""A Jupyter server of our own: JupyterLab and Notebook 7 in one process, on loopback, with no setting of the user's."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

NOT_INHERITED = re.compile(r"JUPYTER|IPYTHON|PYTHON|QWEN_NB_|OPENAI_|.*_API_KEY$")
"""Environment variables that would change what the server or its kernels do, or whom they ask."""

PAGE = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
OPTIONS = (
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.open_browser=False",
    "--ServerApp.allow_root=True",
    "--ServerApp.log_level=WARN",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
)
STARTING = 60.0
"""Seconds that a server may take to start."""


class NotStartedError(Exception):
    """The server did not start; the message ends with its log."""


class JupyterServer:
    """A running server; a context manager that ends it and its kernels.

    `root` is the folder that it serves. `state` is where it keeps all that is its own: configuration, data, runtime files, the
    IPython profile, `server.log`. `environment` is added to what the kernels see, `options` to
    those of the command line.
    """

    def __init__(
        self, root: Path, state: Path, *, port: int = 0, environment: Mapping[str, str] | None = None, options: Sequence[str] = ()
    ) -> None:
        self.root = root
        self._token = secrets.token_hex(16)
        self._log = state / "server.log"
        self._runtime = state / "runtime"
        page = state / "config" / "labconfig" / "page_config.json"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(json.dumps(PAGE), encoding="utf-8")
        inherited = {name: value for name, value in os.environ.items() if not NOT_INHERITED.match(name)}
        own = {
            "JUPYTER_CONFIG_DIR": str(state / "config"),
            "JUPYTER_DATA_DIR": str(state / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
            "JUPYTER_TOKEN": self._token,
            "IPYTHONDIR": str(state / "ipython"),
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyterlab",
                    *OPTIONS,
                    *options,
                    f"--ServerApp.port={port}",
                    f"--ServerApp.root_dir={root}",
                ],
                cwd=root,
                env={**inherited, **own, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we end the server in order
            )
        try:
            self.address = self._wait_until_it_answers()
        except BaseException:
            self.close()
            raise

    def _wait_until_it_answers(self) -> str:
        """Return `http://127.0.0.1:PORT`."""
        info = self._runtime / f"jpserver-{self._process.pid}.json"
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                address = f"http://127.0.0.1:{json.loads(info.read_text(encoding='utf-8'))['port']}"
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
            except (OSError, ValueError, urllib.error.URLError):
                time.sleep(0.1)
            else:
                return address
        raise NotStartedError(f"JupyterLab did not start:\n{self._log.read_text(encoding='utf-8', errors='replace')[-2000:]}")

    def lab(self, path: str) -> str:
        """The URL of `path` in JupyterLab, with the token and without what was open before."""
        return f"{self.address}/lab/tree/{quote(path)}?reset&token={self._token}"

    def notebook(self, path: str) -> str:
        """The URL of `path` in Notebook 7, with the token."""
        return f"{self.address}/notebooks/{quote(path)}?token={self._token}"

    def end_kernels(self) -> None:
        """End all kernels and sessions."""
        for kernel in json.loads(self._ask("GET", "kernels")):
            self._ask("DELETE", f"kernels/{kernel['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        """What the server's REST interface answers."""
        headers = {"Authorization": f"token {self._token}"}
        request = urllib.request.Request(f"{self.address}/api/{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return bytes(response.read())

    def wait(self) -> int:
        """Wait until the server ends by itself; return its exit status."""
        return self._process.wait()

    def close(self) -> None:
        """End the server, and with it its kernels."""
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> JupyterServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
