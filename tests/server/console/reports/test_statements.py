"""A report asks the store as often for a large company as for a small one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from server.console.reports.kinds import KINDS
from server.console.reports.pages import open_report
from server.field.ground import Ground
from server.identity import staff, territories
from server.identity.staff import Role
from server.master.store import Store
from sync.positions import Position
from tests.server.console.conftest import viewer_of
from tests.server.firm import Firm


@contextmanager
def _heard(store: Store) -> Iterator[list[str]]:
    """What is read while the block runs."""
    heard: list[str] = []

    def hear(_: object, __: object, statement: str, *___: object) -> None:
        heard.append(statement)

    event.listen(store._reader.sync_engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(store._reader.sync_engine, "before_cursor_execute", hear)


async def _grow(firm: Firm, number: int) -> None:
    """Another territory with a rep, outlets, a visit, a sweep, a delivery, a promise and an order."""
    async with firm.store.write() as tx:
        person = await staff.add(tx, f"业务员{number}", Role.REP, firm.sources)
        place = (await territories.add_territory(tx, f"片区{number}", firm.pool, firm.sources)).id
        await territories.assign(tx, place, person.id, firm.sources, private=True)
    shops = [
        await firm.shop(f"店{number}{at}", place, position=Position(39.9 + number / 100, 116.4 + at / 100))
        for at in range(3)
    ]
    for shop in shops:
        await firm.does(person.id, "visit", place, outlet=shop)
        await firm.does(None, "delivery", place, outlet=shop, delivered_on="2026-10-14", lines=[["S", 1, 300, ""]])
        await firm.does(person.id, "contact_report", place, outlet=shop, promised="送货", promised_by="2026-10-20")
    await firm.does(person.id, "sweep", place, duration_s=600, sightings=[[shops[0], "seen", 5]])


@pytest.mark.parametrize("name", KINDS)
async def test_a_report_costs_the_same_number_of_statements_however_much_there_is(firm: Firm, name: str) -> None:
    """With two territories, and with five."""

    async def asked() -> int:
        viewer = await viewer_of(firm)
        ground = await firm.ground()
        here = replace(KINDS[name], is_long=False)
        with _heard(firm.store) as heard:
            await open_report(firm.store, lambda _: _of(ground), viewer, here, {"all": "yes"})
        return len(heard)

    for number in range(2):
        await _grow(firm, number)
    before = await asked()
    for number in range(2, 5):
        await _grow(firm, number)
    assert await asked() == before


async def _of(ground: Ground) -> Ground:
    return ground
