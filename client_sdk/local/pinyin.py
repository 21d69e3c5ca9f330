"""Pinyin for searching: full syllables and initials of a Chinese text, by each character's first reading.

Good for matching, wrong for display (重庆 reads "zhongqing"). The table of readings is pypinyin's, read as data:
importing the package costs a quarter of a second and 30 MB, most of it for phrases that are not needed here.
"""

from __future__ import annotations

import unicodedata
from importlib.util import find_spec
from pathlib import Path

import msgspec

__all__ = ["initials", "syllables"]

_TONELESS = str.maketrans({"ü": "v", "ɡ": "g"})


def _readings() -> bytes:
    """The table, as it is in the file: a line for each character, in their order."""
    spec = find_spec("pypinyin")
    if spec is None or not spec.submodule_search_locations:
        return b""
    return (Path(spec.submodule_search_locations[0]) / "pinyin_dict.json").read_bytes()


def _found(table: bytes, character: int) -> str:
    """The readings of a character, by halves: an app meets some hundreds of the forty thousand that are there."""
    low, high = 0, len(table)
    while low < high:
        middle = (low + high) // 2
        begin, end = max(table.rfind(b"\n", low, middle) + 1, low), table.find(b"\n", middle)
        line = table[begin : end if end >= 0 else high]
        name, _, value = line.partition(b": ")
        if not value:
            # A bracket, at the beginning or at the end.
            is_before = line.startswith(b"{")
        elif (number := int(name.strip(b'"'))) == character:
            return msgspec.json.decode(value.rstrip(b","), type=str)
        else:
            is_before = number < character
        low, high = (begin + len(line) + 1, high) if is_before else (low, begin)
    return ""


def _plain(reading: str) -> str:
    first = unicodedata.normalize("NFC", reading.split(",", 1)[0]).translate(_TONELESS)
    bare = "".join(
        one for one in unicodedata.normalize("NFD", first) if not unicodedata.combining(one) or one == "\u0308"
    )
    return unicodedata.normalize("NFC", bare).translate(_TONELESS)


class _Table(dict[int, str]):
    """What `str.translate` reads: a character's number to its syllable, worked out when it is first met."""

    def __init__(self, length: int | None) -> None:
        super().__init__()
        self._length = length

    def __missing__(self, character: int) -> str:
        found = _SOURCE.reading(character)
        made = (_plain(found)[: self._length] if found else chr(character)) if not chr(character).isspace() else ""
        self[character] = made
        return made


class _Source:
    """The readings, loaded when a first Chinese character is met."""

    def __init__(self) -> None:
        self._table: bytes | None = None

    def reading(self, character: int) -> str:
        """The readings of a character, comma-separated; empty for one that has none."""
        if character < 0x2E80:
            return ""
        if self._table is None:
            self._table = _readings()
        return _found(self._table, character)


_SOURCE = _Source()
_FULL, _INITIALS = _Table(None), _Table(1)


def syllables(text: str) -> str:
    """The text with each Chinese character as its syllable without tone (ü as v), without spaces."""
    return text.translate(_FULL)


def initials(text: str) -> str:
    """The text with each Chinese character as the first letter of its syllable, without spaces."""
    return text.translate(_INITIALS)
