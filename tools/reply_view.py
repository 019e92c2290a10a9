"""A reply in the page: what a reader sees of the widget in a cell's output."""

from __future__ import annotations

import re

from playwright.sync_api import Locator


class ReplyView:
    """One view of a reply, found anywhere in `place`."""

    def __init__(self, place: Locator) -> None:
        self._place = place
        self.node = place.locator(".qwen-nb .reply")
        self.reasoning = self.node.locator("details.reasoning")
        self.tools = self.node.locator(".tool")
        self.badge = self.node.locator(".footer .badge")
        self.stop = self.node.get_by_role("button", name="Stop")

    @property
    def answer(self) -> str:
        """The answer as it is drawn."""
        return "\n".join(self.node.locator(".answer").all_inner_texts())

    @property
    def status(self) -> str:
        """The status line: phase, model, first token, speed, usage."""
        return " ".join(self.node.locator(".footer > span:visible:not(.actions)").all_inner_texts())

    @property
    def is_live(self) -> bool:
        """Whether the stream goes on."""
        return "live" in (self.node.get_attribute("class") or "").split()

    @property
    def is_reasoning_open(self) -> bool:
        """Whether the thinking is unfolded."""
        return self.reasoning.first.get_attribute("open") is not None

    def wait_for_text(self) -> None:
        """Wait until the answer has begun."""
        self.node.locator(".answer", has_text=re.compile(r"\S")).first.wait_for(state="attached")

    def wait_for(self, text: str) -> None:
        """Wait until the answer has `text`."""
        self.node.locator(".answer", has_text=text).first.wait_for(state="attached")

    def wait_for_end(self) -> None:
        """Wait until the stream has ended."""
        self._place.locator(".qwen-nb .reply:not(.live)").first.wait_for(state="attached")
