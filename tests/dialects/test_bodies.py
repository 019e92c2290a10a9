"""What is sent: each body as a whole, for each kind of server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qwen_nb.dialects import dialect
from qwen_nb.errors import ConfigError
from qwen_nb.profiles import PROFILES
from qwen_nb.request import Request
from tests.dialects.decoding import events, folded, tool

HI = ({"role": "user", "content": "hi"},)
HELLO = Request(HI, model="m")
FULL = Request(
    HI,
    model="m",
    tools=(tool("f"),),
    tool_choice="auto",
    thinking=True,
    thinking_budget=100,
    temperature=0.5,
    top_p=0.9,
    max_tokens=10,
    stop=("END",),
    seed=1,
    n=2,
    extra={"top_k": 5},
)
SAMPLING = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 10, "stop": ["END"], "seed": 1, "n": 2, "top_k": 5}
TOOLS = {"tools": [tool("f")], "tool_choice": "auto"}
USAGE = {"stream_options": {"include_usage": True}}
TALK = (
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Weather?"},
    {
        "role": "assistant",
        "content": "Let me see.",
        "reasoning_content": "I need tools.",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
            {"id": "c2", "type": "function", "function": {"name": "g", "arguments": ""}},
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "sun"},
    {"role": "tool", "tool_call_id": "c2", "content": "rain"},
)
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
TOLD = (
    "Answer with one JSON object and nothing else. It must follow this JSON schema:\n"
    '{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": false}'
)
IMAGE = (
    {"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": "https://x/y"}}]},
)


def body(request: Request, profile: str, protocol: str = "chat") -> dict[str, Any]:
    return dialect(protocol).body(request, PROFILES[profile])


@pytest.mark.parametrize("profile", PROFILES)
def test_a_question_says_no_more_than_it_must(profile: str) -> None:
    usage = {} if profile in ("openrouter", "transformers", "legacy-qwen") else USAGE
    assert body(HELLO, profile) == {"model": "m", "messages": list(HI), "stream": True, **usage}


def test_a_model_that_is_not_named_is_left_to_the_server() -> None:
    assert "model" not in body(Request(HI), "vllm")


THINKING: dict[str, dict[str, Any]] = {
    "dashscope": {"enable_thinking": True, "thinking_budget": 100},
    "vllm": {"chat_template_kwargs": {"enable_thinking": True}, "thinking_token_budget": 100},
    "sglang": {"chat_template_kwargs": {"enable_thinking": True}},
    "llamacpp": {"chat_template_kwargs": {"enable_thinking": True}, "thinking_budget_tokens": 100},
    "ollama": {"reasoning_effort": "medium"},
    "lmstudio": {},
    "openrouter": {"reasoning": {"max_tokens": 100}},
    "transformers": {"chat_template_kwargs": {"enable_thinking": True}},
    "openai": {"chat_template_kwargs": {"enable_thinking": True}},
}


@pytest.mark.parametrize("profile", THINKING)
def test_every_setting(profile: str) -> None:
    usage = {} if profile in ("openrouter", "transformers") else USAGE
    expected = {"model": "m", "messages": list(HI), "stream": True, **usage, **TOOLS, **SAMPLING, **THINKING[profile]}
    assert body(FULL, profile) == expected


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("dashscope-us", {"enable_thinking": False}),
        ("vllm", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("ollama", {"reasoning_effort": "none"}),
        ("openrouter", {"reasoning": {"effort": "none"}}),
        ("legacy-qwen", {}),
    ],
)
def test_thinking_is_turned_off_in_words_that_the_server_knows(profile: str, expected: dict[str, Any]) -> None:
    off = body(replace(HELLO, thinking=False, thinking_budget=100), profile)
    assert {name: value for name, value in off.items() if name not in body(HELLO, profile)} == expected


@pytest.mark.parametrize(
    ("profile", "protocol", "names"),
    [
        ("sglang", "chat", "thinking_budget"),
        ("lmstudio", "chat", "thinking, thinking_budget"),
        ("transformers", "responses", "thinking, thinking_budget, seed, n"),
        ("vllm", "responses", "thinking_budget, seed, n"),
    ],
)
def test_what_cannot_be_said_is_told(profile: str, protocol: str, names: str) -> None:
    reply = folded(events(b"", FULL, protocol=protocol, profile=PROFILES[profile]))
    assert [notice.text for notice in reply.warnings] == [
        f"{PROFILES[profile].title} has no setting for it, so this was not sent: {names}."
    ]


def test_extra_goes_over_everything_and_into_objects() -> None:
    extra = {"chat_template_kwargs": {"more": 1}, "stream_options": {"include_usage": False}, "messages": []}
    sent = body(replace(HELLO, thinking=True, extra=extra), "vllm")
    assert sent == {
        "model": "m",
        "messages": [],
        "stream": True,
        "stream_options": {"include_usage": False},
        "chat_template_kwargs": {"enable_thinking": True, "more": 1},
    }
    assert extra["chat_template_kwargs"] == {"more": 1}


@pytest.mark.parametrize(
    ("profile", "field"),
    [("dashscope", "reasoning_content"), ("vllm", "reasoning_content"), ("ollama", "reasoning"), ("openai", None)],
)
def test_earlier_reasoning_goes_back_where_the_server_reads_it(profile: str, field: str | None) -> None:
    message = body(Request(TALK, model="m"), profile)["messages"][2]
    assert {name: message.get(name) for name in ("reasoning", "reasoning_content") if name in message} == (
        {field: "I need tools."} if field else {}
    )
    assert message["tool_calls"] == TALK[2]["tool_calls"]


def test_a_schema_is_said_in_three_ways() -> None:
    asked = replace(HELLO, schema=SCHEMA)
    strict = {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True}}
    assert body(asked, "vllm") == {**body(HELLO, "vllm"), "response_format": strict}
    told = [{"role": "system", "content": TOLD}, *HI]
    assert body(asked, "dashscope") == {
        **body(HELLO, "dashscope"),
        "messages": told,
        "response_format": {"type": "json_object"},
        "enable_thinking": False,
    }
    assert body(asked, "transformers") == {**body(HELLO, "transformers"), "messages": told}


def test_a_schema_is_told_in_words_where_the_server_would_forbid_something() -> None:
    loose = {"type": "object", "properties": {"a": {"type": "integer"}}}
    sent = body(replace(HELLO, schema=loose), "openai")
    assert sent["response_format"] == {"type": "json_schema", "json_schema": {"name": "answer", "schema": loose}}
    with_tools = body(replace(HELLO, schema=SCHEMA, tools=(tool("f"),)), "vllm")
    assert "response_format" not in with_tools
    assert with_tools["messages"] == [{"role": "system", "content": TOLD}, *HI]
    thinking = body(replace(HELLO, schema=SCHEMA, thinking=True), "dashscope")
    assert "response_format" not in thinking
    assert thinking["enable_thinking"] is True
    refused = body(replace(HELLO, schema=SCHEMA, schema_form="json_object"), "vllm")
    assert refused["response_format"] == {"type": "json_object"}


def test_a_voice() -> None:
    asked = replace(HELLO, voice="Cherry")
    spoken = {"modalities": ["text", "audio"], "audio": {"voice": "Cherry", "format": "wav"}}
    assert body(asked, "dashscope") == {**body(HELLO, "dashscope"), **spoken}
    for protocol in ("responses", "dashscope"):
        assert body(asked, "dashscope", protocol) == body(HELLO, "dashscope", protocol)
        decoder = dialect(protocol).decoder(asked, PROFILES["dashscope"])
        assert "voice" in str(decoder.end())


def test_a_schema_is_added_to_the_system_message() -> None:
    messages = body(Request(TALK, model="m", schema=SCHEMA), "dashscope")["messages"]
    assert messages[0] == {"role": "system", "content": f"Be brief.\n\n{TOLD}"}
    assert len(messages) == len(TALK)


def test_an_answer_is_continued() -> None:
    begun = Request((*HI, {"role": "assistant", "content": "Once"}), model="m")
    assert body(begun, "dashscope")["messages"][-1] == {"role": "assistant", "content": "Once", "partial": True}
    sent = body(begun, "vllm")
    assert (sent["add_generation_prompt"], sent["continue_final_message"]) == (False, True)
    assert sent["messages"][-1] == {"role": "assistant", "content": "Once"}
    assert body(begun, "llamacpp") == {**body(HELLO, "llamacpp"), "messages": list(begun.messages)}


def test_the_legacy_server_gets_functions_and_no_stream() -> None:
    asked = Request(TALK, model="m", tools=(tool("f"),), tool_choice="auto", temperature=0.5)
    assert body(asked, "legacy-qwen") == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": "Let me see.", "function_call": {"name": "f", "arguments": '{"a": 1}'}},
            {"role": "function", "name": "f", "content": "sun"},
            {"role": "assistant", "content": "", "function_call": {"name": "g", "arguments": ""}},
            {"role": "function", "name": "g", "content": "rain"},
        ],
        "stream": False,
        "functions": [{"name": "f", "parameters": {"type": "object", "properties": {}}}],
        "temperature": 0.5,
    }
    chat = dialect("chat")
    assert not chat.streams(asked, PROFILES["legacy-qwen"])
    assert not chat.streams(Request(TALK), PROFILES["legacy-qwen"])
    assert chat.streams(HELLO, PROFILES["legacy-qwen"])
    assert chat.streams(Request(()), PROFILES["legacy-qwen"])
    assert chat.streams(asked, PROFILES["vllm"])


def test_the_legacy_server_gets_parameters_of_every_function() -> None:
    asked = Request(HI, model="m", tools=({"type": "function", "function": {"name": "now"}},))
    assert body(asked, "legacy-qwen")["functions"] == [{"name": "now", "parameters": {"type": "object", "properties": {}}}]


def test_the_legacy_server_gets_text_only() -> None:
    parts = ({"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},)
    assert body(Request(parts, model="m"), "legacy-qwen")["messages"] == [{"role": "user", "content": "a\nb"}]
    with pytest.raises(ConfigError, match="reads text only: leave out the image_url"):
        body(Request(IMAGE, model="m"), "legacy-qwen")


def test_responses() -> None:
    asked = replace(FULL, messages=TALK, tool_choice={"type": "function", "function": {"name": "f"}}, schema=SCHEMA)
    assert body(asked, "vllm", "responses") == {
        "model": "m",
        "input": [
            {"role": "system", "content": f"Be brief.\n\n{TOLD}"},
            {"role": "user", "content": "Weather?"},
            {
                "type": "reasoning",
                "id": "rs_2",
                "summary": [],
                "content": [{"type": "reasoning_text", "text": "I need tools."}],
            },
            {"role": "assistant", "content": "Let me see."},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'},
            {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "sun"},
            {"type": "function_call_output", "call_id": "c2", "output": "rain"},
        ],
        "stream": True,
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}],
        "tool_choice": {"type": "function", "name": "f"},
        "temperature": 0.5,
        "top_p": 0.9,
        "max_output_tokens": 10,
        "reasoning": {"effort": "medium"},
        "top_k": 5,
    }


def test_responses_on_other_servers() -> None:
    bare = {"model": "m", "input": list(HI), "stream": True}
    assert body(HELLO, "transformers", "responses") == bare
    assert body(replace(HELLO, thinking=True, stop=("x",)), "transformers", "responses") == bare
    thinking = replace(HELLO, thinking=False)
    held = {"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True}
    assert body(replace(HELLO, schema=SCHEMA), "vllm", "responses") == {**bare, "text": {"format": held}}
    assert body(thinking, "dashscope", "responses") == {**bare, "enable_thinking": False}
    assert body(thinking, "llamacpp", "responses") == {**bare, "chat_template_kwargs": {"enable_thinking": False}}
    image = body(Request(IMAGE, model="m"), "openai", "responses")["input"][0]["content"]
    assert image == [{"type": "input_text", "text": "What?"}, {"type": "input_image", "image_url": "https://x/y"}]
    assert "reasoning" not in str(body(Request(TALK), "openai", "responses"))
    assert dialect("responses").path(HELLO) == "/responses"


def test_a_message_that_only_calls_is_no_message() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    asked = Request((*HI, {"role": "assistant", "content": None, "tool_calls": [call]}))
    assert body(asked, "vllm", "responses")["input"] == [
        *HI,
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    ]


def test_dashscope() -> None:
    asked = replace(FULL, messages=TALK, model="qwen-plus", schema=SCHEMA)
    own = dialect("dashscope")
    assert own.path(asked) == "/services/aigc/text-generation/generation"
    assert own.headers() == {"X-DashScope-SSE": "enable"}
    assert body(asked, "dashscope", "dashscope") == {
        "model": "qwen-plus",
        "input": {"messages": [{"role": "system", "content": f"Be brief.\n\n{TOLD}"}, *TALK[1:]]},
        "parameters": {
            "result_format": "message",
            "incremental_output": True,
            **TOOLS,
            **SAMPLING,
            "enable_thinking": True,
            "thinking_budget": 100,
        },
    }


def test_dashscope_with_a_schema() -> None:
    asked = Request(HI, model="qwen-plus", schema=SCHEMA)
    sent = body(asked, "dashscope", "dashscope")
    assert sent["input"]["messages"] == [{"role": "system", "content": TOLD}, *HI]
    assert sent["parameters"]["response_format"] == {"type": "json_object"}
    assert sent["parameters"]["enable_thinking"] is False


def test_dashscope_with_images() -> None:
    asked = Request(
        (
            {"role": "system", "content": "Look."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What?"},
                    {"type": "image_url", "image_url": {"url": "https://x/y"}, "min_pixels": 9},
                    {"type": "input_audio", "input_audio": {"data": "data:;base64,AA==", "format": "mp3"}},
                    {"type": "video", "video": ["https://x/1", "https://x/2"]},
                ],
            },
        ),
        model="any",
    )
    own = dialect("dashscope")
    assert own.path(asked) == "/services/aigc/multimodal-generation/generation"
    assert body(asked, "dashscope", "dashscope")["input"]["messages"] == [
        {"role": "system", "content": [{"text": "Look."}]},
        {
            "role": "user",
            "content": [
                {"text": "What?"},
                {"image": "https://x/y", "min_pixels": 9},
                {"audio": "data:;base64,AA=="},
                {"video": ["https://x/1", "https://x/2"]},
            ],
        },
    ]


@pytest.mark.parametrize(
    ("model", "is_multimodal"),
    [
        ("qwen-plus", False),
        ("qwen3-max", False),
        ("qwen3.6-plus", True),
        ("qwen3.5-flash", True),
        ("qwen3-vl-plus", True),
        ("qvq-max", True),
    ],
)
def test_dashscope_serves_models_at_two_paths(model: str, is_multimodal: bool) -> None:
    assert ("multimodal" in dialect("dashscope").path(Request(HI, model=model))) == is_multimodal


def test_dashscope_extra() -> None:
    extra = {"enable_search": True, "parameters": {"incremental_output": False}, "input": {"prompt": "x"}}
    assert body(replace(HELLO, extra=extra), "dashscope", "dashscope") == {
        "model": "m",
        "input": {"messages": list(HI), "prompt": "x"},
        "parameters": {"result_format": "message", "incremental_output": False, "enable_search": True},
    }


def test_dashscope_text_in_parts_is_a_string_where_the_model_reads_no_more() -> None:
    asked = Request(
        ({"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},), model="qwen-plus"
    )
    assert body(asked, "dashscope", "dashscope")["input"]["messages"] == [{"role": "user", "content": "a\nb"}]
    begun = Request((*HI, {"role": "assistant", "content": "Once"}), model="qwen-plus")
    assert body(begun, "dashscope", "dashscope")["input"]["messages"][-1]["partial"] is True


def test_unknown_protocol() -> None:
    with pytest.raises(ConfigError, match="take one of chat, responses, dashscope"):
        dialect("smtp")


@pytest.mark.parametrize("protocol", ["chat", "responses", "dashscope"])
def test_a_request_is_never_written_to(protocol: str) -> None:
    asked = replace(FULL, messages=TALK, schema=SCHEMA)
    before = repr(asked)
    for profile in PROFILES:
        body(asked, profile, protocol)
    assert repr(asked) == before
