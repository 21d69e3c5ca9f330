"""Outlets around a place: the box in degrees that holds a circle in metres, anywhere on earth."""

from __future__ import annotations

from math import cos, radians

from client_sdk.local.index import Filter, Index, Place
from sync.positions import Position

__all__ = ["around"]

_DEGREE_M = 111_195.0
"""Metres in a degree of latitude on the mean sphere."""
_POLAR = 89.9
"""From here to the pole every longitude is near."""


def around(index: Index, here: Position, within: float, chosen: Filter) -> list[Place]:
    """Outlets in the box around a circle of `within` metres; more than are in the circle, never fewer."""
    high = within / _DEGREE_M * 1.001
    edge = abs(here.lat) + high
    wide = high / cos(radians(edge)) if edge < _POLAR else 180.0
    if wide >= 180:
        return index.within(here.lat - high, here.lat + high, -180, 180, chosen)
    west, east = (here.lon - wide + 540) % 360 - 180, (here.lon + wide + 540) % 360 - 180
    return index.within(here.lat - high, here.lat + high, west, east, chosen)
