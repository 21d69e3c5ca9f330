"""A company with staff, territories and active devices, and what exchanges are carried out with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from server.departure.departures_file import DeparturesFile
from server.departure.means import Means as DepartureMeans
from server.departure.recovery import reconcile
from server.exchange.means import Means
from server.identity import devices, staff, territories
from server.identity.devices import Device
from server.identity.keys import create_keys
from server.identity.locks import FileLocks
from server.identity.terms import LeaseSetting
from server.live.announce import Announcer
from server.master.store import Store
from server.ports import Sources
from sync.messages import Standing
from sync.scopes import pool, private_of, territory
from tests.server.desk import Desk
from tests.server.exchange.phone import Phone

HOUR = 3_600_000


@dataclass
class Company:
    """A company in a store: two territories with a pool, two reps, a manager; `desk` writes as a manager would."""

    desk: Desk
    means: Means
    east: UUID
    west: UUID
    wang: UUID
    li: UUID
    boss: UUID
    pool: UUID
    phones: int = 0
    extra: dict[str, UUID] = field(default_factory=dict)

    @property
    def east_scope(self) -> str:
        """The scope of the eastern territory."""
        return territory(self.east)

    @property
    def west_scope(self) -> str:
        """The scope of the western territory."""
        return territory(self.west)

    @property
    def pool_scope(self) -> str:
        """The scope of the pool's full records."""
        return pool(self.pool)

    @property
    def east_private(self) -> str:
        """The private scope of the eastern territory."""
        return private_of(self.east_scope)

    async def phone(self, person: UUID) -> Phone:
        """An active phone of a person."""
        self.phones += 1
        desk = self.desk
        device = Device(
            desk.id(), person, desk.id(), b"a key of tests", "test", Standing.ACTIVE, desk.now,
            confirmed_at=desk.now, lease_share=desk.random.randbytes(32),
        )  # fmt: skip
        async with desk.store.write() as tx:
            await devices.add(tx, device, self.means.departure.sources)
        return Phone(self.means, device.id, self.phones)


@pytest.fixture
async def company(store: Store, tmp_path: Path) -> Company:
    """The company of `founded`."""
    return await founded(store, tmp_path)


async def founded(store: Store, tmp_path: Path, seed: int = 20261101) -> Company:
    """A company; wang is in the east with private parts, li in the west without, the manager in the east."""
    desk = await Desk(store, Random(seed)).open()
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    keys = create_keys(tmp_path / "keys", desk.random.randbytes)
    file = DeparturesFile(tmp_path / "departures.log", keys)
    departure = DepartureMeans(store, FileLocks(tmp_path / "locks"), keys, file, Announcer(), sources)
    async with store.write() as tx:
        sea = await territories.add_pool(tx, "公海", sources)
        east, west = [await territories.add_territory(tx, name, sea.id, sources) for name in ("东区", "西区")]
        wang, li = [await staff.add(tx, name, staff.Role.REP, sources) for name in ("王", "李")]
        boss = await staff.add(tx, "经理", staff.Role.MANAGER, sources)
        await territories.assign(tx, east.id, wang.id, sources, private=True)
        await territories.assign(tx, west.id, li.id, sources, private=False)
        await territories.assign(tx, east.id, boss.id, sources, private=True)

    async def recover() -> None:
        await reconcile(store, file, keys, sources, is_lost=True)

    means = Means(departure, recover, LeaseSetting(24 * HOUR, 168 * HOUR))
    return Company(desk, means, east.id, west.id, wang.id, li.id, boss.id, sea.id)
