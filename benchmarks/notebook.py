"""What a reply costs in a real JupyterLab, beside `update_display(Markdown(text))` for each chunk and beside a plain anywidget.

    python -m benchmarks.notebook [--rounds 3] [--chunks 1000] [--only fast,paced,size,many]

- `fast`: chunks of 6 characters as fast as the server sends them; `paced`: the same at 100 chunks a second. Bytes that the page
  gets over its websockets, CPU time of the page's main thread and of the kernel. Contestants take turns; medians. `--chunks`, 1,000
  without it: `update_display` costs with their square, and four thousand keep its page busy for more than ten minutes.
- `size`: 20 replies in one notebook: bytes over the websockets, and of the saved file, for ours and for a widget that carries
  the same code in each `_esm`.
- `many`: 20 replies at once, 50 chunks a second each: frames a second and the longest task, beside the same page at rest.

Needs what the browser tests need. The server runs in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, sync_playwright

from tools.chromium import launch
from tools.lab_server import JupyterServer
from tools.notebook_page import NotebookPage, new_notebook

STATIC = Path(__file__).parents[1] / "qwen_nb" / "static"
SIZE = 6
"""Characters of a chunk."""
SECTION = """## Section {0}

Some **words** about `value_{0}`, a [link](https://example.com/{0}), and a formula $x^{0} + y$. They go on for a while, as answers
do, with *emphasis* here and there.

- one
- two, with `code`
- three

| name | value |
| --- | ---: |
| a | {0} |
| b | 2 |

```python
def f_{0}(items: list[int]) -> int:
    return sum(item * {0} for item in items)
```

"""
TEXT = "".join(SECTION.format(number) for number in range(200))


def serve(sent: Any) -> None:
    """Answer `/<pause in ms>/<chunks>/v1/…` with so many chunks, one every so many milliseconds; `/clock/…`: the time in each."""

    def frame(delta: dict[str, Any], finish: str | None = None) -> bytes:
        document = {"id": "chatcmpl-1", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        data = b"data: " + json.dumps(document).encode() + b"\n\n"
        return b"%x\r\n%s\r\n" % (len(data), data)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
            except asyncio.IncompleteReadError:
                break
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(length)
            *clock, pause, chunks = head.split(b" ")[1].split(b"/v1")[0].split(b"/")[1:]
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            loop = asyncio.get_running_loop()
            due = loop.time()
            for number in range(int(chunks)):
                due += int(pause) / 1000
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                if clock:
                    text = f"<{time.time() * 1000:.0f}>" + ("\n\n" if number % 30 == 29 else " ")
                else:
                    text = TEXT[number * SIZE : (number + 1) * SIZE]
                writer.write(frame({"content": text}))
                await writer.drain()
            writer.write(frame({}, "stop") + b"0\r\n\r\n")
            await writer.drain()
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await answer(reader, writer)

    async def run() -> None:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        sent.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def model_server() -> Iterator[str]:
    receiving, sending = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(sending,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{receiving.recv()}"
    finally:
        process.terminate()
        process.join()


NO_LIMITS = ("--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=0", "--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=0")
"""Else the server drops what `update_display` sends above a megabyte a second, the end of the cell included."""
OURS = """%%qwen
Go."""
PEER = """text, shown = "", display(Markdown(""), display_id=True)
for chunk in client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Go."}], stream=True):
    text += chunk.choices[0].delta.content or ""
    shown.update(Markdown(text))
"""
SET_UP = """
import time, openai
from IPython.display import Markdown, display
%load_ext qwen_nb
import qwen_nb as qn
qn.connect("{url}/v1", model="m")
client = openai.OpenAI(base_url="{url}/v1", api_key="none")
qn.ask("Warm up.", endpoint=qn.Endpoint("{server}/0/10/v1", model="m"), settle=False)
"""


class Counted:
    """Bytes that come over the page's websockets, and the CPU time of its main thread."""

    def __init__(self, page: NotebookPage) -> None:
        self.bytes = 0
        self._page = page
        self._session: CDPSession = page.page.context.new_cdp_session(page.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def listen(self) -> None:
        """Count bytes, too, which costs the page time."""
        self._session.on("Network.webSocketFrameReceived", self._hear)
        self._session.send("Network.enable")

    def _hear(self, event: dict[str, Any]) -> None:
        payload = event["response"]["payloadData"]
        self.bytes += len(payload) * 3 // 4 if event["response"]["opcode"] == 2 else len(payload.encode())

    def main_thread(self) -> float:
        """Seconds of CPU so far."""
        found = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in found if metric["name"] == "TaskDuration"))


