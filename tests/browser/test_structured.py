"""An answer of a shape in a real notebook: it fills field by field, and is kept as JSON."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.test_streaming import connect, view
from tests.server import Answer, Server, said
from tools.notebook_page import NotebookPage

MODEL = """
import pydantic

class Place(pydantic.BaseModel):
    name: str
    people: int
    districts: list[str]
"""
BEFORE = '```json\n{"name": "Os'
AFTER = 'lo", "people": 724290, "districts": ["Frogner", "Sagene"]}\n```'


def test_the_fields_of_an_answer_fill(lab: NotebookPage) -> None:
    with Server(Answer([*said(BEFORE, finish=None), 60.0]), Answer(said(BEFORE, AFTER))) as server:
        connect(lab, server)
        lab.execute(MODEL)
        cell = lab.run("reply = qn.ask('Oslo?', schema=Place)")
        shown = view(lab, cell).node.locator(".structured")
        expect(shown.locator("dt")).to_have_text(["name"])
        expect(shown.locator("dd")).to_have_text(["Os"])
        assert lab.is_running(cell)
        view(lab, cell).stop.click()
        lab.wait_for_cell(cell)

        cell = lab.run("reply = qn.ask('Oslo?', schema=Place)")
        lab.wait_for_cell(cell)
        kept = lab.output(cell).locator("pre")
        kept.wait_for()
        assert kept.inner_text().startswith('{\n  "name": "Oslo",\n  "people": 724290,')
        assert lab.execute("print(reply.parsed)") == "name='Oslo' people=724290 districts=['Frogner', 'Sagene']"

        again = lab.run("reply.show()")
        lab.wait_for_cell(again)
        fields = view(lab, again).node.locator(".structured")
        expect(fields.locator("dt")).to_have_text(["name", "people", "districts"])
        expect(fields.locator("dd")).to_have_text(["Oslo", "724290", '["Frogner", "Sagene"]'])
