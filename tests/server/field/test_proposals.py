"""Proposals wait for a manager: accepted, they are the manager's word; refused, nothing changes, and the rep hears."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from server.field import proposals
from server.master import inbox
from server.master.people import staff
from server.master.tables import proposals as table
from server.ports import Sources
from sync import scopes
from sync.codec import encode
from sync.errors import Refusal
from sync.operations import Act
from tests.server.desk import Desk


def _sources(desk: Desk) -> Sources:
    return Sources(lambda: desk.now, desk.random.randbytes)


async def _proposed(desk: Desk, **fields: Any) -> UUID:
    """An outlet for which a rep has proposed these fields."""
    wang = desk.rep(desk.wang, desk.east)
    shop = await desk.register(wang, desk.east)
    await desk.edit(wang, "outlet", shop, 1, **fields)
    return shop


async def _open(desk: Desk) -> list[proposals.Proposal]:
    async with desk.store.read() as tx:
        return await proposals.listed(tx)


async def _outlet(desk: Desk, shop: UUID) -> Any:
    return await desk.get(scopes.territory(desk.east), shop)


async def _employ(desk: Desk, person: UUID, status: str = "active", role: str = "rep") -> None:
    row = {"id": person.bytes, "name": "王", "role": role, "status": status, "joined_at": desk.now}
    async with desk.store.write() as tx:
        await tx.execute(insert(staff).values(row))


async def test_what_is_accepted_is_written_in_the_managers_name(desk: Desk) -> None:
    """The list says what stands and what is proposed; accepting writes it, once."""
    shop = await _proposed(desk, grade="A", status="closed")
    (one,) = await _open(desk)
    assert (one.record, one.now, one.changes) == (
        shop, {"grade": "C", "status": "uses_category"}, {"grade": "A", "status": "closed"},
    )  # fmt: skip
    await _employ(desk, desk.company, role="manager")
    decision = await proposals.accept(desk.store, _sources(desk), [one.id], desk.company)
    assert (decision.decided, decision.failed) == ((one.id,), {})
    outlet = await _outlet(desk, shop)
    assert (outlet.grade, outlet.status) == ("A", "closed")
    assert await _open(desk) == []
    assert (await proposals.accept(desk.store, _sources(desk), [one.id])).decided == ()


async def test_what_is_refused_changes_nothing_and_the_rep_gets_a_task_that_says_why(desk: Desk) -> None:
    """One task for all that was refused at once; nobody who has left gets one."""
    await _employ(desk, desk.wang)
    shops = [await _proposed(desk, grade="A") for _ in range(2)]
    ids = [one.id for one in await _open(desk)]
    with pytest.raises(Refusal, match="reason"):
        await proposals.refuse(desk.store, _sources(desk), ids, " ")
    await _employ(desk, desk.company, role="manager")
    decision = await proposals.refuse(desk.store, _sources(desk), ids, "销量不够", desk.company)
    assert len(decision.decided) == 2
    assert {(await _outlet(desk, shop)).grade.value for shop in shops} == {"C"}
    tasks = await desk.records(scopes.staff(desk.wang))
    assert [one.notes for one in tasks.values()] == ["销量不够"]  # type: ignore[attr-defined]
    assert await _open(desk) == []


async def test_one_whose_record_has_gone_stays_open_and_holds_up_no_other(desk: Desk) -> None:
    """Accepting in bulk says which could not be done."""
    gone, shop = await _proposed(desk, grade="A"), await _proposed(desk, grade="B")
    await desk.submit(desk.manager(), desk.operation(Act.REMOVE, "outlet", gone))
    ids = {one.record: one.id for one in await _open(desk)}
    decision = await proposals.accept(desk.store, _sources(desk), list(ids.values()))
    assert decision.decided == (ids[shop],)
    assert list(decision.failed) == [str(ids[gone])]
    assert (await _outlet(desk, shop)).grade == "B"
    assert [one.record for one in await _open(desk)] == [gone]


async def test_deciding_the_last_of_many_settles_what_was_brought_up(desk: Desk) -> None:
    """The item says how much waits, and is settled when nothing does."""
    shop = await _proposed(desk)
    rows = [
        {"id": desk.id().bytes, "record": shop.bytes, "operation": desk.id().bytes, "staff": desk.wang.bytes}
        | {"at": desk.now, "changes": encode({"phone": "9"}), "why": "mass_change"}
        for _ in range(3)
    ]
    async with desk.store.write() as tx:
        await tx.execute(insert(table), rows)
        await proposals.bring_up_mass(tx, desk.wang, {"phone": 3}, _sources(desk))
        (item,) = await inbox.listed(tx)
    assert "3 wait" in item.matter.en
    ids = [one.id for one in await _open(desk)]
    await proposals.accept(desk.store, _sources(desk), ids[:1])
    await proposals.refuse(desk.store, _sources(desk), ids[1:2], "no")
    async with desk.store.read() as tx:
        assert len(await inbox.listed(tx)) == 1
    await proposals.refuse(desk.store, _sources(desk), ids[2:], "no")
    async with desk.store.read() as tx:
        assert await inbox.listed(tx) == []


async def test_credit_beyond_what_a_manager_may_give_stays_open(desk: Desk) -> None:
    """It is the dealer's, with a reason; what is within is accepted beside it."""
    long, short = await _proposed(desk, credit=[50_000, 32]), await _proposed(desk, credit=[50_000, 31])
    ids = {one.record: one.id for one in await _open(desk)}
    await _employ(desk, desk.company, role="manager")
    decision = await proposals.accept(desk.store, _sources(desk), list(ids.values()), desk.company)
    assert decision.decided == (ids[short],)
    assert decision.failed[str(ids[long])].startswith("not_yours: credit runs at most 31 days")
    assert ((await _outlet(desk, long)).credit, (await _outlet(desk, short)).credit.days) == (None, 31)
    assert [one.record for one in await _open(desk)] == [long]
