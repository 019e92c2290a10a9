"""Asks a hostile server in a process of its own, and says what that cost: a line of JSON in, one out.

In: `{"endpoint": {…}, "options": {…}, "limits": {…}, "stop": seconds}`. Out: how the reply ended, and the peak of this process's
memory above what it had before the first question, in MB.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import time
from pathlib import Path
from typing import Any

import openai  # noqa: F401  # a second of import that is no part of a question

import qwen_nb as qn
from qwen_nb import limits, retry


def memory(name: str) -> float:
    """`VmRSS` (now) or `VmHWM` (the peak), in MB."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def forget() -> None:
    """Give back what is free, and let the peak begin anew."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"rain in {city}"


def ask(order: dict[str, Any]) -> dict[str, Any]:
    for name, value in order.get("limits", {}).items():
        setattr(limits, name, value)
    options = order.get("options", {})
    if options.pop("with_tools", False):
        options["tools"] = [get_weather]
    endpoint = qn.Endpoint(**{"model": "m", "profile": "vllm", **order["endpoint"]})
    started, error = time.monotonic(), ""
    stopped = 0.0
    reply: qn.Reply | None = None
    try:
        if "stop" in order:
            reply = qn.ask("Hi.", endpoint=endpoint, display=False, background=True, **options)
            while not reply.text and time.monotonic() - started < 30:
                time.sleep(0.01)
            time.sleep(order["stop"])
            asked = time.monotonic()
            reply.stop()
            reply.wait()
            stopped = time.monotonic() - asked
        else:
            reply = qn.ask("Hi.", endpoint=endpoint, display=False, **options)
    except qn.QwenError as raised:
        reply, error = raised.reply, f"{type(raised).__name__}: {raised}"
    assert reply
    return {
        "status": reply.status,
        "error": error,
        "text": reply.text[:50],
        "length": len(reply.text),
        "reasoning": len(reply.reasoning),
        "parts": len(reply.parts),
        "open": sum(part.is_open for part in reply.parts),
        "calls": [[call.name[:300], call.arguments, call.result] for call in reply.tool_calls[:3]],
        "notices": [str(notice) for notice in reply.warnings][:5],
        "tokens": reply.usage.output_tokens,
        "model": reply.model,
        "bundle": sum(map(len, _bundle(reply).values())),
        "seconds": round(time.monotonic() - started, 2),
        "stopped": round(stopped, 3),
    }


def _bundle(reply: qn.Reply) -> dict[str, str]:
    from qwen_nb.fallback import mimebundle

    return mimebundle(reply)


def main() -> None:
    retry.FIRST_WAIT = 0.01
    before = memory("VmRSS")
    for line in sys.stdin:
        forget()
        order = json.loads(line)
        told = ask(order)
        print(json.dumps({**told, "peak": round(memory("VmHWM") - before, 1)}), flush=True)


if __name__ == "__main__":
    main()
