"""Start-up: a database that was restored from before a departure forgets nothing that the file knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from server.departure.cutoff import LineMissing, lose_device, offboard
from server.departure.departures_file import Departure, DeparturesFile, DeparturesFileError, EpochBegan
from server.departure.leaving.wanted import Goes, Wanted
from server.departure.orders import orders_for
from server.departure.plan import run_plans
from server.departure.recovery import Recovery, reconcile
from server.identity import devices, staff, territories
from server.identity.grants import grants_of
from server.master import inbox
from server.master.audit import audit
from server.master.departures import wipe_orders
from server.master.meta import read_identity
from server.master.people import rosters
from server.master.store import Store, Tx
from sync.messages import Standing
from sync.statements import ReceiptStage
from tests.server.departure.backup import copied, put_back
from tests.server.departure.ground import Ground
from tests.server.departure.office import EPOCH, Office

T = TypeVar("T")


async def start(office: Office, *, is_lost: bool = False) -> Recovery:
    """What a server does when it starts."""
    found = await reconcile(office.store, office.file, office.keys, office.sources, is_lost=is_lost)
    await run_plans(office.store, office.sources, office.announcer)
    return found


async def epoch_of(office: Office) -> bytes:
    """The epoch that the store is in."""
    async with office.store.read() as tx:
        return (await read_identity(tx)).epoch


def epochs_in(office: Office) -> list[str]:
    """The epochs in the file."""
    return [one.epoch for one in office.file.read() if isinstance(one, EpochBegan)]


async def test_the_first_start_writes_the_epoch(office: Office) -> None:
    """A file knows its company and epoch before anybody leaves; a second start adds nothing."""
    assert await start(office) == Recovery(written=1)
    assert office.file.read() == (EpochBegan(office.company, EPOCH.hex(), office.clock()),)
    assert await start(office) == Recovery()


async def test_a_plan_that_names_whom_yesterdays_database_never_knew_stops_no_start(office: Office) -> None:
    """The successor was hired and a territory added after the backup: the departure is applied all the same, and what
    nobody follows at is a matter for the manager.
    """
    ground = Ground(office)
    await ground.outlet(office.east, "甲")
    phone = await office.enrol(office.wang)
    await copied(office.store)
    async with office.store.write() as tx:
        heir = (await staff.add(tx, "新人", staff.Role.REP, office.sources)).id
        south = (await territories.add_territory(tx, "城南", None, office.sources)).id
        await territories.assign(tx, south, office.wang, office.sources)
    goes = ((office.west, Goes(territory=south)),)
    await offboard(office.means, office.wang, "left", wanted=Wanted(heir, territories=goes))
    await put_back(office.store)
    found = await start(office)
    assert (found.applied_again, (await office.device(phone)).standing) == (1, Standing.DEPARTED)
    assert await office.rows(rosters) == []
    async with office.store.read() as tx:
        assert office.east in {one.matter.about for one in await inbox.listed(tx, kind="outlets_without_owner")}
    assert await start(office) == Recovery()


async def test_yesterdays_database_applies_the_departure_again(office: Office) -> None:
    """After a restore the leaver is still gone: the same order stands, no share is left, the successor has the
    territories, and a new epoch begins.
    """
    phone = await office.enrol(office.wang)
    await start(office)
    await copied(office.store)
    departure = await offboard(office.means, office.wang, "left", office.li)
    orders = await office.orders(phone)
    await put_back(office.store)
    assert (await office.device(phone)).standing is Standing.ACTIVE
    recovery = await start(office)
    assert (recovery.applied_again, recovery.written) == (1, 0)
    device = await office.device(phone)
    assert (device.standing, device.lease_share) == (Standing.DEPARTED, None)
    assert await office.orders(phone) == orders
    assert {row["staff"] for row in await office.rows(rosters)} == {office.li.bytes}
    async with office.store.read() as tx:
        assert (await grants_of(tx, office.wang, office.clock())).scopes == ()
        assert await audit(tx) == []
    assert recovery.epoch == await epoch_of(office) != EPOCH
    assert epochs_in(office) == [EPOCH.hex(), (await epoch_of(office)).hex()]
    assert [one for one in office.file.read() if isinstance(one, Departure)] == [departure]
    assert await start(office) == Recovery()


async def test_a_place_that_was_lost_after_the_backup_is_not_the_leavers_again(office: Office) -> None:
    """Whoever was taken off a roster before leaving stands on it in yesterday's database, and in no plan."""
    await office.enrol(office.wang)
    await copied(office.store)
    async with office.store.write() as tx:
        await territories.unassign(tx, office.west, office.wang, office.sources)
    await offboard(office.means, office.wang, "left", office.li)
    await put_back(office.store)
    assert (await start(office)).applied_again == 1
    assert office.wang.bytes not in {row["staff"] for row in await office.rows(rosters)}
    assert await start(office) == Recovery()


async def test_a_phone_that_yesterdays_database_never_knew_still_hears_its_order(office: Office) -> None:
    """A phone that was enrolled and cut off after the backup is known again, and its receipts are believed."""
    await start(office)
    await copied(office.store)
    async with office.store.write() as tx:
        late = await staff.add(tx, "新来的", staff.Role.REP, office.sources)
    phone = await office.enrol(late.id)
    departure = await offboard(office.means, late.id, "left")
    await put_back(office.store)
    await start(office)
    heard = await office.hear(phone, phone.request(receipts=(office.receipt(phone, departure, ReceiptStage.LOCKED),)))
    assert len(heard.orders) == 1
    assert heard.receipts == (departure.devices[0].order.bytes + b"locked",)
    async with office.store.read() as tx:
        person = await staff.find(tx, late.id)
    assert person is not None
    assert person.status is staff.PersonStatus.DEPARTED


