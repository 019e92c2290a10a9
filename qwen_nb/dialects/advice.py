"""What a user can do about an error of a server, in one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ..profiles import Profile


class _Case(NamedTuple):
    """One kind of error."""

    said: str
    """A pattern of what the server says: its code and message, in lower case. `""` fits anything."""
    statuses: tuple[int, ...]
    """HTTP statuses that it fits; empty fits all."""
    advice: str | Callable[[Profile], str]


def advice_for(status: int, code: str, message: str, profile: Profile) -> str:
    """What to do about an error; `""` where nothing better than the message is known."""
    said = f"{code} {message}".lower()
    for case in _CASES:
        if (not case.statuses or status in case.statuses) and re.search(case.said, said):
            return case.advice if isinstance(case.advice, str) else case.advice(profile)
    return "The fault is the server's: try again, and see its log." if status >= 500 else ""


def _about_key(profile: Profile) -> str:
    if profile.thinking == "enable_thinking":
        return (
            "Check the key: one of the China region works with dashscope only, an international one with dashscope-intl, "
            "one of the US with dashscope-us."
        )
    if profile.legacy_functions:
        return "This server wants a user and a password: pass api_key= the base64 text of user:password."
    names = " or ".join(profile.key_env)
    return f"Check the key: api_key= or {names}." if names else "Check api_key=."


def _about_quota(profile: Profile) -> str:
    if profile.quota_is_throttle:
        return "This is a limit of tokens per minute and passes by itself: wait a minute, or send less at once."
    return "The account has no credit left: add some, or use another key."


def _about_model(profile: Profile) -> str:
    if profile.name == "ollama":
        return "Fetch the model first: ollama pull and its name."
    return "Check the model's name: qn.doctor() lists what this server has."


_CASES = (
    _Case(
        "not yet implemented for stream mode",
        (),
        "Connect with profile='legacy-qwen': it calls functions without a stream.",
    ),
    _Case("freetieronly", (), "The free quota is used up: turn off “free tier only” in the console, or use another model."),
    _Case("arrearage|overdue", (), "The account is in arrears: settle it in the console."),
    _Case("unpurchased", (), "The account has not activated this service: do it in the console."),
    _Case(r"invalid_?api_?key|incorrect api key", (), _about_key),
    _Case("insufficient_quota|allocationquota|billing_hard_limit", (), _about_quota),
    _Case("data_?inspection_?failed|content_?filter", (), "The server's content filter refused it: say it differently."),
    _Case(r"json.*think|think.*json|response_format.*think", (400,), "JSON mode does not go with thinking: add thinking=False."),
    _Case(
        "enable_thinking must be set to false",
        (),
        "The request arrived without stream: something between takes it out. Connect directly, or add thinking=False.",
    ),
    _Case(
        "only support stream|support http call|only support with stream|only supported with stream",
        (),
        "The request arrived without stream: something between takes it out. Connect directly.",
    ),
    _Case("url error", (), "This model is served at another path: use protocol='chat'."),
    _Case(
        "unexpected fields|unrecognized request argument|unknown parameter|extra inputs are not permitted",
        (),
        "This server refuses fields that it does not know: leave them out (thinking=, extra=), or say profile= which server it is.",
    ),
    _Case(
        r"context.{0,12}(length|size|window)|exceed_context|too many tokens|range of input length",
        (),
        "Shorten the input or the conversation, or take a model with a longer context.",
    ),
    _Case("loading model", (503,), "The model is still being loaded: wait a moment."),
    _Case("(?<!/)model", (404,), _about_model),
    _Case("model_?not_?(found|supported)", (), _about_model),
    _Case("", (401,), _about_key),
    _Case("", (402,), "Add credit to the account, or use another key."),
    _Case("", (403,), "This key may not do this: check what it allows, and the model's name."),
    _Case("", (404, 405), "Check base_url=: it usually ends in /v1."),
    _Case("", (413,), "The request is too large: send smaller images or less text."),
    _Case("", (429,), "Wait a moment, or send fewer requests at once."),
    _Case("html page", (502, 503, 504), "A proxy could not reach the server: is it running?"),
    _Case("html page", (), "Check base_url=: this is a web page, not a server of models."),
    _Case("", (408, 504), "The server took too long: try again, or ask for less."),
    _Case("", (200,), "Check base_url=, and whether a proxy changes the answer."),
)
