"""Photos of a phone that may not read them any more: every one arrives, or is told as lost; none is left unsaid."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import UUID

import pytest

from client_sdk.exchange.conversation import Conversation
from client_sdk.exchange.sealed_photos import SealedPhotos
from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import World
from sync.codec import encode
from sync.machine import State
from sync.records import Outlet, Photo
from tests.client_sdk.acts import picture
from tests.client_sdk.killing import Killer
from tests.client_sdk.seeking import found_plain
from tests.client_sdk.test_kills import kill_everywhere
from tests.client_sdk.test_photos import noisy
from tests.client_sdk.test_wipe import receipts

PENDING = 30


def loaded(world: World, count: int = PENDING, data: bytes | None = None) -> tuple[Replica, dict[UUID, str]]:
    """A phone with visits that nobody has been told of, a photo with each; the photos' digests by id."""
    outlet = world.outlet()
    replica = world.phone()
    photos: dict[UUID, str] = {}
    for number in range(count):
        visit = replica.visits.log(outlet.id, notes=f"拜访{number}")
        photo = replica.photos.attach(visit.id, data or picture(colour=(number, 3, 5)))
        photos[photo.id] = photo.digest
    return replica, photos


def arrived(world: World, replica: Replica) -> dict[UUID, str]:
    """The digests of the photos that the server opened, by id."""
    photos = world.device(replica).photos
    return {photo: hashlib.blake2b(data, digest_size=32).hexdigest() for photo, data in photos.items()}


def handed_in(world: World, replica: Replica) -> int:
    """How many operations the server got in the departure."""
    return sum(map(len, world.device(replica).handed_in.values()))


def ordered(world: World, replica: Replica) -> None:
    """The phone gets its order by hand, away from every network."""
    replica.accept(encode(world.company.order_wipe(world.device(replica))))


def check_all(world: World, replica: Replica, photos: dict[UUID, str], operations: int = 2 * PENDING) -> None:
    """Everything is with the company once, and nothing is left on the phone."""
    assert arrived(world, replica) == photos
    assert handed_in(world, replica) == operations
    assert replica.status().state is State.WIPED
    assert set(receipts(world, replica)) == {"told", "locked", "drained", "wiped"}
    places = replica._device.places
    assert not places.outbox.exists()
    assert list(places.photos.glob("*")) == []


def test_thirty_visits_with_photos_are_handed_in_and_none_is_readable_on_the_phone(world: World) -> None:
    """After the order the sealed files go as they lie; only the company opens them."""
    replica, photos = loaded(world)
    ordered(world, replica)
    assert replica.status().photos_pending == PENDING
    assert found_plain(world.directory / "phone", {"JFIF"}) == set()
    assert replica.sync().state is State.WIPED
    check_all(world, replica, photos)


def test_the_network_may_break_after_every_chunk(world: World) -> None:
    """No byte is sent twice; no final receipt is made before the last photo is in."""
    replica, photos = loaded(world, 2, noisy())
    ordered(world, replica)
    sent: list[int] = []

    def breaking(request: Request, reply: Reply) -> Reply:
        if request.method == "PATCH":
            sent.append(len(request.body))
            world.server.cut()
        return reply

    world.server.fault = breaking
    while replica.status().state is not State.WIPED:
        assert "drained" not in receipts(world, replica)
        world.server.mend()
        replica.sync()
    assert sum(sent) == sum(len(held) for _, held in world.device(replica).sealed.values())
    assert len(sent) > 2
    check_all(world, replica, photos, 4)


def test_an_answer_that_is_lost_costs_nothing(world: World) -> None:
    """The server says where it is, and the phone goes on from there."""
    replica, photos = loaded(world, 3, noisy())
    ordered(world, replica)
    count = 0

    def losing(request: Request, reply: Reply) -> Reply:
        nonlocal count
        count += request.path.startswith("/photos")
        if request.path.startswith("/photos") and count % 2:
            raise Unreachable("lost on the way back")
        return reply

    world.server.fault = losing
    for _ in range(30):
        replica.sync()
    check_all(world, replica, photos, 6)


def test_photos_never_hold_up_orders_operations_or_the_lock(world: World) -> None:
    """Not one byte of a photo gets through: the share is gone, the work is in, the lock is told."""
    replica, _ = loaded(world)
    ordered(world, replica)

    def no_photos(request: Request, reply: Reply) -> Reply:
        if request.path.startswith("/photos"):
            raise Unreachable("too slow")
        return reply

    world.server.fault = no_photos
    replica.sync()
    status = replica.status()
    assert (status.state, status.pending, status.photos_pending) == (State.CLEARED, 0, PENDING)
    assert set(receipts(world, replica)) == {"told", "locked"}
    assert replica._device.ports.keystore.get("device_share") is None
    assert handed_in(world, replica) == 2 * PENDING


