"""The departures file where several machines share a database: each has one of its own, and each of them notices a
database that was restored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from server.departure.cutoff import offboard
from server.departure.departures_file import Departure, DeparturesFile, Entry, EpochBegan
from server.departure.recovery import Recovery, keep_together, reconcile
from server.identity import staff
from server.identity.staff import PersonStatus
from server.master.meta import read_identity
from tests.server.departure.backup import copied, put_back
from tests.server.departure.office import Office


class Machine(DeparturesFile):
    """The file of one machine, which counts how often it is read whole."""

    def __init__(self, office: Office, folder: Path) -> None:
        folder.mkdir()
        super().__init__(folder / "departures.log", office.keys)
        self.office = office
        self.times_read = 0

    def read(self) -> tuple[Entry, ...]:
        """Read it."""
        self.times_read += 1
        return super().read()

    async def starts(self) -> Recovery:
        """What a server does when it starts here."""
        return await reconcile(self.office.store, self, self.office.keys, self.office.sources)

    async def looks(self) -> Recovery:
        """What it does again and again while it runs."""
        return await keep_together(self.office.store, self, self.office.keys, self.office.sources)

    def has(self) -> set[str]:
        """The epochs and departures in it."""
        return {one.epoch if isinstance(one, EpochBegan) else str(one.staff) for one in super().read()}


def machines(office: Office, folder: Path, count: int = 2) -> Sequence[Machine]:
    """So many machines over one database."""
    return [Machine(office, folder / f"machine-{number}") for number in range(count)]


async def epoch_of(office: Office) -> str:
    """The epoch that the store is in."""
    async with office.store.read() as tx:
        return (await read_identity(tx)).epoch.hex()


async def has_left(office: Office) -> bool:
    """Whether the database knows that Wang has left."""
    async with office.store.read() as tx:
        found = await staff.find(tx, office.wang)
    return found is not None and found.status is PersonStatus.DEPARTED


async def test_a_departure_on_one_machine_is_soon_in_the_file_of_every_other(office: Office, tmp_path: Path) -> None:
    """The line that was written where the departure was carried out is written by the others as they look."""
    others = machines(office, tmp_path)
    for each in others:
        assert await each.starts() == Recovery(written=1)
    await offboard(office.means, office.wang, "left")
    for each in others:
        assert await each.looks() == Recovery(written=1)
        assert await each.looks() == Recovery()
        assert str(office.wang) in each.has()


async def test_an_epoch_that_began_on_another_machine_is_no_lost_history(office: Office, tmp_path: Path) -> None:
    """It is known to the database, so the others write it down, running or starting, and begin none."""
    first, second, third = machines(office, tmp_path, 3)
    for each in (first, second, third):
        await each.starts()
    began = await reconcile(office.store, first, office.keys, office.sources, is_lost=True)
    assert began.epoch is not None
    assert await second.looks() == Recovery(written=1)
    assert await third.starts() == Recovery(written=1)
    assert first.has() == second.has() == third.has()
    assert await epoch_of(office) == began.epoch.hex()


async def test_every_machine_notices_a_database_that_was_restored(office: Office, tmp_path: Path) -> None:
    """Also one that had no part in the departure, while it runs; it begins one epoch, in which the others join."""
    first, second, late = machines(office, tmp_path, 3)
    await first.starts()
    await second.starts()
    await copied(office.store)
    await offboard(office.means, office.wang, "left")
    await second.looks()
    await put_back(office.store)
    assert not await has_left(office)
    found = await second.looks()
    assert found.applied_again == 1
    assert found.epoch is not None
    assert await has_left(office)
    for each in (first, late, second):
        assert (await each.starts()).epoch is None
        assert await each.looks() == Recovery()
    assert first.has() == second.has() == late.has()
    assert await epoch_of(office) == found.epoch.hex()


async def test_machines_that_notice_it_at_once_begin_one_epoch(office: Office, tmp_path: Path) -> None:
    """Three start at the same moment after a restore: one of them begins the epoch, for all."""
    three = machines(office, tmp_path, 3)
    await three[0].starts()
    await copied(office.store)
    await offboard(office.means, office.wang, "left")
    for each in three:
        await each.looks()
    await put_back(office.store)
    found = await asyncio.gather(*(each.starts() for each in three))
    assert len([one for one in found if one.epoch is not None]) == 1
    assert sum(one.applied_again for one in found) == 1
    for each in three:
        await each.looks()
        assert await each.looks() == Recovery()
    assert three[0].has() == three[1].has() == three[2].has()


async def test_an_epoch_that_never_came_to_be_is_passed_over_by_all(office: Office, tmp_path: Path) -> None:
    """A machine stopped between an epoch's line and its commit: one more epoch begins, once, whoever looks."""
    first, second = machines(office, tmp_path)
    await first.starts()
    await second.starts()
    first.append([EpochBegan(office.company, "00" * 8, office.clock())])
    began = (await first.looks()).epoch
    assert began is not None
    for _ in range(2):
        for each in (second, first):
            assert (await each.starts()).epoch is None
    assert first.has() == second.has()


async def test_looking_reads_the_file_only_when_something_has_changed(office: Office, tmp_path: Path) -> None:
    """A machine may look every few seconds: while nothing changes it compares two numbers and reads no line."""
    (only,) = machines(office, tmp_path, 1)
    await only.starts()
    await only.looks()
    before = only.times_read
    for _ in range(3):
        await only.looks()
    assert only.times_read == before
    only.path.write_bytes(only.path.read_bytes()[:-20])
    await only.looks()
    assert only.times_read > before
    departures = [one for one in only.read() if isinstance(one, Departure)]
    assert departures == []
