"""Exchanges that meet other transactions, stopped at a statement: whoever comes second reads what the first did."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from sqlalchemy import func, select

from server.departure.cutoff import offboard
from server.exchange.serve import Reply, serve
from server.identity import territories
from server.master.audit import audit
from server.master.store import Tx
from server.master.tables import operations
from server.master.typed import TYPED
from sync.messages import Standing
from sync.operations import Act
from sync.outcomes import OutcomeCode
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import outlets
from tests.server.stopping_points import stopped_before

T = TypeVar("T")
S = TypeVar("S")


async def _meet(
    company: Company, statement: str, first: Coroutine[Any, Any, T], second: Coroutine[Any, Any, S]
) -> tuple[T, S]:
    """Begin `second` while `first` stands before a statement; it has to wait until `first` is done."""
    with stopped_before(company.desk.store, statement) as stop:
        one = asyncio.create_task(first)
        await asyncio.wait_for(stop.reached.wait(), 60)
        two = asyncio.create_task(second)
        await asyncio.wait({two}, timeout=0.3)
        assert not two.done()
        stop.may_go.set()
        return await one, await two


async def _with_visits(company: Company, visits: int = 3) -> Phone:
    """Wang's phone, synced, with visits that wait."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    for _ in range(visits):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop, stock=[["S", None, 1, 0]])
    return wang


async def _taken_in(company: Company, phone: Phone) -> tuple[int, int]:
    """How many operations of a phone have an outcome, and how many visits there are; the store is sound."""
    async with company.desk.store.read() as tx:
        assert await audit(tx) == []
        of = select(func.count()).select_from(operations).where(operations.c.origin == phone.outbox)
        visits = select(func.count()).select_from(TYPED["visit"])
        return (await tx.execute(of)).scalar_one(), (await tx.execute(visits)).scalar_one()


def _codes(reply: Reply) -> list[OutcomeCode]:
    return [one.code for one in reply.head.outcomes]


async def test_one_request_that_reaches_two_nodes_at_once_counts_once(company: Company) -> None:
    """The device's row makes the second wait; it then hears what came of the first, word for word."""
    wang = await _with_visits(company)
    one, two = await _meet(company, "INSERT INTO operations", wang.ask(), wang.ask())
    assert _codes(one) == [OutcomeCode.APPLIED] * 3
    assert (one.head.acknowledged, one.head.outcomes) == (two.head.acknowledged, two.head.outcomes)
    assert await _taken_in(company, wang) == (3, 3)
    wang.take(two)
    assert wang.agrees(await wang.sync())


async def test_two_requests_of_one_phone_at_once_are_taken_in_one_after_the_other(company: Company) -> None:
    """The longer one is second: what both have counts once, the rest goes on where the first ended."""
    wang = await _with_visits(company, 2)
    whole = wang.request()
    wang.bodies, later = wang.bodies[:1], wang.bodies[1:]
    shorter = wang.request()
    wang.bodies += later
    _, two = await _meet(
        company,
        "INSERT INTO operations",
        serve(company.means, wang.device, shorter),
        serve(company.means, wang.device, whole),
    )
    assert two.head.acknowledged == 2
    assert await _taken_in(company, wang) == (2, 2)


async def test_a_cut_off_waits_for_a_push_that_is_taken_in_and_gives_its_answer_no_record(company: Company) -> None:
    """What was taken in counts and is acknowledged; the answer comes after the cut-off, with its order alone."""
    wang = await _with_visits(company)
    reply, departure = await _meet(
        company,
        "INSERT INTO operations",
        wang.ask(cursors={}),
        offboard(company.means.departure, company.wang, "resigned"),
    )
    assert {one.device for one in departure.devices} == {wang.device}
    assert reply.head.acknowledged == 3
    assert await _taken_in(company, wang) == (3, 3)
    assert (await wang.ask(cursors={})).head.standing is Standing.DEPARTED


async def test_a_push_that_waited_for_a_cut_off_is_not_taken_in(company: Company) -> None:
    """It hears its order; the work stays on the phone, to be handed in sealed."""
    wang = await _with_visits(company)
    _, reply = await _meet(
        company,
        "INSERT INTO wipe_orders",
        offboard(company.means.departure, company.wang, "resigned"),
        wang.ask(cursors={}),
    )
    assert (reply.head.standing, len(reply.head.orders), reply.gives) == (Standing.DEPARTED, 1, False)
    assert await _taken_in(company, wang) == (0, 0)


async def test_a_push_that_waited_for_a_roster_has_the_rights_that_are_left(company: Company) -> None:
    """Taken off the territory meanwhile: its visits are dead letters, and nothing of the territory leaves."""
    wang = await _with_visits(company)
    sources = company.means.departure.sources

    async def take_off(tx: Tx) -> bool:
        return await territories.unassign(tx, company.east, company.wang, sources)

    _, reply = await _meet(company, "DELETE FROM rosters", company.desk.store.transact(take_off), wang.ask(cursors={}))
    assert _codes(reply) == [OutcomeCode.REFUSED] * 3
    assert company.east_scope not in {one.scope for one in reply.page.scopes}
    assert await _taken_in(company, wang) == (3, 0)
