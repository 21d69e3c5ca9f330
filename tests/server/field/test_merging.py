"""Merging two outlets, what goes along, what offline phones still say of the one that went, and undoing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server.field.merging import Came, merge, undo
from server.field.tasks import Wanted, give
from server.master.audit import audit
from server.master.merges import Merge, listed
from server.master.standing import survivors
from server.master.store import Store, Tx
from server.master.verify import verify
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.records import Outlet, Stock, Task
from tests.server.desk import Desk
from tests.server.meeting import while_uncommitted


class _Street:
    """One company in which `goes` stands in the west and `stays` in the east."""

    def __init__(self, store: Store) -> None:
        self.desk = Desk(store)

    async def open(self) -> _Street:
        await self.desk.open()
        desk = self.desk
        self.east, self.west = scopes.territory(desk.east), scopes.territory(desk.west)
        self.wang, self.li = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.west)
        self.stays = await desk.register(self.wang, desk.east, "老张烟酒", phone="13800000001")
        self.goes = await desk.register(self.li, desk.west, "老张烟酒店", phone="13800000002", notes="二楼有仓库")
        return self

    @property
    def sources(self) -> Sources:
        return Sources(lambda: self.desk.now, self.desk.random.randbytes)

    async def merge(self, gone: UUID | None = None, into: UUID | None = None, *taken: str) -> Came:
        async with self.desk.store.write() as tx:
            return await merge(
                tx, self.sources, gone or self.goes, into or self.stays, reason="同一家店", by=self.desk.company,
                taken=taken,
            )  # fmt: skip

    async def undo(self, gone: UUID | None = None, to: str | None = None) -> Came:
        async with self.desk.store.write() as tx:
            return await undo(tx, self.sources, gone or self.goes, reason="是两家", by=self.desk.company, to=to)

    async def sound(self) -> None:
        """The store and its journal hold against themselves."""
        async with self.desk.store.read() as tx:
            assert await audit(tx) == []
            assert (await verify(tx, [])).is_sound


@pytest.fixture
async def street(store: Store) -> _Street:
    """Two outlets that are one, in two territories."""
    return await _Street(store).open()


async def test_the_one_that_goes_moves_with_all_that_stands_at_it_and_comes_back(street: _Street) -> None:
    """Contact, private part and visit are in the survivor's scopes; undone, they are where they were."""
    desk = street.desk
    contact, private, visit = desk.id(), desk.id(), desk.id()
    made = [
        desk.operation(Act.CREATE, "contact", contact, outlet=street.goes, name="张伟"),
        desk.operation(Act.CREATE, "contact_private", private, outlet=street.goes, contact=contact, notes="爱钓鱼"),
        desk.operation(Act.CREATE, "visit", visit, outlet=street.goes, stock=(Stock("SKU-1", 12, 5),)),
    ]
    assert {one.code for one in await desk.submit(street.li, *made)} == {"applied"}
    before = await desk.records(street.west)
    await street.merge()
    east: dict[UUID, Any] = await desk.records(street.east)
    assert {street.stays, street.goes, contact, visit} <= east.keys()
    assert private in await desk.records(scopes.private_of(street.east))
    assert await desk.records(street.west) == await desk.records(scopes.private_of(street.west)) == {}
    assert east[visit].outlet == street.goes
    assert east[street.stays].stock == {}
    await street.sound()
    await street.undo()
    assert await desk.records(street.west) == before
    assert set(await desk.records(street.east)) == {street.stays}
    await street.sound()
    await street.merge()
    assert len(await _merges(desk, everything=True)) == 2
    assert [one.gone for one in await _merges(desk)] == [street.goes]


async def _merges(desk: Desk, *, everything: bool = False) -> list[Merge]:
    async with desk.store.read() as tx:
        return list(await listed(tx, everything=everything))


async def test_fields_taken_over_go_back_unless_somebody_changed_them_since(street: _Street) -> None:
    """The manager chose phone and notes; a rep then mended the phone: undoing gives back the notes alone."""
    desk = street.desk
    await street.merge(None, None, "phone", "notes")
    shop: Outlet = await desk.get(street.east, street.stays)
    assert (shop.name, shop.phone, shop.notes) == ("老张烟酒", "13800000002", "二楼有仓库")
    assert (await desk.edit(street.wang, "outlet", street.stays, 2, phone="13900000009")).code == "applied"
    await street.undo()
    shop = await desk.get(street.east, street.stays)
    assert (shop.phone, shop.notes) == ("13900000009", "")


