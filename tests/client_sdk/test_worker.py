"""The background worker: it syncs when there is something, waits when it must, and carries a wipe through."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client_sdk.backoff import after_failure
from client_sdk.errors import ReplicaWiped
from client_sdk.keys import Attempts
from client_sdk.lifecycle import DEVICE_SHARE
from client_sdk.ports import Reply, Request
from client_sdk.testing.clocks import DAY, HOUR
from client_sdk.testing.world import World
from sync.codec import encode
from sync.machine import State
from sync.records import Outlet, Visit
from sync.signing import Kind, company_signed
from sync.statements import WipeOrder
from tests.client_sdk.acts import picture
from tests.client_sdk.test_bad_storage import FullDisk

PATIENCE_S = 20


def eventually(check: Callable[[], object]) -> None:
    """Wait until something is the case; what happens in other threads is looked for, not timed."""
    pause = threading.Event()
    for _ in range(PATIENCE_S * 200):
        if check():
            return
        pause.wait(0.005)
    raise AssertionError("it did not happen")


def test_it_syncs_at_once_and_when_something_is_logged(world: World) -> None:
    """A visit reaches the server without anybody asking."""
    outlet = world.outlet()
    replica = world.enrolled()
    with replica.live() as worker:
        eventually(lambda: worker.last)
        replica.visits.log(outlet.id, notes="by itself")
        eventually(lambda: not replica.status().pending)
    assert len(world.in_master(Visit)) == 1


def test_the_application_hears_of_each_sync(world: World) -> None:
    """What came is in the replica by then."""
    world.outlet()
    replica, heard = world.enrolled(), list[tuple[int, int]]()
    with replica.live(lambda report: heard.append((report.received, len(replica.all(Outlet))))):
        eventually(lambda: heard)
    assert heard[0][0] > 0
    assert heard[0][1] == 1


def test_a_word_on_the_stream_brings_what_changed(world: World) -> None:
    """The stream carries no data: it only wakes."""
    world.outlet()
    replica = world.phone()
    with replica.live() as worker:
        eventually(lambda: worker.last and world.server.listeners and not replica._device.work.is_set())
        world.outlet("新店")
        world.server.say("changed")
        eventually(lambda: len(replica.all(Outlet)) == 2)


def test_an_order_on_the_stream_is_carried_through(world: World) -> None:
    """The phone is wiped, handed in and done, and the worker ends by itself."""
    outlet = world.outlet()
    replica = world.phone()
    with replica.live() as worker:
        eventually(lambda: worker.last and world.server.listeners and not replica._device.work.is_set())
        world.company.cut_off(world.rep)
        with suppress(ReplicaWiped):
            replica.visits.log(outlet.id)
        world.server.say("order")
        eventually(lambda: replica.status().state is State.WIPED)
    assert replica.status().why == "ended"


def test_an_order_that_the_stream_brings_whole_is_obeyed_without_asking(world: World) -> None:
    """No request gets through, and the device's share is gone all the same; the receipts follow when one does."""
    replica = world.phone()
    (device,) = world.company.devices.values()
    with replica.live() as worker:
        eventually(lambda: worker.last and world.server.listeners and not replica._device.work.is_set())
        world.server.fail(code="unavailable")
        world.server.say("order", encode(world.company.order_wipe(device)).hex())
        eventually(lambda: replica._device.ports.keystore.get(DEVICE_SHARE) is None)
        assert replica.status().state is not State.WIPED
        with pytest.raises(ReplicaWiped):
            replica.outlets.list()
    world.server.mend()
    assert replica.sync().state is State.WIPED


def test_words_on_the_stream_that_are_no_order_of_the_company_are_passed_over(world: World) -> None:
    """Garbage, an order of somebody else, and one for another device: the phone only syncs."""
    world.outlet()
    replica = world.phone()
    (device,) = world.company.devices.values()
    stranger = WipeOrder(world.company.new_id(), world.company.id, device.id, "left", 1)
    forged = company_signed(Kind.WIPE_ORDER, encode(stranger), Ed25519PrivateKey.generate())
    astray = WipeOrder(world.company.new_id(), world.company.id, world.company.new_id(), "left", 1)
    other = company_signed(Kind.WIPE_ORDER, encode(astray), world.company.signing)
    with replica.live() as worker:
        eventually(lambda: worker.last and world.server.listeners and not replica._device.work.is_set())
        for data in ("", "zz", "00" * 9, encode(forged).hex(), encode(other).hex()):
            world.server.say("order", data)
        world.outlet("新店")
        world.server.say("changed")
        eventually(lambda: len(replica.all(Outlet)) == 2)
    assert replica.status().state is State.OPEN


