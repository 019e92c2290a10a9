"""When a reply came: its times, and a small picture of waiting, thinking, answering, tools and stalls."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .pieces import Part

STALL = 1.0
"""Seconds without a piece, and `UNUSUAL` times the usual gap, are a stall."""
UNUSUAL = 8

_WORDS = {"reasoning": "thinking", "text": "answering", "tool": "calling tools"}
_COLORS = {"reasoning": "#8b7fd6", "text": "#2f7ed8", "tool": "#d9822b"}
_WIDTH, _HEIGHT, _LEFT, _TOP, _BASE = 680, 170, 52, 34, 128
_BARS = 80


@dataclass(frozen=True)
class Arrival:
    """A piece of a reply."""

    kind: str
    at: float
    """Seconds since the request."""
    size: int
    """Characters."""


class Timeline:
    """When the pieces of a reply came. A notebook shows it as a picture; `str` says it in a line; `save` writes an SVG."""

    def __init__(self, parts: Sequence[Part], total: float | None, tokens: int | None) -> None:
        self._parts = parts
        self._end = total or 0.0
        self._tokens = tokens

    @cached_property
    def arrivals(self) -> list[Arrival]:
        """The pieces of thinking, answer and tool calls, in order of time. What came in one frame of the page is one piece."""
        found = [
            Arrival(part.kind, at, len(fragment))
            for part in self._parts
            if part.kind in _WORDS and part.choice == 0
            for at, fragment in zip(part.arrivals, part.fragments, strict=False)
            if fragment
        ]
        return sorted(found, key=lambda arrival: arrival.at)

    @property
    def _total(self) -> float:
        return max([self._end, *(arrival.at for arrival in self.arrivals)])

    @property
    def _runs(self) -> list[tuple[float, float | None]]:
        """When tools ran, or asked whether they may."""
        parts = [part for part in self._parts if part.kind in ("result", "approval")]
        return [(part.started, part.ended) for part in parts if part.started is not None]

    @property
    def _scale(self) -> float:
        """Tokens of a character; 1 where the server has not counted."""
        size = sum(arrival.size for arrival in self.arrivals)
        return self._tokens / size if self._tokens and size else 1.0

    @property
    def _unit(self) -> str:
        return "tokens" if self._tokens else "characters"

    @property
    def stalls(self) -> list[tuple[float, float]]:
        """Start and end, in seconds, of long gaps between two pieces in which no tool ran."""
        times = [arrival.at for arrival in self.arrivals]
        gaps = [after - before for before, after in pairwise(times)]
        if not gaps:
            return []
        limit = max(STALL, UNUSUAL * median(gaps))
        return [(at, at + gap) for at, gap in zip(times, gaps, strict=False) if gap > limit and not self._ran(at, at + gap)]

    def _ran(self, start: float, end: float) -> bool:
        return any(began < end and (ended is None or ended > start) for began, ended in self._runs)

    def __str__(self) -> str:
        return "; ".join(self._said()) or "nothing has come"

    def _said(self) -> Iterator[str]:
        if not self.arrivals:
            return
        yield f"waiting {self.arrivals[0].at:.2f} s"
        for kind, words in _WORDS.items():
            found = [arrival for arrival in self.arrivals if arrival.kind == kind]
            if found:
                amount = round(sum(arrival.size for arrival in found) * self._scale)
                yield f"{words} from {found[0].at:.2f} to {found[-1].at:.2f} s, {amount:,} {self._unit}"
        for start, end in self.stalls:
            yield f"a stall of {end - start:.1f} s at {start:.1f} s"

    def save(self, path: str | Path) -> None:
        """Write the picture to `path`, as SVG."""
        Path(path).write_text(self._repr_svg_(), encoding="utf-8")

    def _repr_svg_(self) -> str:
        said = html.escape(str(self))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'role="img" aria-label="{said}" font-family="system-ui, sans-serif" font-size="11" fill="#4a5058">'
            f"<title>{said}</title>"
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="#ffffff" stroke="#dfe3e8"/>'
            f"{''.join(self._drawn())}</svg>"
        )

    def _drawn(self) -> Iterator[str]:
        right, total = _WIDTH - 16, self._total
        per_second = (right - _LEFT) / (total or 1.0)

        def x(at: float) -> float:
            return _LEFT + at * per_second

        if self.arrivals:
            yield _box(x(0), x(self.arrivals[0].at), "#eceef1", "waiting")
        for start, end in self._runs:
            yield _box(x(start), x(total if end is None else end), "#f7e6d2", "a tool runs")
        for start, end in self.stalls:
            yield _box(x(start), x(end), "#f6d5d5", "stall")
            yield f'<text x="{(x(start) + x(end)) / 2:.1f}" y="{_TOP + 12}" text-anchor="middle">stall {end - start:.1f} s</text>'
        yield from self._bars(x)
        yield f'<path d="M{_LEFT} {_BASE}.5H{right}" stroke="#8a929c"/>'
        for step in range(5):
            at = total * step / 4
            yield f'<text x="{x(at):.1f}" y="{_BASE + 15}" text-anchor="middle">{at:.1f} s</text>'
        place = _LEFT
        for kind, words in _WORDS.items():
            if any(arrival.kind == kind for arrival in self.arrivals):
                yield f'<rect x="{place}" y="12" width="10" height="10" rx="2" fill="{_COLORS[kind]}"/>'
                yield f'<text x="{place + 14}" y="21">{words}</text>'
                place += 30 + 6 * len(words)

    def _bars(self, x: Callable[[float], float]) -> Iterator[str]:
        """Pieces a second, one bar for each equal stretch of time."""
        stretch, scale = (self._total or 1.0) / _BARS, self._scale
        sums: dict[tuple[int, str], float] = {}
        for arrival in self.arrivals:
            key = (min(_BARS - 1, int(arrival.at / stretch)), arrival.kind)
            sums[key] = sums.get(key, 0.0) + arrival.size * scale / stretch
        heights: dict[int, float] = {}
        for (bar, _), rate in sums.items():
            heights[bar] = heights.get(bar, 0.0) + rate
        most = max(heights.values(), default=1.0)
        yield f'<text x="{_LEFT - 6}" y="{_TOP + 8}" text-anchor="end">{most:,.0f}</text>'
        yield f'<text x="{_LEFT - 6}" y="{_TOP + 21}" text-anchor="end" font-size="9">{self._unit[:3]}./s</text>'
        base = dict.fromkeys(heights, float(_BASE))
        for kind, color in _COLORS.items():
            for (bar, of), rate in sums.items():
                if of == kind:
                    height = max(1.0, (_BASE - _TOP) * rate / most)
                    base[bar] -= height
                    width = max(1.0, x(stretch) - x(0) - 1)
                    place = f'x="{x(bar * stretch):.1f}" y="{base[bar]:.1f}" width="{width:.1f}" height="{height:.1f}"'
                    yield f'<rect {place} fill="{color}"/>'


def _box(left: float, right: float, color: str, title: str) -> str:
    width = max(0.0, right - left)
    return (
        f'<rect x="{left:.1f}" y="{_TOP}" width="{width:.1f}" height="{_BASE - _TOP}" fill="{color}"><title>{title}</title></rect>'
    )


@dataclass(frozen=True)
class Timing:
    """Seconds from the moment the request was sent; `None` where it has not happened."""

    first_token: float | None = None
    total: float | None = None
    tokens_per_second: float | None = None
    """Output tokens over the time from the first token to the end; `None` without usage."""
    timeline: Timeline = field(default_factory=lambda: Timeline((), None, None), repr=False, compare=False)
    """When its pieces came."""

    def plot(self) -> Timeline:
        """A small picture of tokens over time: waiting, thinking, answering, tools, stalls. Also of a reply that still streams."""
        return self.timeline
