"""Progress: how far a first sync and an upload are, while they run and after, in every state."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from client_sdk.exchange.tus import CHUNK
from client_sdk.ports import Reply, Request
from client_sdk.progress import Progress
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.server import Server
from client_sdk.testing.world import World
from sync.machine import State
from tests.client_sdk.acts import picture
from tests.client_sdk.test_bad_storage import DAMAGE, spoil
from tests.client_sdk.test_photos import noisy
from tests.client_sdk.test_sealed_photos import ordered
from tests.client_sdk.test_worker import eventually

OUTLETS = 24


class Line:
    """The way to the server with nothing sent ahead: between two pages nobody holds anything."""

    def __init__(self, server: Server) -> None:
        self.send = server.send
        self.listen = server.listen
        self.hang_up = server.hang_up
        self.close = server.close


@pytest.fixture
def replica(world: World) -> Iterator[Replica]:
    """A phone before its first sync, of outlets in small pages."""
    for number in range(OUTLETS):
        world.outlet(f"店{number}号")
    world.enrolled().close()
    world.server.settings.page = 300
    path = world.directory / "phone"
    with Replica.open(path, **world.ports(path) | {"transport": Line(world.server)}) as replica:
        yield replica


def followed(world: World, replica: Replica, act: Callable[[], object]) -> list[Progress]:
    """What a watch tells while something is sent; each answer of the server waits until the screen is true."""
    told: list[Progress] = []

    def waiting(_request: Request, reply: Reply) -> Reply:
        eventually(lambda: told and told[-1] == replica.progress())
        return reply

    with replica.watch(replica.progress, told.append):
        eventually(lambda: told)
        world.server.fault = waiting
        act()
        world.server.fault = None
        eventually(lambda: told[-1] == replica.progress())
    return told


def test_a_first_sync_is_seen_page_by_page(world: World, replica: Replica) -> None:
    """It rises with each page to what the company said, says since when it runs, and that it is over."""
    began = world.time.now
    told = followed(world, replica, replica.sync)
    received = [one.received for one in told]
    assert received == sorted(received)
    assert len(set(received)) > 5
    assert {one.since for one in told if one.received and not one.complete} == {began}
    there = sum(count for count, _ in replica.digests().values())
    assert {(one.received > 0, one.expected) for one in told if not one.complete} == {(False, None), (True, there)}
    first, middle, last = told[0], next(one for one in told if one.received), told[-1]
    assert not first.is_syncing
    assert (first.complete, first.received) == (False, 0)
    assert (middle.en, middle.zh) == (
        f"The first sync has brought {middle.received} of about {there} records.",
        f"首次同步已收到 {middle.received}/{there} 条记录。",
    )
    assert (last.complete, last.is_syncing, last.received >= OUTLETS) == (True, False, True)
    assert (last.en, last.zh) == ("Nothing waits to be sent.", "没有等待上传的内容。")


def test_a_phone_that_is_filled_again_says_of_how_many(world: World, replica: Replica) -> None:
    """It remembers how many it held, and nothing else."""
    replica.sync()
    held = sum(count for count, _ in replica.digests().values())
    replica._device.rebuild()
    told = followed(world, replica, replica.sync)
    filling = [one for one in told if not one.complete]
    assert {one.expected for one in filling} == {held}
    assert any(one.zh == f"首次同步已收到 {one.received}/{held} 条记录。" for one in filling if one.received)
    assert any(f"{one.received} of about {held} records" in one.en for one in filling)


def test_a_sync_that_fails_is_over(world: World, replica: Replica) -> None:
    """Without a network nothing runs, and what waits is said."""
    replica.sync()
    replica.visits.log(replica.outlets.list()[0].id)
    world.server.cut()
    replica.sync()
    now = replica.progress()
    assert (now.is_syncing, now.pending) == (False, 1)
    assert (now.en, now.zh) == ("1 operation waiting to be sent.", "1 条工作记录等待上传。")


def test_photos_are_seen_chunk_by_chunk(world: World, replica: Replica) -> None:
    """The one that is on its way, and all of them together; both end at nothing."""
    replica.sync()
    outlet = replica.outlets.list()[0]
    photos = [replica.photos.attach(outlet.id, noisy(seed=one)) for one in (1, 2)]
    replica.sync()
    whole = sum(one.size for one in photos)
    told = followed(world, replica, replica.photos.upload)
    for photo in photos:
        seen = [one.photo_sent for one in told if one.photo == photo.id]
        assert seen == sorted(seen)
        assert {0, CHUNK} <= {*seen} <= {0, CHUNK, photo.size}
        assert {one.photo_size for one in told if one.photo == photo.id} == {photo.size}
    assert [one.size for one in told] == sorted((one.size for one in told), reverse=True)
    assert (told[0].size, told[0].sent, told[0].photos) == (whole, 0, 2)
    assert any("Sending a photo: 256 of" in one.en and "正在上传照片：256/" in one.zh for one in told)
    last = told[-1]
    assert (last.size, last.sent, last.photos, last.photo) == (0, 0, 0, None)


def test_it_is_answered_in_every_state(world: World, replica: Replica) -> None:
    """Locked, ordered, wiped: what waits is counted as long as something does."""
    replica.sync()
    outlet = replica.outlets.list()[0]
    photo = replica.photos.attach(outlet.id, picture())
    world.time.now += 2 * DAY
    locked = replica.progress()
    assert (locked.pending, locked.photos, locked.size) == (1, 1, photo.size)
    assert not locked.complete
    ordered(world, replica)
    assert replica.progress().photos == 1
    assert replica.sync().state is State.WIPED
    wiped = replica.progress()
    assert (wiped.pending, wiped.photos, wiped.size, wiped.sent) == (0, 0, 0, 0)


@pytest.mark.parametrize("how", DAMAGE)
def test_it_is_answered_where_the_outbox_is_damaged(world: World, how: str) -> None:
    """Nothing is known of what waits, so one is said to; a screen goes on."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.visits.log(outlet.id)
    spoil(world.directory / "phone" / "outbox.db", how)
    now = world.opened().progress()
    assert (now.pending, now.photos, now.size) == (1, 0, 0)
