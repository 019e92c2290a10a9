"""What a saved notebook has of a reply."""

from __future__ import annotations

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from qwen_nb.events import Event, PartDelta, PartEnd, PartStart, StreamEnd
from qwen_nb.fallback import markdown, plain
from qwen_nb.reply import Reply
from tests.server import Answer, Server, frame, said


def grown(*events: Event) -> Reply:
    reply = Reply(model="qwen3-8b")
    reply.extend(events)
    return reply


def test_thoughts_and_calls_are_folded_and_the_answer_is_not() -> None:
    reply = grown(
        PartStart(0, "reasoning", at=0.5),
        PartDelta(0, "Two cities.\n\nBoth <b>cold</b>."),
        PartEnd(0, at=2.0),
        PartStart(1, "tool", "get_weather", "c1"),
        PartDelta(1, '{"city":"Oslo"}'),
        PartEnd(1),
        PartStart(2, "result", "get_weather", "c1"),
        PartDelta(2, "4 °C ``` rain"),
        PartEnd(2, "done"),
        PartStart(3, "text"),
        PartDelta(3, "\nOslo is **cold**: \\(4\\) degrees, $5 a coffee."),
        PartEnd(3),
        StreamEnd("complete", "stop", input_tokens=9, output_tokens=40, first_token=0.5, at=2.5),
    )
    assert (
        markdown(reply)
        == """<details><summary>Thought for 1.5 s</summary>

> Two cities.
>
> Both &lt;b>cold&lt;/b>.

</details>

<details><summary>Called <code>get_weather</code></summary>

```json
{
  "city": "Oslo"
}
```

````text
4 °C ``` rain
````

</details>

Oslo is **cold**: $4$ degrees, \\$5 a coffee.

<small>qwen3-8b · first token 0.50 s · 20 tok/s · 9 in, 40 out</small>"""
    )
    assert plain(reply) == "\nOslo is **cold**: \\(4\\) degrees, $5 a coffee."


def test_a_reply_that_did_not_end_well_says_so() -> None:
    for end, words in [
        (StreamEnd("truncated"), "Cut off"),
        (StreamEnd("stopped"), "Stopped"),
        (StreamEnd("interrupted"), "Stopped"),
        (StreamEnd("complete", "length"), "length limit"),
        (StreamEnd("complete", "max_output_tokens"), "length limit"),
        (StreamEnd("error", error="HTTP 500: <broken>"), "HTTP 500: &lt;broken>"),
    ]:
        reply = grown(PartStart(0, "text"), PartDelta(0, "Half"), PartEnd(0), end)
        assert markdown(reply).startswith("Half\n\n> **")
        assert words in markdown(reply)
        assert plain(reply).startswith("Half\n\n")


def test_the_choices_of_one_request_are_told_apart() -> None:
    reply = grown(
        PartStart(0, "text"),
        PartStart(1, "text", choice=1),
        PartDelta(1, "Second"),
        PartDelta(0, "First"),
        PartEnd(1, "length"),
        PartEnd(0),
        PartStart(2, "notice", "bad_json"),
        PartDelta(2, "One frame was no JSON."),
        PartEnd(2),
        StreamEnd("complete", "stop"),
    )
    assert markdown(reply) == (
        "First\n\n> One frame was no JSON.\n\n**Choice 2**\n\nSecond\n\n"
        "> **Cut off: the answer reached its length limit.**\n\n<small>qwen3-8b</small>"
    )


def test_an_executed_notebook_holds_the_reply_and_no_widget() -> None:
    """nbclient runs it as CI does, nbconvert draws it as a server does."""
    steps = [frame({"reasoning_content": "Hm."}), *said("Hello **world**", " and \\(x^2\\).")]
    with Server(Answer(steps)) as server:
        notebook = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell(f"%load_ext qwen_nb\n%qwen connect {server.url}"),
                nbformat.v4.new_code_cell("%%qwen -m m\nSay hello."),
            ]
        )
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[1].outputs
    assert set(output.data) == {"text/markdown", "text/plain"}
    assert "Hello **world** and $x^2$." in output.data["text/markdown"]
    html, _ = HTMLExporter().from_notebook_node(notebook)
    assert "Hello <strong>world</strong>" in html
    assert "<details>" in html


def test_names_that_a_server_or_a_model_gives_are_text() -> None:
    name = "f`$$\n\n![x](https://a.b)<b>"
    written = "f&#96;&#36;&#36; &#33;&#91;x&#93;(https&#58;//a.b)&#60;b&#62;"
    end = StreamEnd("complete", "stop", model=name)
    shown = markdown(grown(PartStart(0, "tool", name, "c1"), PartDelta(0, "{}"), PartEnd(0), end))
    assert f"Called <code>{written}</code></summary>" in shown
    assert shown.endswith(f"<small>{written}</small>")


def test_a_picture_that_is_none_is_left_out() -> None:
    for kind, data in [("image/svg+xml", "AAAA"), ("image/png", "AA)![x](https://a.b"), ("image/png;x", "AAAA")]:
        assert markdown(grown(PartStart(0, "image", kind), PartDelta(0, data), PartEnd(0))) == ""
    assert "(data:image/png;base64,AAAA)" in markdown(grown(PartStart(0, "image", "image/png"), PartDelta(0, "AA\nAA"), PartEnd(0)))
