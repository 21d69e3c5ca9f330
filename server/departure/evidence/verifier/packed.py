"""MessagePack read: the bodies of journal entries and of signed statements. Anything left over is an error."""

from __future__ import annotations

import struct
from typing import Any

__all__ = ["BadBytesError", "unpacked"]

_DEEPEST = 64
_NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i",
    0xD3: ">q",
}  # fmt: skip
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_SINGLE = _CONSTANTS.keys() | _NUMBERS.keys()
_SIZES = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}


class BadBytesError(ValueError):
    """Raised for bytes that are not MessagePack, or more than one value of it."""


def unpacked(data: bytes) -> Any:
    """The one value in `data`. Raises BadBytesError."""
    try:
        value, at = _value(data, 0, 0)
    except (IndexError, struct.error, UnicodeDecodeError, TypeError) as error:
        raise BadBytesError(str(error)) from error
    if at != len(data):
        raise BadBytesError("bytes are left over")
    return value


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise BadBytesError("nested too deep")
    first, at = data[at], at + 1
    if first < 0x80 or first >= 0xE0:
        return (first if first < 0x80 else first - 256), at
    if first < 0x90:
        return _map(data, at, first & 0x0F, depth)
    if first < 0xA0:
        return _array(data, at, first & 0x0F, depth)
    if first < 0xC0:
        return _text(data, at, first & 0x1F)
    return _single(data, at, first) if first in _SINGLE else _sized(data, at, first, depth)


def _single(data: bytes, at: int, first: int) -> tuple[Any, int]:
    if first in _CONSTANTS:
        return _CONSTANTS[first], at
    form = _NUMBERS[first]
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)


def _sized(data: bytes, at: int, first: int, depth: int) -> tuple[Any, int]:
    if first not in _SIZES:
        raise BadBytesError(f"byte {first:#x} is not known")
    width = _SIZES[first]
    size = int.from_bytes(_bytes(data, at, width)[0], "big")
    at += width
    if first <= 0xC6:
        return _bytes(data, at, size)
    if first <= 0xDB:
        return _text(data, at, size)
    return _array(data, at, size, depth) if first <= 0xDD else _map(data, at, size, depth)


def _bytes(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    part = data[at : at + size]
    if len(part) != size:
        raise BadBytesError("cut off")
    return part, at + size


def _text(data: bytes, at: int, size: int) -> tuple[str, int]:
    part, at = _bytes(data, at, size)
    return part.decode(), at


def _array(data: bytes, at: int, size: int, depth: int) -> tuple[list[Any], int]:
    found = []
    for _ in range(size):
        one, at = _value(data, at, depth + 1)
        found.append(one)
    return found, at


def _map(data: bytes, at: int, size: int, depth: int) -> tuple[dict[Any, Any], int]:
    found = {}
    for _ in range(size):
        key, at = _value(data, at, depth + 1)
        found[key], at = _value(data, at, depth + 1)
    return found, at
