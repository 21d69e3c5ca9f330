"""The lease: how long a replica opens without hearing from the server, by a time that nobody can set back."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client_sdk.errors import ReplicaLocked
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY, HOUR
from client_sdk.testing.world import World
from client_sdk.timekeeping import REBOOT_MS
from sync.machine import State
from sync.records import Outlet, Visit
from tests.client_sdk.seeking import found_with_keys


def is_open(replica: Replica) -> bool:
    """Whether calls are answered."""
    try:
        replica.outlets.list()
    except ReplicaLocked:
        return False
    return True


def test_a_replica_opens_until_its_lease_ends_and_not_a_moment_longer(world: World) -> None:
    """At the end of the lease every call of every process is refused."""
    world.outlet()
    replica, other = world.phone(), world.opened()
    ends = replica.status().lease_ends
    assert ends == world.time.now + DAY
    world.time.now = ends - 1
    assert is_open(replica)
    assert is_open(other)
    world.time.now = ends
    assert not is_open(replica)
    assert not is_open(other)
    assert not is_open(world.opened())


def test_a_locked_phone_holds_nothing_that_opens_it(world: World) -> None:
    """The phone's copy of the lease share is gone: no key that is left reads the replica."""
    outlet = world.outlet(phone="13811112222")
    replica = world.phone()
    replica.visits.log(outlet.id, notes="还没上传")
    words = {"老张烟酒", "13811112222", "还没上传"}
    assert found_with_keys(world.directory / "phone", words) == words
    world.time.now += DAY
    replica.status()
    assert found_with_keys(world.directory / "phone", words) == set()


def test_a_call_that_is_refused_has_locked_the_phone(world: World) -> None:
    """Whatever looked at the clock first: the share is erased before the caller hears of it."""
    world.outlet()
    replica = world.phone()
    world.time.now += DAY
    assert not is_open(replica)
    assert found_with_keys(world.directory / "phone", {"老张烟酒"}) == set()


def test_a_sync_renews_with_the_device_key_alone(world: World) -> None:
    """The same share comes back, and with it the archive and the pending work."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="还没上传")
    world.time.now += DAY + HOUR
    status = replica.status()
    assert (status.state, status.pending, status.why) == (State.LOCKED, 1, "locked")
    assert status.since == status.lease_ends
    assert replica.sync().ended == "done"
    assert replica.outlets.get(outlet.id) is not None
    assert len(world.in_master(Visit)) == 1


def test_a_lease_is_renewed_on_the_way(world: World) -> None:
    """A phone that syncs now and then never locks."""
    world.outlet()
    replica = world.phone()
    for _ in range(8):
        world.time.now += DAY // 2
        assert replica.sync().ended == "done"
    assert is_open(replica)


def test_locked_for_too_long_it_erases_and_keeps_the_outbox(world: World) -> None:
    """Replica and share are gone for good; a lease begins a new replica, and the old work waits sealed."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="还没上传")
    world.time.now += DAY + 7 * DAY
    status = replica.status()
    assert (status.state, status.pending) == (State.ERASED, 1)
    assert not (world.directory / "phone" / "replica.db").exists()
    assert replica.sync().ended == "done"
    assert len(replica.all(Outlet)) == 1
    replica.visits.log(outlet.id, notes="neu")
    replica.sync()
    assert sorted(one.notes for one in world.in_master(Visit)) == ["neu", "还没上传"]
    assert replica.status().pending == 0


def test_a_server_that_takes_no_sealed_work_leaves_it_on_the_phone(world: World) -> None:
    """It is offered row by row without an order, and stays pending, for only the company can open it."""
    world.server.settings.takes_sealed = False
    outlet = world.outlet()
    replica = world.phone()
    for number in range(3):
        replica.visits.log(outlet.id, notes=str(number))
    world.time.now += DAY + 7 * DAY
    replica.status()
    replica.sync()
    offered = [one.sealed for one in world.server.asked if one.sealed is not None]
    assert len(offered) == 1, "a server that takes none is not asked again in the same sync"
    assert len(offered[0].rows) == 1
    assert replica.status().pending == 3
    assert world.company.unsealed(offered[0].key)


@pytest.mark.parametrize("ahead", [-365 * DAY, -HOUR, HOUR, 365 * DAY])
def test_a_wrong_date_changes_nothing_within_one_boot(world: World, ahead: int) -> None:
    """The monotonic clock carries the server's time on."""
    world.outlet()
    replica = world.phone()
    world.clock().ahead = ahead
    assert is_open(replica)
    world.time.now += DAY - 1
    assert is_open(replica)
    world.time.now += 1
    assert not is_open(replica)


def test_a_reboot_with_the_date_set_back_gains_nothing(world: World) -> None:
    """Time goes on from the high-water mark, whatever the date says, and each boot without a contact costs."""
    world.outlet()
    replica = world.phone()
    world.time.now += DAY - 2 * HOUR
    assert is_open(replica)
    for _ in range(3):
        world.clock().reboot()
        world.clock().ahead = -30 * DAY
        replica = world.opened()
        assert is_open(replica)
        world.time.now += HOUR // 6
    assert is_open(replica)
    world.clock().reboot()
    assert not is_open(world.opened()), "four boots and 40 minutes are more than the two hours that were left"


