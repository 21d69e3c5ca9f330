"""The price list: what a product costs an outlet of a class on a day, and which lines of an order are off it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from sync.records import OrderLine, Price

__all__ = ["OffList", "PriceList"]


class OffList(msgspec.Struct, array_like=True, frozen=True):
    """One line off the list: the product, its price and the list's, minor units a piece."""

    product: str
    price: int
    listed: int


class PriceList:
    """The company's prices, made from its records once and asked often."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._since: dict[tuple[str, str], list[tuple[str, UUID, int]]] = {}
        for one in prices:
            entry = (one.since or "", one.id, one.amount)
            self._since.setdefault((one.product, one.outlet_class), []).append(entry)
        for entries in self._since.values():
            entries.sort(reverse=True)

    def of(self, product: str, outlet_class: str, day: date) -> int | None:
        """The price for the class, else for all classes, with the latest `since` on or before the day; of two of one
        day the newer record holds. None where the list has none.
        """
        on = day.isoformat()
        for key in ((product, outlet_class), (product, "")):
            found = next((amount for since, _, amount in self._since.get(key, ()) if since <= on), None)
            if found is not None:
                return found
        return None

    def off(self, lines: Sequence[OrderLine], outlet_class: str, day: date) -> tuple[OffList, ...]:
        """The lines whose price differs from the list, in their order. Where the list has none, nothing differs."""
        listed = ((one, self.of(one.product, outlet_class, day)) for one in lines)
        return tuple(
            OffList(one.product, one.price, price) for one, price in listed if price is not None and price != one.price
        )
