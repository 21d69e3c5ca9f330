"""Plots that the server draws: lines over time, columns over time, bars by name. Geometry only; a template writes it.

Every plot says its axes in words and carries the same numbers as rows, for whoever reads rather than looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import ceil, log10
from typing import Any

import msgspec

__all__ = ["Data", "Mark", "Plot", "Series", "Tick", "bars", "columns", "lines", "scale"]

WIDTH = 720
_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 260, 56, 12, 14, 30
_BOX = (_LEFT, _TOP, WIDTH - _RIGHT, _HEIGHT - _BOTTOM)
_NAMES, _ROW, _BAR, _ROOM = 150, 26, 16, 40
_GAP = 0.15
"""Of a column's place, on either side of it."""
_MOST_BARS = 30
_LABELS = 8
_TICKS = 4
_SERIES = 6
"""More series than this cannot be told apart."""

Text = Callable[[float], str]
"""How a number of the plot is written."""


class Series(msgspec.Struct, frozen=True):
    """What is counted, with one value for each label; None where there is none."""

    name: str
    values: tuple[float | None, ...]


class Tick(msgspec.Struct, frozen=True):
    """A place on an axis, in the plot's units, and what stands there."""

    at: float
    text: str


class Mark(msgspec.Struct, frozen=True):
    """Something drawn for series number `series` (from 1): a rectangle (`width`, `height`), a dot, or a `path`; `says`
    is what it stands for.
    """

    series: int
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    path: str = ""
    says: str = ""


class Plot(msgspec.Struct, frozen=True):
    """One plot, `width` by `height` units. `across` and `up` are the words of its axes; `lying` where values run from
    left to right. `headings` and `rows` hold the numbers; an empty plot has no rows.
    """

    title: str
    across: str
    up: str
    height: float
    box: tuple[float, float, float, float]
    """Left, top, right, bottom of what is drawn in."""
    labels: tuple[Tick, ...] = ()
    ticks: tuple[Tick, ...] = ()
    marks: tuple[Mark, ...] = ()
    legend: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lying: bool = False
    left_out: int = 0
    """Names that have no bar; their numbers stand in `rows`."""

    @property
    def width(self) -> int:
        """In units."""
        return WIDTH


def scale(most: float) -> tuple[float, ...]:
    """Round numbers from 0 to at least `most`, a handful of them."""
    if most <= 0:
        return 0, 1
    rough = most / _TICKS
    power = 10 ** (len(str(int(rough))) - 1) if rough >= 1 else 10 ** -ceil(-log10(rough))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= rough)
    step = max(step, 1)
    return tuple(step * at for at in range(ceil(most / step) + 1))


