"""The same in a notebook, with a real kernel: nothing that it sends, and nothing that is saved, has the key."""

from __future__ import annotations

import base64
import json
import os
from typing import Any
from urllib.parse import quote

import nbformat
from nbclient import NotebookClient

from tests.canary import CANARY, leaks
from tests.server import Answer, Asked, Server, said

JSON = {"content-type": "application/json"}

CELLS = {
    "%load_ext qwen_nb\nimport os, sys, traceback, logging, qwen_nb as qn\nlogging.basicConfig(level=1, stream=sys.stdout)": "",
    "qn.connect(os.environ['BASE_URL'], api_key=os.environ['CANARY'])": "Endpoint(",
    "%%qwen --no-settle\necho": "widget-view",
    "reply = qn.ask('echo in two')\nreply": "",
    "%%qwen\nrefuse": "HTTP 401",
    "%tb": "HTTP 401",
    "%xmode Verbose": "",
    "%%qwen -o failed\nrefuse it again": "HTTP 401",
    "%tb ": "HTTP 401",
    "repr(sys.last_value), vars(sys.last_value), sys.last_value.__cause__, sys.last_value.__context__": "HTTP 401",
    "try:\n    qn.ask('refuse', display=False)\nexcept qn.QwenError:\n    print(traceback.format_exc())": "HTTP 401",
    "def spoil(city: str): 1 / 0\nqn.ask('echo', tools=[spoil], display=False); 1 / 0": "ZeroDivisionError",
    "qn.ask('echo', endpoint=qn.Endpoint(os.environ['WITH_PASSWORD']))": "[key]",
    "%qwen status": "key       set",
    "%qwen doctor": "the first is".replace("the", "The"),
    "get_ipython().complete('%%qwen -m ')": "[key]",
    "list(qn.stream('echo in two'))": "PartDelta",
    "qn.last, vars(qn.last), list(qn.last.events())": "[key]",
    "endpoint = qn.Endpoint(os.environ['BASE_URL'], api_key=os.environ['CANARY'])\nendpoint, vars(endpoint)": "[key]",
    "qn.compare('echo', models=['a', 'b'])": "",
}
"""What is run, and what its output must have, so that the search is one in the right place."""


def answer(asked: Asked) -> Answer:
    """Tells the key to whoever asks."""
    authorization = asked.headers.get("authorization", "")
    if asked.path.endswith("/models"):
        return Answer([json.dumps({"data": [{"id": f"m-{CANARY}"}]}).encode()], 200, JSON)
    said_last = json.dumps(asked.body["messages"][-1])
    assert CANARY in authorization or CANARY in base64.b64decode(authorization.removeprefix("Basic ")).decode()
    if "refuse" in said_last:
        headers = {**JSON, "x-request-id": CANARY}
        return Answer([json.dumps({"error": {"message": f"Incorrect API key provided: {CANARY}"}}).encode()], 401, headers)
    if "two" in said_last:
        return Answer(said(CANARY[:15], CANARY[15:]))
    return Answer(said(f"You sent {authorization}. $x$ ", f"Or {CANARY}."))


class Listening(NotebookClient):
    """Keeps every message of the kernel."""

    heard: list[Any]

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        self.heard.append({**msg, "header": "", "parent_header": ""})
        return super().process_message(msg, cell, cell_index)


def test_a_notebook_that_is_run_and_saved_with_its_widgets() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    with Server(answer) as server:
        environment = {
            **os.environ,
            "CANARY": CANARY,
            "BASE_URL": server.url,
            "WITH_PASSWORD": server.url.replace("://", f"://user:{quote(CANARY, safe='')}@"),
            "OPENAI_LOG": "debug",
        }
        client = Listening(notebook, allow_errors=True, store_widget_state=True, timeout=60)
        client.heard = []
        client.execute(env=environment)
    for cell, expected in zip(notebook.cells, CELLS.values(), strict=True):
        assert expected in json.dumps(cell.outputs, ensure_ascii=False), cell.source
    assert "DEBUG:httpcore2" in json.dumps(notebook.cells[2].outputs), "the loggers were heard"
    state = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert any("snapshot" in each["state"] for each in state.values()), "the widgets' state was saved"
    assert any(message["msg_type"] == "comm_msg" for message in client.heard)
    assert leaks(nbformat.writes(notebook)) == []
    assert [leak for message in client.heard for leak in leaks(message)] == []
