"""Work that has SQLite's lock asks small statements as they are; a large push is answered from its own transaction."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from copy import copy
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from server.exchange.holdings import _HELD
from server.exchange.lookout import A_DAYS_WORK
from server.exchange.outboxes import is_overtaken, known_operations, lock_outbox
from server.field.pool.late import _pooled
from server.identity import devices, staff
from server.identity import help as helping
from server.identity.grants import grants_of_device
from server.master.scoping import lock_scopes
from server.master.sqlite import at_once
from server.master.standing import resolved
from server.master.store import Tx
from server.master.working import load, located
from sync.messages import Standing
from sync.operations import Act
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import outlets

Question = Callable[[Tx], Coroutine[Any, Any, object]]


async def worked(company: Company, visits: int) -> Phone:
    """A phone in step that has logged so many visits at an outlet, and not sent them yet."""
    (shop,) = await outlets(company, company.east, 1)
    phone = await company.phone(company.wang)
    await phone.sync()
    for _ in range(visits):
        phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    return phone


def questions(company: Company, phone: Phone, shops: list[UUID]) -> dict[str, Question]:
    """What taking work in asks of the store."""
    now, unknown = company.desk.now, UUID(int=1)
    ids, scopes = [one.bytes for one in (*shops, unknown)], [company.east_scope, company.pool_scope, "nothing"]

    async def overtaken(tx: Tx) -> bool:
        box = await lock_outbox(tx, phone.outbox, phone.device.bytes, now)
        return box is not None and await is_overtaken(tx, box)

    async def held(tx: Tx) -> list[tuple[Any, ...]]:
        return [
            tuple(row) for row in await tx.execute(_HELD, {"device": phone.device.bytes, "scopes": list(range(1, 40))})
        ]

    return {
        "person": lambda tx: staff.lock(tx, company.wang),
        "device": lambda tx: devices.lock(tx, phone.device),
        "no device": lambda tx: devices.lock(tx, unknown),
        "grants": lambda tx: grants_of_device(tx, phone.device, company.wang, now),
        "helps": lambda tx: helping.ended_by_time(tx, company.li, now + 2 * HOUR),
        "outbox": lambda tx: lock_outbox(tx, phone.outbox, phone.device.bytes, now),
        "overtaken": overtaken,
        "known": lambda tx: known_operations(tx, ids),
        "scopes": lambda tx: lock_scopes(tx, scopes, [1]),
        "no scopes": lambda tx: lock_scopes(tx, []),
        "located": lambda tx: located(tx, ids, ()),
        "records": lambda tx: load(tx, ids, (), {}),
        "standing": lambda tx: resolved(tx, shops),
        "pooled": lambda tx: _pooled(tx, shops),
        "held": held,
    }


async def test_small_statements_say_what_sqlalchemy_says(company: Company) -> None:
    """Each of them, and on SQLite none goes through it."""
    shops = await outlets(company, company.east, 2)
    phone = await worked(company, 1)
    await phone.sync()
    async with company.desk.store.write() as tx:
        await helping.give(tx, company.east, company.li, "代班", HOUR, company.means.departure.sources)
    asked = questions(company, phone, shops)
    async with company.desk.store.write() as tx:
        said = {name: await one(tx) for name, one in asked.items()}
        statements = list[str]()
        event.listen(tx.sync_connection, "before_cursor_execute", lambda *told: statements.append(told[2]))
        with at_once(tx) as near:
            assert {name: await one(near) for name, one in asked.items()} == said
    assert bool(statements) is not company.desk.store.is_sqlite
    nothing = {name for name, one in said.items() if not one}
    assert nothing == {"no device", "overtaken", "known", "no scopes", "pooled"}


async def test_a_fault_of_a_small_statement_is_told_as_any_other(company: Company) -> None:
    """As SQLAlchemy tells it, so that whoever sees to faults knows it."""
    async with company.desk.store.write() as tx:
        await tx.execute(text("ALTER TABLE helps RENAME TO gone"))
        with at_once(tx) as near, pytest.raises(DBAPIError, match="helps"):
            await helping.ended_by_time(near, company.wang, 0)
        await tx.rollback()


async def test_a_large_push_is_taken_in_and_answered_in_one_transaction(company: Company) -> None:
    """On SQLite, where that is a snapshot; and the phone has all of it then."""
    phone, store = await worked(company, A_DAYS_WORK + 1), company.desk.store
    before = store.commits
    reply = await phone.sync()
    assert store.commits - before == (1 if store.is_sqlite else 2)
    assert len(reply.head.outcomes) == A_DAYS_WORK + 1
    assert reply.head.acknowledged == len(phone.bodies)
    assert phone.agrees(reply)


async def test_who_is_far_behind_is_answered_when_the_store_is_free_again(company: Company) -> None:
    """And so is who asks for more than changes; what was brought is taken in before."""
    store = company.desk.store
    phone = await worked(company, A_DAYS_WORK + 1)
    phone.wants[company.east_scope] = {company.desk.id().bytes}
    before = store.commits
    reply = await phone.ask()
    assert reply.head.acknowledged == len(phone.bodies)
    assert store.commits - before == 2
    assert reply.page.mended


async def test_two_live_copies_of_which_one_pushes_much_are_suspended(company: Company) -> None:
    """The device is not active any more when its answer would be read: it is given nothing."""
    phone = await worked(company, 0)
    shop = next(iter(phone.records(company.east_scope)))
    phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    await phone.sync()
    clone = copy(phone)
    clone.bodies = list(phone.bodies)
    company.desk.now += HOUR
    phone.outbox, phone.bodies, phone.acknowledged = b"the next outbox!", [], 0
    phone.log(Act.CREATE, "visit", phone.id(), outlet=shop)
    await phone.sync()
    for _ in range(A_DAYS_WORK + 1):
        clone.log(Act.CREATE, "visit", clone.id(), outlet=shop)
    reply = await clone.ask()
    assert reply.head.standing is Standing.SUSPENDED
    assert not reply.page.scopes
