"""Section 10: what is open and what is overdue, outlet by outlet."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from server.cli.month.plain.world import World

_Item = tuple[date, date, int, int, bool]
"""Due day, day, place in the history, amount, and whether it is on credit."""

__all__ = ["on_credit", "owed"]


def owed(world: World, today: date | None = None, heard_by: int = 1 << 62) -> dict[str, list[int]]:
    """Open and overdue of each outlet that owes something, as far as the company had heard at a moment. Payments settle
    what is due first.
    """
    found = _settled(world, today or world.today, heard_by)
    return {key: [is_open, overdue] for key, (is_open, overdue, _) in sorted(found.items()) if is_open}


def on_credit(world: World, key: str, heard_by: int) -> int:
    """What is open of an outlet's deliveries on credit."""
    return _settled(world, world.today, heard_by).get(key, (0, 0, 0))[2]


def _settled(world: World, day: date, heard_by: int) -> dict[str, tuple[int, int, int]]:
    """Open, overdue on a day, and open on credit, by outlet."""
    items: dict[str, list[_Item]] = defaultdict(list)
    paid: dict[str, int] = defaultdict(int)
    amended = [one for one in world.others["amended_deliveries"] if heard_by < one["until"]]
    for at, one in enumerate([*world.deliveries, *amended]):
        if one["heard"] > heard_by:
            continue
        amount = sum(line[1] * line[2] for line in one["lines"])
        key = world.end_of(one["outlet"])
        due = one["day"] + timedelta(days=world.shops[key]["credit_days"] if one.get("credit") else 0)
        items[key].append((due, one["day"], at, amount, bool(one.get("credit"))))
    for one in world.payments:
        if one["heard"] <= heard_by:
            paid[world.end_of(one["outlet"])] += one["amount"]
    found = {}
    for key, mine in items.items():
        left, is_open, overdue, credit = paid[key], 0, 0, 0
        for due, _, _, amount, is_on_credit in sorted(mine):
            settled = min(left, amount)
            left -= settled
            is_open += amount - settled
            overdue += amount - settled if day > due else 0
            credit += amount - settled if is_on_credit else 0
        found[key] = is_open, overdue, credit
    return found
