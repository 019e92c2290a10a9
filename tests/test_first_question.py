"""The first question of a kernel, which has everything to import: it can be stopped and interrupted meanwhile."""

from __future__ import annotations

import time

from tests.kernel import running_kernel
from tests.server import Answer, Server, said

SLOW_DISK = """
import sys, time
class SlowDisk:
    def find_spec(self, name, path=None, target=None):
        if name == 'openai':
            time.sleep(3)
sys.meta_path.insert(0, SlowDisk())
import qwen_nb as qn
"""


def test_an_interrupt_while_openai_is_imported_ends_the_reply_that_is_shown() -> None:
    with Server(Answer(said("Next."))) as server, running_kernel() as kernel:
        kernel.run(f"{SLOW_DISK}\nqn.connect({server.url!r}, model='m')")
        request = kernel.start("qn.ask('Hello?')")
        while kernel.client.get_iopub_msg(timeout=30)["msg_type"] != "display_data":
            pass
        time.sleep(0.5)
        kernel.manager.interrupt_kernel()
        cell = kernel.finish(request)
        assert cell.traceback.startswith("Interrupted: "), cell.traceback
        assert cell.events[-1]["type"] == "stream_end"
        assert kernel.value("qn.last.status") == "'interrupted'"
        assert kernel.value("qn.ask('Next?').text") == "'Next.'"
