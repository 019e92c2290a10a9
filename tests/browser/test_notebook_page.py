"""The harness itself: what it would miss, every test in this folder would miss."""

from __future__ import annotations

from tools.notebook_page import NotebookPage


def test_runs_interrupts_reloads_and_restarts(page: NotebookPage) -> None:
    assert page.execute("1 + 1") == "2"

    slow = page.run("import time\nfor i in range(100): print(i, flush=True); time.sleep(.1)")
    page.output(slow).get_by_text("5").wait_for()
    assert page.is_running(slow)
    page.interrupt()
    page.wait_for_cell(slow)
    assert "KeyboardInterrupt" in page.text(slow)

    page.save()
    page.reload()
    page.wait_until_ready()
    assert "KeyboardInterrupt" in page.text(slow)
    assert page.execute("i > 4") == "True"

    page.restart()
    assert "NameError" in page.execute("i")


def test_sees_errors_and_requests_elsewhere(lab: NotebookPage) -> None:
    lab.page.evaluate(
        """() => {
            console.error("said");
            setTimeout(() => { throw new Error("thrown"); });
            fetch("http://localhost:9/asked").catch(() => {});
        }"""
    )
    lab.page.wait_for_event("requestfailed")
    lab.page.wait_for_timeout(100)
    assert sorted(lab.errors)[1:] == ["console: said ()", "uncaught: thrown"]
    assert lab.foreign == ["http://localhost:9/asked"]
    lab.errors.clear()
    lab.foreign.clear()
