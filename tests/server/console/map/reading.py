"""Vector tiles read back by the letter of their specification, without the code that writes them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

__all__ = ["Feature", "features"]

Feature = tuple[int, int, dict[str, str | int]]
"""Where a point lies in its tile, from its north-western corner, and its values."""


def _whole(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _whole(data, at)
        match key & 7:
            case 0:
                value, at = _whole(data, at)
                yield key >> 3, value
            case 1:
                yield key >> 3, struct.unpack_from("<d", data, at)[0]
                at += 8
            case 2:
                size, at = _whole(data, at)
                yield key >> 3, data[at : at + size]
                at += size
            case other:
                raise AssertionError(f"wire type {other}")


def _packed(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _whole(data, at)
        found.append(value)
    return found


def features(tile: bytes) -> dict[str, list[Feature]]:
    """The points of each layer; each of one move to one place."""
    found = {}
    for number, body in _fields(tile):
        assert number == 3
        parts = list(_fields(body))
        (name,) = [value.decode() for field, value in parts if field == 1]
        assert [value for field, value in parts if field == 15] == [2]
        assert [value for field, value in parts if field == 5] == [4096]
        keys = [value.decode() for field, value in parts if field == 3]
        values = [_value(value) for field, value in parts if field == 4]
        found[name] = [_feature(value, keys, values) for field, value in parts if field == 2]
    return found


def _value(data: bytes) -> str | int:
    ((number, value),) = _fields(data)
    return value.decode() if number == 1 else int(value)


def _feature(data: bytes, keys: list[str], values: list[str | int]) -> Feature:
    parts = dict(_fields(data))
    assert parts[3] == 1
    command, x, y = _packed(parts[4])
    assert command == 9
    tags = _packed(parts[2])
    said = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
    return _straight(x), _straight(y), said


def _straight(number: int) -> int:
    return number >> 1 if number % 2 == 0 else -(number + 1 >> 1)
