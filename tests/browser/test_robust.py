"""Whatever happens to the page or its kernel while a reply streams: nothing is lost or doubled, and nothing streams for ever."""

from __future__ import annotations

import time

from tests.browser.test_streaming import WHOLE, WORDS, connect, paced, view
from tests.server import Answer, Server, said
from tools.notebook_page import NotebookPage

REMEMBER = """
const renderer = notebook.content.rendermime.createRenderer('application/vnd.jupyter.widget-view+json');
const manager = await renderer._manager.promise;
renderer.dispose();
window.remembered ??= [];
for (const model of await Promise.all(Object.values(manager._models))) {
    if (model.get('_anywidget_id') === 'qwen_nb.widget.StreamWidget') window.remembered.push(new WeakRef(model));
}
for (const node of document.querySelectorAll('.qwen-nb')) window.remembered.push(new WeakRef(node));
"""
LEFT = "window.remembered.map(each => each.deref()).filter(Boolean).map(each => each.className ?? each.model_id)"
SLOWLY = "reply = qn.ask('Count.', background=True, settle=False)"


def whole(page: NotebookPage, cell: int) -> None:
    """Wait for the end of the reply in `cell`, and see that it is whole."""
    reply = view(page, cell)
    reply.wait_for_end()
    assert reply.answer.strip() == WHOLE


def test_a_cell_is_moved_and_scrolled_out_of_sight_while_it_streams(lab: NotebookPage) -> None:
    with Server(paced(pause=0.1)) as server:
        connect(lab, server)
        first = lab.add("'a cell of its own'")
        cell = lab.run(SLOWLY)
        view(lab, cell).wait_for("word5")
        lab.select(cell)
        lab.command("notebook:move-cell-up")
        for _ in range(30):
            lab.add("1\n" * 8)
        lab.select(cell + 30)
        lab.page.keyboard.press("End")
        lab.page.wait_for_timeout(1000)
        lab.cell(first).scroll_into_view_if_needed()
        whole(lab, first)


def test_outputs_are_cleared_and_the_notebook_is_closed_and_opened_while_it_streams(lab: NotebookPage) -> None:
    with Server(paced(pause=0.15), paced(pause=0.15)) as server:
        connect(lab, server)
        cell = lab.run(SLOWLY)
        view(lab, cell).wait_for("word3")
        lab.command("editmenu:clear-current")
        lab.page.wait_for_function("document.querySelectorAll('.qwen-nb').length === 0")
        assert lab.execute("print(reply.wait().text)") == WHOLE

        again = lab.run(SLOWLY)
        view(lab, again).wait_for("word3")
        lab.save()
        path = lab.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
        lab.command("application:close")
        lab.page.evaluate("path => window.jupyterapp.commands.execute('docmanager:open', { path })", path)
        lab.wait_until_ready()
        whole(lab, again)


def test_a_tab_that_sleeps_has_everything_when_it_wakes(lab: NotebookPage) -> None:
    with Server(paced()) as server:
        connect(lab, server)
        cell = lab.run(SLOWLY)
        view(lab, cell).wait_for("word3")
        # What Chromium does to a tab that has been hidden for minutes.
        tab = lab.page.context.new_cdp_session(lab.page)
        tab.send("Page.setWebLifecycleState", {"state": "frozen"})
        lab.page.context.pages[0].wait_for_timeout(4000)
        tab.send("Page.setWebLifecycleState", {"state": "active"})
        whole(lab, cell)


def test_a_kernel_that_restarts_leaves_what_had_arrived_and_no_live_view(page: NotebookPage) -> None:
    with Server(Answer([*said(*WORDS[:5], finish=None), 60.0]), paced(["all ", "right"])) as server:
        connect(page, server)
        cell = page.run(SLOWLY)
        view(page, cell).wait_for("word4")
        page.restart()
        reply = view(page, cell)
        reply.wait_for_end()
        assert reply.answer.strip() == "".join(WORDS[:5]).strip()
        assert reply.stop.is_hidden()
        assert server.hung_up.wait(5), "the connection outlived the kernel"

        connect(page, server)
        following = page.run("%%qwen\nGo on.")
        page.wait_for_cell(following)
        page.output(following).get_by_text("all right").wait_for()


def test_the_connection_to_the_kernel_breaks_and_comes_back(lab: NotebookPage) -> None:
    with Server(paced(pause=0.1)) as server:
        connect(lab, server)
        cell = lab.run(SLOWLY)
        view(lab, cell).wait_for("word3")
        lab.page.evaluate("void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.reconnect()")
        whole(lab, cell)


def test_a_reply_whose_widget_the_front_end_has_given_up_streams_all_the_same(lab: NotebookPage) -> None:
    with Server(Answer(said("Hello")), paced(pause=0.1)) as server:
        connect(lab, server)
        lab.wait_for_cell(lab.run("qn.ask('Hello.', settle=False);"))
        # anywidget drops what comes for a widget whose code has not run within two seconds, as in a page that is very busy.
        lab.page.evaluate("() => { const wait = AbortSignal.timeout; AbortSignal.timeout = () => wait.call(AbortSignal, 0); }")
        cell = lab.run(SLOWLY)
        reply = view(lab, cell)
        reply.wait_for("word40")
        assert reply.is_live
        whole(lab, cell)
        lab.errors[:] = [error for error in lab.errors if "Failed to initialize model" not in error]


def test_replies_that_are_over_and_cleared_are_gone_from_the_memory_of_the_page(lab: NotebookPage) -> None:
    with Server(*(paced() for _ in range(3))) as server:
        connect(lab, server)
        lab.execute("import qwen_nb.widget\nqwen_nb.widget.KEPT, qwen_nb.widget.LINGER = 0, 0.3")
        for number in range(3):
            cell = lab.run("from IPython.display import clear_output\nqn.ask('Count.')\nclear_output()")
            view(lab, cell).wait_for("word3")
            lab._evaluate(REMEMBER)
            lab.wait_for_cell(cell)
            assert lab.page.evaluate("window.remembered.length") == 2 * (number + 1), "a model and an element each"
        devtools = lab.page.context.new_cdp_session(lab.page)
        until = time.monotonic() + 20
        while (left := lab.page.evaluate(LEFT)) and time.monotonic() < until:
            lab.page.wait_for_timeout(500)
            devtools.send("HeapProfiler.collectGarbage")
        assert left == []
