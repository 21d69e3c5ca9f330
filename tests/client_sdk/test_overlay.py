"""The overlay: what the rep entered shows at once, stays until the server's version shows, and counts once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest

from client_sdk.errors import InvalidInput, NotFound
from client_sdk.ports import Reply, Request
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.records import ContactPrivate, Grade, OrderLine, Outlet, Stock, TaskStatus


def test_work_shows_before_any_sync(world: World) -> None:
    """Registered, changed, visited offline: the rep sees it all, marked as pending."""
    outlet = world.outlet()
    replica = world.phone()
    world.server.cut()
    shop = replica.outlets.register(name="新开的店", position=HERE, phone="13800000000")
    replica.contacts.add(shop.id, name="李四", phone="13700000000")
    replica.outlets.update(shop.id, phone="13811111111")
    visit = replica.visits.log(outlet.id, stock=[Stock("SKU-1", on_hand=12, sold=5)])
    assert replica.outlets.get(shop.id).phone == "13811111111"
    assert [one.name for one in replica.contacts.of(shop.id)] == ["李四"]
    assert [one.name for one in replica.outlets.search("李四")] == ["新开的店"]
    assert {one.outlet.name for one in replica.outlets.near(HERE)} == {"老张烟酒", "新开的店"}
    seen = replica.outlets.get(outlet.id)
    assert (seen.stock["SKU-1"].on_hand, seen.stock["SKU-1"].sold) == (12, 5)
    assert seen.last_visit_at == visit.started_at == world.time.now
    assert visit.staff == replica.staff
    assert replica.about(shop.id).pending
    assert replica.status().pending == 4


def test_nothing_flickers_when_the_answer_comes_in_pieces(world: World) -> None:
    """Acknowledged in one answer, the row in the next: at every moment the rep sees the visit's stock once."""
    outlet = world.outlet()
    for number in range(6):
        world.outlet(f"店{number}号")
    replica = world.phone()
    replica.visits.log(outlet.id, stock=[Stock("SKU-1", sold=5)])
    replica.outlets.update(outlet.id, phone="13900000000")
    for number in range(6):
        world.outlet(f"后来的店{number}号")
        private = ContactPrivate(world.company.new_id(), world.company.new_id(), outlet.id)
        world.company.master.put(private, scopes.private_of(scopes.territory(world.west)))
    world.server.settings.page = 100
    seen: list[tuple[int, str, int]] = []

    def look(_request: Request, reply: Reply) -> Reply:
        shown = replica.outlets.get(outlet.id)
        seen.append((shown.stock["SKU-1"].sold, shown.phone, len(replica.visits.of(outlet.id))))
        return reply

    world.server.fault = look
    report = replica.sync()
    assert report.rounds > 3
    look(Request("GET", "/"), Reply(200))
    assert set(seen) == {(5, "13900000000", 1)}
    assert not replica.about(outlet.id).pending


def test_a_refused_change_goes_back_to_what_the_company_has(world: World) -> None:
    """At the checkpoint the outlet shows the master's value again; the outcome says why."""
    outlet = world.outlet()
    replica = world.phone()
    world.company.master.move(outlet.id, scopes.territory(world.west))
    replica.outlets.update(outlet.id, phone="13900000000")
    del world.company.master.records[outlet.id]
    replica.sync()
    assert replica.outlets.get(outlet.id).phone == ""
    outcome = replica.about(outlet.id).outcome
    assert outcome is not None
    assert (outcome.code, outcome.reason) == ("refused", "record_unknown")


def test_a_proposal_goes_back_until_it_is_decided(world: World) -> None:
    """A rep's grade is the manager's to decide: it shows while pending, then what the company has."""
    outlet = world.outlet()
    replica = world.phone()
    assert replica.outlets.update(outlet.id, grade="A").grade is Grade.A
    assert replica.sync().outcomes == {"proposed": 1}
    assert replica.outlets.get(outlet.id).grade is Grade.C


