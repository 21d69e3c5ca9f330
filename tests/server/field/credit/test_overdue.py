"""Overdue money: from the first day on, and until there is a reason, a plan and the money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.field.credit import overdue
from server.field.credit.accounts import accounts, statement
from server.field.credit.pages import page_of, text_of
from server.field.own_acts import Asked, carry_out
from server.field.owners import shops
from server.master.inbox import listed
from server.master.money import owed
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.operations import Act
from sync.records import CreditTerms, OrderLine
from tests.server.field.credit.firm import Firm

TERMS = CreditTerms(1_000_000, 10)


async def tasks(firm: Firm) -> list[tuple[str, str]]:
    """Kind and status of every task."""
    table = TYPED["task"]
    async with firm.store.read() as tx:
        rows = await tx.execute(select(table.c.kind, table.c.status).order_by(table.c.id))
        return [(row.kind, row.status) for row in rows]


async def findings(firm: Firm) -> list[str]:
    """What phones are told of credit."""
    table = TYPED["finding"]
    async with firm.store.read() as tx:
        wanted = select(table.c.state).where(table.c.collection == "credit").order_by(table.c.id)
        return list((await tx.execute(wanted)).scalars())


async def open_cases(firm: Firm) -> list[overdue.Case]:
    """The cases that are open."""
    async with firm.store.read() as tx:
        return await overdue.cases(tx, firm.ground)


async def deliver(firm: Firm, outlet: UUID, amount: int) -> str:
    """A delivery on credit by the rep: why it is refused."""
    fields: dict[str, Any] = {"lines": (OrderLine("SKU-1", 1, amount),), "delivered_on": firm.day(), "on_credit": True}
    record = firm.sources.new_id()
    return (await firm.phone(firm.wang, Act.CREATE, "delivery", record, outlet=outlet, **fields)).reason


async def test_on_the_first_day_there_is_a_task_a_matter_and_a_case_each_once(firm: Firm) -> None:
    """Not on the due day, and not again on the days after, though the rep says that the task is done."""
    shop = await firm.outlet(credit=TERMS)
    await firm.deliver(shop, 500, ago=9, on_credit=True)
    await firm.nights(1)
    assert (await open_cases(firm), await tasks(firm)) == ([], [])
    await firm.nights(1)
    (case,) = await open_cases(firm)
    assert (case.opened_on, case.amount, case.overdue, case.owner) == (firm.day(), 500, 500, firm.wang)
    table = TYPED["task"]
    async with firm.store.read() as tx:
        task = (await tx.execute(select(table.c.id))).scalar_one()
    await firm.phone(firm.wang, Act.EDIT, "task", task, status="done")
    await firm.nights(3)
    async with firm.store.read() as tx:
        matters = [one.matter.kind for one in await listed(tx)]
    assert (len(await open_cases(firm)), await findings(firm), matters) == (1, ["stopped"], ["overdue"])
    assert [kind for kind, _ in await tasks(firm)] == ["overdue"]


async def test_it_closes_only_with_reason_plan_and_payments_and_then_there_is_credit_again(firm: Firm) -> None:
    """New credit stays stopped though the money has come."""
    shop = await firm.outlet(credit=TERMS)
    await firm.deliver(shop, 500, ago=12, on_credit=True)
    await firm.nights(2)
    (case,) = await open_cases(firm)
    await firm.pay(shop, 499)
    async with firm.store.write() as tx:
        with pytest.raises(Refusal, match=r"0\.01 is still overdue"):
            await overdue.close(tx, case.id, "资金周转", "每周结清", firm.ground, by=firm.manager)
    await firm.pay(shop, 1)
    assert await deliver(firm, shop, 10) == "credit_stopped"
    async with firm.store.write() as tx:
        for reason, plan, by in (("", "计划", firm.manager), ("原因", " ", firm.manager), ("原因", "计划", firm.wang)):
            with pytest.raises(Refusal):
                await overdue.close(tx, case.id, reason, plan, firm.ground, by=by)
    async with firm.store.write() as tx:
        await overdue.close(tx, case.id, "资金周转", "每周结清", firm.ground, by=firm.manager)
    assert (await open_cases(firm), await tasks(firm), await findings(firm)) == ([], [("overdue", "done")], ["open"])
    assert await deliver(firm, shop, 10) == ""
    await firm.nights(2)
    assert await open_cases(firm) == []


async def test_the_dealer_alone_writes_money_off_and_it_does_not_come_back(firm: Firm) -> None:
    """With a reason; it is settled by a payment that names no account of the company, and no incident comes of it."""
    shop = await firm.outlet()
    await firm.deliver(shop, 500, ago=3)
    await firm.deliver(shop, 70)
    await firm.nights(1)
    (case,) = await open_cases(firm)
    for by, reason in ((firm.manager, "倒闭"), (firm.dealer, "")):
        async with firm.store.write() as tx:
            with pytest.raises(Refusal):
                await overdue.write_off(tx, case.id, reason, firm.ground, by=by)
    async with firm.store.write() as tx:
        await overdue.write_off(tx, case.id, "倒闭", firm.ground, by=firm.dealer)
    await firm.nights(1)
    async with firm.store.read() as tx:
        assert (await accounts(tx))[shop].overdue(firm.day()) == 0
        (closed,) = await overdue.cases(tx, firm.ground, everything=True)
        matters = [one.matter.kind for one in await listed(tx)]
    assert (closed.written_off, closed.reason, closed.closed_at is not None, matters) == (570, "倒闭", True, [])


async def test_a_statement_agrees_with_what_is_owed_and_merged_outlets_have_one(firm: Firm) -> None:
    """In text and on a page, with what a customer's name holds put safely."""
    shop, other = await firm.outlet("<老张>&烟酒"), await firm.outlet("老张烟酒店")
    await firm.deliver(shop, 12_345, ago=3, reference="D-1")
    await firm.deliver(other, 655, ago=2)
    wrong = await firm.deliver(shop, 999, ago=1)
    await firm.deliver(shop, 900, ago=1, amends=wrong)
    await firm.pay(other, 345)
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": shop}, other, Act.EDIT)])
    async with firm.store.read() as tx:
        found = await statement(tx, other, firm.day(2), firm.day())
        known, total = await shops(tx), await owed(tx)
    assert found.account.balance == found.lines[-1].balance == total[shop] == 13_555
    assert (found.before, len(found.lines)) == (12_345, 3)
    assert "135.55" in text_of(known[shop], found)
    assert "&lt;老张&gt;&amp;烟酒" in page_of(known[shop], found)
