"""What the options of `%%qwen` look like in a real notebook."""

from __future__ import annotations

from tests.browser.test_streaming import connect, view
from tests.server import Answer, Server, said
from tools.notebook_page import NotebookPage

CODE = Answer(said("So, *here* it is:\n\n```python\nx = 6 * 7\n```\n"))


def test_what_was_filled_in_can_be_unfolded_and_raw_text_stays_raw(lab: NotebookPage) -> None:
    with Server(CODE) as server:
        connect(lab, server)
        lab.execute("rows = 'first\\nsecond'")
        cell = lab.run("%%qwen --no-settle --raw\nRead {rows} and {rwos}.")
        lab.wait_for_cell(cell)
    reply = view(lab, cell)
    reply.wait_for_end()
    output = lab.output(cell)
    filled, left = output.locator(".notice").all()
    assert filled.locator(".plain").first.inner_text() == "Filled in: {rows}: first second."
    assert left.inner_text() == "{rwos} was left as it is: there is no variable rwos. Did you mean {rows}?"
    sent = filled.locator("details .plain")
    assert not sent.is_visible()
    filled.locator("summary").click()
    sent.wait_for()
    assert sent.inner_text() == "Read first\nsecond and {rwos}."
    assert "So, *here* it is:" in output.locator(".answer .raw").inner_text()
    assert output.get_by_role("button", name="Raw").get_attribute("aria-pressed") == "true"
    output.get_by_role("button", name="Raw").click()
    output.locator(".answer em", has_text="here").wait_for()


def test_the_code_of_an_answer_comes_into_the_next_cell(page: NotebookPage) -> None:
    with Server(CODE) as server:
        connect(page, server)
        cell = page.run("%%qwen --to-cell\nHow much?")
        page.wait_for_cell(cell)
    while page.find("x = 6 * 7") < 0:
        page.page.wait_for_timeout(50)
    assert page.sources[cell + 1] == "x = 6 * 7"


def test_the_tab_key_completes_options_and_names(lab: NotebookPage) -> None:
    lab.execute("%load_ext qwen_nb\ndef get_weather(city: str) -> str:\n    return 'rain'")
    cell = lab.add("")
    lab.cell(cell).locator(".cm-content").click()
    for typed, kind, whole in [
        ("%%qwen --thinking-b", "option", "%%qwen --thinking-budget"),
        (" 9 --tools get_w", "function", " 9 --tools get_weather"),
    ]:
        lab.page.keyboard.type(typed)
        lab.page.keyboard.press("Tab")
        lab.page.locator(".jp-Completer-item", has_text=kind).wait_for()
        lab.page.keyboard.press("Enter")
        lab.cell(cell).get_by_text(whole).wait_for()