async def test_a_lost_phone_stays_lost(office: Office) -> None:
    """The order for a single device survives a restore as well, and its person is untouched."""
    phone, other = await office.enrol(office.wang), await office.enrol(office.wang)
    await copied(office.store)
    await lose_device(office.means, phone.id)
    await put_back(office.store)
    assert (await start(office)).applied_again == 1
    assert (await office.device(phone)).standing is Standing.DEPARTED
    assert (await office.device(other)).standing is Standing.ACTIVE


async def test_a_phone_lost_and_its_person_gone_in_one_millisecond_are_not_taken_for_lost_history(
    office: Office,
) -> None:
    """Two departures of one moment are told apart: nothing is applied again."""
    phone = await office.enrol(office.wang)
    await start(office)
    await lose_device(office.means, phone.id)
    await offboard(office.means, office.wang, "left")
    assert await start(office) == Recovery()


async def test_a_database_of_an_earlier_epoch_begins_a_new_one(office: Office) -> None:
    """Restoring from before an epoch never brings that epoch's name back."""
    await start(office)
    await copied(office.store)
    second = (await start(office, is_lost=True)).epoch
    await put_back(office.store)
    third = (await start(office)).epoch
    assert third == await epoch_of(office)
    assert len({EPOCH, second, third}) == 3


async def test_lost_history_that_a_device_proves_begins_an_epoch_though_nobody_left(office: Office) -> None:
    """Cursors from a future that the store does not know are reason enough."""
    await start(office)
    recovery = await start(office, is_lost=True)
    assert recovery.epoch == await epoch_of(office) != EPOCH


@dataclass
class StopsInstead:
    """A store on a machine that stops when it is to commit."""

    store: Store

    def read(self) -> Any:
        """Reading works."""
        return self.store.read()

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, is_repeatable: bool = False) -> T:
        """Committing does not."""
        assert is_repeatable
        async with self.store.write() as tx:
            await work(tx)
            raise ConnectionError


async def test_stopped_between_the_epochs_line_and_its_commit_the_next_start_begins_another(office: Office) -> None:
    """An epoch counts once it is in both places; one that is only in the file is never used."""
    phone = await office.enrol(office.wang)
    await start(office)
    await copied(office.store)
    await offboard(office.means, office.wang, "left")
    await put_back(office.store)
    with pytest.raises(ConnectionError):
        await reconcile(StopsInstead(office.store), office.file, office.keys, office.sources)  # type: ignore[arg-type]
    assert await epoch_of(office) == EPOCH
    recovery = await start(office)
    assert recovery.applied_again == 1
    assert (await office.device(phone)).standing is Standing.DEPARTED
    assert epochs_in(office)[-1] == (await epoch_of(office)).hex()
    assert len(epochs_in(office)) == 3


async def test_a_file_that_lost_its_end_gets_it_back_from_the_database(office: Office) -> None:
    """The two hold the same facts; whichever is behind is completed."""
    await office.enrol(office.wang)
    await start(office)
    departure = await offboard(office.means, office.wang, "left", office.li)
    lines = office.file.path.read_bytes().splitlines(keepends=True)
    office.file.path.write_bytes(lines[0])
    assert await start(office) == Recovery(written=1)
    assert office.file.read()[-1] == departure


async def test_another_companys_file_stops_the_start(office: Office) -> None:
    """A file from another deployment is no evidence for this one."""
    other = DeparturesFile(office.file.path, office.keys)
    other.append([EpochBegan(office.wang, "bb" * 8, 1)])
    with pytest.raises(DeparturesFileError, match="another company"):
        await start(office)


async def test_an_altered_file_stops_the_start(office: Office) -> None:
    """A server does not start on a file that somebody changed."""
    await office.enrol(office.wang)
    await start(office)
    await offboard(office.means, office.wang, "left")
    office.file.path.write_bytes(office.file.path.read_bytes().replace(b'"left"', b'"lost"'))
    with pytest.raises(DeparturesFileError, match="line 2"):
        await start(office)


async def test_orders_of_devices_are_signed_alike_after_a_restore(office: Office) -> None:
    """An order is a function of what the file says: a phone that has it already sees the same bytes."""
    phone = await office.enrol(office.wang)
    await copied(office.store)
    await offboard(office.means, office.wang, "left")
    before = await office.rows(wipe_orders)
    await put_back(office.store)
    await start(office)
    assert [row["signed"] for row in await office.rows(wipe_orders)] == [row["signed"] for row in before]
    async with office.store.read() as tx:
        found = await devices.find(tx, phone.id)
        assert found is not None
        assert len(await orders_for(tx, phone.id)) == 1


async def test_a_departure_whose_line_cannot_be_written_stands_and_is_told(office: Office) -> None:
    """Devices are cut off; whoever asked hears that the line is missing, and whatever looks next writes it."""
    phone = await office.enrol(office.wang)
    office.file.path.mkdir()
    with pytest.raises(LineMissing, match=r"departures\.log"):
        await offboard(office.means, office.wang, "resigned")
    assert (await office.device(phone)).standing is Standing.DEPARTED
    office.file.path.rmdir()
    assert (await reconcile(office.store, office.file, office.keys, office.sources)).written == 2
    assert [one.staff for one in office.file.read() if isinstance(one, Departure)] == [office.wang]
