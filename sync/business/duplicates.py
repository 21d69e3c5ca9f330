"""Outlets that were found to be one: what is read of them together. Nothing is added up in the records themselves."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sync.records.base import MOST_PIECES
from sync.records.outlet import Outlet, StockLine

__all__ = ["as_one"]


def as_one(survivor: Outlet, merged: Iterable[Outlet]) -> Outlet:
    """The survivor as it is read: with the stock lines and the last visit of what was merged into it.

    Bought and sold are summed; on hand is the newest count of the one shelf, and the last delivery the latest.
    """
    stock, last = dict(survivor.stock), survivor.last_visit_at
    for one in merged:
        for product, line in one.stock.items():
            stock[product] = _together(stock[product], line) if product in stock else line
        last = max(filter(None, (last, one.last_visit_at)), default=None)
    return msgspec.structs.replace(survivor, stock=stock, last_visit_at=last)


def _together(one: StockLine, other: StockLine) -> StockLine:
    newest = max((one, other), key=lambda line: -1 if line.counted_at is None else line.counted_at)
    return StockLine(
        bought=_within(one.bought + other.bought),
        sold=_within(one.sold + other.sold),
        on_hand=newest.on_hand,
        counted_at=newest.counted_at,
        last_delivery=max(filter(None, (one.last_delivery, other.last_delivery)), default=None),
    )


def _within(count: int) -> int:
    return max(-MOST_PIECES, min(count, MOST_PIECES))
