"""`make demo`: JupyterLab on the first notebook. `make demo CHECK=1`: the same without a person.

    python -m tools.demo             # prints the URL, opens a browser where there is one, ends with Ctrl-C
    python -m tools.demo --check     # runs the notebook in headless Chromium; exit status 0 if all is as it should be
    python -m tools.demo --check notebook     # the same in Notebook 7

The kernel gets no address and no key from the environment: what plays is recorded.
"""

from __future__ import annotations

import os
import signal
import sys
import webbrowser
from pathlib import Path

from tools.lab_server import JupyterServer, NotStartedError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = "notebooks/01_quickstart.ipynb"
STATE = ROOT / "build" / "jupyter"
PORT = 8888
"""Where to look for a free port first."""


def has_display() -> bool:
    """Whether a browser could show itself. Without a display `webbrowser` would start one in the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def show() -> int:
    """Serve the notebook until the server ends or somebody ends us."""
    with JupyterServer(ROOT, STATE, port=PORT) as server:
        url = server.lab(NOTEBOOK)
        print(f"JupyterLab is at\n\n    {url}\n\nCtrl-C ends it.", flush=True)
        if has_display():
            webbrowser.open(url)
        return server.wait()


def main() -> int:
    # Leave through `JupyterServer.__exit__`, which ends the server and its kernels. A shell's background job ignores SIGINT.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    try:
        if sys.argv[1:2] == ["--check"]:
            from tools.demo_check import check

            return check(ROOT, NOTEBOOK, (sys.argv[2:] or ["lab"])[0])
        return show()
    except KeyboardInterrupt:
        print()
        return 0 if not sys.argv[1:] else 130
    except NotStartedError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
