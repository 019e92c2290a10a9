"""What is known of each kind of server: its address, its key, and the fields in which it says things.

A profile is data; `dialects/` reads it to write a body that this server understands and does not refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal
from urllib.parse import urlsplit

Thinking = Literal["enable_thinking", "chat_template_kwargs", "reasoning_effort", "reasoning", "none"]
"""The field that turns thinking on and off. `none`: this server has no such field."""
Prefix = Literal["partial", "continue_final_message", "assistant", "none"]
"""How an answer is continued: `partial` marks the last message, `continue_final_message` is a field of the body, `assistant`
needs nothing but a last message by the assistant, `none` cannot."""
Schema = Literal["json_schema", "json_object", "prompt"]
"""How an answer is held to a JSON schema: by the server, by the server to some JSON with the schema told in the prompt, or by
the prompt alone."""


@dataclass(frozen=True)
class Profile:
    """One kind of server. The defaults are those of a server that does what OpenAI's Chat Completions does."""

    name: str
    """As in `PROFILES`."""
    title: str
    """What to call it in a line of text."""
    base_url: str = ""
    """Its usual address, up to and including the version; `""` if it has none."""
    native_url: str = ""
    """The address for the protocol `dashscope`, where it differs."""
    key_env: tuple[str, ...] = ()
    """Environment variables that may hold its key, in the order in which they are tried."""
    default_model: str = ""
    """`""`: ask for the server's list."""
    protocol: str = "chat"
    thinking: Thinking = "chat_template_kwargs"
    thinking_in_responses: Thinking = "reasoning"
    """The same, in the protocol `responses`."""
    thinking_budget: str = ""
    """The top-level field for the most tokens of reasoning; `""` if there is none. `reasoning` stands for its `max_tokens`."""
    starts_in_thinking: tuple[str, ...] = ()
    """Patterns (`fnmatch`, lower case) of models whose template writes the opening `<think>` itself, so that a server that does
    not separate reasoning sends the closing tag only."""
    keeps_reasoning: str = ""
    """The field in which an assistant message may carry its earlier reasoning; `""`: it is left out."""
    usage: bool = True
    """Whether usage in a stream must be asked for by `stream_options`."""
    schema: Schema = "json_schema"
    schema_excludes_thinking: bool = False
    """Whether JSON mode together with thinking is refused."""
    prefix: Prefix = "none"
    takes_addresses: bool = False
    """Whether sound in a message is an address, as pictures are, and film a list of addresses of its frames."""
    strict: bool = False
    """Whether fields that it does not know make it refuse the request."""
    legacy_functions: bool = False
    """Whether tools are `functions`, and refused in a stream."""
    quota_is_throttle: bool = False
    """Whether `insufficient_quota` passes within a minute, and is worth a retry."""
    owned_by: str = ""
    """The `owned_by` of its models in `/v1/models`, which tells servers apart that share a port; `""` if it says nothing."""
    only_model: str = ""
    """The one model that it lists, whatever it serves; `""` if its list is true."""

    def has_started_thinking(self, model: str) -> bool:
        """Whether `model`, served here without a reasoning parser, begins inside its reasoning."""
        name = model.lower()
        return any(fnmatchcase(name, pattern) for pattern in self.starts_in_thinking)


_THINKING_ONLY = ("*qwq*", "*qvq*", "*qwen3*-thinking*")


def _dashscope(name: str, title: str, host: str, model: str) -> Profile:
    return Profile(
        name,
        title,
        base_url=f"https://{host}/compatible-mode/v1",
        native_url=f"https://{host}/api/v1",
        key_env=("DASHSCOPE_API_KEY",),
        default_model=model,
        thinking="enable_thinking",
        thinking_in_responses="enable_thinking",
        thinking_budget="thinking_budget",
        keeps_reasoning="reasoning_content",
        schema="json_object",
        schema_excludes_thinking=True,
        prefix="partial",
        takes_addresses=True,
        quota_is_throttle=True,
    )


