"""A small company in which something waits to be decided: the scene of the inbox's and the pool's tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.field import arrivals
from server.field.ground import Ground
from server.field.policies import set_policy
from server.identity.staff import Person
from server.identity.territories import Territory
from sync.operations import Act
from sync.outcomes import Outcome
from sync.positions import Position
from tests.server.routes.house import House

HERE = Position(39.9042, 116.4074)
WHOLE: dict[str, Any] = {
    "outlet_class": "tobacco_liquor",
    "position": HERE,
    "phone": "13800000000",
    "address": "东单大街 1 号",
}


@dataclass
class Scene:
    """王伟 works in 城东."""

    house: House
    wang: Person
    east: Territory

    @property
    def ground(self) -> Ground:
        """What rules stand on."""
        return Ground(self.house.sources)

    async def look(self) -> None:
        """Let the rules look at what arrived."""
        await arrivals.look(self.house.store, self.ground)

    async def register(self, name: str = "老张烟酒", **fields: Any) -> UUID:
        """王伟 registers an outlet, which the rules look at."""
        desk = self.house.desk
        outlet = await desk.register(desk.rep(self.wang.id, self.east.id), self.east.id, name, **(WHOLE | fields))
        await self.look()
        return outlet

    async def whole(self, name: str = "老张烟酒", **fields: Any) -> UUID:
        """The same with all that a registration has to have."""
        outlet = await self.register(name, **fields)
        photo = {"of": outlet.bytes, "outlet": outlet.bytes, "digest": "0" * 64, "size": 9, "kind": "front"}
        assert (await self.tries(Act.CREATE, "photo", self.house.desk.id(), **photo)).code == "applied"
        return outlet

    async def tries(self, act: Act, collection: str, record: UUID, **fields: Any) -> Outcome:
        """王伟's phone asks for something, whatever comes of it."""
        desk = self.house.desk
        asked = desk.operation(act, collection, record, base=1, **fields)
        return (await desk.submit(desk.rep(self.wang.id, self.east.id), asked))[0]


async def set_scene(house: House) -> Scene:
    """The company with its rep; first visits are not made by two."""
    wang = await house.person()
    async with house.store.write() as tx:
        await set_policy(tx, "first_visit_by_two", "off", house.sources)
    return Scene(house, wang, await house.territory("城东", wang))
