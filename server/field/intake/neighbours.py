"""An index of outlets by place, name and phone, so that each is compared with the few that it could be.

For: comparing a list with itself and with the store in near linear time. Never: the comparison, which is `alike`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import cos, floor, radians

from server.field.likeness import Alike, Portrait, alike, reach

__all__ = ["Neighbours"]

_SIDE = 0.0006
"""Degrees of latitude along a cell's side: 67 m."""
_METRE = 1 / 111_195
_CROWD = 60
"""The most that one cell, one name in a cell or one phone brings to a comparison. Where a whole list stands on one
spot or prints one number, the first ones speak for the rest; the same name in a cell is looked up by itself."""

Cell = tuple[int, int]


class Neighbours:
    """Portraits under the numbers 0, 1, 2 … in the order in which they were added."""

    def __init__(self) -> None:
        self._portraits: list[Portrait] = []
        self._cells: dict[Cell, list[int]] = {}
        self._names: dict[tuple[Cell, str], list[int]] = {}
        self._phones: dict[str, list[int]] = {}
        self._slack = 0.0

    def add(self, one: Portrait) -> int:
        """Add a portrait; its number."""
        number = len(self._portraits)
        self._portraits.append(one)
        self._slack = max(self._slack, one.slack)
        for phone in one.phones:
            _crowd(self._phones.setdefault(phone, []), number)
        if one.lat is not None and one.lon is not None:
            row = floor(one.lat / _SIDE)
            cell = (row, floor(one.lon * _width(row) / _SIDE))
            _crowd(self._cells.setdefault(cell, []), number)
            _crowd(self._names.setdefault((cell, one.plain), []), number)
        return number

    def find(self, one: Portrait) -> list[tuple[int, Alike]]:
        """Those alike, with their numbers: certain ones first, then the nearest."""
        found = [(number, how) for number in self._candidates(one) if (how := alike(one, self._portraits[number]))]
        return sorted(found, key=lambda pair: (not pair[1].certain, pair[1].distance or 0.0, pair[0]))

    def _candidates(self, one: Portrait) -> set[int]:
        by_phone = (self._phones.get(phone, ()) for phone in one.phones)
        around = list(self._around(one))
        by_name = (self._names.get((cell, one.plain), ()) for cell in around)
        by_place = (self._cells.get(cell, ()) for cell in around)
        return set(chain.from_iterable(chain(by_phone, by_name, by_place)))

    def _around(self, one: Portrait) -> Iterator[Cell]:
        """The cells within reach; how many columns a row has depends on its latitude."""
        if one.lat is None or one.lon is None:
            return
        far = (reach(one) + self._slack) * _METRE
        for row in range(floor((one.lat - far) / _SIDE), floor((one.lat + far) / _SIDE) + 1):
            middle = one.lon * _width(row)
            for column in range(floor((middle - far) / _SIDE), floor((middle + far) / _SIDE) + 1):
                yield row, column


def _width(row: int) -> float:
    return cos(radians(row * _SIDE))


def _crowd(numbers: list[int], number: int) -> None:
    if len(numbers) < _CROWD:
        numbers.append(number)
