"""Positions with their datum, and the way between datums.

For: a `Position` on the wire, conversion of GCJ-02 (高德, 腾讯) and BD-09 (百度) to and from WGS-84, distance.
Never: guess a datum. A position says which one it is in; the store keeps WGS-84.

GCJ-02 and BD-09 were never published. The formulas and constants below are the ones that were worked out in the
open and that every library uses (github.com/googollee/eviltransform, MIT; Wikipedia, "Restrictions on geographic
data in China"): GCJ-02 adds a sum of sines to WGS-84 on the ellipsoid of Krasovsky 1940, BD-09 turns and stretches
GCJ-02. Neither has a closed inverse. The usual one-step inverse is off by up to 4 m. Each fixed-point step
divides the error by more than 100: three leave 0.00015 m in the far north, the four taken here 0.000001 m.

Only positions in the mainland are shifted (`sync.mainland`). Within 700 m outside its edge the inverse is ambiguous:
a mainland position and one beyond the edge have the same numbers; the mainland one is returned.
"""

from __future__ import annotations

from math import asin, atan2, cos, hypot, pi, radians, sin, sqrt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sync.mainland import is_mainland

__all__ = ["Datum", "Position", "distance_m", "from_wgs84", "to_wgs84"]

Datum = Literal["wgs84", "gcj02", "bd09"]

# Krasovsky 1940: semi-major axis in metres, and the first eccentricity squared of 1/f = 298.3.
_AXIS = 6_378_245.0
_ECCENTRICITY2 = 0.00669342162296594323
# BD-09: wave number of its sines, and the constant offsets in degrees.
_BD_WAVE = pi * 3000 / 180
_BD_LAT, _BD_LON = 0.006, 0.0065
# IUGG mean radius in metres; a sphere is within 0.6 % of the ellipsoid, far inside what a phone's position is worth.
_EARTH = 6_371_008.8
_STEPS = 4


class Position(msgspec.Struct, array_like=True, frozen=True):
    """Where something is: degrees in `datum`, `accuracy` as a radius in metres where it was measured."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    accuracy: Annotated[float, Meta(ge=0, le=1e8)] | None = None
    datum: Datum = "wgs84"


def to_wgs84(position: Position) -> Position:
    """The same place in WGS-84; itself if it is already there, its numbers unchanged outside the mainland."""
    if position.datum == "wgs84":
        return position
    lat, lon = position.lat, position.lon
    if position.datum == "bd09":
        lat, lon = _bd_to_gcj(lat, lon)
    lat, lon = _gcj_to_wgs(lat, lon)
    if not is_mainland(lat, lon):
        lat, lon = position.lat, position.lon
    return Position(lat, lon, position.accuracy)


def from_wgs84(position: Position, datum: Datum) -> Position:
    """A WGS-84 position in `datum`; its numbers unchanged outside the mainland. ValueError for another datum."""
    if position.datum != "wgs84":
        raise ValueError(f"a WGS-84 position is needed, this one is in {position.datum}")
    lat, lon = position.lat, position.lon
    if datum != "wgs84" and is_mainland(lat, lon):
        lat, lon = _wgs_to_gcj(lat, lon)
        if datum == "bd09":
            lat, lon = _gcj_to_bd(lat, lon)
    return Position(lat, lon, position.accuracy, datum)


def distance_m(a: Position, b: Position) -> float:
    """Great-circle distance in metres, whatever datum each is in."""
    a, b = to_wgs84(a), to_wgs84(b)
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    across = sin(radians(b.lon - a.lon) / 2)
    along = sin((lat_b - lat_a) / 2)
    chord = sqrt(along * along + cos(lat_a) * cos(lat_b) * across * across)
    return 2 * _EARTH * asin(min(1.0, chord))


def _wgs_to_gcj(lat: float, lon: float) -> tuple[float, float]:
    north, east = _gcj_shift(lat, lon)
    return lat + north, lon + east


def _gcj_to_wgs(lat: float, lon: float) -> tuple[float, float]:
    guess_lat, guess_lon = lat, lon
    for _ in range(_STEPS):
        north, east = _gcj_shift(guess_lat, guess_lon)
        guess_lat, guess_lon = lat - north, lon - east
    return guess_lat, guess_lon


def _gcj_shift(lat: float, lon: float) -> tuple[float, float]:
    """What GCJ-02 adds to a WGS-84 position, in degrees north and east."""
    north, east = _gcj_metres(lat - 35, lon - 105)
    magic = 1 - _ECCENTRICITY2 * sin(radians(lat)) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY2) / (magic * sqrt(magic))
    parallel = _AXIS / sqrt(magic) * cos(radians(lat))
    return north * 180 / (meridian * pi), east * 180 / (parallel * pi)


def _gcj_metres(y: float, x: float) -> tuple[float, float]:
    """The shift in metres north and east at `y`, `x` degrees from 35 N 105 E."""
    root = sqrt(abs(x))
    both = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (both + 20 * sin(pi * y) + 40 * sin(pi * y / 3) + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (both + 20 * sin(pi * x) + 40 * sin(pi * x / 3) + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)) * 2 / 3
    return north, east


def _gcj_to_bd(lat: float, lon: float) -> tuple[float, float]:
    reach = hypot(lat, lon) + 0.00002 * sin(lat * _BD_WAVE)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BD_WAVE)
    return reach * sin(angle) + _BD_LAT, reach * cos(angle) + _BD_LON


def _bd_to_gcj(lat: float, lon: float) -> tuple[float, float]:
    guess_lat, guess_lon = lat - _BD_LAT, lon - _BD_LON
    for _ in range(_STEPS):
        there_lat, there_lon = _gcj_to_bd(guess_lat, guess_lon)
        guess_lat, guess_lon = guess_lat + lat - there_lat, guess_lon + lon - there_lon
    return guess_lat, guess_lon
