"""What lines come to is the same in the database as line by line, whatever somebody typed."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from server.master.money import worth
from server.master.store import Store
from server.master.typed import TYPED
from server.master.worth import pieces_bought, worth_of
from sync.operations import Act
from tests.server.desk import Desk

_ORDERS, _VISITS = TYPED["order"], TYPED["visit"]


async def _made(desk: Desk, collection: str, **fields: Any) -> None:
    outlet = await desk.register(desk.manager(), desk.east)
    act = desk.operation(Act.CREATE, collection, desk.id(), outlet=outlet, **fields)
    (outcome,) = await desk.submit(desk.rep(desk.wang, desk.east), act)
    assert not outcome.reason, outcome


@pytest.fixture
async def desk(store: Store) -> Desk:
    """A company on each of the two databases."""
    return await Desk(store).open()


async def test_orders_come_to_the_sum_of_their_lines(desk: Desk) -> None:
    """Several lines, returns below 0, none at all."""
    random = Random(7)
    for count in (0, 1, 5, 9):
        lines = [[f"SKU-{at}", random.randint(-5, 40), random.randint(0, 99_999), ""] for at in range(count)]
        await _made(desk, "order", lines=lines)
    async with desk.store.read() as tx:
        rows = (await tx.execute(select(_ORDERS.c.lines, worth_of(_ORDERS.c.lines).label("amount")))).all()
        total = (await tx.execute(select(func.sum(worth_of(_ORDERS.c.lines))))).scalar_one()
    assert len(rows) == 4
    assert [int(row.amount) for row in rows] == [worth(row.lines) for row in rows]
    assert int(total) == sum(worth(row.lines) for row in rows)


async def test_an_amount_that_nothing_costs_breaks_no_report(desk: Desk) -> None:
    """What somebody typed by mistake is added up all the same."""
    for _ in range(3):
        await _made(desk, "order", lines=[["SKU-1", 999_999, 1 << 52, ""], ["SKU-2", 1, 5, ""]])
    async with desk.store.read() as tx:
        total = (await tx.execute(select(func.sum(worth_of(_ORDERS.c.lines))))).scalar_one()
    assert int(total) == pytest.approx(3 * (999_999 * (1 << 52) + 5))


async def test_pieces_are_added_up_over_the_products_of_a_visit(desk: Desk) -> None:
    """By what was bought, not by what was sold or is there."""
    await _made(desk, "visit", stock=[["SKU-1", 5, 2, 10], ["SKU-2", None, 3, 4]])
    await _made(desk, "visit")
    async with desk.store.read() as tx:
        found = (await tx.execute(select(pieces_bought(_VISITS.c.stock)))).scalars().all()
    assert sorted(map(int, found)) == [0, 14]