def test_a_field_edited_twice_offline_is_no_conflict(world: World) -> None:
    """Both edits apply in order."""
    outlet = world.outlet()
    replica = world.phone()
    replica.outlets.update(outlet.id, phone="1")
    replica.outlets.update(outlet.id, phone="2")
    assert replica.sync().outcomes == {"applied": 2}
    assert replica.outlets.get(outlet.id).phone == "2"


def test_a_colleagues_change_to_another_field_comes_under_ones_own(world: World) -> None:
    """The master's row changes while an edit is pending: the new row shows, with the pending value on top."""
    outlet = world.outlet()
    replica = world.phone()
    replica.outlets.update(outlet.id, phone="13900000000")
    replica.visits.log(outlet.id, stock=[Stock("SKU-1", sold=1)])
    world.put(msgspec.structs.replace(outlet, notes="by a colleague"))
    world.server.settings.page = 1
    world.server.fault = _stop_after(world, 1)
    replica.sync()
    world.server.fault = None
    world.server.mend()
    seen = replica.outlets.get(outlet.id)
    assert (seen.phone, seen.stock["SKU-1"].sold) == ("13900000000", 1)
    replica.sync()
    seen = replica.outlets.get(outlet.id)
    assert (seen.phone, seen.notes, seen.stock["SKU-1"].sold) == ("13900000000", "by a colleague", 1)


def _stop_after(world: World, count: int) -> Callable[[Request, Reply], Reply]:
    """The network goes off after so many answers."""
    left = count

    def fault(_request: Request, reply: Reply) -> Reply:
        nonlocal left
        left -= 1
        if left <= 0:
            world.server.cut()
        return reply

    return fault


def test_sets_are_changed_element_by_element(world: World) -> None:
    """A list in place of a list becomes what was added and what was taken out."""
    outlet = world.outlet(visit_days=("mon", "tue"))
    replica = world.phone()
    replica.outlets.update(outlet.id, visit_days=("tue", "fri"))
    world.put(msgspec.structs.replace(outlet, visit_days=("mon", "tue", "sat")))
    replica.sync()
    assert set(replica.outlets.get(outlet.id).visit_days) == {"tue", "sat", "fri"}


def test_an_amendment_counts_instead_of_what_it_amends(world: World) -> None:
    """Stock of the old visit is taken back, before the sync and after it, and a visit is amended once."""
    outlet = world.outlet()
    replica = world.phone()
    visit = replica.visits.log(outlet.id, notes="wrong", stock=[Stock("SKU-1", sold=50)])
    better = replica.visits.amend(visit.id, stock=[Stock("SKU-1", sold=5)])
    assert (better.amends, better.notes) == (visit.id, "wrong")
    assert replica.outlets.get(outlet.id).stock["SKU-1"].sold == 5
    with pytest.raises(InvalidInput) as refused:
        replica.visits.amend(visit.id, notes="again")
    assert refused.value.code == "already_amended"
    replica.sync()
    assert replica.outlets.get(outlet.id).stock["SKU-1"].sold == 5


def test_a_delivery_shows_in_the_stock(world: World) -> None:
    """What was brought counts as bought, with its day."""
    outlet = world.outlet()
    replica = world.phone()
    replica.deliveries.record(outlet.id, lines=[OrderLine("SKU-1", 10, 500)], delivered_on="2026-09-22")
    line = replica.outlets.get(outlet.id).stock["SKU-1"]
    assert (line.bought, line.last_delivery) == (10, "2026-09-22")
    replica.sync()
    assert replica.outlets.get(outlet.id).stock["SKU-1"] == line


