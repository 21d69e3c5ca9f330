"""Bytes that are nearly right: a few small harms, some blind, some that know how MessagePack and frames are built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

__all__ = ["mutated"]

_HEADERS = (
    b"\xc0", b"\xc1", b"\xc3", b"\xc4\xff", b"\xc6\xff\xff\xff\xff", b"\xca\x7f\xc0\x00\x00",
    b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00", b"\xcb\xff\xf8\x00\x00\x00\x00\x00\x00", b"\xcf" + b"\xff" * 8,
    b"\xd3\x80" + bytes(7), b"\xd6\xff" + b"\xff" * 4, b"\xc7\x0c\xff" + b"\xff" * 12, b"\xd9\xff",
    b"\xdb\xff\xff\xff\xff", b"\xdc\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\x80", b"\x90",
    b"\xa0", b"\xa2\xc3\x28", b"\xa3\xed\xa0\x80", b"\x81\xc0\xc0", b"\x00", b"\xff",
)  # fmt: skip
"""Beginnings of values of each type: lengths that are not there, numbers at their ends, text that is none."""
_TEXT = (b'"', b"{", b"]", b"\\ud800", b"1e999", b"-", b"null", b"NaN", b"99999999999999999999", b"\xff", b"\\u0000")
_MOST_HARMS = 4
_DEEP = 5000

_Harm = Callable[[Random, bytearray, Sequence[bytes]], None]


def mutated(random: Random, samples: Sequence[bytes]) -> bytes:
    """One of `samples` with one to four harms."""
    data = bytearray(random.choice(samples))
    for _ in range(random.randint(1, _MOST_HARMS)):
        random.choice(_HARMS)(random, data, samples)
    return bytes(data)


def _at(random: Random, data: bytearray) -> int:
    return random.randrange(len(data) + 1)


def _flip(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))


def _cut(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[_at(random, data) :]


def _drop(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    del data[at : at + random.randint(1, 8)]


def _repeat(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    data[at:at] = data[at : at + random.randint(1, 40)] * random.randint(1, 3)


def _header(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    data[at : at + random.randint(0, 2)] = random.choice(_HEADERS)


def _text(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    data[at : at + random.randint(0, 3)] = random.choice(_TEXT)


def _nest(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _at(random, data)
    data[at:at] = random.choice((b"\x91", b"\x81\xa1x", b"[", b'{"x":')) * random.choice((3, _DEEP))


def _splice(random: Random, data: bytearray, samples: Sequence[bytes]) -> None:
    other = random.choice(samples)
    start = random.randrange(len(other) + 1)
    at = _at(random, data)
    data[at : at + random.randint(0, 20)] = other[start : start + random.randint(0, 40)]


_HARMS: tuple[_Harm, ...] = (_flip, _flip, _set, _cut, _drop, _repeat, _header, _header, _text, _nest, _splice)
