"""What a leaver works with: outlets, contacts, visits, money, tasks; written through the one write path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from server.identity import staff, territories
from server.master import people
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.tables import scopes as scopes_table
from server.master.typed import TYPED
from server.master.write import apply
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.operations import Act, Operation, changes_of
from tests.server.departure.office import Office

__all__ = ["Ground", "territory_of"]


class Ground:
    """The ground of an office."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def write(
        self, collection: str, *, act: Act = Act.CREATE, record: UUID | None = None, scope: str | None = None,
        by: UUID | None = None, **fields: Any,
    ) -> UUID:  # fmt: skip
        """One operation of a manager at a desk, or of a rep; it has to be taken. Says the record."""
        record = record or self.office.sources.new_id()
        await self._hand_in([self._operation(act, collection, record, scope, **fields)], by)
        return record

    async def outlet(self, territory: UUID, name: str, by: UUID | None = None, **fields: Any) -> UUID:
        """An outlet in a territory."""
        return await self.write("outlet", scope=scopes.territory(territory), by=by, name=name, **fields)

    async def outlets(self, territory: UUID, names: Sequence[str]) -> list[UUID]:
        """Many outlets in a territory, in one batch."""
        ids = [self.office.sources.new_id() for _ in names]
        scope = scopes.territory(territory)
        made = [
            self._operation(Act.CREATE, "outlet", record, scope, name=name)
            for record, name in zip(ids, names, strict=True)
        ]
        await self._hand_in(made)
        return ids

    def _operation(self, act: Act, collection: str, record: UUID, scope: str | None, **fields: Any) -> Operation:
        now = self.office.clock()
        moment, changes = Moment("test", now, now), changes_of(**fields)
        return Operation(self.office.sources.new_id(), act, collection, record, 0, moment, scope, changes)

    async def _hand_in(self, made: Sequence[Operation], by: UUID | None = None) -> None:
        now = self.office.clock()
        rights = Rights(Authority.MANAGER if by is None else Authority.REP)
        actor = Actor(self.office.sources.random(16), rights, scopes.COMPANY, by)
        handed = [Submission(at, encode(one), Bounds(now, now, now), one) for at, one in enumerate(made, 1)]
        async with self.office.store.write() as tx:
            applied = await apply(tx, actor, handed, Batch(now, self.office.sources.random))
        assert {one.code for one in applied.outcomes} <= {"applied", "merged", "overrode"}, applied.outcomes

    async def task(self, person: UUID, title: str, outlet: UUID | None = None, **fields: Any) -> UUID:
        """A task of a person."""
        return await self.write("task", scope=scopes.staff(person), title=title, outlet=outlet, **fields)

    async def pool(self, territory: UUID, name: str = "公海") -> UUID:
        """A pool for a territory that had none."""
        async with self.office.store.write() as tx:
            pool = await territories.add_pool(tx, name, self.office.sources)
            mine = people.territories.c.id == territory.bytes
            await tx.execute(update(people.territories).where(mine).values(pool=pool.id.bytes))
        return pool.id

    async def manager(self, name: str = "刘经理") -> UUID:
        """A manager."""
        async with self.office.store.write() as tx:
            return (await staff.add(tx, name, staff.Role.MANAGER, self.office.sources)).id

    async def place_of(self, outlet: UUID) -> str:
        """The scope in which an outlet stands."""
        table = TYPED["outlet"]
        wanted = select(scopes_table.c.name).join(table, table.c.scope == scopes_table.c.no)
        async with self.office.store.read() as tx:
            return str((await tx.execute(wanted.where(table.c.id == outlet))).scalar_one())

    async def tasks_of(self, person: UUID) -> dict[str, list[Any]]:
        """A person's tasks, by kind."""
        table = TYPED["task"]
        wanted = select(table).join(scopes_table, table.c.scope == scopes_table.c.no)
        found: dict[str, list[Any]] = {}
        async with self.office.store.read() as tx:
            rows = await tx.execute(wanted.where(scopes_table.c.name == scopes.staff(person)).order_by(table.c.title))
            for row in rows:
                found.setdefault(row.kind, []).append(row)
        return found


async def territory_of(office: Office, name: str, person: UUID) -> UUID:
    """A territory in which somebody works."""
    async with office.store.write() as tx:
        made = await territories.add_territory(tx, name, None, office.sources)
        await territories.assign(tx, made.id, person, office.sources)
    return made.id
