"""Bodies that come with an error status: what is said, and what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qwen_nb.dialects.error_body import ServerError, is_retryable, parse_error_body, refused_fields
from qwen_nb.profiles import PROFILES


def told(body: Any, status: int = 400, profile: str = "openai", content_type: str = "application/json") -> ServerError:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return parse_error_body(status, content_type, data, PROFILES[profile])


SHAPES: dict[str, tuple[Any, tuple[str, str, str]]] = {
    "DashScope": (
        {"error": {"code": "invalid_api_key", "message": "Bad key.", "param": None}, "request_id": "r1", "id": "chatcmpl-1"},
        ("Bad key.", "invalid_api_key", "r1"),
    ),
    "DashScope, as a frame": (b'data: {"error":{"code":"x","message":"Bad."},"request_id":"r1"}\n\n', ("Bad.", "x", "r1")),
    "DashScope's own": ({"code": "InvalidApiKey", "message": "Bad key.", "request_id": "r1"}, ("Bad key.", "InvalidApiKey", "r1")),
    "DashScope's own, as a frame": (
        b'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"InvalidParameter","message":"url error","request_id":"r1"}\n\n',
        ("url error", "InvalidParameter", "r1"),
    ),
    "vLLM": ({"error": {"message": "No such model.", "type": "NotFoundError", "code": 404}}, ("No such model.", "404", "")),
    "SGLang": ({"object": "error", "message": "Too long.", "type": "BadRequest", "code": 400}, ("Too long.", "400", "")),
    "Ollama": ({"error": {"message": "no", "type": "api_error", "param": None, "code": None}}, ("no", "", "")),
    "OpenRouter": (
        {"error": {"code": 402, "message": "No credit", "metadata": {"raw": "the provider's words"}}},
        ("No credit: the provider's words", "402", ""),
    ),
    "FastAPI": ({"detail": "Invalid request"}, ("Invalid request", "", "")),
    "FastAPI, a list": (
        {"detail": [{"type": "string_type", "loc": ["body", "messages", 0, "content"], "msg": "Input should be a string"}, "x"]},
        ("messages.0.content: Input should be a string; x", "", ""),
    ),
    "transformers": ({"error": "Model is loading"}, ("Model is loading", "", "")),
    "plain text": (b"upstream connect error", ("upstream connect error", "", "")),
    "a string": ("no", ("no", "", "")),
    "a list": ([{"error": {"message": "no"}}], ("no", "", "")),
    "nothing": (b"", ("The server gave no reason.", "", "")),
    "white space": (b" \r\n", ("The server gave no reason.", "", "")),
    "HTML": (
        b"<html><head><title>502 Bad\nGateway</title></head><body></body></html>",
        ("an HTML page, “502 Bad Gateway”, instead of an answer", "", ""),
    ),
    "an empty object": ({}, ("The server reported an error and did not say which.", "", "")),
    "another object": ({"status": "failed"}, ('{"status": "failed"}', "", "")),
    "a nested message": ({"error": {"error": {"message": "deep"}}}, ("deep", "", "")),
    "a key that is echoed": ({"error": {"message": "Bad key sk-0123456789abcdef."}}, ("Bad key sk-[key].", "", "")),
    "broken characters": (b'{"error": {"message": "\xff"}}', ("\ufffd", "", "")),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str) -> None:
    body, expected = SHAPES[name]
    found = told(body)
    assert (found.message, found.code, found.request_id) == expected


ADVICE = [
    ("dashscope", 401, {"error": {"code": "invalid_api_key", "message": "Incorrect API key"}}, "works with dashscope only"),
    ("openai", 401, {"error": {"code": "invalid_api_key", "message": "Incorrect API key"}}, "OPENAI_API_KEY"),
    ("sglang", 401, b"", "Check api_key=."),
    ("legacy-qwen", 401, b"", "base64"),
    ("dashscope", 404, {"error": {"code": "model_not_found", "message": "no"}}, "Check the model's name"),
    ("ollama", 404, {"error": {"message": 'model "x" not found, try pulling it first'}}, "ollama pull"),
    ("vllm", 404, {"detail": "Not Found"}, "/v1"),
    ("dashscope", 429, {"error": {"code": "insufficient_quota", "message": "You exceeded"}}, "passes by itself"),
    ("openai", 429, {"error": {"code": "insufficient_quota", "message": "You exceeded"}}, "no credit left"),
    ("openai", 429, {"error": {"message": "slow down"}}, "Wait a moment"),
    ("dashscope", 400, {"code": "Arrearage", "message": "Access denied"}, "in arrears"),
    ("dashscope", 403, {"code": "AllocationQuota.FreeTierOnly", "message": "x"}, "free quota"),
    ("dashscope", 403, {"code": "AccessDenied.Unpurchased", "message": "x"}, "not activated"),
    ("dashscope", 400, {"code": "DataInspectionFailed", "message": "x"}, "content filter"),
    (
        "dashscope",
        400,
        {"error": {"message": "Json mode is not supported when enable_thinking is true"}},
        "thinking=False",
    ),
    ("dashscope", 400, {"error": {"message": "This model only support stream mode, please enable"}}, "without stream"),
    ("dashscope", 400, {"error": {"message": "url error, please check url！"}}, "protocol='chat'"),
    ("transformers", 422, {"detail": "Unexpected fields in the request: {'top_k'}"}, "refuses fields"),
    ("vllm", 400, {"error": {"message": "This model's maximum context length is 8192 tokens."}}, "Shorten"),
    ("llamacpp", 503, {"error": {"message": "Loading model", "code": 503}}, "wait a moment"),
    ("openai", 502, b"<html><title>502</title></html>", "A proxy could not reach"),
    ("openai", 200, b"<html><title>Sign in</title></html>", "web page"),
    ("openai", 500, {"error": {"message": "boom"}}, "see its log"),
    ("openai", 413, b"", "too large"),
    ("vllm", 400, {"detail": "Invalid request: Function calling is not yet implemented for stream mode."}, "legacy-qwen"),
]


@pytest.mark.parametrize(("profile", "status", "body", "advice"), ADVICE)
def test_advice(profile: str, status: int, body: Any, advice: str) -> None:
    found = told(body, status, profile)
    assert advice in found.advice
    assert found.advice.endswith((".", "?"))
    assert "\n" not in found.advice + found.message


@pytest.mark.parametrize(
    ("profile", "status", "code", "expected"),
    [
        ("openai", 408, "", True),
        ("openai", 409, "", True),
        ("openai", 429, "", True),
        ("openai", 500, "", True),
        ("openai", 503, "", True),
        ("openai", 501, "", False),
        ("openai", 400, "", False),
        ("openai", 401, "invalid_api_key", False),
        ("openai", 404, "model_not_found", False),
        ("openai", 429, "insufficient_quota", False),
        ("dashscope", 429, "insufficient_quota", True),
        ("dashscope", 429, "Throttling.AllocationQuota", True),
        ("dashscope", 429, "Throttling.RateQuota", True),
        ("dashscope", 400, "Throttling", True),
        ("dashscope", 429, "AllocationQuota.FreeTierOnly", False),
        ("dashscope", 400, "Arrearage", False),
        ("dashscope", 400, "InvalidParameter", False),
        ("dashscope", 500, "ModelServingError", True),
    ],
)
def test_worth_a_retry(profile: str, status: int, code: str, expected: bool) -> None:
    assert is_retryable(status, code, "", PROFILES[profile]) == expected


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("Unexpected fields in the request: {'enable_thinking', 'top_k'}", ("enable_thinking", "top_k")),
        ("Unrecognized request argument supplied: chat_template_kwargs", ("chat_template_kwargs",)),
        ("Unknown parameter: 'reasoning.max_tokens'.", ("reasoning.max_tokens",)),
        ("enable_thinking: Extra inputs are not permitted; top_k: Extra inputs are not permitted", ("enable_thinking", "top_k")),
        ("No such model", ()),
    ],
)
def test_fields_that_a_server_refuses(message: str, fields: tuple[str, ...]) -> None:
    assert refused_fields(message) == fields


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(100, 599), st.sampled_from(["", "text/html", "application/json"]))
def test_any_body_becomes_one_line(body: bytes, status: int, content_type: str) -> None:
    found = parse_error_body(status, content_type, body, PROFILES["openai"])
    assert found.message
    assert "\n" not in found.message + found.code + found.advice


FIELDS = st.sampled_from(["error", "message", "code", "detail", "loc", "msg", "metadata", "object"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "code", "detail", "loc", "msg", "metadata", "object"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@settings(max_examples=300)
@given(JSON)
def test_any_document_becomes_one_line(document: Any) -> None:
    found = told(document)
    assert found.message
    assert "\n" not in found.message + found.code
