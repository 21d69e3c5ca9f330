"""The rules look at a day's work before its answer, and at more as soon as large pushes pause."""

from __future__ import annotations

import asyncio

import pytest

from server.exchange.lookout import A_DAYS_WORK, Lookout
from server.field.arrivals import look
from sync.codec import unpack
from sync.operations import Act
from sync.records import Finding
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone


async def logged(company: Company, visits: int) -> Phone:
    """A phone that has logged so many visits at an outlet of its own, and has synchronised once."""
    phone = await company.phone(company.wang)
    shop = phone.id()
    phone.log(Act.CREATE, "outlet", shop, scope=company.east_scope, name="老张烟酒")
    await phone.sync()
    for _ in range(visits):
        phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    await phone.sync()
    return phone


def findings(phone: Phone) -> int:
    """How many visits the phone was told of."""
    rows = [unpack(row.packed) for rows in phone.rows.values() for row in rows.values()]
    return sum(isinstance(one, Finding) and one.collection == "visit" for one in rows)


async def test_what_was_found_of_a_days_work_is_in_its_answer(company: Company) -> None:
    """Every visit of the largest push that is looked at before it is answered."""
    assert findings(await logged(company, A_DAYS_WORK)) == A_DAYS_WORK


async def test_a_larger_push_is_answered_first_and_looked_at_then(company: Company) -> None:
    """The answer holds no finding; who looks was told to; and the next answer holds them all."""
    phone = await logged(company, A_DAYS_WORK + 1)
    assert findings(phone) == 0
    await asyncio.wait_for(company.means.lookout.paused(), 10)
    await look(company.desk.store, company.means.rules)
    await phone.sync()
    assert findings(phone) == A_DAYS_WORK + 1


async def test_nobody_looks_while_nothing_was_brought() -> None:
    """And once it was looked at, not again."""
    lookout = Lookout()
    lookout.tell()
    await asyncio.wait_for(lookout.paused(), 10)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(lookout.paused(), 0.05)


async def test_pushes_that_never_pause_are_looked_at_all_the_same() -> None:
    """Somebody tells of another one at every turn of the loop."""
    lookout = Lookout()

    async def pushing() -> None:
        while True:
            lookout.tell()
            await asyncio.sleep(0.01)

    pushes = asyncio.create_task(pushing())
    await asyncio.wait_for(lookout.paused(), 30)
    pushes.cancel()
    await asyncio.wait([pushes])
