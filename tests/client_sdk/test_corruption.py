"""Damaged files: what can be rebuilt is rebuilt from the master store, and no work is lost over it."""

from __future__ import annotations

import random
import shutil

import pytest

from client_sdk.errors import ReplicaCorrupt, ReplicaLocked
from client_sdk.local.meta import Name
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import World
from sync.records import Outlet, Visit


def spoilt(world: World, share: float, size: int = 4000) -> None:
    """So many bytes of the replica's file are changed, from this share of it on."""
    path = world.directory / "phone" / "replica.db"
    data = bytearray(path.read_bytes())
    start = int(len(data) * share)
    data[start : start + size] = random.Random(3).randbytes(len(data[start : start + size]))
    path.write_bytes(data)


def filled(world: World) -> Outlet:
    """A phone with an archive, closed, with two visits pending."""
    outlet = world.outlet()
    for number in range(100):
        world.outlet(f"店{number}号", notes="x" * 800)
    with world.phone() as replica:
        replica.visits.log(outlet.id, notes="pending 1")
        replica.visits.log(outlet.id, notes="pending 2")
    return outlet


def reads(replica: Replica) -> bool:
    """Whether everything can be read; what cannot is told as ReplicaCorrupt and as nothing else."""
    try:
        replica.outlets.search("店")
        replica.all(Outlet)
        replica.digests()
    except ReplicaCorrupt:
        return False
    return True


def works(world: World, replica: Replica) -> None:
    """Whatever the calls say at first, a sync or two later everything is there and the work has arrived."""
    replica.sync()
    assert replica.sync().ended == "done"
    assert len(replica.all(Outlet)) == 101
    assert sorted(one.notes for one in world.in_master(Visit)) == ["pending 1", "pending 2"]
    assert replica.status().pending == 0


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_damaged_replica_is_rebuilt_and_costs_no_work(world: World, share: float) -> None:
    """Wherever the damage is: it is told as ReplicaCorrupt or found while syncing, and then mended."""
    filled(world)
    spoilt(world, share)
    replica = world.opened()
    if not reads(replica):
        assert replica.status().why == "rebuilding"
        assert replica.status().pending == 2
    works(world, replica)


@pytest.mark.parametrize("damage", ["emptied", "removed", "another"])
def test_a_replica_that_is_gone_or_another_is_begun_again(world: World, damage: str) -> None:
    """No file, an empty one, another phone's: the outbox is kept, the rows come again."""
    outlet = filled(world)
    path = world.directory / "phone" / "replica.db"
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    if damage == "emptied":
        path.write_bytes(b"")
    elif damage == "removed":
        path.unlink()
    else:
        world.phone(name="other").close()
        shutil.copy(world.directory / "other" / "replica.db", path)
    replica = world.opened()
    assert replica.status().pending == 2
    works(world, replica)
    assert len(replica.visits.of(outlet.id)) == 2


def test_damage_that_a_running_phone_meets_is_told_once(world: World) -> None:
    """The call that meets it raises; the next is answered from the empty replica, and a sync fills it."""
    filled(world)
    replica = world.opened()
    assert replica.status().state == "open"
    spoilt(world, 0.2, size=1 << 30)
    with pytest.raises(ReplicaCorrupt):
        replica.digests()
    assert replica.all(Outlet) == []
    works(world, replica)


def test_pending_work_shows_again_on_a_rebuilt_replica(world: World) -> None:
    """The overlay is derived from the outbox: after the rows came it is there, still pending where it was refused."""
    outlet = filled(world)
    replica = world.opened()
    replica._device.rebuild()
    world.server.settings.page = 3000
    left = 3

    def tired(_request: object, reply: object) -> object:
        nonlocal left
        left -= 1
        if left <= 0:
            world.server.cut()
        return reply

    world.server.fault = tired  # type: ignore[assignment]
    replica.sync()
    world.server.fault = None
    world.server.mend()
    works(world, replica)
    assert len(replica.visits.of(outlet.id)) == 2


def test_a_damaged_key_file_is_told_and_nothing_is_guessed(world: World) -> None:
    """Without `keys.db` there is no state to go by: the call raises, and the other files stay as they are."""
    filled(world)
    path = world.directory / "phone" / "keys.db"
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(ReplicaCorrupt) as corrupt:
        world.opened()
    assert "keys.db" in str(corrupt.value)
    assert (world.directory / "phone" / "outbox.db").exists()


def test_a_key_store_that_did_not_come_along_is_told(world: World) -> None:
    """A directory copied without its key store opens nothing and signs nothing; its outbox stays."""
    filled(world)
    shutil.rmtree(world.directory / "phone" / "keystore")
    replica = world.opened()
    with pytest.raises(ReplicaLocked):
        replica.all(Outlet)
    assert replica.sync().ended == "unknown_device"
    assert replica.status().pending == 2


def test_an_unclean_close_is_followed_by_a_count_from_the_bytes(world: World) -> None:
    """After a kill the digests are computed from the stored rows, so that a wrong sum is never believed."""
    filled(world)
    replica = world.opened()
    replica.visits.log(replica.all(Outlet)[0].id)
    replica._device.replica().file.run("UPDATE scope SET digest=zeroblob(16), count=7")
    again = world.opened()
    assert again.sync().verified
    assert not any(one.sums for one in world.server.asked)


def test_an_audit_that_a_wrong_date_put_off_is_made_up_for(world: World) -> None:
    """A date that ran ahead dates an audit to a day that is yet to come; the next sync counts again."""
    world.company.locks_after = 60 * DAY
    world.outlet()
    replica = world.phone()
    world.clock().reboot()
    world.clock().ahead = 30 * DAY
    for _ in range(2):
        assert replica.sync().ended == "done"
    assert replica._device.replica().meta.number(Name.AUDITED) <= world.time.now
