"""A phone whose app is schemas behind the company: it keeps what it cannot read, and shows it once it is updated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from client_sdk.errors import StorageFull
from client_sdk.exchange import request
from client_sdk.local import index, opened, rows
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.testing.world import World
from sync import codec
from sync.codec import DecodeError, unpack
from sync.records import Gift, Outlet, OutletStatus, Record
from sync.versions import SCHEMA
from tests.sync.frozen import FOLDER

BEHIND = pytest.mark.parametrize("schema", range(1, SCHEMA - 1))
"""Two and more behind."""
UNKNOWN = OutletStatus.LAPSED
"""Taken for a status that was added later."""


@contextmanager
def app_of(schema: int) -> Iterator[None]:
    """The app reads what this schema has: not the collections that came later, nor the status that is UNKNOWN. The
    company's side goes on as it is.
    """
    frozen = json.loads((FOLDER / f"schema-{schema}.json").read_text("utf-8"))["collections"].values()
    tags = {one["tag"] for one in frozen}

    def read(packed: bytes) -> Record:
        if msgspec.msgpack.decode(packed)[0] not in tags:
            raise DecodeError("unknown tag")
        record = unpack(packed)
        if isinstance(record, Outlet) and record.status is UNKNOWN:
            raise DecodeError("unknown status")
        return record

    def search(decoder: Any, packed: bytes) -> Any:
        read(packed)
        return codec.run(decoder, packed)

    links = {tag: link for tag, link in rows._links.items() if tag in tags}
    with pytest.MonkeyPatch.context() as older:
        older.setattr(rows, "unpack", read)
        older.setattr(rows, "_links", links)
        older.setattr(index, "run", search)
        older.setattr(opened, "SCHEMA", schema)
        older.setattr(request, "SCHEMA", schema)
        yield


def ahead(world: World) -> tuple[Outlet, Outlet]:
    """A company with a shop that any app reads, one that only later ones read, and a gift at each."""
    shop, lapsed = world.outlet("老张烟酒"), world.outlet("兴隆超市", status=UNKNOWN)
    for one in (shop, lapsed):
        world.put(Gift(world.company.new_id(), one.id, "茶叶", 8800))
    return shop, lapsed


def held(replica: Replica) -> dict[bytes, bytes]:
    """What the file has of each record, as it came."""
    found: list[Any] = replica._device.replica().file.run("SELECT record, packed FROM row WHERE packed IS NOT NULL")
    return dict(found)


def sees_all(replica: Replica, shop: Outlet, lapsed: Outlet) -> None:
    """By name, by phone, in the list, and what belongs to them."""
    assert [one.name for one in replica.outlets.search("兴隆")] == [lapsed.name]
    assert {one.id for one in replica.outlets.list()} == {shop.id, lapsed.id}
    assert [[one.gift for one in replica.care.gifts(each.id)] for each in (shop, lapsed)] == [["茶叶"], ["茶叶"]]


@BEHIND
def test_what_an_app_cannot_read_is_kept_and_shown_after_its_update(world: World, schema: int) -> None:
    """Digests agree all along; after the update nothing has to be sent again, and no network is needed."""
    shop, lapsed = ahead(world)
    with app_of(schema), world.phone() as replica:
        assert replica.sync().verified
        assert replica.status().why == "verified"
        assert [one.name for one in replica.outlets.list()] == [shop.name]
        assert replica.outlets.search("兴隆") == []
        visit = replica.visits.log(shop.id, notes="logged by the old app")
        assert replica.sync().verified
        before = held(replica)
    feed = world.company.master.feeds
    assert {record: entry.packed for one in feed.values() for record, entry in one.rows().items()}.items() >= {
        record: packed for record, packed in before.items() if record in {shop.id.bytes, lapsed.id.bytes}
    }.items()
    world.server.cut()
    with world.opened() as replica:
        sees_all(replica, shop, lapsed)
        assert [one.id for one in replica.visits.of(shop.id)] == [visit.id]
        assert held(replica) == before
    world.server.mend()
    with world.opened() as replica:
        report = replica.sync()
        assert (report.verified, report.received) == (True, 0)


def test_a_phone_without_room_after_an_update_shows_what_it_showed_before(world: World) -> None:
    """Nothing is closed for want of room; the rest is there as soon as it is opened with some."""
    shop, lapsed = ahead(world)
    with app_of(1), world.phone() as replica:
        assert replica.sync().verified

    def full(what: str) -> None:
        if what == "DELETE FROM find_person":
            raise StorageFull("replica.db")

    with world.opened(disk=Disk(full)) as replica:
        assert [one.name for one in replica.outlets.list()] == [shop.name]
        assert replica.status().why == "verified"
    with world.opened() as replica:
        sees_all(replica, shop, lapsed)


@BEHIND
def test_an_app_that_was_put_back_and_updated_again_shows_its_pending_work(world: World, schema: int) -> None:
    """Between the two it hides what it cannot read, also what the rep changed there; the change is sent once."""
    shop, lapsed = ahead(world)
    world.phone().close()
    world.server.cut()
    with world.opened() as replica:
        replica.outlets.update(lapsed.id, phone="13800000001")
        inner = replica._device.replica()
        with inner.change():
            # As after a kill between outbox and overlay, or a server that was put back: it is laid over anew.
            inner.overlay.take_back(0)
    with app_of(schema), world.opened() as replica:
        assert replica.status().pending == 1
        assert replica.outlets.search("13800000001") == []
    with world.opened() as replica:
        sees_all(replica, shop, lapsed)
        assert [one.id for one in replica.outlets.search("13800000001")] == [lapsed.id]
        world.server.mend()
        assert (replica.sync().sent, replica.status().pending) == (1, 0)
    master = world.company.master.records[lapsed.id].record
    assert isinstance(master, Outlet)
    assert master.phone == "13800000001"
