"""Two outlets that the company merged are one on the phone: found, read, planned and written as one."""

from __future__ import annotations

import msgspec
import pytest

from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import HERE, World
from sync.records import Grade, Outlet, StockLine, Visit


def _two(world: World) -> tuple[Outlet, Outlet]:
    """The one that stays and the one that goes, each with stock, last visited 30 days and 1 day ago."""
    now = world.time.now
    stays = world.outlet("老张烟酒", grade=Grade.B)
    goes = world.outlet("章记副食", grade=Grade.B, phone="13912345678")
    stays = msgspec.structs.replace(
        stays, last_visit_at=now - 30 * DAY, stock={"SKU-1": StockLine(5, 3, 9, now - 30 * DAY, "2026-10-01")}
    )
    goes = msgspec.structs.replace(
        goes, last_visit_at=now - DAY, stock={"SKU-1": StockLine(2, 1, 4, now - DAY), "SKU-2": StockLine(1)}
    )
    world.put(stays, goes)
    return stays, goes


def _merge(world: World, gone: Outlet, into: Outlet | None) -> None:
    world.put(msgspec.structs.replace(gone, merged_into=into.id if into else None))


def _shown(replica: Replica) -> list[str]:
    near = [one.outlet.name for one in replica.outlets.near(HERE)]
    assert sorted(near) == sorted(one.name for one in replica.outlets.list())
    return sorted(near)


def test_a_merged_outlet_is_read_as_the_one_that_stands_for_it_and_parts_again(world: World) -> None:
    """Found under either name, stock summed with the newest count, visits of both, not due; undone, there are two."""
    stays, goes = _two(world)
    person = world.contact(goes, "章三", "13700000001")
    world.put(Visit(world.company.new_id(), goes.id, started_at=world.time.now - DAY))
    replica = world.phone()
    assert _shown(replica) == ["章记副食", "老张烟酒"]
    assert [one.outlet.name for one in replica.today().visits] == ["老张烟酒"]
    _merge(world, goes, stays)
    replica.sync()
    assert _shown(replica) == ["老张烟酒"]
    for text in ("老张", "章记", "zhangji", "13912345678", "章三"):
        assert [one.id for one in replica.outlets.search(text)] == [stays.id]
    shop = replica.outlets.get(goes.id)
    assert (shop.id, shop.last_visit_at) == (stays.id, goes.last_visit_at)
    assert shop.stock["SKU-1"] == StockLine(7, 4, 4, goes.stock["SKU-1"].counted_at, "2026-10-01")
    assert shop.stock["SKU-2"] == StockLine(1)
    assert len(replica.visits.of(stays.id)) == len(replica.visits.of(goes.id)) == 1
    assert [one.id for one in replica.contacts.of(stays.id)] == [person.id]
    assert replica.today().visits == ()
    _merge(world, goes, None)
    replica.sync()
    assert _shown(replica) == ["章记副食", "老张烟酒"]
    assert replica.outlets.get(goes.id) == goes
    assert [one.outlet.name for one in replica.today().visits] == ["老张烟酒"]
    assert replica.visits.of(stays.id) == []


@pytest.mark.parametrize("is_late", [False, True])
def test_a_chain_ends_at_its_end_in_whatever_order_it_comes(world: World, is_late: bool) -> None:
    """The alias may be on the phone before what it leads to is."""
    stays, goes = _two(world)
    third = world.outlet("老张烟酒行")
    early = world.phone(name="early") if is_late else None
    _merge(world, goes, third)
    if early is not None:
        early.sync()
    _merge(world, third, stays)
    replica = early or world.phone()
    replica.sync()
    assert _shown(replica) == ["老张烟酒"]
    assert replica.outlets.get(goes.id).id == replica.outlets.get(third.id).id == stays.id
    assert [one.id for one in replica.outlets.search("章记")] == [stays.id]


def test_what_is_logged_and_mended_on_the_phone_goes_where_it_belongs(world: World) -> None:
    """An edit goes to the one that stands; a visit stays where it was logged and shows on both."""
    stays, goes = _two(world)
    _merge(world, goes, stays)
    replica = world.phone()
    mended = replica.outlets.update(goes.id, address="中山路 8 号")
    assert (mended.id, mended.address) == (stays.id, "中山路 8 号")
    logged = replica.visits.log(goes.id, notes="补货")
    assert logged.outlet == goes.id
    assert [one.id for one in replica.visits.of(stays.id)] == [logged.id]
    assert replica.outlets.get(stays.id).last_visit_at == logged.started_at
    replica.sync()
    kept = world.company.master.records[stays.id].record
    assert isinstance(kept, Outlet)
    assert kept.address == "中山路 8 号"


def test_what_was_prepared_for_an_outlet_goes_with_it_into_the_one_that_stands(world: World) -> None:
    """The next visit takes it along, under whichever id; the newest where something was prepared for both."""
    stays, goes = _two(world)
    replica = world.phone()
    replica.visits.prepare(goes.id, aim="谈堆头")
    _merge(world, goes, stays)
    replica.sync()
    assert [replica.visits.prepared(one.id) is not None for one in (stays, goes)] == [True, True]
    assert replica.visits.log(stays.id).aim == "谈堆头"
    assert [replica.visits.prepared(one.id) for one in (stays, goes)] == [None, None]
    replica.visits.prepare(goes.id, aim="旧")
    world.time.now += 1000
    replica.visits.prepare(stays.id, aim="新")
    replica.visits.start(goes.id)
    assert replica.visits.finish().aim == "新"
    assert replica.visits.log(stays.id).aim == ""
