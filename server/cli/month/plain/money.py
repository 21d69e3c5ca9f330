"""Section 10: what is open and what is overdue, outlet by outlet."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from server.cli.month.plain.world import World

__all__ = ["owed"]


def owed(world: World, today: date | None = None, heard_by: int = 1 << 62) -> dict[str, list[int]]:
    """Open and overdue of each outlet that owes something, as far as the company had heard at a moment. Payments settle
    what is due first.
    """
    day = today or world.today
    items: dict[str, list[tuple[date, date, int, int]]] = defaultdict(list)
    paid: dict[str, int] = defaultdict(int)
    amended = [one for one in world.others["amended_deliveries"] if heard_by < one["until"]]
    for at, one in enumerate([*world.deliveries, *amended]):
        if one["heard"] > heard_by:
            continue
        amount = sum(line[1] * line[2] for line in one["lines"])
        key = world.end_of(one["outlet"])
        due = one["day"] + timedelta(days=world.shops[key]["credit_days"] if one.get("credit") else 0)
        items[key].append((due, one["day"], at, amount))
    for one in world.payments:
        if one["heard"] <= heard_by:
            paid[world.end_of(one["outlet"])] += one["amount"]
    found = {}
    for key, mine in items.items():
        left, is_open, overdue = paid[key], 0, 0
        for due, _, _, amount in sorted(mine):
            settled = min(left, amount)
            left -= settled
            is_open += amount - settled
            overdue += amount - settled if day > due else 0
        if is_open:
            found[key] = [is_open, overdue]
    return dict(sorted(found.items()))