async def test_an_offline_edit_of_the_one_that_went_is_led_to_the_survivor_or_refused(street: _Street) -> None:
    """Who has a right where the survivor stands mends the survivor; who has none gets a dead letter."""
    desk = street.desk
    both = desk.rep(desk.wang, desk.east, desk.west, origin=b"o" * 16)
    await street.merge()
    desk.now += 60_000
    led = await desk.edit(both, "outlet", street.goes, 1, address="中山路 8 号")
    assert led.code in {"merged", "overrode"}
    refused = await desk.edit(street.li, "outlet", street.goes, 1, address="不该有")
    assert (refused.code, refused.reason) == ("refused", "record_unknown")
    east: dict[UUID, Any] = await desk.records(street.east)
    assert (east[street.stays].address, east[street.goes].address) == ("中山路 8 号", "")
    await street.sound()
    await street.undo()
    assert (await desk.get(street.east, street.stays)).address == "中山路 8 号"
    assert (await desk.get(street.west, street.goes)).address == ""
    await street.sound()


async def test_an_edit_from_before_the_survivors_last_change_is_superseded_and_kept(street: _Street) -> None:
    """It has seen nothing of the survivor: the later stamp wins, whatever revision it names."""
    desk = street.desk
    both = desk.rep(desk.wang, desk.east, desk.west, origin=b"o" * 16)
    await desk.edit(street.wang, "outlet", street.stays, 1, phone="13700000007")
    await street.merge()
    said = desk.operation(Act.EDIT, "outlet", street.goes, base=99, phone="13600000006")
    (outcome,) = await desk.submit(both, said, at=desk.now - 3_600_000)
    assert outcome.code == "superseded"
    assert outcome.lost[0].value == "13600000006"
    assert (await desk.get(street.east, street.stays)).phone == "13700000007"


async def test_what_is_made_at_the_one_that_went_stands_there_and_may_name_what_stands_at_the_other(
    street: _Street,
) -> None:
    """A visit at it counts there; a report at the survivor names a contact of the other; a stranger's is refused."""
    desk = street.desk
    contact, stranger = desk.id(), desk.id()
    elsewhere = await desk.register(street.wang, desk.east, "小李副食")
    await desk.submit(street.li, desk.operation(Act.CREATE, "contact", contact, outlet=street.goes, name="张伟"))
    await desk.submit(street.wang, desk.operation(Act.CREATE, "contact", stranger, outlet=elsewhere, name="李四"))
    await street.merge()
    visit = desk.operation(Act.CREATE, "visit", desk.id(), outlet=street.goes, stock=(Stock("SKU-1", 9, 3),))
    report = desk.operation(Act.CREATE, "contact_private", desk.id(), outlet=street.stays, contact=contact)
    wrong = desk.operation(Act.CREATE, "contact_private", desk.id(), outlet=street.stays, contact=stranger)
    outcomes = await desk.submit(street.wang, visit, report, wrong)
    assert [one.code for one in outcomes] == ["applied", "applied", "refused"]
    east: dict[UUID, Any] = await desk.records(street.east)
    assert (east[street.goes].stock["SKU-1"].sold, east[street.stays].stock) == (3, {})
    (late,) = await desk.submit(street.li, desk.operation(Act.CREATE, "visit", desk.id(), outlet=street.goes))
    assert (late.code, late.reason) == ("refused", "record_unknown")
    await street.sound()


async def test_a_chain_moves_as_one_and_ends_at_its_end(street: _Street) -> None:
    """A into B, B into C, C moved: all are where C is; undoing the middle takes A along with B."""
    desk = street.desk
    third = await desk.register(street.wang, desk.east, "老张烟酒行")
    visit = desk.id()
    await desk.submit(street.li, desk.operation(Act.CREATE, "visit", visit, outlet=street.goes))
    await street.merge()
    await street.merge(street.stays, third)
    (moved,) = await desk.submit(desk.manager(), desk.operation(Act.MOVE, "outlet", third, scope=street.west))
    assert moved.code == "applied"
    assert {street.goes, street.stays, third, visit} == set(await desk.records(street.west))
    async with desk.store.read() as tx:
        assert await survivors(tx) == {street.goes: third, street.stays: third}
    (alone,) = await desk.submit(desk.manager(), desk.operation(Act.MOVE, "outlet", street.goes, scope=street.east))
    assert (alone.code, alone.reason) == ("refused", "bad_value")
    both = desk.rep(desk.li, desk.east, desk.west, origin=b"o" * 16)
    desk.now += 60_000
    assert (await desk.edit(both, "outlet", street.goes, 1, address="路 1 号")).code != "refused"
    assert (await desk.get(street.west, third)).address == "路 1 号"
    await street.sound()
    await street.undo(street.stays)
    assert {street.goes, street.stays, visit} == set(await desk.records(street.east))
    assert set(await desk.records(street.west)) == {third}
    await street.sound()


