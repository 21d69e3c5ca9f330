"""Thirty visits with photos are pending when things go wrong, in every order: all of it arrives, and nothing opens."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from client_sdk.errors import EnrolmentRefused, NoNetwork, ReplicaLocked, ReplicaWiped
from client_sdk.keystore import FileKeyStore
from client_sdk.lifecycle import LEASE_SHARE
from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY, HOUR
from client_sdk.testing.company import Staff
from client_sdk.testing.world import URL, World
from sync.codec import encode
from sync.machine import State
from sync.messages import Standing
from sync.records import Outlet, Visit
from tests.client_sdk.killing import Killer
from tests.client_sdk.seeking import found_with_keys
from tests.client_sdk.test_sealed_photos import PENDING, check_all, loaded
from tests.forking import KILLED

WORDS = {"老张烟酒", *(f"拜访{number}" for number in range(PENDING))}


def order_before_the_lapse(world: World, replica: Replica) -> Replica:
    """The order comes while the lease runs; the network comes long after the lease would have ended."""
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    world.time.now += 30 * DAY
    return replica


def lapse_before_the_order(world: World, replica: Replica) -> Replica:
    """The phone locks by itself, and is offboarded while it is locked."""
    world.time.now += DAY + HOUR
    assert replica.status().state is State.LOCKED
    world.company.cut_off(world.rep)
    return replica


def away_for_a_month(world: World, replica: Replica) -> Replica:
    """It ran in a drawer for a month: it locked, then erased, and was offboarded meanwhile."""
    replica.close()
    world.company.cut_off(world.rep)
    world.time.now += 30 * DAY
    return world.opened()


def switched_off_for_a_month(world: World, replica: Replica) -> Replica:
    """It was off: it locks as soon as it is started."""
    replica.close()
    world.company.cut_off(world.rep)
    world.time.now += 30 * DAY
    world.clock().reboot()
    return world.opened()


def corrupt(world: World, replica: Replica) -> Replica:
    """The replica's file is spoilt before the order comes."""
    replica.close()
    (world.directory / "phone" / "replica.db").write_bytes(b"\x00" * 40_000)
    world.company.cut_off(world.rep)
    return world.opened()


def without_its_shares(world: World, replica: Replica) -> Replica:
    """The key store lost both shares and the sealing key; the device key stands in the hardware."""
    replica.close()
    for name in ("device_share", "lease_share", "sealing_key"):
        (world.directory / "phone" / "keystore" / name).unlink()
    world.company.cut_off(world.rep)
    return world.opened()


CASES = [
    order_before_the_lapse,
    lapse_before_the_order,
    away_for_a_month,
    switched_off_for_a_month,
    corrupt,
    without_its_shares,
]


@pytest.mark.parametrize("case", CASES)
def test_all_work_arrives_after_an_order(world: World, case: Callable[[World, Replica], Replica]) -> None:
    """Every visit and every photo, once; the phone can open none of it any more."""
    replica, photos = loaded(world)
    world.server.cut()
    replica = case(world, replica)
    world.server.mend()
    assert replica.sync().ended == "wiped"
    check_all(world, replica, photos)
    with pytest.raises(ReplicaWiped):
        replica.all(Visit)
    assert found_with_keys(world.directory / "phone", WORDS) == set()


@pytest.mark.parametrize("case", ["locked", "erased", "corrupt", "without shares"])
def test_all_work_arrives_without_an_order(world: World, case: str) -> None:
    """What went wrong heals at the next contact: the visits are the company's, and this phone's again."""
    replica, photos = loaded(world)
    replica.close()
    keystore = world.directory / "phone" / "keystore"
    world.time.now += {"locked": 2 * DAY, "erased": 9 * DAY}.get(case, 0)
    if case == "corrupt":
        (world.directory / "phone" / "replica.db").write_bytes(b"\x00" * 40_000)
    if case == "without shares":
        (keystore / "device_share").unlink()
        (keystore / "lease_share").unlink()
    replica = world.opened()
    assert replica.status().pending == 2 * PENDING
    assert replica.sync().ended == "done"
    assert replica.sync().verified
    assert replica.status().pending == 0
    assert len(replica.all(Visit)) == PENDING
    assert len({one.record.id for one in world.company.master.records.values()} & set(photos)) == PENDING


def test_a_phone_whose_key_store_is_lost_opens_nothing_and_keeps_its_work(world: World) -> None:
    """Without its device key it can prove to nobody who it is: the work stays, sealed, and the status says so."""
    replica, _ = loaded(world)
    replica.close()
    shutil.rmtree(world.directory / "phone" / "keystore")
    replica = world.opened()
    assert found_with_keys(world.directory / "phone", WORDS) == set()
    with pytest.raises(ReplicaLocked):
        replica.all(Outlet)
    assert replica.sync().ended == "unknown_device"
    status = replica.status()
    assert (status.state, status.why, status.pending) == (State.LOCKED, "key_store_lost", 2 * PENDING)
    assert f"{2 * PENDING} operations and {PENDING} photos" in status.en


