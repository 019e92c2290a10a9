"""`compare`: one prompt to several models or settings, side by side."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast, overload

from typing_extensions import Unpack

from .asking import Asking
from .errors import ConfigError, Interrupted, QwenError
from .fallback import mimebundle, plain
from .host import execution_count, has_kernel
from .inert import as_text
from .question import Options, Prompt, Question, check_names
from .reply import Reply
from .shown import sent

if TYPE_CHECKING:
    from ipywidgets import GridBox

Variant = str | Mapping[str, Any]
"""The name of a model, or options of `ask`."""

_NARROWEST = "22em"
"""Of a column; where the page has no room for two of them they stand below each other."""


def compare(
    prompt: Prompt,
    variants: Sequence[Variant] | Mapping[str, Variant],
    *,
    display: bool | None = None,
    settle: bool = True,
    raw: bool = False,
    **options: Unpack[Options],
) -> Comparison:
    """Ask all `variants` at once, show their replies side by side, and return them when all have ended.

    A variant is the name of a model or a dict of options of `ask`; a dict of variants names them. `options` hold for all.
    One that fails does not stop the others: its reply says what went wrong, and so does `.errors`. If all fail, the error of the
    first is raised. `ConfigError` if a variant makes no sense, before anything is asked; `Interrupted` as `ask`, for all.

    >>> both = qn.compare("Why is the sky blue?", [{"thinking": True}, {"thinking": False}], display=False)
    >>> both["thinking=False"].text
    'Air scatters blue light more than red.'
    """
    check_names(options)
    named = _named(variants)
    questions = {name: Question.of(prompt, {**options, **chosen}) for name, chosen in named.items()}
    comparison = Comparison({name: question.reply() for name, question in questions.items()})
    for reply in comparison:
        reply.is_raw = raw
    in_widgets = display is not False and has_kernel()
    if in_widgets:
        comparison.show(settle=settle)
    asked = {
        name: cast(Asking, sent(question, comparison[name], "widget" if in_widgets else "nowhere"))
        for name, question in questions.items()
    }
    try:
        for name, asking in asked.items():
            try:
                asking.wait()
            except QwenError as error:
                comparison.errors[name] = error
            if display is not False and not in_widgets:
                print(f"── {name} ──\n{plain(comparison[name])}\n{comparison[name]!r}\n")
    except Interrupted:
        for asking in asked.values():
            with suppress(Interrupted):
                asking.interrupt()
        raise
    finally:
        comparison.settle()
    if len(comparison.errors) == len(comparison):
        raise next(iter(comparison.errors.values()))
    return comparison


class Comparison(Sequence[Reply]):
    """Replies to one prompt: `comparison[0]` by order, `comparison["name"]` by name.

    >>> both = qn.compare("Hello! Who are you?", {"small": "qwen3-8b", "missing": "qwen-99"}, display=False)
    >>> both["small"].text, both[0].model
    ('I am Qwen.', 'qwen3-8b')
    >>> both.errors
    {'missing': StatusError("HTTP 404 from ... The model qwen-99 does not exist. ...")}
    """

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = dict(replies)
        """The replies by name, in the order of the variants."""
        self.errors: dict[str, QwenError] = {}
        """What went wrong, by name."""
        self._output: Any = None
        self._grid: Any = None
        self._shown_in: int | None = None

    @overload
    def __getitem__(self, key: str | int) -> Reply: ...
    @overload
    def __getitem__(self, key: slice) -> list[Reply]: ...
    def __getitem__(self, key: str | int | slice) -> Reply | list[Reply]:
        """A reply by its name or number. `KeyError` or `IndexError` if there is none."""
        return self.replies[key] if isinstance(key, str) else list(self.replies.values())[key]

    def __len__(self) -> int:
        return len(self.replies)

    def __iter__(self) -> Iterator[Reply]:
        return iter(self.replies.values())

    def show(self, *, settle: bool = False) -> None:
        """Show the live widgets, side by side. With `settle` plain output takes their place when all have ended.

        >>> both = qn.compare("Count to three.", [{"seed": 1}, {"seed": 2}], display=False)
        >>> both.show()
        ── seed=1 ──
        ...
        """
        if not has_kernel():
            print(self._bundle()["text/plain"])
            return
        from IPython.display import display

        grid = _grid(self.replies)
        output = display(grid, display_id=True)
        self._shown_in = execution_count()
        if settle:
            self._output, self._grid = output, grid

    def settle(self) -> None:
        """Put plain output in the place of the widgets, where `show` was told to, and let go of them as replies do of theirs."""
        if not self._output:
            return
        from .widget import retire

        self._output.update(self._bundle(), raw=True)
        retire(partial(_close, self._grid, [column.children[1].uses for column in self._grid.children]))
        self._output = self._grid = None

    def _ipython_display_(self) -> None:
        if not has_kernel():
            print(repr(self))
        elif self._shown_in is None or self._shown_in != execution_count():
            from IPython.display import display

            display(self._bundle(), raw=True)

    def _bundle(self) -> dict[str, str]:
        said = [f"#### {as_text(name)}\n\n{mimebundle(reply)['text/markdown']}" for name, reply in self.replies.items()]
        text = "\n\n".join(f"── {name} ──\n{plain(reply)}" for name, reply in self.replies.items())
        return {"text/markdown": "\n\n".join([_table(self.replies), *said]), "text/plain": text}

    def __repr__(self) -> str:
        return f"<Comparison: {', '.join(f'{name}: {reply!r}' for name, reply in self.replies.items())}>"


def _named(variants: Sequence[Variant] | Mapping[str, Variant]) -> dict[str, dict[str, Any]]:
    """Options by name; those that have no name get one that says what they are."""
    if isinstance(variants, str) or not variants:
        raise ConfigError('compare takes two or more models or settings: compare("…", ["qwen3-8b", "qwen3-32b"]).')
    pairs: list[tuple[str, Variant]] = (
        list(variants.items()) if isinstance(variants, Mapping) else [("", variant) for variant in variants]
    )
    named: dict[str, dict[str, Any]] = {}
    for given, variant in pairs:
        chosen = {"model": variant} if isinstance(variant, str) else dict(variant)
        check_names(chosen)
        name = given or (variant if isinstance(variant, str) else ", ".join(f"{key}={_in_short(chosen[key])}" for key in chosen))
        same = sum(other == name or other.startswith(f"{name} (") for other in named)
        named[f"{name} ({same + 1})" if same else name] = chosen
    return named


def _in_short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 30 else f"{text[:29]}…"


def _grid(replies: Mapping[str, Reply]) -> GridBox:
    from ipywidgets import HTML, GridBox, Layout, VBox

    columns = [
        VBox([HTML(f"<b>{html.escape(name)}</b>"), reply.view()], layout=Layout(min_width="0")) for name, reply in replies.items()
    ]
    template = f"repeat(auto-fit, minmax(min({_NARROWEST}, 100%), 1fr))"
    return GridBox(columns, layout=Layout(grid_template_columns=template, grid_gap="0 1em", width="100%"))


def _close(grid: GridBox, uses: Sequence[int]) -> None:
    """Take it out of every page, and the views that have been asked for no more than `uses` times."""
    for column, its_uses in zip(grid.children, uses, strict=True):
        heading, view = column.children
        view.reply.close_view(its_uses)
        for widget in (heading.style, heading.layout, heading, column.layout, column):
            widget.close()
    grid.layout.close()
    grid.close()


def _table(replies: Mapping[str, Reply]) -> str:
    """Names, times and tokens as a Markdown table."""
    rows = ["| | first token | in all | tokens/s | tokens | |", "| :-- | --: | --: | --: | --: | :-- |"]
    for name, reply in replies.items():
        timing = reply.timing
        cells = [
            as_text(name),
            f"{timing.first_token:.2f} s" if timing.first_token is not None else "",
            f"{timing.total:.1f} s" if timing.total is not None else "",
            f"{timing.tokens_per_second:.0f}" if timing.tokens_per_second else "",
            str(reply.usage.output_tokens or ""),
            "" if reply.status == "complete" else reply.status,
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)