def test_booting_alone_uses_a_lease_up(world: World) -> None:
    """As many boots as the lease has half hours, with the date set back each time: then it is locked."""
    world.outlet()
    world.phone().close()
    boots = DAY // REBOOT_MS
    for number in range(1, boots + 1):
        world.clock().reboot()
        world.clock().ahead -= DAY
        with world.opened() as replica:
            assert is_open(replica) is (number < boots)


def test_time_that_passed_while_the_phone_was_off_counts(world: World) -> None:
    """After a reboot the date says how much: a phone that lay in a drawer for a week is locked."""
    world.outlet()
    world.phone().close()
    world.time.now += 6 * DAY
    world.clock().reboot()
    assert not is_open(world.opened())


def test_a_date_that_ran_ahead_heals_at_the_next_contact(world: World) -> None:
    """It locks the phone, and only until it hears the server."""
    world.outlet()
    replica = world.phone()
    world.clock().reboot()
    world.clock().ahead = 3 * DAY
    assert not is_open(replica)
    assert replica.sync().ended == "done"
    assert is_open(replica)
    assert replica.status().lease_ends == world.time.now + DAY


@pytest.mark.parametrize("ahead", [30 * DAY, 3650 * DAY])
def test_a_date_that_ran_ahead_erases_nothing(world: World, ahead: int) -> None:
    """After a reboot a date is only a claim: it may lock, which a contact undoes, and never erases, however often."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.drafts.save("form", {"notes": "half done"})
        replica.visits.log(outlet.id, notes="still pending")
    for _ in range(3):
        world.clock().reboot()
        world.clock().ahead += ahead
        with world.opened() as replica:
            assert replica.status().state is State.LOCKED
    with world.opened() as replica:
        assert replica.sync().ended == "done"
        assert replica.drafts.load("form").values == {"notes": "half done"}
        assert replica.status().pending == 0
    world.clock().reboot()
    world.time.now += HOUR
    assert is_open(world.opened()), "after the contact the date is known to be wrong by as much"


def test_a_phone_that_was_erased_heals_at_the_next_contact(world: World) -> None:
    """Erased by time that was proved, with the date far ahead besides: one sync, and it works as before."""
    world.outlet()
    replica = world.phone()
    world.time.now += 9 * DAY
    assert replica.status().state is State.ERASED
    world.clock().reboot()
    world.clock().ahead = 365 * DAY
    replica = world.opened()
    assert replica.sync().ended == "done"
    assert is_open(replica)
    assert replica.status().lease_ends == world.time.now + DAY


def test_time_that_the_phone_ran_erases_in_pieces(world: World) -> None:
    """Eight days of running, over many boots with a wrong date: together they are proof enough."""
    world.outlet()
    world.phone().close()
    for day in range(1, 9):
        world.clock().ahead -= 3 * DAY
        world.opened().close()
        world.time.now += DAY
        with world.opened() as replica:
            assert replica.status().state is (State.ERASED if day == 8 else State.LOCKED)
        world.clock().reboot()


def test_a_suspended_phone_gets_no_lease(world: World) -> None:
    """It works until its lease ends, then stays locked."""
    world.outlet()
    replica = world.phone()
    world.company.suspend(world.device(replica))
    assert replica.sync().ended == "device_suspended"
    assert is_open(replica)
    world.time.now += DAY
    assert replica.sync().ended == "device_suspended"
    assert not is_open(replica)


def test_a_lease_that_the_company_did_not_sign_opens_nothing(world: World) -> None:
    """Another key's lease, or another device's, is passed over."""
    world.outlet()
    replica = world.phone()
    world.time.now += DAY
    honest = world.company.signing
    world.company.signing = Ed25519PrivateKey.generate()
    assert replica.sync().ended == "locked"
    world.company.signing = honest
    device = world.device(replica)
    real, device.id = device.id, world.company.new_id()
    world.company.devices[real] = device
    assert replica.sync().ended in {"locked", "not_signed_in", "bad_signature"}
    assert not is_open(replica)


def test_a_phone_whose_lease_share_another_process_erased_lets_go(world: World) -> None:
    """The process that has it open finds the state stored and closes, without being told."""
    world.outlet()
    replica, other = world.phone(), world.opened()
    assert is_open(other)
    world.time.now += DAY
    assert not is_open(replica)
    world.time.now -= DAY
    assert not is_open(other)
    assert other._device._open is None


def test_a_lease_of_a_server_whose_date_ran_ahead_gives_way_to_the_next(world: World) -> None:
    """It is of a day that is yet to come, so it is not the newer one: no phone stays open for a month over it."""
    replica = world.phone()
    world.time.now += 30 * DAY
    clock = world.clock()
    clock.reboot()
    replica.sync()
    world.time.now -= 30 * DAY
    clock.reboot()
    assert replica.sync().ended == "done"
    ends = replica.status().lease_ends
    assert ends is not None
    assert ends <= world.time.now + DAY
    world.time.now += DAY
    assert not is_open(replica)