def test_operations_go_before_photos(world: World) -> None:
    """No photo is begun while an operation is on the phone, however many requests these take."""
    replica, _ = loaded(world, 3)
    outlet = replica.all(Outlet)[0]
    for _ in range(100):
        replica.visits.log(outlet.id, notes="x" * 4000)
    ordered(world, replica)
    asked: list[str] = []

    def watching(request: Request, reply: Reply) -> Reply:
        asked.append(request.path)
        if request.path == "/photos/sealed":
            assert replica._device.pending_count() == 0
            assert set(receipts(world, replica)) >= {"told", "locked"}
        return reply

    world.server.fault = watching
    replica.sync()
    assert asked.count("/photos/sealed") == 3
    assert sum(one.sealed is not None for one in world.server.asked) > 1


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_photo_whose_file_is_gone_is_told_as_lost_and_holds_nothing_up(world: World, how: str) -> None:
    """By its id; the others arrive, and the wipe ends."""
    replica, photos = loaded(world, 3)
    lost = next(iter(photos))
    path = replica._device.places.photos / lost.hex
    path.unlink() if how == "gone" else path.write_bytes(b"")
    ordered(world, replica)
    replica.sync()
    del photos[lost]
    assert world.device(replica).lost == {lost}
    check_all(world, replica, photos, 6)


def test_a_damaged_photo_is_handed_in_as_it_is(world: World) -> None:
    """The phone cannot tell; the server keeps it as it came, and the wipe ends."""
    replica, photos = loaded(world, 2)
    path = replica._device.places.photos / next(iter(photos)).hex
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    ordered(world, replica)
    assert replica.sync().state is State.WIPED
    assert world.device(replica).photos[next(iter(photos))] == b""


def test_a_server_that_takes_no_more_is_told_what_is_lost(world: World) -> None:
    """A refusal that would repeat for ever does not keep the phone from ending."""
    replica, photos = loaded(world, 2)
    ordered(world, replica)

    def full(request: Request, reply: Reply) -> Reply:
        return Reply(413, {}, b'{"code": "too_large"}') if request.method == "PATCH" else reply

    world.server.fault = full
    assert replica.sync().state is State.WIPED
    assert world.device(replica).lost == set(photos)


def test_the_lease_was_over_before_the_order(world: World) -> None:
    """Locked, then erased, then ordered: what lies on the phone arrives."""
    replica, photos = loaded(world)
    world.time.now += 9 * DAY
    assert replica.status().state is State.ERASED
    world.company.cut_off(world.rep)
    replica.sync()
    check_all(world, replica, photos)


def test_the_order_came_before_the_lease_was_over(world: World) -> None:
    """With an answer, while the lease runs; the lease's end changes nothing afterwards."""
    replica, photos = loaded(world)
    world.company.cut_off(world.rep)
    world.server.cut()
    world.time.now += DAY // 2
    replica.sync()
    world.server.mend()
    assert replica.sync().state is State.WIPED
    world.time.now += 9 * DAY
    check_all(world, replica, photos)


def test_the_phone_was_away_for_a_month(world: World) -> None:
    """Ordered, then in a drawer without a network; the work is whole when it comes back."""
    replica, photos = loaded(world)
    ordered(world, replica)
    world.server.cut()
    replica.sync()
    replica.close()
    world.time.now += 30 * DAY
    world.clock().reboot()
    replica = world.opened()
    assert replica.status().photos_pending == PENDING
    world.server.mend()
    replica.sync()
    check_all(world, replica, photos)


def test_the_replica_was_corrupt(world: World) -> None:
    """Rows that cannot be read cost no work: outbox and photos stand apart."""
    replica, photos = loaded(world)
    replica.close()
    path: Path = replica._device.places.replica
    path.write_bytes(b"\x00" * path.stat().st_size)
    replica = world.opened()
    world.company.cut_off(world.rep)
    replica.sync()
    check_all(world, replica, photos)


def test_photos_of_a_replica_that_was_erased_arrive_though_this_phone_cannot_read_them(world: World) -> None:
    """The phone works on; its upload hands in sealed what it cannot open any more."""
    world.server.settings.takes_sealed = True
    replica, photos = loaded(world, 4)
    world.time.now += 9 * DAY
    assert replica.status().state is State.ERASED
    assert replica.sync().ended == "done"
    assert {one.id for one in world.in_master(Photo)} == set(photos)
    result = replica.photos.upload()
    assert (result.ended, result.sent, result.waiting) == ("done", 4, 0)
    assert arrived(world, replica) == photos
    replica.sync()
    assert hashlib.blake2b(replica.photos.load(next(iter(photos))), digest_size=32).hexdigest() in photos.values()


def test_what_another_process_handed_in_is_not_told_as_lost(world: World) -> None:
    """A process that finds no file, because another one ended the wipe meanwhile, says nothing."""
    replica, _ = loaded(world, 1)
    ordered(world, replica)
    other = world.opened()
    (photo,) = SealedPhotos(other._device, Conversation(other._device))._queue.waiting()
    replica.sync()
    asked = SealedPhotos(other._device, Conversation(other._device))
    assert not asked.send(photo)
    assert world.device(replica).lost == set()


def test_a_hand_in_of_photos_killed_anywhere_is_finished(world: World, killer: Killer) -> None:
    """Every photo once, whichever write the phone died before."""
    replica, photos = loaded(world, 2)
    ordered(world, replica)
    replica.close()

    def check(replica: Replica, _is_done: bool) -> None:
        replica.sync()
        check_all(world, replica, photos, 4)

    kill_everywhere(world, killer, "sync", check, least=12, coarse=True)
