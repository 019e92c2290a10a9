"""`{name}` in a prompt: filled where it is meant, and everything else that has braces unchanged, byte for byte."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qwen_nb import Filled, fill

_HIDDEN = "In Out _ __ ___ _i _ih _oh _dh _1 _i1 exit quit open get_ipython __name__ __builtins__"
NAMES: dict[str, Any] = {
    **{name: number for number, name in enumerate(("a", "b", "i", "k", "n", "v", "x"))},
    "name": "Ada",
    "xs": [1, 2],
    "d": {"k": 1, "a b": 2},
    "f": lambda x: x,
    "df": "data",
    "text": "hello",
    **dict.fromkeys(_HIDDEN.split(), "made by the notebook"),
}
"""A notebook in which nearly every short name means something."""

UNCHANGED = {
    "JSON": [
        '{"a": 1, "b": [1, 2, {"c": null}]}',
        '{"name": "x", "value": {"name": 1}}',
        'Answer as JSON: {"name": string, "x": number}.',
        "{'a': a, 'b': b}",
        "{}, { } and {{}}",
        '{"a":{"b":{"c":{}}}}',
        '[{"x":1},{"x":2}]',
    ],
    "LaTeX": [
        r"\frac{a}{b}",
        r"$\frac{a}{b}$ and $x_{i}$",
        r"x_{i} + y_{n} = e^{x} \cdot 10^{n}",
        r"\sqrt{x} and \sqrt[n]{x}",
        r"\sum_{i=1}^{n} x_{i}^{2}",
        r"\[ \int_{a}^{b} f(x)\,dx \]",
        r"\( {x} \)",
        "$$\n{n} \\choose {k}\n$$",
        r"$2{n}$",
        "\\begin{align}\n x_{i} &= {n} \\\\\n\\end{align}",
        r"\begin{x} y \end{x}",
        r"\left\{x\right\}, \{x\} and \text{x}",
        r"\newcommand{\name}[1]{x}",
        r"x^{a}_{b} and \alpha_{i} and {a}^{b}",
    ],
    "Python": [
        'f"{x}" and f\'{name}\' and rf"{x}" and F"{x}"',
        'print(f"{name} is {a:.1f}, {b!r}, {x=}")',
        'f"""\n{x}\n{a}\n"""',
        '"{x} {a}".format(x=1, a=2)',
        "{0} {1} {:>10} {x:>10} {x!r} {x:.2f} {x=}",
        "{k: v for k, v in d.items()}",
        "{k: v for k in d}",
        "{x for x in xs}",
        "{x: 1}, {x, a}, {**d}, {*xs}",
        "{x + 1}, {f(x)}, {name.upper()}, {xs[n+1]}, {xs[0](1)}, {x if a else b}",
        "{(x)}, {[x]}, {-n}, {not x}, {x and a}, {lambda: x}",
        "`{x}` and ``{x}``",
        'Why does this fail?\n```python\nprint(f"{x}")\ns = {x} | {a}\n```\n',
        "~~~\n{ {x}: {a} }\n~~~",
    ],
    "templates": [
        "{{x}}, {{ x }}, {{ x.name }}, {{x|upper}} and {{{x}}}",
        "{% for i in xs %}{{ i }}{% endfor %}",
        "{% if x %}{{x}}{% endif %}",
        "{# x #}",
        "${x} and $(x) and `${x}`",
        "#{x} and %{x} and @{x}",
        "{#if x}{/if}{:else}{@html x}{...x}",
        "<div style={{color: x}}>",
    ],
    "other languages": [
        'println!("{x}"); println!("{} {}", x, a);',
        'Console.WriteLine($"{x} and {name}"); echo fmt"{x}"; t"{x}"',
        "\\p{name} and \\x{a}",
        "int main() { int x = 1; }",
        "function f() { return x; }",
        "body { color: red; } .x { a: b }",
        "awk '{print $1}' and find . -exec ls {} \\;",
        "{a..z}, {1..10}, *.{a,b}, file{,.bak}",
        "x{2}, \\d{4}-\\d{2}, [a-z]{n,}",
        "@article{x, title={A {Big} Title}}",
    ],
    "nothing of ours": [
        "{undefined}, {qqq.attribute} and {zzz[0]}",
        "/users/{identifier}/posts/{post_number}",
        "{first name}, {名字}, { x }, {x }, { x}",
        "{, }, }{, {x, x}, {{x}, {x}}",
        "{x\n}, {\nx\n}",
        "{x[}, {x[]}, {x.}, {.x}, {x..name}, {[0]}",
        "{In}, {Out}, {exit}, {quit}, {open}, {get_ipython}, {_}, {__}, {___}, {_i}, {_ih}, {_oh}, {_dh}, {_1}, {_i1}",
        "{__builtins__}, {__name__}, {print}, {len}, {int}, {True}, {None}, {lambda}, {class}",
        "\\{x} and {x\\}",
    ],
}
PROMPTS = [(kind, prompt) for kind, prompts in UNCHANGED.items() for prompt in prompts]


@pytest.mark.parametrize(("kind", "prompt"), PROMPTS)
def test_what_is_not_meant_stays_as_it_is(kind: str, prompt: str) -> None:
    assert fill(prompt, NAMES) == Filled(prompt, {}, fill(prompt, NAMES).warnings)
    around = f"Explain {{name}}'s\n\n{prompt}\n\nto {{name}}."
    assert fill(around, NAMES).content == f"Explain Ada's\n\n{prompt}\n\nto Ada."


class Person:
    name = "Ada"
    _secret = "never"

    @property
    def age(self) -> int:
        raise RuntimeError("nobody\nasks")

    def __repr__(self) -> str:
        return "<a person>"


class Shy:
    def __repr__(self) -> str:
        raise ValueError("I have no words")


class Marked:
    def _repr_markdown_(self) -> str:
        return "**marked**"


VALUES: dict[str, Any] = {
    "name": "Ada",
    "count": 3,
    "flag": True,
    "nothing": None,
    "p": Person(),
    "m": Marked(),
    "zahl": 1.5,
    "数据": "中文",
    "d": {"k": 1, "a b": [10, 20]},
    "xs": [1, 2, 3],
    "i": 1,
    "key": "k",
    "braces": "{name}",
    "shy": Shy(),
}
FILLED = {
    "{name}": "Ada",
    "Dear {name}, {name}!": "Dear Ada, Ada!",
    "{count} × {zahl} {flag} {nothing}": "3 × 1.5 True None",
    "{p} is {p.name}": "<a person> is Ada",
    "{d[k]}": "{d[k]}",
    "{d['k']} {d[\"k\"]} {d[key]} {d['a b'][1]}": "1 1 1 20",
    "{xs} {xs[0]} {xs[-1]} {xs[i]}": "[1, 2, 3] 1 3 2",
    "{m}": "**marked**",
    "{数据}！": "中文！",
    "{braces}": "{name}",
    "file_{name}.csv": "file_Ada.csv",
    "It costs $5 or {count} and then $10.": "It costs $5 or 3 and then $10.",
    "Read this:\n```\n{name}\n```": "Read this:\n```\nAda\n```",
    '"{name}" said {{name}}': '"Ada" said {{name}}',
    "{name}{count}": "Ada3",
    "{name}_{count}.csv": "Ada_3.csv",
    "It's {name}'s, isn't it?": "It's Ada's, isn't it?",
    "<data>{name}</data> n={count}": "<data>Ada</data> n=3",
    'He said "{name}", but not {name}.': 'He said "Ada", but not Ada.',
}


@pytest.mark.parametrize(("prompt", "filled"), FILLED.items())
def test_names_attributes_and_items_are_filled(prompt: str, filled: str) -> None:
    assert fill(prompt, VALUES).content == filled


@pytest.mark.parametrize(
    ("prompt", "words"),
    {
        "{p.age}": ["{p.age}", "RuntimeError: nobody asks"],
        "{p.size}": ["{p.size}", "no attribute 'size'"],
        "{xs[7]}": ["{xs[7]}", "IndexError"],
        "{d['q']}": ["KeyError: 'q'"],
        "{shy}": ["ValueError: I have no words"],
        "{nmae}": ["no variable nmae", "{name}"],
        "{counts.first}": ["no variable counts", "{count}"],
        "{xs[nmae]}": ["{xs[nmae]}", "no variable nmae"],
        "{xs[q]}": [],
        "{p._secret}": ["{p._secret}", "private"],
        "`{name}`": ["{name}", "among code"],
        "```text\nI am {name}.\n```": ["among code"],
        "```python\ns = {name}\n```": [],
    }.items(),
)
def test_what_looks_meant_and_fails_stays_and_is_said(prompt: str, words: list[str]) -> None:
    filled = fill(prompt, VALUES)
    assert (filled.content, filled.values) == (prompt, {})
    assert all(word in " ".join(filled.warnings) for word in words)
    assert bool(filled.warnings) == bool(words)


def test_private_things_stay_private() -> None:
    prompt = "{p._secret} {p.__class__} {p.__class__.__init__.__globals__} {d.__class__}"
    assert fill(prompt, VALUES).content == prompt


def test_a_typing_error_beside_a_frame_is_noticed() -> None:
    assert fill("Look at {dff}.", {"df": 1}).warnings == ("{dff} was left as it is: there is no variable dff. Did you mean {df}?",)
    assert fill("Look at {dff}.", {"df": 1, 0: 2}).warnings[0].endswith("Did you mean {df}?")  # type: ignore[dict-item]


def test_nothing_is_called() -> None:
    def explode() -> None:
        raise AssertionError("called")

    assert fill("{f()} {f(1)} {xs.sort()}", {"f": explode, "xs": [2, 1]}).content == "{f()} {f(1)} {xs.sort()}"


def test_a_value_is_said_once_in_short() -> None:
    assert fill("{name} {name} {xs}", {"name": "Ada", "xs": "long " * 100}).values == {
        "name": "Ada",
        "xs": "str, 500 characters: long long long long long long long long …",
    }


def test_the_line_is_followed_by_the_prompt_unless_it_says_all() -> None:
    assert fill("{name}: {xs}", VALUES).summary == "Filled in: {name}: Ada; {xs}: [1, 2, 3]."
    assert fill("Read {text}!", {"text": "a\nb"}).summary == "Filled in: {text}: a b.\nRead a\nb!"
    assert fill("{text}", {"text": "word " * 2000}).summary.endswith(" word … cut: 10,000 characters in all.")
    assert fill("{red} {text}", {"red": picture(), "text": "a\nb"}).summary.endswith(".\n[a picture] a\nb")
    assert fill("{nobody}", VALUES).summary == ""


def test_a_table_gets_lines_of_its_own() -> None:
    frame = pandas.DataFrame({"city": ["Oslo", "Bonn"], "°C": [4, 11]})
    table = "| city | °C |\n| --- | --- |\n| Oslo | 4 |\n| Bonn | 11 |"
    filled = fill("Sum up {df} in a word.", {"df": frame})
    assert filled.content == f"Sum up \n\n{table}\n\n in a word."
    assert filled.values == {"df": "DataFrame of 2 × 2"}
    assert filled.summary == f"Filled in: {{df}}: DataFrame of 2 × 2.\n{filled.content}"
    assert fill("{df}", {"df": frame}).content == table
    assert fill("Sum up:\n{df}\nThanks", {"df": frame}).content == f"Sum up:\n\n{table}\n\nThanks"
    assert fill("{df[city]}", {"df": frame, "city": "city"}).content == "| city |\n| --- |\n| Oslo |\n| Bonn |"


def test_a_long_table_is_cut_and_says_its_shape() -> None:
    frame = pandas.DataFrame({f"c{number}": range(500) for number in range(30)})
    table = fill("{df}", {"df": frame}).content
    assert isinstance(table, str)
    assert len(table.splitlines()) < 60
    assert table.endswith("Cut: the whole has 500 rows and 30 columns.")


def picture() -> PIL.Image.Image:
    return PIL.Image.new("RGB", (2, 2), "red")


def sound() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16))
    return buffer.getvalue()


def kinds(filled: Filled) -> list[str]:
    assert isinstance(filled.content, list)
    return [part["text"] if part["type"] == "text" else part["type"] for part in filled.content]


def test_pictures_and_sounds_become_parts_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    picture().save(path)
    names = {"red": picture(), "path": path, "where": str(path), "voice": sound(), "name": "Ada"}
    filled = fill("{name}, compare {red} with {path} and {where}; hear {voice}{name}", names)
    assert kinds(filled) == [
        *("Ada, compare ", "image_url", " with ", "image_url", " and ", "image_url", "; hear ", "input_audio", "Ada"),
    ]
    assert filled.content[1]["image_url"]["url"].startswith("data:image/png;base64,")  # type: ignore[index]
    assert filled.values == {"name": "Ada", **dict.fromkeys(("red", "path", "where"), "a picture"), "voice": "sound"}


def test_a_picture_alone_is_a_message() -> None:
    assert kinds(fill("{red}", {"red": picture()})) == ["image_url"]


def test_other_bytes_are_not_poured_into_the_prompt() -> None:
    assert fill("{data}", {"data": bytes(1_000_000)}).content == "1,000,000 bytes of data"


def test_what_is_too_long_is_cut_and_said_but_not_a_text() -> None:
    filled = fill("{xs}", {"xs": list(range(100_000))}).content
    assert len(filled) < 250_000
    assert "cut" in filled[-60:]
    text = "word " * 100_000
    assert fill("{text}", {"text": text}).content == text


BRACES = st.text(alphabet=st.sampled_from(list("{}[].()'\"`$\\_^%#\n ax0f,:|!中")), max_size=60)


@given(st.one_of(st.text(max_size=200), BRACES), st.sampled_from([NAMES, VALUES, {}]))
def test_no_text_raises_and_without_names_it_is_unchanged(prompt: str, names: Mapping[str, Any]) -> None:
    filled = fill(prompt, names)
    assert isinstance(filled.content, str)
    assert filled.values or filled.content == prompt
    assert fill(prompt, {}).content == prompt


@given(BRACES, BRACES)
def test_a_name_on_a_line_of_its_own_is_always_filled(before: str, after: str) -> None:
    """Unless it stands within something that has begun before."""
    quiet = str.maketrans("", "", "{}`'\"$\\%~")
    prompt = f"{before.translate(quiet)}\n\n{{name}}\n\n{after.translate(quiet)}"
    assert "\n\nAda\n\n" in fill(prompt, {"name": "Ada"}).content


def spans(count: int) -> Iterator[str]:
    yield "{x}" * count
    yield "{" * count
    yield "{a" * count
    yield "$" + "x " * count
    yield "f'" * count
    yield "`" * count
    yield "\\a" * count
    yield "\\a{" * count
    yield "{a." + "b." * count + "}"
    yield "{a" + "[0]" * count + "}"
    yield "```\n" * count
    yield "$a" * count
    yield "\\(" * count
    yield "\\begin{a}" * count
    yield "\\[" * count
    yield "~" * count
    yield "a" * count
    yield '"a' * count
    yield '$"' * count
    yield "$ " * count


@pytest.mark.timeout(60)
@pytest.mark.parametrize("number", range(20))
def test_a_long_prompt_takes_time_in_proportion(number: int) -> None:
    """A quadratic search would take minutes for each of these."""
    fill(list(spans(30_000))[number], {"x": 1})