_ALL = (
    _dashscope("dashscope", "DashScope (China)", "dashscope.aliyuncs.com", "qwen-plus"),
    _dashscope("dashscope-intl", "DashScope (international)", "dashscope-intl.aliyuncs.com", "qwen-plus"),
    # The US region serves its own builds, named with a suffix.
    _dashscope("dashscope-us", "DashScope (US)", "dashscope-us.aliyuncs.com", "qwen-plus-us"),
    Profile(
        "vllm",
        "vLLM",
        base_url="http://127.0.0.1:8000/v1",
        key_env=("VLLM_API_KEY",),
        thinking_budget="thinking_token_budget",
        starts_in_thinking=_THINKING_ONLY,
        keeps_reasoning="reasoning_content",
        prefix="continue_final_message",
        owned_by="vllm",
    ),
    Profile(
        "sglang",
        "SGLang",
        base_url="http://127.0.0.1:30000/v1",
        starts_in_thinking=_THINKING_ONLY,
        keeps_reasoning="reasoning_content",
        prefix="continue_final_message",
        owned_by="sglang",
    ),
    Profile(
        "llamacpp",
        "llama.cpp",
        base_url="http://127.0.0.1:8080/v1",
        key_env=("LLAMA_API_KEY",),
        thinking_in_responses="chat_template_kwargs",
        thinking_budget="thinking_budget_tokens",
        starts_in_thinking=_THINKING_ONLY,
        keeps_reasoning="reasoning_content",
        prefix="assistant",
        owned_by="llamacpp",
    ),
    Profile(
        "ollama",
        "Ollama",
        base_url="http://127.0.0.1:11434/v1",
        key_env=("OLLAMA_API_KEY",),
        thinking="reasoning_effort",
        keeps_reasoning="reasoning",
        prefix="assistant",
        owned_by="library",
    ),
    Profile(
        "lmstudio",
        "LM Studio",
        base_url="http://127.0.0.1:1234/v1",
        thinking="none",
        thinking_in_responses="none",
        starts_in_thinking=_THINKING_ONLY,
    ),
    Profile(
        "openrouter",
        "OpenRouter",
        base_url="https://openrouter.ai/api/v1",
        key_env=("OPENROUTER_API_KEY",),
        default_model="qwen/qwen-plus",
        thinking="reasoning",
        thinking_budget="reasoning",
        keeps_reasoning="reasoning",
        usage=False,
        prefix="assistant",
    ),
    Profile(
        "transformers",
        "transformers serve",
        base_url="http://127.0.0.1:8000/v1",
        thinking_in_responses="none",
        starts_in_thinking=_THINKING_ONLY,
        keeps_reasoning="reasoning_content",
        usage=False,
        schema="prompt",
        strict=True,
    ),
    Profile(
        "legacy-qwen",
        "the legacy QwenLM/Qwen server",
        base_url="http://127.0.0.1:8000/v1",
        thinking="none",
        thinking_in_responses="none",
        usage=False,
        schema="prompt",
        legacy_functions=True,
        owned_by="owner",
        only_model="gpt-3.5-turbo",
    ),
    Profile(
        "openai",
        "an OpenAI-compatible server",
        base_url="",
        key_env=("OPENAI_API_KEY",),
        starts_in_thinking=_THINKING_ONLY,
    ),
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in _ALL}
"""Every kind of server that is known, by name. `openai` is the one taken where nothing is known."""

_PORTS = {8000: "vllm", 30000: "sglang", 8080: "llamacpp", 11434: "ollama", 1234: "lmstudio"}


def profile_for(base_url: str) -> Profile:
    """The profile of the server at `base_url`: by its host, else by its port, else `openai`. Nothing is sent."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    if host.endswith(".aliyuncs.com"):
        region = host.removesuffix(".aliyuncs.com")
        if "-us" in region or ".us-" in region:
            return PROFILES["dashscope-us"]
        is_abroad = "intl" in region or "ap-southeast" in region or "eu-central" in region
        return PROFILES["dashscope-intl" if is_abroad else "dashscope"]
    if host == "openrouter.ai" or host.endswith(".openrouter.ai"):
        return PROFILES["openrouter"]
    try:
        port = parts.port
    except ValueError:
        port = None
    return PROFILES[_PORTS.get(port or 0, "openai")]


def profile_from_models(document: Any) -> Profile | None:
    """The kind of server whose list of models (`GET /v1/models`) this is, where the list tells; `None` where it does not."""
    entries = document.get("data") if isinstance(document, Mapping) else None
    models = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    for profile in _ALL:
        for model in models if profile.owned_by else ():
            if model.get("owned_by") == profile.owned_by and profile.only_model in ("", model.get("id")):
                return profile
    return None
