"""A company with a dealer, reps, service people and an archivist on rosters: the builder of the business's tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.field.ground import Ground
from server.field.policies import policies_of
from server.identity import staff, territories
from server.identity.staff import Role
from server.master import meta
from server.master.scoping import open_scope
from server.master.store import Store
from server.ports import Sources
from server.times import read_local
from sync import scopes
from sync.operations import Act
from sync.outcomes import Outcome
from tests.server.desk import Desk

ZONE = "Asia/Shanghai"
MORNING = "2026-10-15 09:00"


@dataclass
class Firm:
    """刘 is the dealer; 王 owns the east, 李 is partner there, 孙 serves; 档 is the archivist; 周 owns the west."""

    desk: Desk
    dealer: UUID
    wang: UUID
    li: UUID
    sun: UUID
    dang: UUID
    zhou: UUID
    pool: UUID
    east: UUID
    west: UUID

    @property
    def sources(self) -> Sources:
        """The desk's clock and randomness."""
        return Sources(lambda: self.desk.now, self.desk.random.randbytes)

    @property
    def store(self) -> Store:
        """The company's store."""
        return self.desk.store

    async def ground(self) -> Ground:
        """What rules stand on, with the settings as they are."""
        async with self.store.read() as tx:
            return Ground(self.sources, ZONE, policies=await policies_of(tx))

    def at(self, local: str) -> int:
        """Let it be this hour in the company's zone (`2026-10-15 09:00`); server milliseconds."""
        self.desk.now = read_local(local, ZONE)
        return self.desk.now

    async def shop(self, name: str = "老张烟酒", place: UUID | None = None, **fields: Any) -> UUID:
        """An approved outlet in a territory (the east), as the manager entered it."""
        given = {"review": "approved", "status": "buyer"} | fields
        return await self.desk.register(self.desk.manager(), place or self.east, name, **given)

    async def does(
        self, who: UUID | None, collection: str, place: UUID | None = None, at: int | None = None, **fields: Any
    ) -> UUID:
        """Somebody's phone (None: the desk) makes a record in a territory (the east), which is applied; its id."""
        record, outcome = await self.tries(who, collection, place, at, **fields)
        assert not outcome.reason, outcome
        return record

    async def tries(
        self, who: UUID | None, collection: str, place: UUID | None = None, at: int | None = None, **fields: Any
    ) -> tuple[UUID, Outcome]:
        """The same, whatever comes of it."""
        actor = self.desk.manager() if who is None else self.desk.rep(who, place or self.east)
        record = self.desk.id()
        scope = scopes.territory(place or self.east) if collection in {"outlet", "sweep"} else None
        made = self.desk.operation(Act.CREATE, collection, record, scope=scope, **fields)
        return record, (await self.desk.submit(actor, made, at=at))[0]

    async def own(self, who: UUID, kind: type) -> list[Any]:
        """The records of a kind in somebody's own scope."""
        return [one for one in (await self.desk.records(scopes.staff(who))).values() if isinstance(one, kind)]


async def founded(store: Store) -> Firm:
    """The company in an empty store, on a Thursday morning in October."""
    desk = Desk(store, now=read_local(MORNING, ZONE))
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    parts = {
        "刘": Role.DEALER,
        "王": Role.REP,
        "李": Role.REP,
        "孙": Role.SERVICE,
        "档": Role.ARCHIVIST,
        "周": Role.REP,
    }
    async with store.write() as tx:
        await meta.found(tx, "测试公司", desk.id(), b"epoch-01")
        await open_scope(tx, scopes.COMPANY)
        people = {name: (await staff.add(tx, name, role, sources)).id for name, role in parts.items()}
        pool = (await territories.add_pool(tx, "公海", sources)).id
        east = (await territories.add_territory(tx, "城东", pool, sources)).id
        west = (await territories.add_territory(tx, "城西", pool, sources)).id
        await territories.assign(tx, east, people["王"], sources, private=True)
        desk.now += 1
        await territories.assign(tx, east, people["李"], sources)
        await territories.assign(tx, east, people["孙"], sources)
        await territories.assign(tx, west, people["周"], sources, private=True)
    desk.company = people["刘"]
    dealer, wang, li, sun, dang, zhou = (people[name] for name in "刘王李孙档周")
    return Firm(desk, dealer, wang, li, sun, dang, zhou, pool, east, west)
