"""Dependence: shares on their edges, second faces by part and load, and a warning that goes when its cause does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.field.ground import Ground
from server.field.watching.dependence import DEPENDS, Hangs, dependences, give_second_faces, percent, share, warn
from server.identity import staff, territories
from server.identity.rosters import Team
from server.identity.staff import Role
from server.master import meta
from server.master.inbox import inbox, listed
from server.master.scoping import open_scope
from server.master.store import Store
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from sync.records import OrderLine, Task
from tests.server.desk import Desk

WANG, LI, ZHAO, QIAN = (UUID(int=number) for number in range(1, 5))
EAST, WEST = UUID(int=20), UUID(int=21)


def hang(number: int, bought: int, *, single: bool, key: bool = False, place: UUID = EAST) -> Hangs:
    """One outlet of Wang's."""
    return Hangs(UUID(int=100 + number), f"终端{number}", key, place, bought, single)


@pytest.mark.parametrize(
    ("part", "whole", "found"), [(0, 0, None), (1, 3, 33), (2, 3, 67), (1, 200, 1), (1, 201, 0), (5, 5, 100)]
)
def test_a_percent_is_rounded_half_up_and_none_of_nothing(part: int, whole: int, found: int | None) -> None:
    """Exactly, without floats."""
    assert percent(part, whole) == found


def test_what_hangs_on_a_person_and_who_could_be_a_second_face() -> None:
    """Key outlets first and then by purchases; partners before service people, the fewest proposals first."""
    hangs = [
        hang(1, 100, single=True),
        hang(2, 300, single=False),
        hang(3, 50, single=True, key=True),
        hang(4, 70, single=True),
    ]
    found = share(WANG, hangs, {EAST: Team(WANG, (LI, ZHAO), (QIAN,))})
    assert (found.bought, found.single_bought, found.percent) == (520, 220, 42)
    assert (found.keys, found.single_keys, found.key_percent, found.single) == (1, 1, 100, 3)
    assert [(one.outlet.int - 100, one.who) for one in found.second_faces] == [(3, LI), (1, ZHAO), (4, LI)]
    alone = share(WANG, hangs, {EAST: Team(WANG, (), (QIAN,))})
    assert {one.who for one in alone.second_faces} == {QIAN}
    assert {one.who for one in share(WANG, hangs, {EAST: Team(WANG)}).second_faces} == {None}
    assert {one.who for one in share(WANG, hangs, {EAST: Team(LI, (WANG,))}).second_faces} == {LI}


def test_a_warning_begins_above_the_limit() -> None:
    """Exactly 30 % is none."""
    at = share(WANG, [hang(1, 30, single=True), hang(2, 70, single=False)], {})
    above = share(WANG, [hang(1, 31, single=True), hang(2, 69, single=False)], {})
    assert (at.is_above(30), above.is_above(30)) == (False, True)
    assert not share(WANG, [], {}).is_above(0)


@pytest.fixture
async def firm(store: Store) -> tuple[Desk, dict[str, UUID]]:
    """Two reps on one roster."""
    desk = Desk(store)
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    async with store.write() as tx:
        await meta.found(tx, "测试公司", desk.id(), b"epoch-01")
        await open_scope(tx, scopes.COMPANY)
        people = [await staff.add(tx, name, Role.REP, sources) for name in ("王", "李")]
        east = await territories.add_territory(tx, "城东", None, sources)
        for one in people:
            await territories.assign(tx, east.id, one.id, sources, private=one.name == "王")
    desk.company = desk.id()
    return desk, {"wang": people[0].id, "li": people[1].id, "east": east.id}


async def visited(desk: Desk, who: UUID, east: UUID, outlet: UUID, **fields: Any) -> None:
    """Somebody visits an outlet."""
    made = desk.operation(Act.CREATE, "visit", desk.id(), outlet=outlet.bytes, **fields)
    await desk.submit(desk.rep(who, east), made)


async def test_a_warning_comes_and_goes_with_its_cause(firm: tuple[Desk, dict[str, UUID]]) -> None:
    """From visits and deliveries in a real store."""
    desk, ids = firm
    ground = Ground(Sources(lambda: desk.now, desk.random.randbytes))
    shop = await desk.register(desk.manager(), ids["east"])
    line = list(OrderLine("SKU-1", 10, 300).__struct_fields__)
    assert line == ["product", "quantity", "price", "batch"]
    brought = desk.operation(
        Act.CREATE, "delivery", desk.id(), outlet=shop.bytes, lines=[["SKU-1", 10, 300, ""]],
        delivered_on=str(ground.today),
    )  # fmt: skip
    await desk.submit(desk.manager(), brought)
    await visited(desk, ids["wang"], ids["east"], shop)
    async with desk.store.read() as tx:
        found = await dependences(tx, ground)
    assert [(one.staff, one.bought, one.percent) for one in found] == [(ids["wang"], 3000, 100), (ids["li"], 3000, 0)]
    async with desk.store.write() as tx:
        await warn(tx, ground)
        count, _ = await give_second_faces(tx, found[0], 5, ground.sources)
    assert count == 1
    (task,) = (await desk.records(scopes.staff(ids["li"]))).values()
    assert isinstance(task, Task)
    assert (task.kind, task.outlet) == ("second_face", shop)
    await visited(desk, ids["li"], ids["east"], shop)
    async with desk.store.write() as tx:
        await warn(tx, ground)
        rows = (await tx.execute(select(inbox.c.kind, inbox.c.settled_at))).all()
    assert [(row.kind, row.settled_at is not None) for row in rows] == [(DEPENDS, True)]


async def test_a_warning_about_who_is_on_no_roster_any_more_is_settled(firm: tuple[Desk, dict[str, UUID]]) -> None:
    """As after a departure: what hung on that person is somebody else's now."""
    desk, ids = firm
    ground = Ground(Sources(lambda: desk.now, desk.random.randbytes))
    shop = await desk.register(desk.manager(), ids["east"], grade="A")
    await visited(desk, ids["wang"], ids["east"], shop)
    async with desk.store.write() as tx:
        await warn(tx, ground)
        assert [one.matter.about for one in await listed(tx, kind=DEPENDS)] == [ids["wang"]]
        await territories.unassign(tx, ids["east"], ids["wang"], ground.sources)
        await warn(tx, ground)
        assert await listed(tx, kind=DEPENDS) == []
