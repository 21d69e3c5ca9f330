"""A territory's map as SVG, from positions alone: no tiles, no network. North is up, metres are metres both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import cos, floor, log10, radians

import msgspec

from server.field.sheets.gathering import Kind, Shop

__all__ = ["drawn"]

_WIDE, _HIGH, _EDGE = 1860.0, 2200.0, 60.0
"""Of the drawing, in tenths of a millimetre on A4."""
_DEGREE_M = 111_195.0
_LEAST_M = 100.0
_KEY, _UNKNOWN = "#c00000", "#7f8c8d"


class _Frame(msgspec.Struct, frozen=True):
    """Where degrees come to lie: the west and north edge, and how much of the drawing a metre takes."""

    west: float
    north: float
    shrink: float
    unit: float

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """The place of a position on the drawing."""
        x = (lon - self.west) * _DEGREE_M * self.shrink * self.unit
        return _EDGE + x, _EDGE + (self.north - lat) * _DEGREE_M * self.unit


def _frame(places: Sequence[tuple[float, float]]) -> _Frame:
    lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
    shrink = max(cos(radians((min(lats) + max(lats)) / 2)), 0.01)
    wide = max((max(lons) - min(lons)) * _DEGREE_M * shrink, _LEAST_M)
    high = max((max(lats) - min(lats)) * _DEGREE_M, _LEAST_M)
    unit = min((_WIDE - 2 * _EDGE) / wide, (_HIGH - 2 * _EDGE) / high)
    return _Frame(min(lons), max(lats), shrink, unit)


def drawn(shops: Sequence[Shop], kinds: Mapping[str, Kind]) -> str:
    """The drawing: each outlet a dot in its class's colour with its number, key outlets red and on top."""
    placed = sorted((one for one in shops if one.lat is not None), key=lambda one: (one.is_key, one.number))
    if not placed:
        return '<p class="note">没有终端有位置 · No outlet has a position.</p>'
    frame = _frame([(one.lat or 0.0, one.lon or 0.0) for one in placed])
    dots = "\n".join(_dot(one, frame, kinds) for one in placed)
    return (
        f'<svg viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" xmlns="http://www.w3.org/2000/svg" font-family="sans-serif">'
        f'<rect width="{_WIDE:.0f}" height="{_HIGH:.0f}" fill="#fff" stroke="#999"/>\n{dots}\n{_scale(frame)}</svg>'
    )


def _dot(shop: Shop, frame: _Frame, kinds: Mapping[str, Kind]) -> str:
    x, y = frame.at(shop.lat or 0.0, shop.lon or 0.0)
    kind = kinds.get(shop.fields["outlet_class"])
    colour = _KEY if shop.is_key else kind.colour if kind is not None else _UNKNOWN
    size, look = (15, ' font-weight="bold"') if shop.is_key else (10, "")
    return (
        f'<g fill="{escape(colour)}"><circle cx="{x:.1f}" cy="{y:.1f}" r="{size}"/>'
        f'<text x="{x + size + 3:.1f}" y="{y + 8:.1f}" font-size="24"{look}>{shop.number}</text></g>'
    )


def _scale(frame: _Frame) -> str:
    """A bar of a round number of metres, about a quarter of the width."""
    most = _WIDE / 4 / frame.unit
    step = 10 ** floor(log10(most))
    metres = max(step * times for times in (1, 2, 5) if step * times <= most)
    long, y = metres * frame.unit, _HIGH - 25
    said = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return (
        f'<path d="M {_EDGE} {y} h {long:.1f}" stroke="#111" stroke-width="4"/>'
        f'<text x="{_EDGE + long + 12:.1f}" y="{y + 8}" font-size="24">{said} ↑ 北 N</text>'
    )
