"""What took long is shown again for some minutes with its hour; what did not is made each time."""

from __future__ import annotations

from server.console.reports.keeping import Keeper
from server.console.reports.values import Figure, Report
from server.master.store import Store

MINUTE = 60_000


class _Made:
    """Reports that say how many were made before them."""

    def __init__(self) -> None:
        self.count = 0

    async def one(self) -> Report:
        self.count += 1
        return Report((Figure("n", self.count),))


async def test_a_slow_report_is_kept_until_its_minutes_are_over_or_a_fresh_one_is_asked_for(store: Store) -> None:
    """It carries the time that it is of; another key and another store are others."""
    keeper, made = Keeper(slow_s=0, for_ms=10 * MINUTE), _Made()

    async def shown(now: int, key: str = "visits", *, fresh: bool = False) -> tuple[int, int]:
        kept = await keeper.of(store, key, now, made.one, fresh=fresh)
        assert isinstance(kept.report.figures[0].value, int)
        return kept.report.figures[0].value, kept.at

    assert await shown(0) == (1, 0)
    assert await shown(10 * MINUTE - 1) == (1, 0)
    assert await shown(5, "coverage") == (2, 5)
    assert await shown(10 * MINUTE) == (3, 10 * MINUTE)
    assert await shown(10 * MINUTE + 1, fresh=True) == (4, 10 * MINUTE + 1)
    assert await shown(10 * MINUTE + 2) == (4, 10 * MINUTE + 1)


async def test_a_quick_report_is_made_each_time_and_few_are_kept(store: Store) -> None:
    """Nothing is old without need, and what is kept is bounded."""
    quick, made = Keeper(slow_s=60), _Made()
    assert [(await quick.of(store, "a", 0, made.one)).report.figures[0].value for _ in range(2)] == [1, 2]
    few, made = Keeper(slow_s=0, most=2), _Made()
    for key in "abc":
        await few.of(store, key, 0, made.one)
    assert (await few.of(store, "c", 1, made.one)).at == 0
    assert (await few.of(store, "a", 1, made.one)).at == 1
