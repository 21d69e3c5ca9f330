"""Positions as lists keep them: degrees in two columns or in one cell, in any datum, now and then the wrong way round.

For: cells → a position in WGS-84. Never: guess a datum from numbers; heading, cell or setting says it.
"""

from __future__ import annotations

import math
import re

from server.field.intake.headings import datum_in
from server.field.intake.reasons import Reason
from server.field.names import tidy
from sync.positions import Datum, Position, to_wgs84

__all__ = ["number_in", "pair_in", "read_datum", "read_pair", "read_place"]

Found = tuple[Position | None, tuple[Reason, ...]]

_DATUMS: dict[str, Datum] = {"wgs84": "wgs84", "gcj02": "gcj02", "bd09": "bd09"}
_PAIR = re.compile(r"\(?\s*([NSEW]?-?\d{1,3}\.\d+°?[NSEW]?)\s*[,;/\s]\s*([NSEW]?-?\d{1,3}\.\d+°?[NSEW]?)\s*\)?")
_DEGREES = re.compile(r"(-?\d{1,9}(?:\.\d+)?)°?")
_SIXTIETHS = re.compile(r"(\d{1,3})[°度]\s*(\d{1,2})['′分]\s*(\d{1,2}(?:\.\d+)?)?[\"″秒]?")
_NEGATIVE = frozenset("SW")
_LON_FIRST = re.compile(r"经.*纬|lon.*lat|lng.*lat", re.IGNORECASE)


def number_in(cell: str) -> float | None:
    """Degrees from 39.9042, 39.9042°N or 39°54′15″; None if the cell is no such thing."""
    text = tidy(cell).upper()
    sign = -1.0 if _NEGATIVE & set(text) else 1.0
    text = text.strip("NSEW ")
    plain = _DEGREES.fullmatch(text)
    if plain:
        return sign * float(plain[1])
    parts = _SIXTIETHS.fullmatch(text)
    return sign * (float(parts[1]) + float(parts[2]) / 60 + float(parts[3] or 0) / 3600) if parts else None


def pair_in(cell: str) -> tuple[float, float] | None:
    """Two degrees in one cell, in the order they stand; None if the cell is no such thing."""
    found = _PAIR.fullmatch(tidy(cell).upper().replace("，", ","))
    if not found:
        return None
    first, second = number_in(found[1]), number_in(found[2])
    return (first, second) if first is not None and second is not None else None


def read_datum(cell: str, default: Datum) -> Datum | None:
    """The datum that a cell names, `default` for an empty one, None for one that nobody knows."""
    return default if not cell.strip() else _DATUMS.get(datum_in(cell) or "")


def read_pair(cell: str, heading: str, datum: Datum) -> Found:
    """The position in one cell. 经纬度 and lonlat put longitude first; beyond 90 it shows by itself."""
    pair = pair_in(cell)
    if pair is None:
        return None, (Reason("position_unreadable", "position", cell),)
    lat, lon = pair
    if abs(lat) > 90 or (_LON_FIRST.search(heading) and abs(lon) <= 90):
        lat, lon = lon, lat
    return _place(lat, lon, datum, cell)


def read_place(lat_cell: str, lon_cell: str, datum: Datum) -> Found:
    """The position in two cells, put right where they are swapped beyond doubt. (None, ()) where both are empty."""
    if not lat_cell and not lon_cell:
        return None, ()
    if not (lat_cell and lon_cell):
        return None, (Reason("position_half", "position", lat_cell or lon_cell),)
    written = f"{lat_cell}, {lon_cell}"
    lat, lon = number_in(lat_cell), number_in(lon_cell)
    if lat is None or lon is None:
        return None, (Reason("position_unreadable", "position", written),)
    if abs(lat) > 90 and abs(lon) <= 90:
        place, reasons = _place(lon, lat, datum, written)
        return place, (*reasons, Reason("position_swapped", "position", written)) if place else reasons
    return _place(lat, lon, datum, written)


def _place(lat: float, lon: float, datum: Datum, written: str) -> Found:
    if lat == 0 and lon == 0:
        return None, (Reason("position_zero", "position", written),)
    if not (math.isfinite(lat) and math.isfinite(lon)) or abs(lat) > 90 or abs(lon) > 180:
        return None, (Reason("position_impossible", "position", written),)
    return to_wgs84(Position(lat, lon, None, datum)), ()
