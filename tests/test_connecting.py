"""How an endpoint is found, and examined."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import qwen_nb as qn
from qwen_nb import connecting, endpoint, limits, profiles
from qwen_nb.status import status
from tests.hostile_server import HostileServer, same
from tests.server import Answer, Asked, Server, frame, said

VARIABLES = ("QWEN_NB_BASE_URL", "QWEN_NB_API_KEY", "QWEN_NB_MODEL", "DASHSCOPE_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY")


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(endpoint, "_connected", None)


def models(*names: str, owner: str = "vllm") -> Answer:
    body = {"object": "list", "data": [{"id": name, "object": "model", "owned_by": owner} for name in names]}
    return Answer([json.dumps(body).encode()], 200, {"content-type": "application/json"})


def test_without_anything_recordings_answer() -> None:
    assert endpoint.current().is_recorded


def test_the_order_in_which_an_endpoint_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://openai.test/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    assert endpoint.current() == qn.Endpoint("http://openai.test/v1", api_key="sk-openai")
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-dash")
    assert (endpoint.current().server.name, endpoint.current().api_key) == ("dashscope", "sk-dash")
    monkeypatch.setenv("QWEN_NB_BASE_URL", "http://127.0.0.1:8000/v1")
    monkeypatch.setenv("QWEN_NB_MODEL", "qwen3-8b")
    assert endpoint.current() == qn.Endpoint("http://127.0.0.1:8000/v1", model="qwen3-8b")
    chosen = qn.connect("http://other.test/v1", model="mine")
    assert endpoint.current() == chosen == qn.Endpoint("http://other.test/v1", model="mine")
    assert endpoint.endpoint_of("recorded").is_recorded


BROKEN = {
    "OPENAI_BASE_URL": "localhost:11434/v1",
    "QWEN_NB_BASE_URL": "https://mine.openai.azure.test/openai/v1?api-version=1",
    "DASHSCOPE_API_KEY": "“sk-dash”",
}


@pytest.mark.parametrize(("name", "value"), BROKEN.items())
def test_a_variable_that_is_not_usable_is_named_and_hurts_only_where_it_decides(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(qn.ConfigError, match=f"^{name} is not usable: "):
        qn.ask("Hi.", display=False)
    first, *lines = status()
    assert first.startswith(f"Asking nobody: {name} is not usable: ")
    assert [line for line in lines if line.startswith(f"    {name}: not usable: ")]
    with Server(Answer(said("Hello."))) as server:
        qn.connect(server.url, model="m")
        assert qn.ask("Hi.", display=False).text == "Hello."
        first, *lines = status()
        assert first.endswith(server.url)
        assert [line for line in lines if line.startswith(f"    {name}: not usable: ")]
        assert "sk-dash" not in "".join(lines)


def test_a_key_goes_only_to_its_own_kind_of_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-dash")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    assert qn.connect("http://somewhere.test/v1").api_key is None
    assert qn.connect("dashscope-intl").api_key == "sk-dash"
    assert qn.connect("vllm").api_key is None


def test_a_missing_key_is_asked_for_and_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qwen_nb.keys.getpass", lambda _prompt: "sk-typed")
    assert qn.connect("dashscope").api_key == "sk-typed"
    assert "typed" not in repr(endpoint.current())


def test_nobody_there_to_type_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("qwen_nb.keys.getpass", nobody)
    with pytest.raises(qn.ConfigError, match="DASHSCOPE_API_KEY"):
        qn.connect("dashscope")
    assert endpoint.current().is_recorded


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"base_url": "localhost:8000"}, "http://127.0.0.1:8000/v1"),
        ({"base_url": "http://h/v1", "protocol": "grpc"}, "chat, responses, dashscope"),
        ({"base_url": "http://h/v1", "profile": "qwen"}, "vllm"),
    ],
)
def test_a_wrong_endpoint_says_what_is_right(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(qn.ConfigError, match=words):
        qn.Endpoint(**wrong)


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost:8000v1", "http://localhost:80000/v1", "http://localhost:0/v1", "http://.local/v1", "http://a..b/v1"),
        *("http://[::1/v1", "http://my host/v1", "http://host/v1\x00", f"http://{'a' * 64}.test/v1", "http://☃.test/v1"),
    ],
)
def test_what_can_be_no_address_is_told_before_anything_is_sent(url: str) -> None:
    with pytest.raises(qn.ConfigError, match="is no address of a server"):
        qn.ask("Hi.", endpoint=url, model="m", display=False)


@pytest.mark.parametrize("url", ["http://münchen.test/v1", "http://[::1]:8000/v1", "http://my_host.:8000/v1", " http://h/v1\n"])
def test_what_is_an_address_though_it_does_not_look_it(url: str) -> None:
    assert qn.Endpoint(url).base_url == url.strip()


def test_the_own_protocol_of_dashscope_has_its_own_address() -> None:
    native = qn.Endpoint("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", protocol="dashscope")
    assert native.address == "https://dashscope-intl.aliyuncs.com/api/v1"


def test_auto_finds_a_server_and_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(models("qwen3-8b", owner="sglang")) as server:
        here = replace(profiles.PROFILES["vllm"], base_url=server.url)
        monkeypatch.setattr(connecting, "PROFILES", {"vllm": here})
        found = qn.connect("auto")
    assert (found.base_url, found.server.name) == (server.url, "sglang")
    monkeypatch.setattr(connecting, "PROFILES", {"vllm": here})
    with pytest.raises(qn.ConfigError, match="No server answers"):
        qn.connect("auto")


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
LIST = b'{"object": "list", "data": [{"id": "qwen3-8b", "owned_by": "vllm"}%s]}'


def slowly() -> Iterator[bytes]:
    yield HEAD + b"\r\n"
    while True:
        yield b" "
        time.sleep(0.05)


@pytest.mark.parametrize(
    "attack",
    [
        same(b" " * 1000),
        [HEAD + b"\r\n", same(b" " * 2**20)],
        [HEAD + b"\r\n", LIST % (b" " * 2**21)],
        [HEAD + b"content-encoding: gzip\r\n\r\n", gzip.compress(LIST % (b" " * 2**21))],
        [HEAD + b"\r\n", LIST % (b", []" * 300_000)],
        [HEAD + b"\r\n", b"[" * 100_000],
        [b"HTTP/1.1 500 No\r\n\r\n", same(b" " * 2**20)],
        [b"HTTP/1.1 302 There\r\nlocation: http://127.0.0.1:1/v1/models\r\ncontent-length: 0\r\n\r\n"],
        slowly,
    ],
    ids=["no HTTP", "endless", "large", "large when unpacked", "crowded", "deep", "an endless error", "elsewhere", "slow"],
)
def test_auto_passes_by_what_answers_without_end(monkeypatch: pytest.MonkeyPatch, attack: Any) -> None:
    monkeypatch.setattr(limits, "LARGEST_LIST", 2**20)
    monkeypatch.setattr(limits, "MOST_VALUES", 100_000)
    # A busy machine is no server that is silent.
    monkeypatch.setattr(connecting, "_PATIENCE", 10.0)

    def answer() -> Iterator[bytes]:
        for piece in attack() if callable(attack) else attack:
            yield from [piece] if isinstance(piece, bytes) else piece

    with HostileServer(answer) as hostile, Server(models("qwen3-8b", owner="sglang")) as server:
        found = {
            name: replace(profiles.PROFILES[name], base_url=url) for name, url in (("vllm", hostile.url), ("sglang", server.url))
        }
        monkeypatch.setattr(connecting, "PROFILES", found)
        began = time.monotonic()
        assert qn.connect("auto").base_url == server.url
        assert time.monotonic() - began < 30
        assert hostile.requests
        assert hostile.sent < 2**24, "nobody waited for the end"


def patient(asked: Asked) -> Answer:
    """A server that thinks, calls tools and counts tokens."""
    if asked.method == "GET":
        return models("qwen3-8b")
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 9}}\n\n'
    if "tools" in asked.body:
        call = {"index": 0, "id": "c", "function": {"name": "get_weather", "arguments": '{"city": "Oslo"}'}}
        return Answer([frame({"tool_calls": [call]}), *said(finish="tool_calls")])
    return Answer([frame({"reasoning_content": "Hm."}), *said("1 ", "2 ", "3")[:-1], usage, b"data: [DONE]\n\n"])


def test_a_healthy_server_passes_every_check() -> None:
    with Server(patient) as server:
        diagnosis = qn.doctor(server.url)
    assert [(check.name, check.verdict) for check in diagnosis] == [
        ("address", "ok"),
        ("models", "ok"),
        ("first token", "ok"),
        ("streaming", "ok"),
        ("thinking", "ok"),
        ("tools", "ok"),
        ("usage", "ok"),
    ]
    assert diagnosis.is_well
    assert "qwen3-8b" in repr(diagnosis)
    assert "| ok | tools |" in diagnosis._repr_markdown_()


def test_a_wrong_key_ends_the_examination_with_advice() -> None:
    refused = Answer([b'{"error": {"message": "No."}}'], 401, {"content-type": "application/json"})
    with Server(refused) as server:
        diagnosis = qn.doctor(qn.Endpoint(server.url, api_key="sk-canary"))
    assert [(check.name, check.verdict) for check in diagnosis] == [("address", "ok"), ("key", "failed")]
    assert "key of this server" in diagnosis[1].advice
    assert "canary" not in repr(diagnosis)


MODELS = {
    "no version in the address": (Answer([b"Not Found"], 404, {"content-type": "text/plain"}), "", "failed", "ends in /v1"),
    "no list": (Answer([b"Not Found"], 404, {"content-type": "text/plain"}), "/v1", "note", "with model="),
    "loading": (Answer([b"Loading model"], 503, {"retry-after-ms": "1"}), "/v1", "note", "being loaded"),
    "elsewhere": (Answer([], 302, {"location": "http://127.0.0.1:1/v1/models"}), "/v1", "failed", "redirects to another"),
}


@pytest.mark.parametrize(("answer", "path", "verdict", "words"), MODELS.values(), ids=MODELS)
def test_doctor_says_why_there_is_no_list_of_models(answer: Answer, path: str, verdict: str, words: str) -> None:
    with Server(answer) as server:
        check = qn.doctor(server.url.removesuffix("/v1") + path)[1]
    assert (check.name, check.verdict) == ("models", verdict)
    assert words in f"{check.found} {check.advice}"


def test_a_server_that_is_down_is_seen_first() -> None:
    with Server(Answer()) as server:
        url = server.url
    (check,) = qn.doctor(url)
    assert (check.name, check.verdict) == ("address", "failed")
    assert "Start the server" in check.advice


def test_a_server_that_only_talks_is_described() -> None:
    def plain(asked: Asked) -> Answer:
        return models("m", owner="me") if asked.method == "GET" else Answer(said("1 2 3"))

    with Server(plain) as server:
        verdicts = {check.name: check.verdict for check in qn.doctor(server.url)}
    assert (verdicts["thinking"], verdicts["tools"], verdicts["usage"]) == ("note", "note", "note")
