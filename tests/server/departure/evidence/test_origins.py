"""Public or collected, written or only proposed, standing or not yet: what becomes a claim and what does not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from server.departure.evidence.history import Trace, traces_of
from server.departure.evidence.origins import Origin, origins_of
from server.departure.evidence.points import points_of
from server.master.actors import Actor, Authority, Rights
from sync.operations import Act
from sync.scopes import COMPANY, pool, territory
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.ways import boss

REGISTERS = frozenset({"osm"})


def importer(company: Company) -> Actor:
    """What an import acts as: nobody in person, with the last word."""
    return Actor(company.pool.bytes, Rights(Authority.MANAGER), COMPANY)


async def imported(company: Company, reference: str) -> UUID:
    """An outlet that an import brought in, with more than a register holds."""
    return await company.desk.register(
        importer(company), company.east, "老张烟酒", source="import", source_ref=reference, phone="13800138000",
        address="一号", grade="A", notes="老板爱喝茶",
    )  # fmt: skip


async def trace(company: Company, record: UUID) -> Trace:
    """What the journal says of a record."""
    async with company.desk.store.read() as tx:
        (found,) = await traces_of(tx, [record])
    return found


async def origins(company: Company, record: UUID) -> dict[str, list[tuple[Any, Origin]]]:
    """Each field's values with their origin."""
    found: dict[str, list[tuple[Any, Origin]]] = {}
    for value, origin in origins_of(await trace(company, record), REGISTERS):
        found.setdefault(value.field, []).append((value.value, origin))
    return found


async def test_a_register_makes_public_what_registers_hold_and_nothing_else(company: Company) -> None:
    """Name, address and the shop's phone; grade and notes came from the company's own list, whatever the register."""
    found = await origins(company, await imported(company, "osm:1"))
    assert {name for name, values in found.items() if values[0][1] is Origin.PUBLIC} >= {"name", "address", "phone"}
    assert {found[name][0][1] for name in ("grade", "notes")} == {Origin.LISTED}


async def test_the_companys_own_list_is_not_public(company: Company) -> None:
    """A customer code is no public register."""
    found = await origins(company, await imported(company, "code:C1"))
    assert {origin for values in found.values() for _, origin in values} == {Origin.LISTED}


async def test_who_writes_down_what_is_public_collects_nothing(company: Company) -> None:
    """The same phone again stays public; another one is collected, by whoever wrote it."""
    desk = company.desk
    shop = await imported(company, "osm:1")
    rep = desk.rep(company.wang, company.east)
    for revision, number in enumerate(("13900000000", "13800138000"), 1):
        desk.now += HOUR
        await desk.edit(rep, "outlet", shop, revision, phone=number)
    assert (await origins(company, shop))["phone"] == [
        ("13800138000", Origin.PUBLIC),
        ("13900000000", Origin.COLLECTED),
        ("13800138000", Origin.PUBLIC),
    ]
    points = points_of([await trace(company, shop)], REGISTERS, desk.now)
    assert "phone" not in {one.field for one in points}
    before = points_of([await trace(company, shop)], REGISTERS, desk.now - HOUR)
    assert [one.value.value for one in before if one.field == "phone" and one.value is not None] == ["13900000000"]


async def test_what_was_only_proposed_or_lost_was_not_written(company: Company) -> None:
    """A rep's grade waits for the manager; a value that lost against a colleague's never stood."""
    desk = company.desk
    shop = await desk.register(boss(company), company.east, "店", phone="1")
    rep, other = desk.rep(company.wang, company.east), desk.rep(company.li, company.east)
    await desk.edit(rep, "outlet", shop, 1, grade="A")
    assert "grade" not in (await trace(company, shop)).values
    late = desk.now + HOUR
    late_edit = desk.operation(Act.EDIT, "outlet", shop, base=2, phone="2")
    desk.now = late
    await desk.submit(rep, late_edit, at=late)
    early = desk.operation(Act.EDIT, "outlet", shop, base=2, phone="3")
    outcome = (await desk.submit(other, early, at=late - HOUR // 2))[0]
    assert outcome.code == "superseded"
    written = [(one.value, one.staff) for one in (await trace(company, shop)).values["phone"]]
    assert written == [("1", desk.company), ("2", company.wang)]


async def test_a_record_in_the_pool_is_a_point_there_and_one_that_is_gone_is_none(company: Company) -> None:
    """The scope named is where it stood at the date."""
    desk = company.desk
    shop = await desk.register(boss(company), company.east, "店", notes="大客户")
    desk.now += HOUR
    then = desk.now
    await desk.submit(boss(company), desk.operation(Act.MOVE, "outlet", shop, base=1, scope=pool(company.pool)))
    desk.now += HOUR
    moved = desk.now
    await desk.submit(boss(company), desk.operation(Act.REMOVE, "outlet", shop, base=1))
    found = await trace(company, shop)
    assert [one.scope for one in points_of([found], (), then - 1) if one.field == "notes"] == [territory(company.east)]
    assert [one.scope for one in points_of([found], (), moved - 1) if one.field == "notes"] == [pool(company.pool)]
    assert points_of([found], (), moved + HOUR) == []
