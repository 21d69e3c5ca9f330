"""A damaged outbox and a full disk: neither keeps a lock, an order or what must be destroyed waiting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from client_sdk.errors import ReplicaCorrupt, ReplicaWiped, StorageFull
from client_sdk.lifecycle import DEVICE_SHARE, LEASE_SHARE, SEALING_KEY
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.storage.driver import Database, open_plain
from client_sdk.testing.world import World
from sync.codec import encode
from sync.machine import State
from tests.client_sdk.test_wipe import receipts

DAMAGE = ("overwritten", "spoilt within")


def spoil(path: Path, how: str) -> None:
    """The outbox is no database any more, or one whose pages are damaged behind its first."""
    data = bytearray(path.read_bytes())
    data[0 if how == "overwritten" else 4096 :] = b"\xa5" * (len(data) - (0 if how == "overwritten" else 4096))
    path.write_bytes(data)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def shares(world: World) -> list[str]:
    """What is left in the key store of what opens anything."""
    store = world.directory / "phone" / "keystore"
    return [name for name in (LEASE_SHARE, DEVICE_SHARE, SEALING_KEY) if (store / name).exists()]


def damaged(world: World, how: str) -> Replica:
    """A phone with a visit pending, opened again after its outbox was damaged."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.visits.log(outlet.id, notes="pending")
    spoil(world.directory / "phone" / "outbox.db", how)
    return world.opened()


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_outbox_holds_up_no_order(world: World, how: str) -> None:
    """Shares and files are gone, the lock receipt is sent; the outbox stays for somebody who can mend it."""
    replica = damaged(world, how)
    (device,) = world.company.devices.values()
    replica.accept(encode(world.company.order_wipe(device)))
    assert shares(world) == []
    assert not (world.directory / "phone" / "replica.db").exists()
    with pytest.raises(ReplicaWiped):
        replica.outlets.list()
    assert replica.sync().state is State.CLEARED
    assert receipts(world, replica).keys() == {"told", "locked"}
    replica.close()
    again = world.opened()
    assert again.status().state is State.CLEARED
    assert (world.directory / "phone" / "outbox.db").exists()


@pytest.mark.parametrize("how", DAMAGE)
def test_a_phone_with_a_damaged_outbox_still_hears_the_server(world: World, how: str) -> None:
    """An order reaches it at the next sync, also while its lease runs."""
    replica = damaged(world, how)
    assert replica.sync().ended == "replica_corrupt"
    assert (replica.status().why, replica.status().pending) == ("damaged", 1)
    with pytest.raises(ReplicaCorrupt):
        replica.outlets.list()
    world.company.cut_off(world.rep)
    replica.sync()
    assert shares(world) == []


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_outbox_does_not_cost_the_replica(world: World, how: str) -> None:
    """Drafts, and what was counted, stay: it is another file that has to be mended."""
    replica = damaged(world, how)
    file = world.directory / "phone" / "replica.db"
    before = file.stat().st_ino
    for _ in range(2):
        with pytest.raises(ReplicaCorrupt) as told:
            replica.outlets.list()
        assert "outbox.db" in str(told.value)
        assert replica.sync().ended == "replica_corrupt"
    assert file.stat().st_ino == before


class FullDisk(Disk):
    """A disk on which `keys.db` cannot be written while `is_full` says so."""

    def __init__(self, is_full: Callable[[], bool]) -> None:
        super().__init__()
        self._is_full = is_full
        self.refused = 0

    def plain(self, path: Path) -> Database:
        """Open a plain file."""
        return open_plain(path, self._check if path.name == "keys.db" else lambda _: None)

    def _check(self, what: str) -> None:
        if what == "BEGIN IMMEDIATE" and self._is_full():
            self.refused += 1
            raise StorageFull("keys.db")


def test_an_order_makes_its_own_room_on_a_full_disk(world: World) -> None:
    """The replica goes either way: what it took up is enough to store the order, and the drain goes on."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.visits.log(outlet.id)
    world.company.cut_off(world.rep)
    file = world.directory / "phone" / "replica.db"
    full = world.opened(disk=FullDisk(file.exists))
    assert full.sync().state is State.WIPED
    assert shares(world) == []
    assert receipts(world, full).keys() == {"told", "locked", "drained", "wiped"}


def test_an_order_that_cannot_be_stored_opens_nothing_either(world: World) -> None:
    """Without room for anything the phone is locked at once; the order is stored as soon as there is some."""
    world.outlet()
    replica = world.phone()
    replica.close()
    world.company.cut_off(world.rep)
    full = world.opened(disk=FullDisk(lambda: True))
    assert full.sync().ended == "storage_full"
    assert LEASE_SHARE not in shares(world)
    with pytest.raises(StorageFull):
        full.outlets.list()
    full.close()
    assert world.opened().sync().state is State.WIPED
