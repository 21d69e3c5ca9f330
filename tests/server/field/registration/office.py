"""A territory with two reps on its roster, and short ways to register, look and decide."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from server.field import arrivals
from server.field.ground import Ground
from server.field.policies import policies_of, set_policy
from server.field.registration.deciding import Desk as ReviewDesk
from server.field.registration.deciding import Reviewed
from server.identity import staff, territories
from server.identity.staff import Role
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from sync.positions import Position
from sync.records import CodeBlock, Finding, Outlet, Task
from tests.server.desk import Desk

WHOLE: dict[str, Any] = {
    "outlet_class": "tobacco_liquor",
    "position": Position(39.9042, 116.4074),
    "phone": "13800000000",
}


@dataclass
class Office:
    """`east` has Wang (owner) and Li on its roster."""

    desk: Desk
    east: UUID
    wang: UUID
    li: UUID

    @property
    def ground(self) -> Ground:
        """The desk's clock and randomness, in Shanghai."""
        return Ground(Sources(lambda: self.desk.now, self.desk.random.randbytes))

    @property
    def scope(self) -> str:
        """The territory's scope."""
        return scopes.territory(self.east)

    async def register(self, person: UUID, name: str = "老张烟酒", **fields: Any) -> UUID:
        """A phone's registration, which the rules look at."""
        outlet = await self.desk.register(self.desk.rep(person, self.east), self.east, name, **fields)
        await self.look()
        return outlet

    async def look(self) -> None:
        """Let the rules look at what arrived."""
        await arrivals.look(self.desk.store, self.ground)

    async def front(self, person: UUID, outlet: UUID) -> None:
        """A photo of the front."""
        made = self.desk.operation(
            Act.CREATE, "photo", self.desk.id(), of=outlet.bytes, outlet=outlet.bytes, digest="0" * 64, size=9,
            kind="front",
        )  # fmt: skip
        assert (await self.desk.submit(self.desk.rep(person, self.east), made))[0].code == "applied"

    async def decide(self, how: str, *outlets: UUID, **given: Any) -> Reviewed:
        """Approve, question or refuse."""
        async with self.desk.store.write() as tx:
            ground = replace(self.ground, policies=await policies_of(tx))
            came: Reviewed = await getattr(ReviewDesk(tx, ground), how)(outlets, **given)
        return came

    async def setting(self, key: str, value: str) -> None:
        """Set a rule's setting."""
        async with self.desk.store.write() as tx:
            await set_policy(tx, key, value, self.ground.sources)

    async def outlet(self, outlet: UUID) -> Outlet:
        """An outlet as a phone would read it."""
        found = await self.desk.get(self.scope, outlet)
        assert isinstance(found, Outlet)
        return found

    async def told(self, person: UUID) -> list[Finding]:
        """What a person was told."""
        found = (await self.desk.records(scopes.staff(person))).values()
        return [one for one in found if isinstance(one, Finding)]

    async def tasks(self, person: UUID) -> list[Task]:
        """A person's tasks."""
        found = (await self.desk.records(scopes.staff(person))).values()
        return [one for one in found if isinstance(one, Task)]

    async def blocks(self, person: UUID) -> list[CodeBlock]:
        """A person's blocks of codes, the oldest first."""
        found = (await self.desk.records(scopes.staff(person))).values()
        return sorted((one for one in found if isinstance(one, CodeBlock)), key=lambda one: one.first)


async def opened(desk: Desk) -> Office:
    """Set the office up."""
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    async with desk.store.write() as tx:
        wang = (await staff.add(tx, "王强", Role.REP, sources)).id
        li = (await staff.add(tx, "李娜", Role.REP, sources)).id
        east = (await territories.add_territory(tx, "城东", None, sources)).id
        await territories.assign(tx, east, wang, sources, private=True)
        await territories.assign(tx, east, li, sources)
    return Office(desk, east, wang, li)
