"""Merges, undos, moves and offline work in any order: nothing is lost, aliases stand where their survivors stand, and
store and journal hold against themselves. Seeded.
"""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from server.field.merging import merge, undo
from server.master.audit import audit
from server.master.standing import survivors
from server.master.store import Store, Tx
from server.master.tables import dead_letters, records
from server.master.verify import verify
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import Outcome
from tests.server.desk import Desk

_STEPS = 40


class _Town:
    """Outlets in two territories and a pool, two phones, and a manager with a loose hand."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.rng = desk, random.Random(seed)
        self.sources = Sources(lambda: desk.now, desk.random.randbytes)
        self.places = [scopes.territory(desk.east), scopes.territory(desk.west), scopes.pool(desk.pool)]
        self.phones = [desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east, desk.west)]
        self.outlets: list[UUID] = []
        self.made: set[UUID] = set()
        self.refused = 0

    async def open(self) -> None:
        for number in range(8):
            phone, territory = self.rng.choice([(self.phones[0], self.desk.east), (self.phones[1], self.desk.west)])
            self.outlets.append(await self.desk.register(phone, territory, f"店{number}"))

    async def step(self) -> None:
        """One thing that somebody does; what is refused is refused whole."""
        self.desk.now += self.rng.randrange(60_000)
        await self.rng.choice([self._merge, self._undo, self._move, self._edit, self._edit, self._visit, self._visit])()

    async def _merge(self) -> None:
        gone, into = self.rng.sample(self.outlets, 2)
        await self._act(
            lambda tx: merge(tx, self.sources, gone, into, reason="同", taken=self.rng.choice([(), ("phone",)]))
        )

    async def _undo(self) -> None:
        gone = self.rng.choice(self.outlets)
        await self._act(lambda tx: undo(tx, self.sources, gone, reason="不同"))

    async def _act(self, act: Any) -> None:
        async def work(tx: Tx) -> None:
            await act(tx)

        try:
            await self.desk.store.transact(work)
        except Refusal as refusal:
            if refusal.code not in {"bad_value", "not_found"}:
                raise

    async def _move(self) -> None:
        outlet, to = self.rng.choice(self.outlets), self.rng.choice(self.places)
        self._count(
            await self.desk.submit(self.desk.manager(), self.desk.operation(Act.MOVE, "outlet", outlet, scope=to))
        )

    async def _edit(self) -> None:
        fields = {self.rng.choice(["phone", "address", "notes"]): f"{self.rng.randrange(1000)}"}
        said = self.desk.operation(
            Act.EDIT, "outlet", self.rng.choice(self.outlets), base=self.rng.randrange(9), **fields
        )
        late = self.desk.now - self.rng.randrange(3_600_000)
        self._count(await self.desk.submit(self.rng.choice(self.phones), said, at=late))

    async def _visit(self) -> None:
        visit = self.desk.id()
        said = self.desk.operation(Act.CREATE, "visit", visit, outlet=self.rng.choice(self.outlets))
        (outcome,) = await self.desk.submit(self.rng.choice(self.phones), said)
        self._count([outcome])
        self.made |= {visit} if outcome.code != "refused" else set()

    def _count(self, outcomes: list[Outcome]) -> None:
        self.refused += sum(one.code == "refused" for one in outcomes)

    async def check(self) -> None:
        """Everything that was taken in stands, where it belongs."""
        async with self.desk.store.read() as tx:
            rows = (await tx.execute(select(records).where(records.c.gone.is_(False)))).all()
            stands = {UUID(bytes=bytes(row.record)): row for row in rows}
            assert {*self.outlets, *self.made} <= stands.keys()
            for one, end in (await survivors(tx)).items():
                assert stands[one].scope == stands[end].scope
                assert end not in await survivors(tx)
            for visit in self.made:
                assert stands[visit].scope == stands[UUID(bytes=bytes(stands[visit].outlet))].scope
            counted = select(func.count()).select_from(dead_letters)
            assert (await tx.execute(counted)).scalar_one() == self.refused
            assert await audit(tx) == []
            assert (await verify(tx, [])).is_sound


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_happens_nothing_is_lost_and_all_stands_together(store: Store, seed: int) -> None:
    """At the end, and half way."""
    town = _Town(await Desk(store).open(), seed)
    await town.open()
    for number in range(_STEPS):
        await town.step()
        if number % 20 == 19:
            await town.check()
