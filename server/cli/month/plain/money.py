"""Section 10: what is open and what is overdue, outlet by outlet."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from server.cli.month.plain.world import World

__all__ = ["owed"]


def owed(world: World) -> dict[str, list[int]]:
    """Open and overdue of each outlet that owes something. Payments settle what is due first."""
    items: dict[str, list[tuple[date, date, int, int]]] = defaultdict(list)
    paid: dict[str, int] = defaultdict(int)
    for at, one in enumerate(world.deliveries):
        amount = sum(line[1] * line[2] for line in one["lines"])
        items[world.end_of(one["outlet"])].append((one["day"], one["day"], at, amount))
    for one in world.payments:
        paid[world.end_of(one["outlet"])] += one["amount"]
    found = {}
    for key, mine in items.items():
        left, is_open, overdue = paid[key], 0, 0
        for due, _, _, amount in sorted(mine):
            settled = min(left, amount)
            left -= settled
            is_open += amount - settled
            overdue += amount - settled if world.today > due else 0
        if is_open:
            found[key] = [is_open, overdue]
    return dict(sorted(found.items()))
