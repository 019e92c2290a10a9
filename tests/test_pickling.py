"""Replies and errors in another process: what they say goes along, what shows and continues them does not."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import qwen_nb as qn
from tests.server import Answer, Server, said
from tests.test_client import endpoint


@pytest.mark.parametrize(
    ("answer", "kind", "facts"),
    [
        (Answer(said("half", finish=None)), qn.TruncatedError, {}),
        (Answer([b'{"error": {"message": "No.", "code": "no"}}'], 400), qn.StatusError, {"status": 400, "code": "no"}),
        (Answer(said('{"age": "old"}')), qn.SchemaError, {"faults": ("'name' is a required property",)}),
    ],
)
def test_an_error_goes_to_another_process_with_what_had_arrived(answer: Answer, kind: type, facts: dict[str, Any]) -> None:
    schema = {"type": "object", "required": ["name"]}
    with Server(answer) as server, pytest.raises(kind) as caught:
        qn.ask("Who?", endpoint=endpoint(server), schema=schema, display=False)
    here: Any = caught.value
    there = pickle.loads(pickle.dumps(here))
    assert (type(there), str(there), there.reply.text, repr(there.reply)) == (kind, str(here), here.reply.text, repr(here.reply))
    assert {name: getattr(there, name) for name in facts} == facts
    with pytest.raises(qn.ConfigError, match="can be continued"):
        there.reply.continue_()


def test_a_reply_goes_to_another_process_with_its_value() -> None:
    with Server(Answer(said('{"name": "Ada"}'))) as server:
        reply = qn.ask("Who?", endpoint=endpoint(server), schema={"type": "object"}, display=False)
    assert pickle.loads(pickle.dumps(reply)).parsed == copy.deepcopy(reply).parsed == {"name": "Ada"}
