"""What a kernel and a page hold on to."""

from __future__ import annotations

import json
from typing import Any

from qwen_nb.widget import LINGER
from tools.notebook_page import NotebookPage

PROBE = """
import collections, gc, json, psutil, ipywidgets, qwen_nb
from comm import get_comm_manager
for _ in range(2):
    gc.collect()
_kinds = collections.Counter(type(each).__name__ for each in gc.get_objects())
print(json.dumps({
    "kernel MB": psutil.Process().memory_info().rss / 1e6,
    "kernel objects": sum(_kinds.values()),
    "kernel widgets": len(ipywidgets.widgets.widget._instances),
    "kernel comms": len(get_comm_manager().comms),
    "kernel replies": _kinds["Reply"],
}))
_kinds = None
"""
_MODELS = """
const renderer = notebook.content.rendermime.createRenderer('application/vnd.jupyter.widget-view+json');
const manager = await renderer._manager.promise;
renderer.dispose();
return Object.keys(manager._models).length;
"""


class Measuring:
    """Measures a notebook's kernel, by cell `probe`, and its page."""

    def __init__(self, page: NotebookPage) -> None:
        self._page = page
        self._probe = page.run(PROBE)
        page.wait_for_cell(self._probe)
        self._devtools = page.page.context.new_cdp_session(page.page)
        self._devtools.send("Performance.enable")
        self._devtools.send("HeapProfiler.enable")

    def now(self) -> dict[str, float]:
        """Every figure, after both have collected their garbage."""
        # Widgets linger for a moment.
        self._page.page.wait_for_timeout((LINGER + 1) * 1000)
        self._page.clear_prompt(self._probe)
        self._page.start_cell(self._probe)
        self._page.wait_for_cell(self._probe)
        kernel: dict[str, float] = json.loads(self._page.text(self._probe))
        for _ in range(2):
            self._devtools.send("HeapProfiler.collectGarbage")
        counted: dict[str, Any] = {
            metric["name"]: metric["value"] for metric in self._devtools.send("Performance.getMetrics")["metrics"]
        }
        return {
            **kernel,
            "page MB": self._devtools.send("Runtime.getHeapUsage")["usedSize"] / 1e6,
            "page nodes": counted["Nodes"],
            "page listeners": counted["JSEventListeners"],
            "page comms": self._page.page.evaluate(
                "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel._comms.size"
            ),
            "page models": self._page._evaluate(_MODELS),
        }
