"""Looking at departures by itself: at 30, 60 and 90 days, each once, and losses become tasks of the owners once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert, select

from server.field.effect.due import look_if_due
from server.field.effect.reading import Left, departures_of, effect_of, is_over
from server.field.purchases import Basis
from server.field.tasks import day_of
from server.master import inbox
from server.master.departures import handovers
from server.master.effects import departure_effects
from server.master.leaving import handover_lists
from server.master.people import rosters, staff, territories
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from sync.records import Outlet
from tests.server.desk import Desk

DAY = 86_400_000
ZONE = "Asia/Shanghai"


class _Town:
    """Two territories; wang left the eastern one, whose outlets went to li; the western ones are comparable."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sources = Sources(lambda: desk.now, desk.random.randbytes)
        self.left = Left(desk.wang, desk.now)
        self.ours: list[UUID] = []

    async def begin(self) -> _Town:
        """The departure happens now, after the shops bought."""
        desk = self.desk
        people = [(desk.wang, "departed"), (desk.li, "active")]
        async with desk.store.write() as tx:
            row = {"name": "王", "role": "rep", "joined_at": desk.now}
            await tx.execute(insert(staff), [row | {"id": one.bytes, "status": status} for one, status in people])
            places = [(desk.east, "东区"), (desk.west, "西区")]
            await tx.execute(insert(territories), [{"id": one.bytes, "name": name} for one, name in places])
            place = {"territory": desk.east.bytes, "staff": desk.li.bytes, "role": "rep", "since": 1}
            await tx.execute(insert(rosters).values(**place))
        for territory, amounts in ((desk.east, ((100, 20), (100, 100))), (desk.west, ((50, 50),))):
            for before, after in amounts:
                shop = await desk.register(desk.manager(), territory, f"shop {before} {after}")
                await self._delivered(shop, before, -5)
                await self._delivered(shop, after, 5)
                self.ours += [shop] if territory == desk.east else []
        await self._hand_over(desk.wang, desk.east, self.ours)
        return self

    async def _delivered(self, shop: UUID, amount: int, days: int) -> None:
        day = (day_of(self.desk.now, ZONE) + timedelta(days=days)).isoformat()
        lines = [["SKU-1", 1, amount, ""]]
        await self.desk.submit(
            self.desk.manager(),
            self.desk.operation(Act.CREATE, "delivery", self.desk.id(), outlet=shop, lines=lines, delivered_on=day),
        )

    async def _hand_over(self, leaver: UUID, territory: UUID, outlets: list[UUID]) -> None:
        row = self.desk.id().bytes
        async with self.desk.store.write() as tx:
            plan = {"id": row, "leaver": leaver.bytes, "step": "list", "territory": territory.bytes}
            await tx.execute(insert(handovers).values(**plan, planned_at=self.desk.now))
            listed = [{"handover": row, "outlet": one.bytes, "at": self.desk.now} for one in outlets]
            await tx.execute(insert(handover_lists), listed)

    async def look(self) -> None:
        """What the server does from time to time."""
        await look_if_due(self.desk.store, self.sources, ZONE, 30)

    async def seen(self) -> list[int]:
        """After how many days the departure was looked at."""
        async with self.desk.store.read() as tx:
            rows = await tx.execute(select(departure_effects.c.days).order_by(departure_effects.c.days))
            return list(rows.scalars())

    async def tasks(self) -> list[str]:
        """The titles of the successor's tasks."""
        held = await self.desk.records(scopes.staff(self.desk.li))
        return [one.title for one in held.values()]  # type: ignore[attr-defined]


async def test_a_departure_is_looked_at_when_its_days_are_over_and_once(desk: Desk) -> None:
    """Not a day early; late is as good; only the last look makes tasks, and no second one makes them again."""
    town = await _Town(desk).begin()
    desk.now += 29 * DAY
    await town.look()
    assert await town.seen() == []
    desk.now += DAY
    await town.look()
    assert (await town.seen(), await town.tasks()) == ([30], [])
    desk.now += 300 * DAY
    for _ in range(2):
        await town.look()
        assert await town.seen() == [30, 60, 90]
        assert await town.tasks() == ["C · 挽回 Win back · shop 100 20"]
    async with desk.store.read() as tx:
        (item,) = await inbox.listed(tx)
    assert item.times == 3
    assert "2 outlets bought 120 where 200 was to be expected" in item.matter.en


async def test_two_processes_that_look_at_once_give_each_task_once(desk: Desk) -> None:
    """The row that says it was looked at is written with the tasks."""
    town = await _Town(desk).begin()
    desk.now += 91 * DAY
    await asyncio.gather(town.look(), town.look())
    assert (await town.seen(), len(await town.tasks())) == ([30, 60, 90], 1)


async def test_outlets_of_other_departures_and_of_the_same_territory_are_not_comparable(desk: Desk) -> None:
    """What was disturbed as well says nothing of what was to be expected."""
    town = await _Town(desk).begin()
    await desk.register(desk.manager(), desk.east, "never handed over")
    west = [one.id for one in (await desk.records(scopes.territory(desk.west))).values() if isinstance(one, Outlet)]
    async with desk.store.read() as tx:
        (left,) = await departures_of(tx, desk.wang)
        found = await effect_of(tx, left, 90, ZONE, 30)
    assert (found.basis, [one.comparable for one in found.compared.groups]) == (Basis.DELIVERED, [1])
    await town._hand_over(desk.li, desk.west, [west[0]])
    async with desk.store.read() as tx:
        found = await effect_of(tx, left, 90, ZONE, 30)
    assert (found.compared.alone, [one.comparable for one in found.compared.groups]) == (2, [0])


def test_days_are_over_at_the_companys_midnight() -> None:
    """Who left at 23:59 has left that day, in the company's time zone."""
    left = Left(UUID(int=1), 1_800_000_000_000 // DAY * DAY + 15 * 3_600_000 + 59 * 60_000)
    assert day_of(left.planned_at, ZONE) + timedelta(days=1) == day_of(left.planned_at + 60_000, ZONE)
    assert not is_over(left, 1, left.planned_at, ZONE)
    assert is_over(left, 1, left.planned_at + 60_000, ZONE)