@contextmanager
def notebook(context: BrowserContext, jupyter: JupyterServer, name: str) -> Iterator[NotebookPage]:
    path = jupyter.root / f"{name}.ipynb"
    new_notebook(path)
    page = NotebookPage(context, jupyter.lab(path.name))
    page.open()
    try:
        yield page
    finally:
        page.page.close()
        jupyter.end_kernels()


def one_reply(
    context: BrowserContext, jupyter: JupyterServer, server: str, source: str, pause: int, chunks: int, *, count: bool
) -> dict[str, float]:
    with notebook(context, jupyter, "one") as page:
        page.execute(SET_UP.format(url=f"{server}/{pause}/{chunks}", server=server))
        page.execute("before = time.process_time()")
        counted = Counted(page)
        if count:
            counted.listen()
        begin = counted.main_thread()
        cell = page.run(source)
        page.wait_for_cell(cell, seconds=600)
        page.page.wait_for_function("() => new Promise(done => requestIdleCallback(() => done(true)))")
        main = counted.main_thread() - begin
        kernel = float(page.execute("print(time.process_time() - before)"))
    return {"bytes": counted.bytes} if count else {"page": main, "kernel": kernel}


def compare_with_display(
    context: BrowserContext, jupyter: JupyterServer, server: str, pause: int, chunks: int, rounds: int
) -> None:
    found: dict[str, list[dict[str, float]]] = {"qwen_nb": [], "update_display": []}
    for number in range(rounds):
        for name, source in (("qwen_nb", OURS), ("update_display", PEER)):
            measured = one_reply(context, jupyter, server, source, pause, chunks, count=False)
            # Bytes hardly change from one run to the next.
            if number == 0:
                measured |= one_reply(context, jupyter, server, source, pause, chunks, count=True)
            found[name].append(measured)
    pace = f"{1000 // pause} chunks a second" if pause else "full speed"
    print(f"\n{chunks} chunks, {chunks * SIZE} characters, {pace}; medians of {rounds}")
    middle = {
        name: {key: statistics.median(run[key] for run in runs if key in run) for key in ("bytes", "page", "kernel")}
        for name, runs in found.items()
    }
    for name, row in middle.items():
        print(f"  {name:16} {row['bytes']:12,.0f} bytes   page {row['page']:7.2f} s   kernel {row['kernel']:6.2f} s")
    ours, peer = middle["qwen_nb"], middle["update_display"]
    print("  ratio            " + "   ".join(f"{key} 1/{peer[key] / ours[key]:.1f}" for key in ours))


PLAIN_WIDGET = """
import anywidget, gzip, pathlib, traitlets, qwen_nb
code = gzip.decompress((pathlib.Path(qwen_nb.__file__).parent / "static/core.js.gz").read_bytes()).decode()
class Plain(anywidget.AnyWidget):
    _esm = code + "\\nexport default { render({ model, el }) { el.textContent = model.get('text'); } };"
    text = traitlets.Unicode().tag(sync=True)
"""
REPLIES = 20


