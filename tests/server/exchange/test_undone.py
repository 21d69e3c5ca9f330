"""What is taken back reaches the phones like any change: values, sets, moves, and records that had gone."""

from __future__ import annotations

from server.field.undo.acting import Undone, show, undo
from server.field.undo.history import Meant
from sync.operations import Act
from tests.server.exchange.conftest import Company


async def _undo(company: Company) -> Undone:
    """Take everything back that the manager at the desk did."""
    desk = company.desk
    desk.now += 1000
    shown = await show(desk.store, Meant(staff=desk.company, since=desk.now - 2000))
    return await undo(desk.store, company.means.departure.sources, shown)


async def test_an_outlet_that_was_removed_or_moved_away_comes_back_to_the_phone_with_all_that_stood_at_it(
    company: Company,
) -> None:
    """Gone, and there again: the phone agrees with the server after each step."""
    desk, boss = company.desk, company.desk.manager()
    shops = [await desk.register(boss, company.east, phone="1") for _ in range(2)]
    for shop in shops:
        person = desk.id()
        await desk.submit(
            boss,
            desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"),
            desk.operation(Act.CREATE, "contact_private", desk.id(), outlet=shop, contact=person, notes="x"),
            desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, stock=[["SKU-1", 3, 2, 1]]),
        )
    phone = await company.phone(company.wang)
    assert phone.agrees(await phone.sync())
    before = {scope: phone.records(scope) for scope in (company.east_scope, company.east_private)}
    desk.now += 60_000
    await desk.submit(
        desk.rule(),
        desk.operation(Act.REMOVE, "outlet", shops[0]),
        desk.operation(Act.MOVE, "outlet", shops[1], scope=company.west_scope),
    )
    assert phone.agrees(await phone.sync())
    assert phone.records(company.east_scope) == {}
    assert (await _undo(company)).refused == {}
    assert phone.agrees(await phone.sync())
    assert {scope: phone.records(scope) for scope in before} == before
