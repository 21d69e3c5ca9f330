"""Outboxes over random histories: backups put back, clones, lost answers, parts of batches, unreadable work."""

from __future__ import annotations

import asyncio
import shutil
from copy import copy
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.exchange.serve import Reply, serve
from server.identity import devices
from server.master.audit import audit
from server.master.store import Store
from server.master.tables import dead_letters, operations
from sync.codec import DecodeError, decode
from sync.messages import Standing
from sync.operations import Act, Operation
from sync.records import Outlet
from tests.server.exchange.conftest import Company, founded
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import outlets


@dataclass
class Live:
    """One of the copies, and all work that was ever done on it."""

    phone: Phone
    logged: set[bytes]

    def copied(self, random: Random) -> Live:
        """A copy of the whole directory, which goes on with randomness of its own."""
        other = copy(self.phone)
        other.random = Random(random.randrange(1 << 32))
        other.bodies, other.cursors = list(self.phone.bodies), dict(self.phone.cursors)
        other.rows = {scope: dict(rows) for scope, rows in self.phone.rows.items()}
        return Live(other, set(self.logged))

    def log(self, body: bytes | None, shop: UUID) -> None:
        """Put a visit into the outbox, or these bytes."""
        if body is None:
            self.phone.log(Act.CREATE, "visit", self.phone.id(), outlet=shop, stock=[["S", None, 1, 0]])
        else:
            self.phone.bodies.append(body)
        self.logged.add(self.phone.bodies[-1])


class History:
    """A phone with a backup, and clones of it; all of them are one device. Every choice comes from one seed."""

    def __init__(self, company: Company, phone: Phone, shop: UUID, random: Random) -> None:
        self.company, self.shop, self.random = company, shop, random
        self.live = [Live(phone, set())]
        self.backup = self.live[0].copied(random)

    async def step(self) -> None:
        """One thing that happens to one of them."""
        at = self.random.randrange(len(self.live))
        one = self.live[at]
        match self.random.choice(["log", "log", "log", "ask", "ask", "lose", "lose", "save", "restore", "clone"]):
            case "log":
                for _ in range(self.random.randrange(1, 4)):
                    unreadable = b"\xc1" + self.random.randbytes(8)
                    one.log(unreadable if self.random.random() < 0.1 else None, self.shop)
            case "ask":
                one.phone.take(await self.asked(one.phone))
            case "lose":
                await self.asked(one.phone)
            case "save":
                self.backup = one.copied(self.random)
            case "restore":
                self.live[at] = self.backup.copied(self.random)
            case _ if len(self.live) < 3:
                self.live.append(one.copied(self.random))
            case _:
                pass
        self.company.desk.now += self.random.choice([0, 1, 1000])

    async def asked(self, phone: Phone) -> Reply:
        """Send some of what is pending, perhaps nothing of it; a person looks at a suspension and lifts it."""
        request = phone.request()
        some = request.operations[: self.random.choice([0, 1, 2, 99, 99])]
        reply = await serve(self.company.means, phone.device, msgspec.structs.replace(request, operations=some))
        if reply.head.standing is Standing.SUSPENDED:
            async with self.company.desk.store.write() as tx:
                await devices.resume(tx, phone.device, self.company.means.departure.sources)
        return reply

    async def settle(self) -> None:
        """All of them hand in what is left."""
        for one in self.live:
            for _ in range(200):
                one.phone.take(await self.asked(one.phone))
                if one.phone.acknowledged == len(one.phone.bodies):
                    break
            assert one.phone.acknowledged == len(one.phone.bodies)


def _id(body: bytes) -> bytes | None:
    try:
        return decode(body, Operation).id.bytes
    except DecodeError:
        return None


async def _check(history: History) -> None:
    work = set().union(*(one.logged for one in history.live))
    async with history.company.desk.store.read() as tx:
        taken = {bytes(one) for one in (await tx.execute(select(operations.c.operation))).scalars()}
        kept = {bytes(one) for one in (await tx.execute(select(dead_letters.c.body))).scalars()}
        assert await audit(tx) == []
    assert {found for body in work if (found := _id(body))} <= taken
    assert {body for body in work if _id(body) is None} <= kept
    east = await history.company.desk.records(history.company.east_scope)
    shop = east.pop(history.shop)
    assert isinstance(shop, Outlet)
    assert sum(line.sold for line in shop.stock.values()) == len(east)
    for one, other in combinations((live.phone for live in history.live), 2):
        if one.outbox == other.outbox:
            short = min(len(one.bodies), len(other.bodies))
            assert one.bodies[:short] == other.bodies[:short]


async def _run(template: Path, seed: int, steps: int) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(template, f"{folder}/master.db")
        store = Store(f"sqlite+aiosqlite:///{folder}/master.db")
        try:
            company = await founded(store, Path(folder), seed)
            (shop,) = await outlets(company, company.east, 1)
            history = History(company, await company.phone(company.wang), shop, Random(seed))
            for _ in range(steps):
                await history.step()
            await history.settle()
            await _check(history)
        finally:
            await store.close()


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1 << 32), steps=st.integers(5, 40))
def test_no_work_is_lost_or_done_twice_and_no_two_copies_share_an_outbox(
    sqlite_template: Path, seed: int, steps: int
) -> None:
    """Whatever a live copy holds at the end has arrived, once; copies that went two ways have two outboxes."""
    asyncio.run(_run(sqlite_template, seed, steps))
