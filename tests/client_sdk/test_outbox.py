"""The outbox: durable before the call returns, numbered once, forked when it must be, opened by the company alone."""

from __future__ import annotations

import shutil
import sqlite3

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from client_sdk.errors import StorageFull
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import World
from sync.codec import decode
from sync.operations import START_HASH, Operation, chain
from sync.records import Outlet, Visit


def notes(world: World) -> list[str]:
    """The notes of all visits in the master store, sorted."""
    return sorted(one.notes for one in world.in_master(Visit))


def restored_copy(world: World) -> tuple[Replica, Outlet]:
    """Copy the directory at operation 10, go on to 20, put the copy back."""
    outlet = world.outlet()
    with world.phone() as replica:
        for number in range(10):
            replica.visits.log(outlet.id, notes=f"{number:02d}")
            if number == 5:
                replica.sync()
    shutil.copytree(world.directory / "phone", world.directory / "backup")
    with world.opened() as replica:
        for number in range(10, 20):
            replica.visits.log(outlet.id, notes=f"{number:02d}")
        replica.sync()
    shutil.rmtree(world.directory / "phone")
    shutil.move(world.directory / "backup", world.directory / "phone")
    return world.opened(), outlet


def test_the_running_hash_and_the_numbers_have_no_gaps(world: World) -> None:
    """Numbers count from one, and the hash told is the chain over the bodies."""
    outlet = world.outlet()
    replica = world.phone()
    for number in range(3):
        replica.visits.log(outlet.id, notes=str(number))
    told = replica._device.outbox.told()
    assert told is not None
    bodies = replica._device.outbox.to_send(told, 10, 1_000_000)
    reached = START_HASH
    for body in bodies:
        reached = chain(reached, body)
    assert (told.acknowledged, told.last, told.last_hash) == (0, 3, reached)


def test_counters_stand_by_themselves(world: World) -> None:
    """When everything is acknowledged and pruned the next number is still the next."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="first")
    replica.sync()
    for _ in range(20):
        world.time.now += DAY // 2
        replica.sync()
    outbox = replica._device.outbox
    assert outbox.file.run("SELECT * FROM item") == []
    replica.visits.log(outlet.id, notes="second")
    told = outbox.told()
    assert told is not None
    assert (told.acknowledged, told.last) == (1, 2)
    replica.sync()
    assert notes(world) == ["first", "second"]


def test_acknowledged_work_is_kept_sealed_while_a_restored_server_may_need_it(world: World) -> None:
    """It is dropped when a lease and the time until it erases have passed."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="kept")
    replica.sync()
    world.time.now += 2 * DAY
    replica.sync()
    assert len(replica._device.outbox.file.run("SELECT * FROM item")) == 1


def test_a_restored_copy_loses_no_work_and_doubles_none(world: World) -> None:
    """Five visits logged on the copy: all five arrive, and so did all that were logged before and meanwhile."""
    replica, outlet = restored_copy(world)
    for number in range(5):
        replica.visits.log(outlet.id, notes=f"copy {number}")
    assert replica.sync().ended == "done"
    assert notes(world) == [f"{number:02d}" for number in range(20)] + [f"copy {number}" for number in range(5)]
    assert replica.status().pending == 0


def test_a_restored_copy_without_new_work_is_a_fork_too(world: World) -> None:
    """It told of less than the server knows: nothing is acknowledged by mistake."""
    replica, outlet = restored_copy(world)
    assert replica.sync().ended == "done"
    replica.visits.log(outlet.id, notes="after")
    assert replica.sync().ended == "done"
    assert notes(world) == [*(f"{number:02d}" for number in range(20)), "after"]


def test_a_copy_that_went_on_further_than_the_original_is_a_fork(world: World) -> None:
    """Twelve visits on the copy carry it past the number that the server has: the hash tells them apart."""
    replica, outlet = restored_copy(world)
    for number in range(12):
        replica.visits.log(outlet.id, notes=f"copy {number:02d}")
    assert replica.sync().ended == "done"
    assert notes(world) == [f"{number:02d}" for number in range(20)] + [f"copy {number:02d}" for number in range(12)]


