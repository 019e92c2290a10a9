from __future__ import annotations

import subprocess
import sys

import pytest

from qwen_nb.profiles import PROFILES, profile_for, profile_from_models


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("https://dashscope.aliyuncs.com/api/v1", "dashscope"),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "dashscope-intl"),
        ("https://DASHSCOPE-US.aliyuncs.com/compatible-mode/v1", "dashscope-us"),
        ("https://llm-abc.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1", "dashscope-intl"),
        ("https://llm-abc.us-east-1.maas.aliyuncs.com/compatible-mode/v1", "dashscope-us"),
        ("https://llm-abc.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("https://coding-intl.dashscope.aliyuncs.com/v1", "dashscope-intl"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("http://127.0.0.1:8000/v1", "vllm"),
        ("http://localhost:30000/v1", "sglang"),
        ("http://[::1]:8080/v1", "llamacpp"),
        ("http://gpu.lan:11434/v1", "ollama"),
        ("http://localhost:1234/v1", "lmstudio"),
        ("http://localhost:5000/v1", "openai"),
        ("https://api.example.com/v1", "openai"),
        ("https://notopenrouter.ai/v1", "openai"),
        ("https://notaliyuncs.com/v1", "openai"),
        ("http://localhost:99999/v1", "openai"),
        ("", "openai"),
    ],
)
def test_a_server_is_known_by_its_address(url: str, name: str) -> None:
    assert profile_for(url) is PROFILES[name]


@pytest.mark.parametrize(
    ("owner", "name"), [("vllm", "vllm"), ("sglang", "sglang"), ("llamacpp", "llamacpp"), ("library", "ollama"), ("acme", None)]
)
def test_a_server_is_known_by_its_models(owner: str, name: str | None) -> None:
    document = {"object": "list", "data": [{"id": "m", "owned_by": owner}]}
    assert profile_from_models(document) == (PROFILES[name] if name else None)


def test_the_legacy_server_is_known_by_the_model_that_it_claims_to_be() -> None:
    legacy = {"data": [{"id": "gpt-3.5-turbo", "object": "model", "owned_by": "owner", "root": None}]}
    assert profile_from_models(legacy) is PROFILES["legacy-qwen"]
    assert profile_from_models({"data": [{"id": "chatglm3-6b", "owned_by": "owner"}]}) is None


@pytest.mark.parametrize("document", [None, [], {}, {"data": None}, {"data": [None, "m", {}]}, {"data": {}}])
def test_no_list_of_models_says_nothing(document: object) -> None:
    assert profile_from_models(document) is None


def test_every_profile_is_found_by_its_own_address() -> None:
    shared = {"transformers", "legacy-qwen"}  # both use the port of vLLM
    for name, profile in PROFILES.items():
        assert profile.name == name
        if profile.base_url and name not in shared:
            assert profile_for(profile.base_url) is profile
        if profile.native_url:
            assert profile_for(profile.native_url) is profile


def test_models_that_start_in_their_thought() -> None:
    vllm = PROFILES["vllm"]
    assert vllm.has_started_thinking("Qwen/Qwen3-30B-A3B-Thinking-2507")
    assert vllm.has_started_thinking("Qwen/QwQ-32B")
    assert not vllm.has_started_thinking("Qwen/Qwen3-8B")
    assert not PROFILES["dashscope"].has_started_thinking("qwen3-235b-a22b-thinking-2507")


def test_the_wire_is_cheap_to_import() -> None:
    code = "import sys, qwen_nb.dialects.chat, qwen_nb.dialects.responses, qwen_nb.dialects.dashscope, qwen_nb.sse"
    heavy = "[name for name in ('openai', 'pydantic', 'httpx2', 'anywidget', 'IPython', 'asyncio') if name in sys.modules]"
    found = subprocess.run([sys.executable, "-c", f"{code}; print({heavy})"], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
