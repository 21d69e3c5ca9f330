"""What is read of outlets that are one: sums, the newest count, the latest visit and delivery."""

from __future__ import annotations

from uuid import UUID

import pytest

from sync.business.duplicates import as_one
from sync.records import Outlet, StockLine
from sync.records.base import MOST_PIECES


def _outlet(number: int, visited: int | None = None, **stock: StockLine) -> Outlet:
    return Outlet(UUID(int=number), f"店{number}", stock=stock, last_visit_at=visited)


@pytest.mark.parametrize(
    ("lines", "together"),
    [
        ((StockLine(5, 3, 9, 10), StockLine(2, 1, 4, 20)), StockLine(7, 4, 4, 20)),
        ((StockLine(5, 3, 9, 20), StockLine(2, 1, 4, 10)), StockLine(7, 4, 9, 20)),
        ((StockLine(5), StockLine(2, 1, 4, 10, "2026-10-01")), StockLine(7, 1, 4, 10, "2026-10-01")),
        ((StockLine(MOST_PIECES), StockLine(1)), StockLine(MOST_PIECES)),
        ((StockLine(1, 1, 1, 1), StockLine(2, 2, 2, 2), StockLine(3, 3, 3, 3)), StockLine(6, 6, 3, 3)),
    ],
)
def test_stock_is_summed_and_the_newest_count_holds(lines: tuple[StockLine, ...], together: StockLine) -> None:
    """One shelf: bought and sold of both, on hand as it was seen last; never more than a record can hold."""
    survivor, *merged = (_outlet(number, A=line) for number, line in enumerate(lines, 1))
    assert as_one(survivor, merged).stock == {"A": together}


def test_the_last_visit_is_the_latest_of_any_and_nothing_else_changes() -> None:
    """Name and all the rest are the survivor's."""
    survivor, other = _outlet(1, None, A=StockLine(1)), _outlet(2, 50, B=StockLine(2))
    seen = as_one(survivor, [other])
    assert (seen.id, seen.name, seen.last_visit_at) == (survivor.id, survivor.name, 50)
    assert seen.stock == {"A": StockLine(1), "B": StockLine(2)}
    assert as_one(survivor, []) == survivor
