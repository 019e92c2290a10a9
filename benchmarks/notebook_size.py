"""What 20 replies in one notebook take over the websockets and in the saved file, in a real JupyterLab.

    python -m benchmarks.notebook_size [--quick]

Ours, ours that stays a widget, `update_display`, and a plain anywidget that carries the same code in each `_esm`. One run: sizes
hardly change. `--quick`: five replies.
"""

from __future__ import annotations

from dataclasses import replace

from .harness import contestants
from .harness.answer import chunk
from .harness.contestants import Contestant
from .harness.kernels import code_bytes
from .harness.lab import Counted, Lab, finish, lab
from .harness.model_server import model_server
from .harness.report import options, table, title, verdict, versions

CHUNKS = 300
TEXT = "".join(map(chunk, range(CHUNKS)))
LIVE = replace(contestants.OURS, name="qwen_nb, not settled", ask="qn.ask('Go.', settle=False);")
PLAIN = Contestant(
    "a plain anywidget with the same code",
    """
import anywidget, gzip, pathlib, traitlets, qwen_nb
code = gzip.decompress((pathlib.Path(qwen_nb.__file__).parent / "static/core.js.gz").read_bytes()).decode()
class Plain(anywidget.AnyWidget):
    _esm = code + "\\nexport default { render({ model, el }) { el.textContent = model.get('text'); } };"
    text = traitlets.Unicode().tag(sync=True)
""",
    f"Plain(text={TEXT!r})",
)


def sizes(found: Lab, contestant: Contestant, url: str, replies: int) -> tuple[int, int]:
    """Bytes over the websockets, and bytes that the saved file has grown by, for so many replies; without any before."""
    with found.notebook(kernel=contestant.kernel) as page:
        page.execute(contestant.prepared(url))
        page.save()
        path = found.jupyter.root / page.path
        empty = path.stat().st_size
        counted = Counted(page)
        counted.listen()
        for _ in range(replies):
            finish(page, page.run(contestant.ask))
        page.page.wait_for_timeout(500)
        page.save()
        return counted.bytes, path.stat().st_size - empty


def main() -> None:
    given = options(__doc__, rounds=1)
    replies = 5 if given.quick else 20
    versions()
    with model_server() as server, lab() as found:
        rows = {
            each.name: sizes(found, each, f"{server}/0/{CHUNKS}", replies)
            for each in (contestants.OURS, LIVE, contestants.DISPLAY, PLAIN)
        }
    text, (code, core) = len(TEXT.encode()), code_bytes()
    title(f"{replies} replies of {text:,} bytes in one notebook; the page's code is {code:,} bytes, once")
    table(
        ["", "bytes over the websockets", "bytes in the file", "a reply"],
        [[name, f"{sent:,}", f"{saved:,}", f"{saved // replies:,}"] for name, (sent, saved) in rows.items()],
    )
    sent, saved = rows[contestants.OURS.name]
    most = 3 * text + 4000
    apart = (sent - code) // replies
    table(
        ["goal", "figure", ""],
        [
            [f"file: ≤ 3 × the text + 4 kB a reply, {most:,}", f"{saved // replies:,}", verdict(saved / replies <= most)],
            ["one bundle: a reply takes less than the core of it", f"{apart:,} of {core:,}", verdict(apart < core)],
        ],
    )


if __name__ == "__main__":
    main()