def test_photos_go_after_the_text(world: World) -> None:
    """The worker sends them when the sync is done."""
    outlet = world.outlet()
    replica = world.phone()
    photo = replica.photos.attach(outlet.id, picture())
    with replica.live():
        eventually(lambda: len(world.server.photos.get(photo.id, b"")) == photo.size)
    assert len(world.server.photos[photo.id]) == photo.size


def test_how_long_it_waits_survives_a_restart(world: World) -> None:
    """A phone whose app is started again and again does not hammer a server that asked to be left alone."""
    world.outlet()
    replica = world.phone()
    world.server.fail(code="busy")
    answered = threading.Event()

    def refused(_request: Request, reply: Reply) -> Reply:
        answered.set()
        return reply

    world.server.fault = refused
    with replica.live():
        assert answered.wait(PATIENCE_S)
    attempts = world.opened()._device.keys.get(Attempts)
    assert attempts is not None
    assert attempts.failed == 1
    assert attempts.not_before >= world.time.now + 3000
    asked = len(world.server.asked)
    with world.opened().live() as worker:
        pass
    assert worker.last is None
    assert len(world.server.asked) == asked
    assert replica.status().next_attempt == attempts.not_before


def test_when_only_the_network_was_missing_a_word_ends_the_wait(world: World) -> None:
    """The stream stands again: nothing has to be waited for, and an order is obeyed at once."""
    world.outlet()
    replica = world.phone()
    with replica.live() as worker:
        eventually(lambda: worker.last and world.server.listeners and not replica._device.work.is_set())
        world.server.cut()
        with replica._device.lock:
            replica._device.keys.put(Attempts(12))
        replica.visits.log(replica.all(Outlet)[0].id)
        eventually(lambda: replica.status().next_attempt)
        assert worker.last is not None
        assert worker.last.ended in {"no_network", "cut_off"}
        world.server.mend()
        world.server.say("changed")
        eventually(lambda: not replica.status().pending)
    assert len(world.in_master(Visit)) == 1


def test_waiting_grows_is_spread_and_has_an_end() -> None:
    """Longer after each failure, never the same for all phones, never more than a quarter of an hour."""
    attempts, waits = Attempts(), []
    for _ in range(14):
        attempts = after_failure(attempts, 0, 255, 0)
        waits.append(attempts.not_before)
    assert waits == sorted(waits)
    assert waits[0] < 2_100
    assert 890_000 < waits[-1] <= 900_000
    spread = {after_failure(Attempts(3), 0, draw, 0).not_before for draw in range(256)}
    assert len(spread) > 200
    assert min(spread) * 2 <= max(spread) + 100
    assert after_failure(Attempts(), 0, 0, 60_000).not_before == 60_000


def test_it_outlives_a_full_disk(world: World) -> None:
    """What could not be stored ends neither of its threads: with room again it syncs, and hears orders."""
    world.phone().close()
    is_full = threading.Event()
    disk = FullDisk(is_full.is_set)
    replica = world.opened(disk=disk)
    with replica.live() as worker:
        eventually(lambda: worker.last and world.server.listeners and not replica._device.work.is_set())
        is_full.set()
        world.time.now += HOUR
        world.outlet("新店")
        world.server.say("changed")
        eventually(lambda: disk.refused)
        is_full.clear()
        eventually(lambda: len(replica.all(Outlet)) == 1)
        world.company.cut_off(world.rep)
        world.server.say("order", encode(world.device(replica).orders[0]).hex())
        eventually(lambda: replica.status().state is State.WIPED)


def test_nobody_waits_for_the_network_while_sealed_work_is_handed_in(world: World) -> None:
    """The phone answers while it hands in what was put in while it was locked, and hears an order."""
    outlet = world.outlet()
    replica = world.phone()
    world.time.now += 2 * DAY
    replica.letterbox.visit(outlet.id)
    answered: list[bool] = []

    def ask_meanwhile(_request: Request, reply: Reply) -> Reply:
        other = threading.Thread(target=lambda: answered.append(replica.status().pending > 0), daemon=True)
        other.start()
        other.join(PATIENCE_S / 10)
        assert not other.is_alive()
        return reply

    world.server.fault = ask_meanwhile
    assert replica.sync().ended == "done"
    assert len(answered) > 2
    assert replica.status().pending == 0


def test_stopping_ends_both_threads(world: World) -> None:
    """No thread is left, whatever it was doing."""
    world.outlet()
    replica = world.phone()
    before = threading.active_count()
    for _ in range(3):
        with replica.live():
            replica.visits.log(replica.all(Outlet)[0].id)
    assert threading.active_count() == before
    assert replica.sync().ended == "done"
