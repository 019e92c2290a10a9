"""Published attacks and our own, rendered by the page's code as it is shipped, whole and one character a frame, in Chromium.

No script runs, no request leaves the page, no style, element or name gets out of the reply. `SAFETY=all`, which `make safety`
sets, renders all payloads everywhere; else it is a sample.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page

from tests.xss import payloads
from tests.xss.own import BEACON
from tests.xss.site import Site

ALL = os.environ.get("SAFETY") == "all"
TOGETHER = 100
"""Texts that stand side by side: each frame draws all of them."""


class Range:
    """A page with nothing but replies, and all that they do beyond being drawn."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.site = site
        self.requests: list[str] = []
        self.offences: list[str] = []
        self.counts: Counter[str] = Counter()
        self.page: Page = context.new_page()
        # Nothing gets out of this machine, whatever is asked for.
        self.page.route(lambda url: not url.startswith(site.origin), lambda route: route.abort())
        self.page.on("request", lambda request: self._request(request.url))
        self.page.on("pageerror", lambda error: self.offences.append(f"uncaught: {error.message}"))
        self.page.on("console", self._console)
        self.page.on("dialog", self._dialog)
        self.page.on("popup", lambda popup: self.offences.append(f"window: {popup.url}"))
        self.page.on("download", lambda download: self.offences.append(f"download: {download.url}"))
        self.page.goto(site.page)
        self.page.wait_for_function("globalThis.ready === true")
        self.page.on("framenavigated", lambda frame: self.offences.append(f"navigation: {frame.url}"))

    def _request(self, url: str) -> None:
        if url not in self.site.files and not url.startswith(("data:image/", "data:,")):
            self.requests.append(url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.offences.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.offences.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def attack(self, replies: Sequence[dict[str, Any]], step: int = 0) -> None:
        """Render `replies` side by side, whole or `step` characters a frame."""
        done = self.page.evaluate("([replies, step]) => attack(replies, step)", [replies, step])
        for index, what in done["found"]:
            texts = [text[:200] for _, _, text, _ in replies[index]["parts"]]
            self.offences.append(f"{what} in one of {texts}")
        if done["tripped"]:
            self.offences.append(f"{done['tripped']}, by one of {[reply['parts'][-1][2][:200] for reply in replies]}")
        self.counts += Counter(renderings=sum(len(reply["parts"]) for reply in replies), deltas=done["deltas"])

    def say(self, texts: Sequence[str], step: int = 0, *, structured: bool = False) -> None:
        """Render replies that say `texts`, some at a time, those of one length together: or most would wait for the longest."""
        texts = sorted(texts, key=len)
        for some in (texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER)):
            half = len(some) // 2
            self.attack([payloads.answers(part, structured=structured) for part in (some[:half], some[half:])], step)

    def tell(self, stage: str) -> None:
        """Say what has been counted so far."""
        seen = {"requests": len(self.requests) + len(self.site.seen), "offences": len(self.offences)}
        print(f"{stage}: {dict(self.counts)}, {seen}", *self.offences[:3], flush=True)

    def armed(self, texts: Sequence[str]) -> list[str]:
        return [self.site.armed(text) for text in texts]


@pytest.fixture
def field(browser: BrowserContext) -> Iterator[Range]:
    with Site() as site:
        field = Range(browser, site)
        yield field
        field.page.close()


def test_nothing_that_a_server_or_a_model_sends_does_anything_in_the_page(field: Range) -> None:
    chance = random.Random(7)
    some = field.armed(payloads.some(chance))
    texts = field.armed(payloads.every()) if ALL else some
    few = some if ALL else chance.sample(some, 40)
    placed = [placed for text in few for placed in payloads.surrounded(text)]
    field.say(texts)
    field.say(placed)
    field.tell("answers")
    field.say([said for text in few for said in (text, payloads.as_json(text))], structured=True)
    for start in range(0, len(few), 10):
        field.attack([payloads.reply(text) for text in few[start : start + 10]])
    field.attack(list(payloads.sounds()))
    field.tell("every other place")
    # One character a frame.
    short = [text for text in texts if len(text) < (1_000 if ALL else 100)]
    field.say(short if ALL else chance.sample(short, 200), step=1)
    field.tell("answers, slowly")
    shortest = [text for text in few if len(text) < 60][: None if ALL else 6]
    for start in range(0, len(shortest), 10):
        field.attack([payloads.reply(text) for text in shortest[start : start + 10]], step=1)
    if ALL:
        field.say(chance.sample([text for text in placed if len(text) < 500], 3_000), step=1)
    field.tell(f"all {len(texts)} payloads")
    assert field.offences == []
    assert field.requests == []
    assert field.site.seen == []
    assert field.counts["deltas"] > 10_000


SEEN = {
    "<img src=x onerror=alert(1)>": "alert() was called",
    "<svg><animate onbegin=confirm(1) attributeName=x dur=1s /></svg>": "confirm() was called",
    "<details open ontoggle=print()>x</details>": "print() was called",
    "<style>body { opacity: 0.5 }</style>": "the page has changed",
    "<a id=trick></a>": "a id=trick",
    "<div style='position: fixed; inset: 0'>x</div>": "covers",
    "<div style='margin-top: -50px'>x</div>": "covers",
    "<a href='javascript:1'>x</a>": "href=javascript:1",
    "<a href='https://a.example'>x</a>": "rel=",
    f"<img src='{BEACON}/img'>": "/seen/img",
    f"<iframe src='{BEACON}/frame'></iframe>": "/seen/frame",
}
"""What plain `innerHTML` would let through, and a sign that it was seen."""


def test_what_plain_inner_html_lets_through_is_seen(field: Range) -> None:
    for html, sign in SEEN.items():
        requests, seen = len(field.requests), len(field.site.seen)
        fetches = BEACON in html
        done = field.page.evaluate("([html, sign]) => control(html, sign)", [field.site.armed(html), "" if fetches else sign])
        for _ in range(50):
            if not fetches or len(field.site.seen) > seen:
                break
            field.page.wait_for_timeout(100)
        assert sign in f"{done} {field.requests[requests:]}", html
        if fetches:
            assert len(field.requests) > requests
            assert len(field.site.seen) > seen
    assert field.offences, "what had failed to load is said by the console"
