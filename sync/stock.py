"""What a visit does to its outlet's stock lines (进销存): the same function on the server and in the overlay.

On hand is the newest observation by the visit's time; bought and sold are summed over visits. Deliveries add to
what was bought and date the last delivery.
"""

from __future__ import annotations

import msgspec

from sync.records.base import MOST_PIECES
from sync.records.outlet import Outlet, StockLine
from sync.records.trade import Delivery
from sync.records.work import Stock, Visit

__all__ = ["after_delivery", "after_visit"]


def _sum(held: int, more: int) -> int:
    """What two counts come to, cut to what a record can hold: a line that cannot be read would poison its outlet."""
    return max(-MOST_PIECES, min(held + more, MOST_PIECES))


def _after_count(line: StockLine, found: Stock, at: int, sign: int) -> StockLine:
    newest = found.on_hand is not None and sign > 0 and (line.counted_at is None or at >= line.counted_at)
    return msgspec.structs.replace(
        line,
        bought=_sum(line.bought, sign * found.bought),
        sold=_sum(line.sold, sign * found.sold),
        on_hand=found.on_hand if newest else line.on_hand,
        counted_at=at if newest else line.counted_at,
    )


def _with(outlet: Outlet, found: tuple[Stock, ...], at: int, sign: int) -> dict[str, StockLine]:
    stock = dict(outlet.stock)
    for one in found:
        stock[one.product] = _after_count(stock.get(one.product, StockLine()), one, at, sign)
    return stock


def after_visit(outlet: Outlet, visit: Visit, at: int, amended: Visit | None = None) -> Outlet:
    """The outlet after `visit`, which happened at `at`; what an amended visit had summed is taken back."""
    if amended is not None:
        outlet = msgspec.structs.replace(outlet, stock=_with(outlet, amended.stock, at, -1))
    last = max(at, outlet.last_visit_at or 0)
    return msgspec.structs.replace(outlet, stock=_with(outlet, visit.stock, at, 1), last_visit_at=last)


def after_delivery(outlet: Outlet, delivery: Delivery, amended: Delivery | None = None) -> Outlet:
    """The outlet after `delivery`; what an amended delivery had added is taken back."""
    stock = dict(outlet.stock)
    for sign, one in ((-1, amended), (1, delivery)):
        for line in one.lines if one is not None else ():
            held = stock.get(line.product, StockLine())
            last = max(filter(None, (held.last_delivery, one.delivered_on if one and sign > 0 else None)), default=None)
            stock[line.product] = msgspec.structs.replace(
                held, bought=_sum(held.bought, sign * line.quantity), last_delivery=last
            )
    return msgspec.structs.replace(outlet, stock=stock)