async def test_no_circle_no_second_alias_and_no_survivor_is_removed(street: _Street) -> None:
    """What is merged is not merged again, nor into itself; what others are merged into stays."""
    await street.merge()
    for gone, into in ((street.stays, street.goes), (street.goes, street.stays), (street.stays, street.stays)):
        with pytest.raises(Refusal) as refusal:
            await street.merge(gone, into)
        assert refusal.value.code == "bad_value"
    desk = street.desk
    (kept,) = await desk.submit(desk.manager(), desk.operation(Act.REMOVE, "outlet", street.stays))
    assert (kept.code, kept.reason) == ("refused", "bad_value")
    with pytest.raises(Refusal):
        await street.undo(street.stays)


async def test_from_the_pool_and_back_and_to_a_place_that_is_named(street: _Street) -> None:
    """What stood in the pool comes to the survivor's territory; undoing may name another place."""
    desk = street.desk
    pool = scopes.pool(desk.pool)
    await desk.submit(desk.manager(), desk.operation(Act.MOVE, "outlet", street.goes, scope=pool))
    assert street.goes in await desk.records(pool)
    await street.merge()
    assert street.goes in await desk.records(street.east)
    with pytest.raises(Refusal) as refusal:
        await street.undo(to=scopes.territory(desk.id()))
    assert refusal.value.code == "unknown_scope"
    await street.undo(to=street.west)
    assert set(await desk.records(street.west)) == {street.goes}
    await street.sound()


async def test_two_merges_that_meet_make_no_circle_and_no_second_alias(street: _Street) -> None:
    """One manager merges A into B while another merges B into A, or A into C: the second is told, nothing vanishes."""
    desk = street.desk
    other = await desk.register(street.li, desk.west, "张记烟酒")
    for gone, into in ((street.stays, street.goes), (street.goes, other)):

        async def first(tx: Tx) -> Came:
            return await merge(tx, street.sources, street.goes, street.stays, reason="同一家店", by=desk.company)

        async def second(tx: Tx, gone: UUID = gone, into: UUID = into) -> Came:
            return await merge(tx, street.sources, gone, into, reason="同一家店", by=desk.company)

        _, came = await while_uncommitted(desk.store, first, second)
        assert isinstance(came, Refusal), came
        async with desk.store.read() as tx:
            assert await survivors(tx) == {street.goes: street.stays}
        await street.undo()
    await street.sound()


async def test_of_two_who_undo_a_merge_at_once_the_second_is_told(street: _Street) -> None:
    """What the survivor gave back is given back once."""
    await street.merge(None, None, "phone", "visit_days")

    async def part(tx: Tx) -> Came:
        return await undo(tx, street.sources, street.goes, reason="是两家", by=street.desk.company)

    _, came = await while_uncommitted(street.desk.store, part, part)
    assert isinstance(came, Refusal), came
    assert came.code == "not_found"
    await street.sound()


async def test_what_rules_asked_for_at_the_one_that_went_is_over(street: _Street) -> None:
    """Nobody is to call back a shop that is none; what a person asked for stays."""
    desk = street.desk
    async with desk.store.write() as tx:
        wanted = [Wanted(kind, street.goes, kind) for kind in ("call_back", "second_face", "other")]
        await give(tx, street.sources, [(desk.li, one) for one in wanted])
    await street.merge()
    found: dict[UUID, Any] = await desk.records(scopes.staff(desk.li))
    states = {one.kind: one.status for one in found.values() if isinstance(one, Task)}
    assert states == {"call_back": "dropped", "second_face": "dropped", "other": "open"}
