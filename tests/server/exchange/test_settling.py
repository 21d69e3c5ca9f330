"""Between the snapshot of an answer and its settling: what was taken away meanwhile does not leave."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import select

from server.departure.cutoff import offboard
from server.exchange.means import Means
from server.exchange.serve import closed_reply, serve
from server.identity import devices, staff, territories
from server.identity import help as helping
from server.master.journal import Note, note
from server.master.people import holdings
from server.master.store import Store, Tx
from server.master.tables import journal, journal_bodies, scopes
from sync.codec import decode
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.ways import outlets

T = TypeVar("T")


class Meanwhile(Store):
    """The same database, where something else commits just before the next transaction of this process."""

    def __init__(self, url: str, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__(url)
        self.happens, self.is_over = happens, False

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, is_repeatable: bool = False) -> T:
        """Let it happen once, then work."""
        if not self.is_over:
            self.is_over = True
            await self.happens()
        return await super().transact(work, is_repeatable=is_repeatable)


def means_with(company: Company, store: Store) -> Means:
    """What exchanges are carried out with, over another store."""
    return dataclasses.replace(company.means, departure=dataclasses.replace(company.means.departure, store=store))


async def test_a_scope_that_is_taken_away_between_pull_and_settling_does_not_leave(company: Company) -> None:
    """The answer had rows of the territory; it is read again, without them, and nothing is noted as given."""
    await outlets(company, company.east)
    wang = await company.phone(company.wang)

    async def taken_away() -> None:
        async with company.desk.store.write() as tx:
            await territories.unassign(tx, company.east, company.wang, company.means.departure.sources)

    store = Meanwhile(company.desk.store.url, taken_away)
    reply = await serve(means_with(company, store), wang.device, wang.request())
    await store.close()
    assert company.east_scope not in {one.scope for one in reply.page.scopes}
    async with company.desk.store.read() as tx:
        joined = select(scopes.c.name).join(holdings, holdings.c.scope == scopes.c.no)
        assert company.east_scope not in (await tx.execute(joined)).scalars().all()


async def test_help_that_ends_between_pull_and_settling_gives_nothing_any_more(company: Company) -> None:
    """Time is read again with the roster."""
    await outlets(company, company.east)
    li = await company.phone(company.li)
    async with company.desk.store.write() as tx:
        given = await helping.give(tx, company.east, company.li, "代班", HOUR, company.means.departure.sources)

    async def ends() -> None:
        company.desk.now = given.until

    store = Meanwhile(company.desk.store.url, ends)
    reply = await serve(means_with(company, store), li.device, li.request())
    await store.close()
    assert company.east_scope not in {one.scope for one in reply.page.scopes}


async def test_a_scope_that_comes_between_pull_and_settling_is_in_the_same_answer(company: Company) -> None:
    """Reading again gives what holds now, whichever way it changed."""
    await outlets(company, company.east)
    li = await company.phone(company.li)

    async def joins() -> None:
        async with company.desk.store.write() as tx:
            await territories.assign(tx, company.east, company.li, company.means.departure.sources)

    store = Meanwhile(company.desk.store.url, joins)
    reply = await serve(means_with(company, store), li.device, li.request())
    await store.close()
    assert company.east_scope in {one.scope for one in reply.page.scopes}


async def test_who_is_called_stands_in_every_answer(company: Company) -> None:
    """An active phone, a suspended one and one that has departed learn whom to call."""
    means = dataclasses.replace(company.means, call="王经理 0532-8888000")
    wang = await company.phone(company.wang)
    called = [(await serve(means, wang.device, wang.request())).head.call]
    async with company.desk.store.write() as tx:
        await devices.suspend(tx, wang.device, "check", means.departure.sources)
    called.append((await serve(means, wang.device, wang.request())).head.call)
    await offboard(means.departure, company.wang, "left")
    called.append((await serve(means, wang.device, wang.request())).head.call)
    called.append((await closed_reply(means, wang.device)).head.call)
    assert called == ["王经理 0532-8888000"] * 4


async def test_taking_somebody_off_a_roster_waits_for_the_push_of_their_phone(company: Company) -> None:
    """A push holds its person's row, so what it brought in never stands in the journal after `roster_left`."""
    sources = company.means.departure.sources
    pushing, may_commit = asyncio.Event(), asyncio.Event()

    async def push() -> None:
        async with company.desk.store.write() as tx:
            await staff.lock(tx, company.wang)
            pushing.set()
            await may_commit.wait()
            await note(tx, [Note(company.east_scope, "pushed", {})], sources.now(), sources.random)

    async def take_off() -> None:
        async with company.desk.store.write() as tx:
            await territories.unassign(tx, company.east, company.wang, sources)

    first = asyncio.create_task(push())
    await pushing.wait()
    second = asyncio.create_task(take_off())
    await asyncio.wait({second}, timeout=0.3)
    may_commit.set()
    await asyncio.gather(first, second)
    async with company.desk.store.read() as tx:
        ours = (journal.c.scope == journal_bodies.c.scope) & (journal.c.position == journal_bodies.c.position)
        named = select(journal_bodies.c.body).join(journal, ours).join(scopes, scopes.c.no == journal.c.scope)
        rows = await tx.execute(named.where(scopes.c.name == company.east_scope).order_by(journal.c.position))
        kinds = [decode(bytes(body), list)[0] for body in rows.scalars()]
    assert kinds[-2:] == ["pushed", "roster_left"]
