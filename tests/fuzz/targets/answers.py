"""Answers that shall be JSON, and bodies of errors."""

from __future__ import annotations

from collections.abc import Hashable

from qwen_nb.dialects.error_body import is_retryable, parse_error_body, refused_fields
from qwen_nb.errors import SchemaError
from qwen_nb.profiles import PROFILES
from qwen_nb.structured import Shape
from tests.fuzz.body_mutation import Bag, document_mutator
from tests.fuzz.target import Target
from tests.fuzz.targets.streams import bodies, documents
from tests.fuzz.text_mutation import text_mutator

PLACE = {"title": "Place", "type": "object", "properties": {"city": {"type": "string"}}}
SHAPES = (Shape.of(PLACE), Shape.of(list[int]), Shape.of(dict))
ANSWERS = (
    '{"city": "Oslo"}',
    "[1, 2, 3]",
    '{"answer": [1, 2]}',
    'Here it is:\n```json\n{"city": "Oslo"}\n```\nWell?',
    '```\n[1]\n```\n```json\n{"city": "Bonn"}\n```',
    'Sure: {"city": [1, {}]} and more',
    "1",
)
WORDS = (
    *("{", "}", "[", "]", '"', "```", "```json\n", "\n```", "\n", ",", ":", "1", "-", "1e999", "NaN", "null", "\\ud800"),
    *('"city"', "\\", "9" * 5000, "[" * 5000),
)


def check_answer(variant: int, data: bytes) -> Hashable:
    text = data.decode("utf-8", "replace")
    shape = SHAPES[variant]
    fault = shape.fault_in(text)
    try:
        value = shape.parse(text)
    except SchemaError as error:
        return error.faults[0][:20] if fault else None
    assert not fault
    return type(value).__name__


def _parse(variant: int, data: bytes) -> object:
    return SHAPES[variant].fault_in(data.decode("utf-8", "replace"))


ERRORS = (
    b'{"error": {"message": "Incorrect API key provided: sk-abcdefgh12345678", "code": "invalid_api_key"}}',
    b'{"detail": [{"loc": ["body", "messages"], "msg": "Field required"}]}',
    b'{"detail": "Not Found"}',
    b'{"object": "error", "message": "m", "code": 404}',
    b'{"code": "Throttling.RateQuota", "message": "Requests rate limit exceeded", "request_id": "r"}',
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>",
    b"Unexpected fields in the request: {'seed', 'top_p'}",
    b'[{"error": {"message": "m", "status": 400}}]',
    b'"no"',
)
_STATUSES = (200, 400, 401, 404, 429, 500, 502, 503)
_TYPES = ("application/json", "text/html", "")


def check_error_body(variant: int, body: bytes) -> Hashable:
    profile = list(PROFILES.values())[len(body) % len(PROFILES)]
    status = _STATUSES[variant % len(_STATUSES)]
    error = parse_error_body(status, _TYPES[len(body) % len(_TYPES)], body, profile)
    is_retryable(status, error.code, error.message, profile)
    refused_fields(error.message)
    for line in (error.message, error.code, error.advice):
        assert line.isprintable()
        assert len(line) <= 1000
    assert error.message
    (error.message + error.code + error.request_id).encode()
    return bool(error.code), bool(error.request_id), bool(error.advice), error.message[:8]


WORDS_OF_ERRORS = ("sk-abcdefgh12345678", "Throttling", "<title>", "</title>", "\n", "404", "9" * 5000)
_BAG = Bag([*documents(bodies("chat")), *documents(ERRORS)], WORDS_OF_ERRORS)
ANSWER = Target("answer", len(SHAPES), [text.encode() for text in ANSWERS], text_mutator(WORDS), check_answer, _parse)
ERROR_BODY = Target(
    "error_body",
    len(_STATUSES),
    ERRORS,
    document_mutator(_BAG),
    check_error_body,
    lambda variant, body: parse_error_body(_STATUSES[variant], "", body, PROFILES["openai"]),
)
