"""A departed device: its order, and nothing else, from the commit on."""

from __future__ import annotations

from importlib import import_module

import pytest

from server.departure.cutoff import offboard
from server.master.tables import operations
from sync.messages import Standing
from sync.operations import Act
from tests.server.exchange.conftest import Company
from tests.server.exchange.ways import count, outlets


async def test_a_departed_device_gets_its_order_and_nothing_else(company: Company) -> None:
    """From the commit on no record and no share leave, whatever is asked."""
    await outlets(company, company.east)
    wang = await company.phone(company.wang)
    await wang.sync()
    await offboard(company.means.departure, company.wang, "resigned")
    wang.log(Act.CREATE, "visit", wang.id(), outlet=company.desk.id())
    reply = await wang.ask(cursors={}, lease=0)
    assert reply.head.standing is Standing.DEPARTED
    assert len(reply.head.orders) == 1
    assert reply.head.lease is None
    assert not reply.gives
    assert await count(company, operations) == 3


async def test_an_exchange_that_began_before_the_cut_off_is_answered_without_records(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The snapshot read "active" and rows; the cut-off commits; what the answer gives has to be settled, and is not."""
    await outlets(company, company.east)
    wang = await company.phone(company.wang)
    module = import_module("server.exchange.serve")

    real = module.pull

    async def slow(*given: object) -> object:
        pulled = await real(*given)
        await offboard(company.means.departure, company.wang, "resigned")
        return pulled

    monkeypatch.setattr(module, "pull", slow)
    reply = await wang.ask()
    assert reply.head.standing is Standing.DEPARTED
    assert not reply.gives
