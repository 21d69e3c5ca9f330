"""A small company in a store, and short ways to hand in operations: the builder of the server's tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from server.master import meta
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.feed import read_heads, read_slice
from server.master.scoping import open_scope
from server.master.store import Store
from server.master.write import Applied, apply
from sync import scopes
from sync.clock import Bounds, Moment, Stamp
from sync.codec import encode, unpack
from sync.ids import new_id
from sync.operations import Act, Operation, changes_of
from sync.outcomes import Outcome
from sync.records import Record

EPOCH = b"epoch-01"


@dataclass
class Desk:
    """One company with two territories, a pool and two reps; time stands still until `tick` moves it."""

    store: Store
    random: Random = field(default_factory=lambda: Random(20261101))
    now: int = 1_800_000_000_000
    stamps: dict[bytes, Stamp] = field(default_factory=dict)
    numbers: dict[bytes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.company, self.east, self.west, self.pool = (self.id() for _ in range(4))
        self.wang, self.li = self.id(), self.id()

    def id(self) -> UUID:
        """A fresh id."""
        return new_id(self.now, self.random.randbytes(10))

    async def open(self) -> Desk:
        """Set the company up in the store."""
        async with self.store.write() as tx:
            await meta.found(tx, "测试公司", self.company, EPOCH)
            for name in (
                scopes.territory(self.east),
                scopes.private_of(scopes.territory(self.east)),
                scopes.territory(self.west),
                scopes.private_of(scopes.territory(self.west)),
                scopes.pool(self.pool),
                scopes.staff(self.wang),
                scopes.staff(self.li),
            ):
                await open_scope(tx, name)
        return self

    def rep(self, staff: UUID, *territories: UUID, private: bool = True, origin: bytes | None = None) -> Actor:
        """A rep's phone with these territories."""
        names = [scopes.territory(one) for one in territories]
        names += [scopes.private_of(one) for one in names] if private else []
        rights = Rights(Authority.REP, frozenset({*names, scopes.staff(staff)}))
        return Actor(origin or staff.bytes, rights, scopes.staff(staff), staff, UUID(int=staff.int ^ 1))

    def manager(self) -> Actor:
        """A manager at a desk: every scope, and the last word."""
        return Actor(self.company.bytes, Rights(Authority.MANAGER), scopes.COMPANY, self.company)

    def rule(self) -> Actor:
        """An act of the server, in the manager's name."""
        return Actor(self.company.bytes, Rights(Authority.SERVER), scopes.COMPANY, self.company)

    def deciding(self, staff: UUID, *territories: UUID) -> Actor:
        """The phone of a manager or dealer with these territories."""
        return msgspec.structs.replace(self.rep(staff, *territories), rights=Rights(Authority.MANAGER))

    def operation(
        self, act: Act, collection: str, record: UUID, *, base: int = 0, scope: str | None = None, **fields: Any
    ) -> Operation:
        """An operation of now."""
        moment = Moment("boot", self.now, self.now)
        return Operation(self.id(), act, collection, record, base, moment, scope, changes_of(**fields))

    def submission(self, actor: Actor, operation: Operation | bytes, at: int | None = None) -> Submission:
        """The next operation of the actor's origin, which happened at `at` (now if not given)."""
        number = self.numbers[actor.origin] = self.numbers.get(actor.origin, 0) + 1
        bounds = Bounds(at or self.now, at or self.now, at or self.now)
        if isinstance(operation, bytes):
            return Submission(number, operation, bounds, None, "undecodable")
        return Submission(number, encode(operation), bounds, operation)

    async def submit(self, actor: Actor, *operations: Operation | bytes, at: int | None = None) -> list[Outcome]:
        """Hand operations in as one batch of one transaction."""
        return list((await self.apply(actor, *operations, at=at)).outcomes)

    async def apply(self, actor: Actor, *operations: Operation | bytes, at: int | None = None) -> Applied:
        """Hand operations in as one batch and say all that came of it."""
        handed = [self.submission(actor, one, at) for one in operations]
        batch = Batch(self.now, self.random.randbytes, self.stamps.get(actor.origin, Stamp(0)))
        async with self.store.write() as tx:
            applied = await apply(tx, actor, handed, batch)
        self.stamps[actor.origin] = applied.last
        return applied

    async def register(self, actor: Actor, territory: UUID, name: str = "老张烟酒", **fields: Any) -> UUID:
        """Register an outlet and say its id."""
        record = self.id()
        operation = self.operation(Act.CREATE, "outlet", record, scope=scopes.territory(territory), name=name, **fields)
        outcomes = await self.submit(actor, operation)
        assert outcomes[0].code == "applied", outcomes
        return record

    async def edit(self, actor: Actor, collection: str, record: UUID, base: int, **fields: Any) -> Outcome:
        """Edit a record that the actor saw at revision `base`."""
        return (await self.submit(actor, self.operation(Act.EDIT, collection, record, base=base, **fields)))[0]

    async def records(self, scope: str) -> dict[UUID, Record]:
        """All records in a scope, as a device would read them."""
        async with self.store.read() as tx:
            head = (await read_heads(tx, [scope]))[scope]
            got = await read_slice(tx, head, 0, 1 << 30)
        found = [unpack(row.packed) for row in got.rows]
        return {one.id: one for one in found}

    async def get(self, scope: str, record: UUID) -> Any:
        """One record of a scope."""
        return (await self.records(scope))[record]


def plain_fields(record: Record) -> dict[str, Any]:
    """A record's fields by name."""
    return msgspec.structs.asdict(record)
