"""Curves as a picture: lines over the size of the master, one panel for each unit, both axes logarithmic.

SVG written here: it needs no library, and its text is the same for the same lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from math import ceil, floor, log10

from server.cli.bench.lines import Line

__all__ = ["plot"]

_WIDTH, _HEIGHT = 520, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 170, 34, 40
_COLOURS = ("#1f5fa8", "#b3372f", "#2f7d4f", "#8a5a00", "#6a3d9a", "#444444")
_Points = list[tuple[float, float]]


def plot(lines: Iterable[Line]) -> str:
    """The picture of all lines that have a size, as SVG; an empty one where none has."""
    panels: dict[str, dict[str, _Points]] = defaultdict(lambda: defaultdict(list))
    for one in lines:
        if one.size is not None and one.value > 0:
            panels[one.unit or "number"][one.name].append((float(one.size), one.value))
    drawn = [_panel(unit, dict(curves), at * _HEIGHT) for at, (unit, curves) in enumerate(panels.items())]
    size = f'width="{_WIDTH}" height="{_HEIGHT * len(drawn)}"'
    style = 'font-family="sans-serif" font-size="11" fill="#222"'
    body = "\n".join(drawn)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n<rect {size} fill="#fff"/>\n{body}\n</svg>\n'


def _panel(unit: str, curves: dict[str, _Points], top: int) -> str:
    xs = _Axis([x for points in curves.values() for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    ys = _Axis([y for points in curves.values() for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    parts = [f'<g transform="translate(0 {top})">', f'<text x="{_LEFT}" y="20">{escape(unit)}</text>']
    for power in xs.powers:
        x = xs.place(10.0**power)
        parts.append(f'<path d="M{x:g} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:g}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{10**power:,}</text>')
    for power in ys.powers:
        y = ys.place(10.0**power)
        parts.append(f'<path d="M{_LEFT} {y:g}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:g}" text-anchor="end">{10.0**power:g}</text>')
    for at, (name, points) in enumerate(curves.items()):
        parts.append(_curve(name, sorted(points), _COLOURS[at % len(_COLOURS)], (xs, ys), at))
    label = f'<text x="{_LEFT}" y="{_HEIGHT - 6}">outlets in the master · 主库终端数</text>'
    return "\n".join([*parts, label, "</g>"])


def _curve(name: str, points: _Points, colour: str, axes: tuple[_Axis, _Axis], at: int) -> str:
    places = [(axes[0].place(x), axes[1].place(y)) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in places)
    y = _TOP + 14 + 16 * at
    words = f'<text x="{_WIDTH - _RIGHT + 12}" y="{y}" fill="{colour}">{escape(name)}</text>'
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>{dots}{words}'


class _Axis:
    """A logarithmic axis over whole powers of ten, from place `first` to place `last` of the picture."""

    def __init__(self, values: Sequence[float], first: float, last: float) -> None:
        low, high = floor(log10(min(values))), ceil(log10(max(values)))
        self.powers = range(low, max(high, low + 1) + 1)
        self._first, self._last = first, last

    def place(self, value: float) -> float:
        """Where a value stands."""
        share = (log10(value) - self.powers[0]) / (self.powers[-1] - self.powers[0])
        return self._first + share * (self._last - self._first)