def test_a_fork_takes_a_new_random_id_and_the_same_operations(world: World) -> None:
    """Operation ids and bodies stay; outbox id, numbers and seals are new."""
    replica, outlet = restored_copy(world)
    replica.visits.log(outlet.id, notes="copy")
    before = replica._device.outbox.told()
    assert before is not None
    bodies = [item.body for item in replica._device.outbox.pending()]
    replica.sync()
    after = replica._device.outbox.told()
    assert after is not None
    assert before.id != after.id
    assert (after.acknowledged, after.last) == (len(bodies), len(bodies))
    sent = [one for one in world.server.asked if one.outbox is not None and one.outbox.id == after.id]
    assert list(sent[0].operations) == bodies


def test_two_processes_add_to_one_outbox(world: World) -> None:
    """Numbers stay without gaps, and each process shows the other's work."""
    outlet = world.outlet()
    first, second = world.phone(), world.opened()
    for number in range(3):
        first.visits.log(outlet.id, notes=f"first {number}")
        second.visits.log(outlet.id, notes=f"second {number}")
    assert len(first.visits.of(outlet.id)) == len(second.visits.of(outlet.id)) == 6
    assert second.sync().sent == 6
    assert first.sync().ended == "done"
    assert len(notes(world)) == 6


def test_rows_are_sealed_one_by_one_and_the_company_opens_them(world: World) -> None:
    """The header is clear, the body is not; the company's key opens the outbox key, and that the rows."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="a secret word")
    path = replica._device.places.outbox
    assert b"a secret word" not in path.read_bytes() + path.with_name("outbox.db-wal").read_bytes()
    file = sqlite3.connect(path)
    (box, sealed), (number, reached, size, body) = (
        file.execute("SELECT id, sealed FROM box").fetchone(),
        file.execute("SELECT number, hash, size, body FROM item").fetchone(),
    )
    file.close()
    key = world.company.unsealed(sealed)
    plain = AESGCM(key).decrypt(body[:12], body[12:], box + number.to_bytes(8, "big"))
    assert (number, size, reached) == (1, len(plain), chain(START_HASH, plain))
    assert decode(plain, Operation).collection == "visit"


def test_a_week_of_work_goes_in_bounded_requests(world: World) -> None:
    """No request carries more than it may; all of it arrives in one sync."""
    outlet = world.outlet()
    replica = world.phone()
    for number in range(30):
        replica.visits.log(outlet.id, notes=f"{number:02d}" + "x" * 3900)
    told = replica._device.outbox.told()
    assert told is not None
    bodies = replica._device.outbox.to_send(told, 500, 20_000)
    assert sum(map(len, bodies)) <= 20_000
    assert len(replica._device.outbox.to_send(told, 7, 1_000_000)) == 7
    assert len(replica._device.outbox.to_send(told, 7, 1)) == 1
    assert replica.sync().sent == 30


@pytest.mark.parametrize("kept", [True, False])
def test_a_restored_server_gets_again_what_is_kept(world: World, *, kept: bool) -> None:
    """With a gap in what is kept the phone begins a new outbox id instead of numbering over the gap."""
    outlet = world.outlet()
    replica = world.phone()
    backup = world.company.copied()
    for number in range(3):
        replica.visits.log(outlet.id, notes=str(number))
        replica.sync()
    if not kept:
        replica._device.outbox.file.run("DELETE FROM item WHERE number=1")
    world.restore(backup)
    assert replica.sync().ended == "done"
    assert notes(world) == (["0", "1", "2"] if kept else ["1", "2"])


def log_many(replica: Replica, outlet: Outlet) -> None:
    """More than the storage of the test holds."""
    for _ in range(100):
        replica.visits.log(outlet.id, notes="x" * 4000)


def test_nothing_is_stored_when_the_storage_is_full(world: World) -> None:
    """The call says so, and the outbox is as it was."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="before")
    file = replica._device.outbox.file
    (pages,) = file.one("PRAGMA page_count")
    file.run(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StorageFull):
        log_many(replica, outlet)
    file.run("PRAGMA max_page_count=1000000")
    count = replica.status().pending
    assert len(replica.visits.of(outlet.id, size=500)) == count
    assert replica.sync().sent == count


def test_an_operation_is_the_same_bytes_wherever_it_is_read(world: World) -> None:
    """What was sealed is what is sent."""
    outlet = world.outlet()
    replica = world.phone()
    visit = replica.visits.log(outlet.id, notes="same")
    replica.sync()
    (body,) = world.server.asked[-1].operations
    operation = decode(body, Operation)
    assert operation.record == visit.id
    assert msgspec.msgpack.decode(bytes(operation.changes))["notes"] == "same"
