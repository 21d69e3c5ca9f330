"""Two to five replicas converge over random operations, losses, repeats and answers that come too late."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from server.exchange.serve import Reply
from server.identity import territories
from server.master.audit import audit
from server.master.people import outboxes
from server.master.store import Store
from server.master.tables import dead_letters, operations
from sync.messages import SyncRequest
from sync.operations import Act
from sync.records import Outlet
from tests.server.exchange.conftest import Company, founded
from tests.server.exchange.phone import Phone


class World:
    """Some phones and a manager at work on two territories; every choice comes from one seed."""

    def __init__(self, company: Company, phones: list[Phone], random: Random) -> None:
        self.company, self.phones, self.random = company, phones, random
        self.shops: list[UUID] = []
        self.logged = 0
        self.late: list[tuple[Phone, SyncRequest, Reply]] = []

    async def step(self) -> None:
        """One thing that somebody does, or that the network does to somebody."""
        phone = self.random.choice(self.phones)
        await self.random.choice([self.work, self.work, self.work, self.sync, self.lose, self.delay, self.arrive,
                                  self.move])(phone)  # fmt: skip
        self.company.desk.now += self.random.randrange(1, 60_000)

    async def work(self, phone: Phone) -> None:
        """An operation into the phone's outbox; edits name whatever revision the phone has seen."""
        seen = {one.id: row for rows in phone.rows.values() for row in rows.values() if (one := _outlet(row.packed))}
        self.logged += 1
        if not seen or self.random.random() < 0.2:
            shop = phone.id()
            self.shops.append(shop)
            scope = self.random.choice([self.company.east_scope, self.company.west_scope])
            phone.log(Act.CREATE, "outlet", shop, scope=scope, name=f"店{len(self.shops)}")
            return
        shop, row = self.random.choice(sorted(seen.items()))
        if self.random.random() < 0.4:
            phone.log(Act.CREATE, "visit", phone.id(), outlet=shop, stock=[["S", self.random.randrange(9), 1, 0]])
            return
        field = self.random.choice(["phone", "address", "notes", "grade", "visit_days"])
        value = {"grade": "A", "visit_days": {"add": [self.random.choice(["mon", "tue"])]}}.get(field, f"{self.logged}")
        changes: dict[str, Any] = {field: value}
        phone.log(Act.EDIT, "outlet", shop, base=row.revision, **changes)

    async def sync(self, phone: Phone) -> None:
        """A whole sync in small pages."""
        await phone.sync(limit=self.random.choice([200, 1 << 18]))

    async def lose(self, phone: Phone) -> None:
        """A request arrives and its answer is lost."""
        await phone.ask()

    async def delay(self, phone: Phone) -> None:
        """An answer is on its way for long."""
        request = phone.request()
        self.late.append((phone, request, await phone.ask()))

    async def arrive(self, _: Phone) -> None:
        """An answer arrives, perhaps too late to apply, perhaps before an earlier one."""
        if self.late:
            phone, request, reply = self.late.pop(self.random.randrange(len(self.late)))
            phone.take_if_still_asked(request, reply)

    async def move(self, _: Phone) -> None:
        """A manager moves an outlet to a territory at random."""
        if self.shops:
            desk = self.company.desk
            scope = self.random.choice([self.company.east_scope, self.company.west_scope])
            move = desk.operation(Act.MOVE, "outlet", self.random.choice(self.shops), scope=scope)
            await desk.submit(desk.manager(), move)


def _outlet(packed: bytes) -> Outlet | None:
    from sync.codec import unpack  # noqa: PLC0415

    record = unpack(packed)
    return record if isinstance(record, Outlet) else None


async def _run(template: Path, seed: int, count: int, steps: int) -> None:
    random = Random(seed)
    with TemporaryDirectory() as folder:
        shutil.copy(template, f"{folder}/master.db")
        store = Store(f"sqlite+aiosqlite:///{folder}/master.db")
        try:
            company = await founded(store, Path(folder), seed)
            people = [company.wang, company.li, company.boss]
            async with store.write() as tx:
                await territories.assign(tx, company.east, company.li, company.means.departure.sources)
            phones = [await company.phone(people[at % 3]) for at in range(count)]
            world = World(company, phones, random)
            for _ in range(steps):
                await world.step()
            await _check(world)
        finally:
            await store.close()


async def _check(world: World) -> None:
    """At rest each replica equals the master restricted to its scopes, and every operation took effect once."""
    for phone in (*world.phones, *world.phones):
        assert phone.agrees(await phone.sync())
    by_scope: dict[str, object] = {}
    for phone in world.phones:
        for scope in phone.cursors:
            ours = phone.records(scope)
            assert by_scope.setdefault(scope, ours) == ours
    async with world.company.desk.store.read() as tx:
        assert await audit(tx) == []
        theirs = operations.c.origin.in_(select(outboxes.c.id))
        kept = (await tx.execute(select(func.count()).select_from(operations).where(theirs))).scalar_one()
        refused = (await tx.execute(select(func.count()).select_from(dead_letters))).scalar_one()
    assert kept == world.logged
    assert refused <= kept


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1 << 32), count=st.integers(2, 5), steps=st.integers(5, 40))
def test_replicas_converge_whatever_the_network_does(sqlite_template: Path, seed: int, count: int, steps: int) -> None:
    """After losses, repeats and reorderings all replicas equal the master and every operation counts once."""
    asyncio.run(_run(sqlite_template, seed, count, steps))