def test_every_kind_of_work_arrives(world: World) -> None:
    """Sweep, order, payment, contact and its private part, task, notice."""
    outlet = world.outlet()
    task = world.task(world.rep)
    replica = world.phone()
    replica.sweeps.log(notes="东街")
    replica.orders.record(outlet.id, lines=[OrderLine("SKU-1", 2, 500)])
    replica.payments.record(outlet.id, amount=100_000, account="对公账户")
    contact = replica.contacts.add(outlet.id, name="张三")
    replica.contacts.update(contact.id, phone="13700000000")
    replica.contacts.update_private(contact.id, hobbies=("钓鱼",))
    replica.contacts.update_private(contact.id, hobbies=("钓鱼", "下棋"))
    replica.tasks.finish(task.id, "送到了")
    assert replica.tasks.list() == []
    report = replica.sync()
    assert (report.ended, report.outcomes) == ("done", {"applied": 8})
    private = replica.contacts.private(contact.id)
    assert private is not None
    assert private.hobbies == ("钓鱼", "下棋")
    assert replica.tasks.list(done=True)[0].status is TaskStatus.DONE


def test_a_role_without_the_private_part_cannot_begin_one(world: World) -> None:
    """The scope is not on the phone, and the call says whose it is not."""
    world.rep.private = False
    outlet = world.outlet()
    contact = world.contact(outlet)
    replica = world.phone()
    assert replica.contacts.private(contact.id) is None
    with pytest.raises(InvalidInput) as refused:
        replica.contacts.update_private(contact.id, hobbies=("钓鱼",))
    assert refused.value.code == "not_yours"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("phone", 5, "bad_value"),
        ("name", "", "bad_value"),
        ("grade", "Z", "bad_value"),
        ("colour", "red", "unknown_field"),
        ("stock", {}, "unknown_field"),
        ("source", "import", "never_changed"),
        ("notes", "x" * 5000, "bad_value"),
        ("notes", object(), "bad_value"),
    ],
)
def test_bad_input_is_refused_before_it_is_stored(world: World, field: str, value: object, code: str) -> None:
    """The error names the field; the outbox stays as it was."""
    outlet = world.outlet()
    replica = world.phone()
    with pytest.raises(InvalidInput) as refused:
        replica.outlets.update(outlet.id, **cast("Any", {field: value}))
    assert refused.value.code == code
    assert refused.value.field in {field, ""}
    assert refused.value.field == field or type(value) is object
    assert replica.status().pending == 0


def test_what_is_not_on_the_phone_cannot_be_worked_on(world: World) -> None:
    """An outlet of another territory, a contact that is none."""
    elsewhere = Outlet(world.company.new_id(), "别处的店")
    replica = world.phone()
    for act in (
        lambda: replica.visits.log(elsewhere.id),
        lambda: replica.outlets.update(elsewhere.id, phone="1"),
        lambda: replica.contacts.add(elsewhere.id, name="x"),
        lambda: replica.tasks.finish(elsewhere.id),
        lambda: replica.visits.amend(elsewhere.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert replica.status().pending == 0


def test_a_new_outlet_goes_to_the_territory_it_stands_in(world: World) -> None:
    """With two territories the nearest outlet tells; without a hint the call asks which."""
    world.rep.territories.append(world.east)
    world.company.hire("老李", world.east)
    world.outlet("西边的店")
    far = msgspec.structs.replace(HERE, lon=HERE.lon + 0.5)
    world.outlet("东边的店", world.east, position=far)
    replica = world.phone()
    with pytest.raises(InvalidInput) as refused:
        replica.outlets.register(name="不知道在哪")
    assert (refused.value.code, refused.value.field) == ("unknown_scope", "territory")
    shop = replica.outlets.register(name="桥头副食", position=far)
    replica.outlets.register(name="王记小卖部", territory=world.west)
    replica.sync()
    assert world.company.master.records[shop.id].scope == scopes.territory(world.east)


def test_a_position_in_another_datum_is_stored_in_wgs84(world: World) -> None:
    """GCJ-02 from a map is off by hundreds of metres; the store keeps WGS-84, and so does the overlay."""
    replica = world.phone()
    shop = replica.outlets.register(name="地图上的店", position=msgspec.structs.replace(HERE, datum="gcj02"))
    assert shop.position is not None
    assert shop.position.datum == "wgs84"
    assert abs(shop.position.lon - HERE.lon) > 0.001
    replica.sync()
    assert replica.outlets.get(shop.id).position == shop.position
