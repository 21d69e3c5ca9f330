"""Conflicts wait for a manager: left as they ended, or the value that lost is taken as the manager's word."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.field import conflicts
from server.master.tables import conflicts as table
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.positions import Position
from tests.server.firm import Firm


async def _differing(firm: Firm, field: str, first: Any, second: Any) -> tuple[UUID, UUID]:
    """王 and 李 write a field at once; 王's is later and stands: the outlet, and the conflict."""
    desk = firm.desk
    shop = await firm.does(firm.wang, "outlet", name="老张烟酒")
    desk.now += 10_000
    wang, li = desk.rep(firm.wang, firm.east), desk.rep(firm.li, firm.east)
    await desk.submit(wang, desk.operation(Act.EDIT, "outlet", shop, base=1, **{field: first}), at=desk.now - 1000)
    await desk.submit(li, desk.operation(Act.EDIT, "outlet", shop, base=1, **{field: second}), at=desk.now - 5000)
    async with firm.store.read() as tx:
        row = (await tx.execute(select(table.c.id).where(table.c.record == shop.bytes))).one()
    return shop, UUID(bytes=bytes(row.id))


async def _read(firm: Firm, one: UUID) -> conflicts.Conflict:
    async with firm.store.read() as tx:
        rows = (await tx.execute(select(table).where(table.c.id == one.bytes))).all()
        (found,) = await conflicts.read(tx, rows)
    return found


async def _outlet(firm: Firm, shop: UUID) -> Any:
    return await firm.desk.get(scopes.territory(firm.east), shop)


@pytest.mark.parametrize(
    ("field", "first", "second"),
    [("phone", "1", "2"), ("position", Position(39.9, 116.4), Position(39.95, 116.45))],
)
async def test_the_value_that_lost_is_taken_in_the_managers_name(
    firm: Firm, field: str, first: Any, second: Any
) -> None:
    """Also one that is composed; once, and nobody but a manager does it."""
    shop, one = await _differing(firm, field, first, second)
    assert getattr(await _outlet(firm, shop), field) == first
    async with firm.store.write() as tx:
        with pytest.raises(Refusal, match="not_yours"):
            await conflicts.take(tx, firm.sources, one, firm.wang)
    for expected in (True, False):
        async with firm.store.write() as tx:
            done, changed = await conflicts.take(tx, firm.sources, one, firm.dealer)
        assert (done, bool(changed)) == (expected, expected)
    assert getattr(await _outlet(firm, shop), field) == second
    assert (await _read(firm, one)).state == conflicts.TAKEN


async def test_what_is_left_as_it_ended_changes_nothing(firm: Firm) -> None:
    """It is decided once; taking the other value afterwards comes too late."""
    shop, one = await _differing(firm, "phone", "1", "2")
    async with firm.store.write() as tx:
        assert await conflicts.keep(tx, firm.sources, [one], firm.dealer) == 1
        assert await conflicts.keep(tx, firm.sources, [one], firm.dealer) == 0
        assert await conflicts.take(tx, firm.sources, one, firm.dealer) == (False, frozenset())
    assert (await _outlet(firm, shop)).phone == "1"
    found = await _read(firm, one)
    assert (found.state, found.lost, found.won, found.now) == (conflicts.KEPT, "2", "1", "1")


async def test_a_value_whose_record_has_gone_cannot_be_taken(firm: Firm) -> None:
    """It stays open, so that it can be left as it ended."""
    shop, one = await _differing(firm, "phone", "1", "2")
    await firm.desk.submit(firm.desk.manager(), firm.desk.operation(Act.REMOVE, "outlet", shop))
    with pytest.raises(Refusal):
        async with firm.store.write() as tx:
            await conflicts.take(tx, firm.sources, one, firm.dealer)
    assert (await _read(firm, one)).state == conflicts.OPEN
