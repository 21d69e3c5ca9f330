"""Tiles as browsers' maps read them: points with named values, in the protobuf form of vector tiles, version 2.

Only what the console's map draws: layers of points. A value is a text or a whole number from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

__all__ = ["EXTENT", "Point", "layer"]

EXTENT = 4096
"""Steps along the side of a tile."""
_POINT, _MOVE_TO_ONE = 1, 9
# The numbers of fields with their wire types: 0 a whole number, 2 bytes with their length in front.
_TILE_LAYER = 3 << 3 | 2
_NAME, _FEATURE, _KEY, _VALUE, _EXTENT, _VERSION = (1 << 3 | 2, 2 << 3 | 2, 3 << 3 | 2, 4 << 3 | 2, 5 << 3, 15 << 3)
_TAGS, _TYPE, _GEOMETRY = (2 << 3 | 2, 3 << 3, 4 << 3 | 2)
_TEXT, _WHOLE = (1 << 3 | 2, 5 << 3)


class Point(msgspec.Struct, frozen=True):
    """A point of a tile, steps from its north-western corner, with values by name."""

    x: int
    y: int
    values: Mapping[str, str | int]


def layer(name: str, points: Sequence[Point]) -> bytes:
    """A layer of a tile; a tile is its layers, one after the other. Nothing for a layer without points."""
    if not points:
        return b""
    keys, values, features = dict[str, int](), dict[str | int, int](), []
    for point in points:
        tags = list[int]()
        for key, value in point.values.items():
            tags += (keys.setdefault(key, len(keys)), values.setdefault(value, len(values)))
        geometry = _numbers((_MOVE_TO_ONE, _turned(point.x), _turned(point.y)))
        features.append(_field(_TAGS, _numbers(tags)) + bytes((_TYPE, _POINT)) + _field(_GEOMETRY, geometry))
    body = [bytes((_VERSION, 2)), _field(_NAME, name.encode())]
    body += (_field(_FEATURE, one) for one in features)
    body += (_field(_KEY, one.encode()) for one in keys)
    body += (_field(_VALUE, _value(one)) for one in values)
    body += (_number(_EXTENT), _number(EXTENT))
    return _field(_TILE_LAYER, b"".join(body))


def _value(value: str | int) -> bytes:
    if isinstance(value, str):
        return _field(_TEXT, value.encode())
    return _number(_WHOLE) + _number(value)


def _field(tag: int, body: bytes) -> bytes:
    return _number(tag) + _number(len(body)) + body


def _numbers(numbers: Iterable[int]) -> bytes:
    return b"".join(map(_number, numbers))


def _turned(number: int) -> int:
    """A number with its sign in the last bit."""
    return number << 1 if number >= 0 else (-number << 1) - 1


def _number(number: int) -> bytes:
    """Seven bits to a byte, the last ones first."""
    if number < 128:
        return _BYTES[number]
    found = bytearray()
    while number >= 128:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


_BYTES = [bytes((number,)) for number in range(128)]
