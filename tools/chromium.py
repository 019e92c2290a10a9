"""The Chromium of the browser tests and of `make demo CHECK=1`.

    python -m tools.chromium      # see that there is one that starts; install one if not

Those on the PATH come first, then Playwright's own: the first that starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-wqy-microhei")
"""For apt. The fonts: some text, some code and some Chinese."""

HINT = "Put Chromium or Chrome on the PATH, or run: .venv/bin/python -m playwright install --with-deps chromium"


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium with an empty profile. Raises `playwright.sync_api.Error` if none starts."""
    # One on the PATH may be a word to install it, as Ubuntu's in a container is.
    for path in filter(None, map(shutil.which, NAMES)):
        with suppress(Error):
            return playwright.chromium.launch(executable_path=path, args=ARGUMENTS, headless=True)
    return playwright.chromium.launch(args=ARGUMENTS, headless=True)


def why_not() -> str | None:
    """The reason that no Chromium starts; `None` if one does."""
    with sync_playwright() as playwright:
        try:
            launch(playwright).close()
        except Error as error:
            return error.message
    return None


def install_with_apt() -> None:
    """Have Debian's Chromium, if this is root on Debian."""
    release = Path("/etc/os-release")
    if os.name != "posix" or os.geteuid() != 0 or not release.exists() or "\nID=debian\n" not in "\n" + release.read_text():
        return
    commands = "apt-get update -qq && apt-get install -y -qq --no-install-recommends " + " ".join(PACKAGES)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["sh", "-c", commands], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


def install_with_playwright() -> None:
    """Have Playwright download its own, which takes no root."""
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdin=subprocess.DEVNULL, check=False)


def main() -> int:
    reason = why_not()
    for install in (install_with_apt, install_with_playwright):
        if reason is None:
            return 0
        print("No Chromium starts here; trying to install one", flush=True)
        install()
        reason = why_not()
    if reason is None:
        return 0
    print(f"{reason}\n\nThere is no Chromium for the browser tests. {HINT}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