def plain(value: float) -> str:
    """A number as people write it: `1,234` or `12.5`."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


class Data(msgspec.Struct, frozen=True):
    """What a plot shows: each series has a value for each label. `axes` are the words for the labels and for the
    values; `text` writes a value.
    """

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    axes: tuple[str, str]
    text: Text = plain

    def says(self, at: int, series: Series, value: float) -> str:
        """What a mark stands for."""
        return f"{self.labels[at]} · {series.name}: {self.text(value)}"

    def most_stacked(self, among: int) -> float:
        """The largest sum of the series at one of the first labels."""
        return max((sum(one.values[at] or 0 for one in self.series) for at in range(among)), default=0)


def lines(data: Data) -> Plot:
    """A line for each series over labels in order; a gap where there is no value."""
    ticks = scale(max((one for each in data.series for one in each.values if one is not None), default=0))
    step = (_BOX[2] - _BOX[0]) / max(len(data.labels) - 1, 1)
    marks: list[Mark] = []
    for number, each in enumerate(data.series[:_SERIES], 1):
        at = [None if one is None else (_BOX[0] + step * x, _up(one, ticks)) for x, one in enumerate(each.values)]
        marks.append(Mark(number, path=_path(at), says=each.name))
        marks += [
            Mark(number, *place, says=data.says(x, each, value))
            for x, (place, value) in enumerate(zip(at, each.values, strict=True))
            if place is not None and value is not None
        ]
    return _upright(data, ticks, marks, [Tick(_BOX[0] + step * x, label) for x, label in enumerate(data.labels)])


def columns(data: Data) -> Plot:
    """A column for each label, its series on top of one another."""
    ticks = scale(data.most_stacked(len(data.labels)))
    step = (_BOX[2] - _BOX[0]) / max(len(data.labels), 1)
    marks: list[Mark] = []
    for x in range(len(data.labels)):
        below = 0.0
        for number, each in enumerate(data.series[:_SERIES], 1):
            value = each.values[x] or 0
            if value > 0:
                top, end = _up(below + value, ticks), _up(below, ticks)
                left, says = _BOX[0] + step * (x + _GAP), data.says(x, each, value)
                marks.append(Mark(number, left, top, step * (1 - 2 * _GAP), end - top, says=says))
                below += value
    return _upright(data, ticks, marks, [Tick(_BOX[0] + step * (x + 0.5), one) for x, one in enumerate(data.labels)])


def bars(data: Data) -> Plot:
    """A lying bar for each label, its series one after the other. Beyond some thirty the numbers stand in the rows
    alone.
    """
    shown = data.labels[:_MOST_BARS]
    ticks = scale(data.most_stacked(len(shown)))
    box = (_NAMES, _TOP, WIDTH - _RIGHT - _ROOM, _TOP + _ROW * max(len(shown), 1))
    unit = (box[2] - box[0]) / ticks[-1]
    marks: list[Mark] = []
    for y in range(len(shown)):
        before = 0.0
        for number, each in enumerate(data.series[:_SERIES], 1):
            value = each.values[y] or 0
            if value > 0:
                x, top = box[0] + before * unit, box[1] + _ROW * y + (_ROW - _BAR) / 2
                marks.append(Mark(number, x, top, value * unit, _BAR, says=data.says(y, each, value)))
                before += value
    names = tuple(Tick(box[1] + _ROW * (y + 0.5), _short(label)) for y, label in enumerate(shown))
    values = tuple(Tick(box[0] + one * unit, data.text(one)) for one in ticks)
    made = Plot(data.title, *data.axes, box[3] + _BOTTOM, box, names, values, tuple(marks), **_read(data))
    return msgspec.structs.replace(made, lying=True, left_out=len(data.labels) - len(shown))


def _upright(data: Data, ticks: Sequence[float], marks: Sequence[Mark], across: Sequence[Tick]) -> Plot:
    labels = tuple(across[:: max(1, ceil(len(across) / _LABELS))])
    up = tuple(Tick(_up(one, ticks), data.text(one)) for one in ticks)
    return Plot(data.title, *data.axes, _HEIGHT, _BOX, labels, up, tuple(marks), **_read(data))


def _up(value: float, ticks: Sequence[float]) -> float:
    return _BOX[3] - (_BOX[3] - _BOX[1]) * value / ticks[-1]


def _path(at: Sequence[tuple[float, float] | None]) -> str:
    """A path through these points; it stops at a gap and begins anew behind it."""
    parts = [f"M{one[0]:.1f} {one[1]:.1f}" for one in at[:1] if one is not None]
    for before, one in pairwise(at):
        if one is not None:
            parts.append(f"{'L' if before is not None else 'M'}{one[0]:.1f} {one[1]:.1f}")
    return "".join(parts)


def _short(label: str) -> str:
    """A name that fits beside its bar: wide characters take two places."""
    room = 20
    for at, char in enumerate(label):
        room -= 2 if ord(char) > 0x2E80 else 1
        if room < 0:
            return f"{label[:at]}…"
    return label


def _read(data: Data) -> dict[str, Any]:
    """The parts of a plot that are read: its legend, and its numbers as rows."""
    rows = (
        (label, *("—" if (value := one.values[at]) is None else data.text(value) for one in data.series))
        for at, label in enumerate(data.labels)
    )
    names = tuple(one.name for one in data.series)
    return {"legend": names if len(names) > 1 else (), "headings": (data.axes[0], *names), "rows": tuple(rows)}
