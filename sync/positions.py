"""Positions."""

import msgspec


class Position(msgspec.Struct, array_like=True, frozen=True):
    lat: float
    lon: float
    accuracy: float | None = None
    datum: str = "wgs84"