def size_of_replies(context: BrowserContext, jupyter: JupyterServer, server: str) -> None:
    text = len(TEXT[: 300 * SIZE].encode())
    print(
        f"\n{REPLIES} replies of {text} bytes in one notebook (all bundles: {sum(map(packed, STATIC.glob('*.gz'))):,} bytes packed)"
    )
    contestants = {
        "qwen_nb": ["%%qwen\nGo."] * REPLIES,
        "qwen_nb, not settled": ["qn.ask('Go.', settle=False);"] * REPLIES,
        "plain anywidget": [f"Plain(text={TEXT[: 300 * SIZE]!r})"] * REPLIES,
    }
    for name, cells in contestants.items():
        with notebook(context, jupyter, "size") as page:
            page.execute(SET_UP.format(url=f"{server}/0/300", server=server) + PLAIN_WIDGET)
            page.save()
            path = jupyter.root / page.path
            empty = path.stat().st_size
            counted = Counted(page)
            counted.listen()
            for source in cells:
                page.wait_for_cell(page.run(source))
            page.page.wait_for_timeout(500)
            page.save()
            saved = path.stat().st_size - empty
            print(
                f"  {name:24} {counted.bytes:12,} bytes over websockets"
                f"   {saved:9,} bytes in the file, {saved // REPLIES:,} a reply"
            )


def packed(path: Path) -> int:
    assert gzip.decompress(path.read_bytes())
    return path.stat().st_size


WATCH = """seconds => new Promise(done => {
    let frames = 0, gap = 0, last = performance.now(), tasks = [];
    const observer = new PerformanceObserver(list => tasks.push(...list.getEntries().map(entry => entry.duration)));
    observer.observe({ type: "longtask" });
    const end = last + seconds * 1000;
    const step = now => {
        frames += 1; gap = Math.max(gap, now - last); last = now;
        if (now < end) requestAnimationFrame(step);
        else {
            observer.disconnect();
            done({ frames: frames / seconds, gap, longest: Math.max(0, ...tasks), tasks: tasks.length });
        }
    };
    requestAnimationFrame(step);
})"""
GATHER = """
import asyncio
await asyncio.gather(*(qn.ask_async("Go.", settle=False) for _ in range(20)));
"""


def many_at_once(context: BrowserContext, jupyter: JupyterServer, server: str, rounds: int) -> None:
    seconds = 8
    print(f"\n20 replies at once, 50 chunks a second each, seen for {seconds} s; medians of {rounds}")
    found: dict[str, list[dict[str, float]]] = {"streaming": [], "at rest": []}
    for _ in range(rounds):
        with notebook(context, jupyter, "many") as page:
            page.execute(SET_UP.format(url=f"{server}/20/{50 * (seconds + 4)}", server=server))
            cell = page.run(GATHER)
            page.output(cell).locator(".qwen-nb .answer").nth(19).wait_for(state="attached")
            found["streaming"].append(page.page.evaluate(WATCH, seconds))
            page.wait_for_cell(cell, seconds=60)
            found["at rest"].append(page.page.evaluate(WATCH, seconds))
    for name, runs in found.items():
        row = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(
            f"  {name:10} {row['frames']:5.1f} frames a second, longest gap {row['gap']:4.0f} ms,"
            f" longest task {row['longest']:4.0f} ms, {row['tasks']:.0f} tasks over 50 ms"
        )


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--chunks", type=int, default=1000)
    arguments.add_argument("--only", default="size,many,fast,paced")
    options = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        model_server() as server,
        sync_playwright() as playwright,
    ):
        root = Path(folder, "root")
        root.mkdir()
        with JupyterServer(root, Path(folder, "state"), options=NO_LIMITS) as jupyter:
            browser = launch(playwright)
            context = browser.new_context(viewport={"width": 1100, "height": 900})
            print(f"Chromium {browser.version}")
            for name in options.only.split(","):
                if name == "size":
                    size_of_replies(context, jupyter, server)
                elif name == "many":
                    many_at_once(context, jupyter, server, options.rounds)
                else:
                    compare_with_display(context, jupyter, server, {"fast": 0, "paced": 10}[name], options.chunks, options.rounds)
            browser.close()


if __name__ == "__main__":
    main()
