"""A departed device: its order, and nothing else, from the commit on."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest

from server.departure.cutoff import offboard
from server.exchange.serve import Reply, serve
from server.live.announce import Announcer
from server.master.store import Store
from server.master.tables import conflicts, operations
from sync.messages import Standing
from sync.operations import Act
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import boss, count, outlets


async def test_a_departed_device_gets_its_order_and_nothing_else(company: Company) -> None:
    """From the commit on no record and no share leave, whatever is asked."""
    await outlets(company, company.east)
    wang = await company.phone(company.wang)
    await wang.sync()
    await offboard(company.means.departure, company.wang, "resigned")
    applied = await count(company, operations)
    wang.log(Act.CREATE, "visit", wang.id(), outlet=company.desk.id())
    reply = await wang.ask(cursors={}, lease=0)
    assert reply.head.standing is Standing.DEPARTED
    assert len(reply.head.orders) == 1
    assert reply.head.lease is None
    assert not reply.gives
    assert await count(company, operations) == applied


async def test_an_exchange_that_began_before_the_cut_off_is_answered_without_records(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot read "active" and rows; the cut-off commits; what the answer gives has to be settled, and is not."""
    await outlets(company, company.east)
    wang = await company.phone(company.wang)
    module = import_module("server.exchange.serve")

    real, meanwhile = module.pull, CutOffMeanwhile(company)

    async def slow(*given: object) -> object:
        pulled = await real(*given)
        meanwhile.cut_off()
        return pulled

    monkeypatch.setattr(module, "pull", slow)
    reply = await wang.ask()
    assert reply.head.standing is Standing.DEPARTED
    assert not reply.gives


class CutOffMeanwhile(Announcer):
    """Another process that offboards wang in the moment between a push and its answer, or when it is told to."""

    def __init__(self, company: Company) -> None:
        super().__init__()
        self.company, self.is_done = company, False

    def announce(self, scopes: Iterable[str]) -> None:
        """Called once the push has committed."""
        self.cut_off()
        super().announce(scopes)

    def cut_off(self) -> None:
        """Offboard wang, once."""
        if not self.is_done:
            self.is_done = True
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, self._offboard()).result()

    async def _offboard(self) -> None:
        store = Store(self.company.desk.store.url)
        await offboard(dataclasses.replace(self.company.means.departure, store=store), self.company.wang, "resigned")
        await store.close()


async def _with_a_conflict(company: Company) -> Phone:
    """A phone with one pending edit that will lose against a colleague's value, and one that will be taken in."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="1")
    await company.desk.edit(boss(company), "outlet", shop, 1, phone="secret")
    return wang


def _is_closed(reply: Reply, acknowledged: int) -> bool:
    head = reply.head
    values = [one for outcome in head.outcomes for one in outcome.lost]
    return (head.standing, len(head.orders), head.acknowledged, values, head.lease, reply.gives) == (
        Standing.DEPARTED, 1, acknowledged, [], None, False,
    )  # fmt: skip


async def test_who_departs_between_a_push_and_its_answer_hears_the_order_and_what_was_taken_in(
    company: Company,
) -> None:
    """The work counts, so that it is not handed in again; no value of any record leaves, and the order rides on it."""
    wang = await _with_a_conflict(company)
    departure = dataclasses.replace(company.means.departure, announcer=CutOffMeanwhile(company))
    means = dataclasses.replace(company.means, departure=departure)
    assert _is_closed(await serve(means, wang.device, wang.request()), 1)
    assert await count(company, conflicts) == 1


async def test_who_departs_while_the_answer_is_made_hears_the_same(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer had read rows and lost values; what it gives has to be settled first, and is not."""
    wang = await _with_a_conflict(company)
    module = import_module("server.exchange.serve")
    real, meanwhile = module.pull, CutOffMeanwhile(company)

    async def slow(*given: object) -> object:
        pulled = await real(*given)
        meanwhile.cut_off()
        return pulled

    monkeypatch.setattr(module, "pull", slow)
    assert _is_closed(await serve(company.means, wang.device, wang.request(cursors={})), 1)
    assert await count(company, conflicts) == 1
