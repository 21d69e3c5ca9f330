"""What the month has of shelves: stock counted week after week at key buyers, and one shelf with more than came."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.builders import district_words as words

if TYPE_CHECKING:
    from tests.builders.month import Month, Shop

__all__ = ["Shelf"]

_SEED = 20_261_003
_COUNTED = (1, 2, 7, 14, 21, 28)
_A_TERRITORY = 3
_SURPLUS = 14
"""More than a delivery that is recorded a day late could explain."""


class Shelf:
    """Writes into a month that has its deliveries, from a stream of its own."""

    def __init__(self, month: Month, not_calm: Sequence[str]) -> None:
        self._month = month
        self._rng = random.Random(_SEED)
        self._not_calm = {*not_calm}

    def write(self) -> None:
        """The counts. Private orders (私单) fill one of these shelves."""
        planted = False
        for number, area in enumerate(words.TERRITORIES):
            calm = [one for one in self._month.buyers if one.area == area and one.code not in self._not_calm]
            for at, shop in enumerate(calm[:_A_TERRITORY]):
                is_filled = not planted and number >= 1
                self._count(shop, 16 * 60 + 12 + 22 * at, number, is_filled=is_filled)
                if is_filled:
                    planted = True
                    self._month.planted["private_orders"].append(shop.code)

    def _count(self, shop: Shop, minute: int, number: int, *, is_filled: bool) -> None:
        product, on_hand, before = self._month.usual(shop)[0][0], self._rng.randint(6, 14), date.min
        for at, offset in enumerate(_COUNTED):
            day = date(2026, 10, 1) + timedelta(days=offset - 1 + number % 2)
            sold = 0
            if at:
                there = on_hand + self._came(shop.code, product, before, day)
                sold = self._rng.randint(there // 3, there)
                on_hand = there - sold + (_SURPLUS if is_filled and at == 4 else 0)
            # Whoever counts is a piece off now and then.
            seen = max(0, on_hand + self._rng.choice((0, 0, 0, 1, -1)))
            who = self._month.owner(shop.area, day)
            self._visited(day, minute, who, shop, [product, seen, sold])
            if at in {1, 2} and number % 3 == 0:
                # A colleague tells of the same sales: they count once.
                self._visited(day, minute + 66, self._month.partner(shop.area, day), shop, [product, None, sold])
            on_hand, before = seen, day

    def _visited(self, day: date, minute: int, who: str, shop: Shop, stock: list[Any]) -> None:
        where = {"off": 9, "acc": 10, "s": 420}
        self._month.add(day, minute, who, "visit", outlet=shop.code, stock=[stock], **where)

    def _came(self, outlet: str, product: str, after: date, until: date) -> int:
        """What was delivered after one count, up to the next."""
        return sum(
            line[1]
            for one in self._month.events
            if one["do"] == "deliver" and one["outlet"] == outlet and str(after) < one["t"][:10] <= str(until)
            for line in one["lines"]
            if line[0] == product
        )
