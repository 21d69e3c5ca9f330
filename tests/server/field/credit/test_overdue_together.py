"""Overdue money where outlets are merged, where their owner changes, and where there is much of it."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from server.field.credit import overdue, review
from server.field.merging import merge
from server.identity import territories
from server.master.inbox import Item, listed, settle
from server.master.scoping import numbers
from server.master.typed import TYPED
from sync import scopes
from sync.errors import Refusal
from tests.server.field.credit.firm import Firm
from tests.server.field.credit.test_overdue import TERMS, deliver, open_cases


async def tasks_of(firm: Firm, person: UUID) -> list[str]:
    """The titles of a person's tasks about overdue money."""
    table = TYPED["task"]
    async with firm.store.read() as tx:
        named = await numbers(tx, [scopes.staff(person)])
        wanted = select(table.c.title).where(table.c.scope.in_(named.values()), table.c.kind == "overdue")
        return list((await tx.execute(wanted)).scalars())


async def matters(firm: Firm) -> list[Item]:
    """What waits for the manager of overdue money."""
    async with firm.store.read() as tx:
        return await listed(tx, kind="overdue")


async def late(firm: Firm, name: str = "老张烟酒", amount: int = 500) -> UUID:
    """An outlet that has not paid in time."""
    shop = await firm.outlet(name, credit=TERMS)
    await firm.deliver(shop, amount, ago=11, on_credit=True)
    return shop


async def test_a_case_of_an_outlet_that_was_merged_is_the_survivors(firm: Firm) -> None:
    """No second case; new credit stays stopped; it closes with what the survivor owes, and not before."""
    gone, stays = await late(firm), await firm.outlet("章记烟酒", credit=TERMS)
    await firm.nights(1)
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, gone, stays, reason="同一家店", by=firm.dealer)
    await firm.nights(2)
    (case,) = await open_cases(firm)
    assert (case.outlet, case.overdue, case.balance) == (gone, 500, 500)
    with pytest.raises(Refusal, match="still overdue"):
        async with firm.store.write() as tx:
            await overdue.close(tx, case.id, "资金紧张", "每周一结", firm.ground, by=firm.manager)
    await firm.pay(stays, 500)
    assert await deliver(firm, stays, 100) == "credit_stopped"
    async with firm.store.write() as tx:
        await overdue.close(tx, case.id, "资金紧张", "每周一结", firm.ground, by=firm.manager)
    assert await deliver(firm, stays, 100) == ""
    assert await matters(firm) == []


async def test_whoever_owns_the_outlet_next_has_the_task_too(firm: Firm) -> None:
    """And the manager's matter goes with it."""
    await late(firm)
    await firm.nights(1)
    assert (len(await tasks_of(firm, firm.wang)), await tasks_of(firm, firm.li)) == (1, [])
    async with firm.store.write() as tx:
        await territories.unassign(tx, firm.east, firm.wang, firm.sources)
        await territories.assign(tx, firm.east, firm.li, firm.sources, private=True)
    await firm.nights(2)
    assert len(await tasks_of(firm, firm.li)) == 1
    assert [one.matter.staff for one in await matters(firm)] == [firm.li]


async def test_the_manager_has_one_matter_for_all_overdue_outlets_of_an_owner(firm: Firm) -> None:
    """With the largest named first; brought up again only where something new is overdue, settled with the last."""
    for number in range(12):
        await late(firm, f"店{number}", 100 + number)
    await firm.nights(1)
    (one,) = await matters(firm)
    assert (one.matter.staff, one.times) == (firm.wang, 1)
    assert "12 outlets have 12.66 overdue: 店11 1.11、店10 1.10" in one.matter.en
    assert one.matter.en.count("店") == 10
    await firm.nights(1)
    assert [each.times for each in await matters(firm)] == [1]
    await late(firm, "店12", 5000)
    await firm.nights(1)
    ((again, found),) = [(each.times, each.matter.en) for each in await matters(firm)]
    assert (again, "13 outlets have 62.66" in found) == (2, True)
    async with firm.store.write() as tx:
        await settle(tx, one.id, "知道了", firm.sources, firm.manager)
    await firm.nights(1)
    assert await matters(firm) == []


async def test_what_was_paid_while_the_books_were_read_opens_no_case(firm: Firm) -> None:
    """The rule reads while others write."""
    shop = await late(firm)
    async with firm.store.read() as tx:
        write = await overdue.look_into(tx, firm.ground)
    await firm.pay(shop, 500)
    async with firm.store.write() as tx:
        await write(tx)
    assert await open_cases(firm) == []


async def test_of_two_who_decide_on_a_form_at_once_the_second_is_told(firm: Firm) -> None:
    """Terms and review say the same."""
    shop = await firm.outlet()
    form = await firm.apply(shop, limit=100_000, days=30)

    async def approve() -> str:
        async with firm.store.write() as tx:
            try:
                await review.approve(tx, form, firm.ground, by=firm.manager)
            except Refusal as refusal:
                return refusal.code
        return ""

    async def refuse() -> str:
        async with firm.store.write() as tx:
            try:
                await review.refuse(tx, form, "资信不足", firm.ground, by=firm.dealer)
            except Refusal as refusal:
                return refusal.code
        return ""

    said = await asyncio.gather(approve(), refuse())
    assert sorted(said) == ["", "bad_value"]
    async with firm.store.read() as tx:
        held = (await tx.execute(select(TYPED["outlet"].c.credit).where(TYPED["outlet"].c.id == shop))).scalar_one()
        state = (await review.find(tx, form)).review
    assert (bool(held), state) == ((True, "approved") if said[0] == "" else (False, "refused"))