def test_a_phone_whose_key_store_was_lost_is_enrolled_again_and_hands_its_work_in(world: World) -> None:
    """The same person, the same directory, a new device: every visit is the company's; what was open is not opened."""
    replica, _ = loaded(world)
    replica.close()
    path = world.directory / "phone"
    shutil.rmtree(path / "keystore")
    replica = world.opened()
    replica.letterbox.visit(world.company.new_id(), notes="added after the loss")
    replica.close()
    code = world.company.code_for(world.rep)
    world.server.fault = lost
    with pytest.raises(NoNetwork):
        Replica.enrol(URL, code=code, directory=path, **world.ports(path))
    world.server.fault = None
    replica = Replica.enrol(URL, code=code, directory=path, **world.ports(path))
    assert replica.status().pending == 2 * PENDING + 1
    assert found_with_keys(path, WORDS) == set()
    assert replica.sync().ended == "done"
    assert replica.sync().verified
    assert (replica.status().pending, len(replica.all(Visit))) == (0, PENDING)
    assert len(world.company.master.outcomes) == 2 * PENDING + 1


def lost(_request: Request, _reply: Reply) -> Reply:
    """An answer that never came back."""
    raise Unreachable("lost on the way back")


def test_only_a_phone_that_lost_its_keys_is_enrolled_again_and_for_the_same_person(world: World) -> None:
    """Not one that works, not one that has an order, and not for somebody else."""
    path = world.directory / "phone"
    order = encode(world.company.order_wipe(world.device(world.phone())))
    (device,) = world.company.devices.values()
    device.standing = Standing.ACTIVE

    def refused(person: Staff) -> bool:
        try:
            Replica.enrol(URL, code=world.company.code_for(person), directory=path, **world.ports(path)).close()
        except EnrolmentRefused as error:
            return error.code == "already_enrolled"
        return False

    assert refused(world.rep)
    shutil.rmtree(path / "keystore")
    assert refused(world.company.hire("老李", world.east))
    with world.opened() as replica:
        replica.accept(order)
    assert refused(world.rep)


@pytest.mark.parametrize("reboots", [False, True])
def test_a_phone_restarted_after_a_kill_past_its_lease_does_not_open(
    world: World, killer: Killer, reboots: bool
) -> None:
    """A kill stored no lock; the next process looks at the clock before it opens anything."""
    replica, _ = loaded(world)
    replica.close()
    assert killer.run(world, "phone", "log", 5) == KILLED
    world.time.now += DAY
    if reboots:
        world.clock().reboot()
    replica = world.opened()
    with pytest.raises(ReplicaLocked):
        replica.all(Visit)
    assert found_with_keys(world.directory / "phone", WORDS) == set()


def test_a_killed_phones_directory_without_the_servers_share_opens_with_no_key_that_is_left(
    world: World, killer: Killer
) -> None:
    """No process ran since the kill, so nothing was erased: the one share that the server gave is what is missing."""
    replica, _ = loaded(world)
    replica.close()
    killer.run(world, "phone", "log", 5)
    directory = world.directory / "phone"
    assert found_with_keys(directory, WORDS) == WORDS
    (directory / "keystore" / "lease_share").unlink()
    assert found_with_keys(directory, WORDS) == set()


def test_two_processes_and_an_order_between_their_calls(world: World) -> None:
    """One logs while the other takes the order: whatever call returned arrives, and no other call is answered."""
    replica, photos = loaded(world)
    other = world.opened()
    outlet = other.all(Outlet)[0]
    other.visits.log(outlet.id, notes="the last one")
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    with pytest.raises(ReplicaWiped):
        other.visits.log(outlet.id, notes="one too many")
    with pytest.raises(ReplicaWiped):
        other.letterbox.visit(outlet.id)
    assert other.sync().ended == "wiped"
    check_all(world, replica, photos, 2 * PENDING + 1)


class _Meanwhile(FileKeyStore):
    """A key store on which something happens before the lease share is put into it."""

    happens: Callable[[], object] | None = None

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret."""
        if name == LEASE_SHARE and self.happens is not None:
            self.happens()
        super().put(name, secret)


def test_an_order_that_another_process_obeys_while_a_lease_is_stored_leaves_no_share(world: World) -> None:
    """The lease was on its way to the key store when the order was carried out: it does not stay there."""
    world.outlet()
    world.phone().close()
    world.time.now += 2 * DAY
    store = _Meanwhile(world.directory / "phone" / "keystore")
    path = world.directory / "phone"
    replica = Replica.open(path, keystore=store, **world.ports(path))
    other = world.opened()
    store.happens = lambda: other.accept(encode(world.company.order_wipe(world.device(replica))))
    assert replica.sync().state is State.WIPED
    assert store.get(LEASE_SHARE) is None
