"""The one write path: what an operation does, and what is left when it is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from server.master.audit import audit
from server.master.tables import conflicts, dead_letters, operations, proposals
from server.master.typed import TYPED
from sync import scopes
from sync.errors import Refusal
from sync.ids import new_id
from sync.operations import Act, Operation
from sync.outcomes import OutcomeCode
from tests.server.desk import Desk


async def _count(desk: Desk, table: object) -> int:
    async with desk.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]


async def _sound(desk: Desk) -> None:
    async with desk.store.read() as tx:
        assert await audit(tx) == []


async def test_a_registered_outlet_is_in_the_feed_the_typed_table_and_the_journal(desk: Desk) -> None:
    """One write, three places, one transaction."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east, "老张烟酒", phone="13800000000")
    outlet = await desk.get(scopes.territory(desk.east), shop)
    assert (outlet.name, outlet.registered_by) == ("老张烟酒", desk.wang)
    async with desk.store.read() as tx:
        row = (await tx.execute(select(TYPED["outlet"]))).one()
    assert (row.id, row.name, row.phone, row.revision) == (shop, "老张烟酒", "13800000000", 1)
    await _sound(desk)


async def test_an_outlet_bears_the_servers_time_of_its_registration_whatever_its_id_says(desk: Desk) -> None:
    """A phone with a wrong date makes ids with that date; an edit afterwards leaves the time as it is."""
    rep, shop = desk.rep(desk.wang, desk.east), new_id(0, bytes(10))
    made = desk.operation(Act.CREATE, "outlet", shop, scope=scopes.territory(desk.east), name="老张烟酒")
    then, desk.now = desk.now, desk.now + 10_000
    await desk.submit(rep, made, at=then)
    await desk.edit(rep, "outlet", shop, 1, notes="补货")
    outlet = await desk.get(scopes.territory(desk.east), shop)
    assert (outlet.registered_at, outlet.notes) == (then, "补货")


async def test_two_reps_who_edit_different_fields_both_keep_their_edit(desk: Desk) -> None:
    """A record is merged field by field."""
    wang, li = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east)
    shop = await desk.register(wang, desk.east)
    assert (await desk.edit(wang, "outlet", shop, 1, address="人民路 1 号")).code is OutcomeCode.APPLIED
    assert (await desk.edit(li, "outlet", shop, 1, notes="补货")).code is OutcomeCode.MERGED
    outlet = await desk.get(scopes.territory(desk.east), shop)
    assert (outlet.address, outlet.notes) == ("人民路 1 号", "补货")


async def test_the_later_of_two_concurrent_values_wins_and_the_other_is_kept(desk: Desk) -> None:
    """Nothing that loses is lost: it is kept as a conflict with both values."""
    wang, li = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east)
    shop = await desk.register(wang, desk.east)
    desk.now += 10_000
    await desk.submit(wang, desk.operation(Act.EDIT, "outlet", shop, base=1, phone="1"), at=desk.now - 1_000)
    late = desk.operation(Act.EDIT, "outlet", shop, base=1, phone="2")
    outcome = (await desk.submit(li, late, at=desk.now - 5_000))[0]
    assert outcome.code is OutcomeCode.SUPERSEDED
    assert (await desk.get(scopes.territory(desk.east), shop)).phone == "1"
    async with desk.store.read() as tx:
        row = (await tx.execute(select(conflicts))).one()
    assert (row.field, row.matters) == ("phone", True)


async def test_a_repeat_is_answered_from_what_is_kept_and_done_once(desk: Desk) -> None:
    """An operation known by its id is never applied again, whatever number it comes with."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    visit = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, stock=[["SKU-1", 12, 5, 0]])
    first = await desk.submit(rep, visit)
    again = await desk.submit(rep, visit)
    assert (first[0].code, again[0].code) == (OutcomeCode.APPLIED, OutcomeCode.DUPLICATE)
    outlet = await desk.get(scopes.territory(desk.east), shop)
    assert outlet.stock["SKU-1"].sold == 5
    await _sound(desk)


async def test_a_visit_counts_the_stock_of_its_outlet_and_never_moves_it(desk: Desk) -> None:
    """On hand is the newest observation; a visit's position is an observation, not the archive's."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east, position=[39.9, 116.4])
    far = desk.operation(
        Act.CREATE, "visit", desk.id(), outlet=shop, position=[39.92, 116.4], stock=[["SKU-1", 12, 5, 0]]
    )
    old = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, stock=[["SKU-1", 99, 1, 0]])
    await desk.submit(rep, far)
    await desk.submit(rep, old, at=desk.now - 60_000)
    outlet = await desk.get(scopes.territory(desk.east), shop)
    assert (outlet.stock["SKU-1"].on_hand, outlet.stock["SKU-1"].sold) == (12, 6)
    assert (outlet.position.lat, outlet.position.lon) == (39.9, 116.4)


async def test_one_bad_operation_never_blocks_the_next(desk: Desk) -> None:
    """Unknown field, collection, enumeration, scope, undecodable bytes: dead letters with their bodies, in place."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    bad: list[Operation | bytes] = [
        desk.operation(Act.EDIT, "outlet", shop, base=1, colour="red"),
        desk.operation(Act.CREATE, "spaceship", desk.id(), name="x"),
        desk.operation(Act.EDIT, "outlet", shop, base=1, status="exploded"),
        desk.operation(Act.EDIT, "outlet", shop, base=1, phone=5),
        desk.operation(Act.EDIT, "outlet", desk.id(), base=1, phone="5"),
        desk.operation(Act.CREATE, "outlet", desk.id(), scope="territory/no", name="x"),
        desk.operation(Act.CREATE, "outlet", desk.id(), scope=scopes.territory(desk.west), name="x"),
        desk.operation(Act.EDIT, "visit", shop, base=1, notes="x"),
        desk.operation(Act.CREATE, "outlet", desk.id(), scope=scopes.territory(desk.east)),
        b"\xff\x00 not an operation",
    ]
    good = desk.operation(Act.EDIT, "outlet", shop, base=1, notes="still here")
    outcomes = await desk.submit(rep, *bad, good)
    assert [one.reason for one in outcomes] == [
        "unknown_field", "unknown_collection", "bad_value", "bad_value", "record_unknown", "unknown_scope",
        "unknown_scope", "record_unknown", "bad_value", "undecodable", "",
    ]  # fmt: skip
    assert outcomes[-1].code is OutcomeCode.APPLIED
    async with desk.store.read() as tx:
        letters = (await tx.execute(select(dead_letters).order_by(dead_letters.c.number))).all()
    assert bytes(letters[-1].body) == b"\xff\x00 not an operation"
    assert len(letters) == len(bad)
    refused = await desk.records(scopes.staff(desk.wang))
    assert len(refused) == len(bad)
    await _sound(desk)


@pytest.mark.parametrize("field", ["review", "code", "source_ref"])
async def test_a_rep_cannot_write_a_managers_field(desk: Desk, field: str) -> None:
    """Fields are allow-listed by role."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    outcome = await desk.edit(rep, "outlet", shop, 1, **{field: "approved"})
    assert (outcome.code, outcome.reason) == (OutcomeCode.REFUSED, "not_yours")


async def test_grade_credit_and_closing_are_proposed_by_a_rep_and_decided_by_a_manager(desk: Desk) -> None:
    """A proposal changes nothing until a manager decides; what goes with it is applied."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    outcome = await desk.edit(rep, "outlet", shop, 1, grade="A", status="closed", notes="too")
    outlet = await desk.get(scopes.territory(desk.east), shop)
    assert outcome.code is OutcomeCode.PROPOSED
    assert (outlet.grade, outlet.status, outlet.notes) == ("C", "uses_category", "too")
    assert await _count(desk, proposals) == 1
    assert (await desk.edit(desk.manager(), "outlet", shop, 2, grade="A")).code is OutcomeCode.APPLIED
    assert (await desk.get(scopes.territory(desk.east), shop)).grade == "A"


async def test_moving_an_outlet_takes_everything_that_stands_at_it_along(desk: Desk) -> None:
    """A moved entry in the old feed, a full one in the new, private parts to the private scope, all at once."""
    rep, boss = desk.rep(desk.wang, desk.east), desk.manager()
    shop, person, private, visit = await desk.register(rep, desk.east), desk.id(), desk.id(), desk.id()
    await desk.submit(
        rep,
        desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"),
        desk.operation(Act.CREATE, "contact_private", private, outlet=shop, contact=person, hobbies={"add": ["钓鱼"]}),
        desk.operation(Act.CREATE, "visit", visit, outlet=shop),
    )
    moved = await desk.apply(boss, desk.operation(Act.MOVE, "outlet", shop, scope=scopes.territory(desk.west)))
    east, west = scopes.territory(desk.east), scopes.territory(desk.west)
    assert moved.changed == {east, west, scopes.private_of(east), scopes.private_of(west)}
    assert await desk.records(east) == {}
    assert set(await desk.records(west)) == {shop, person, visit}
    assert set(await desk.records(scopes.private_of(west))) == {private}
    await _sound(desk)
    late = await desk.submit(rep, desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop))
    assert (late[0].code, late[0].reason) == (OutcomeCode.REFUSED, "record_unknown")


async def test_an_edit_of_a_record_that_is_gone_is_a_dead_letter_not_an_insert(desk: Desk) -> None:
    """An offline edit never brings a removed record back."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    await desk.submit(desk.manager(), desk.operation(Act.REMOVE, "outlet", shop))
    outcome = await desk.edit(rep, "outlet", shop, 1, notes="back?")
    again = await desk.submit(
        rep, desk.operation(Act.CREATE, "outlet", shop, scope=scopes.territory(desk.east), name="back?")
    )
    assert (outcome.reason, again[0].reason) == ("record_gone", "record_exists")
    assert await desk.records(scopes.territory(desk.east)) == {}
    await _sound(desk)


async def test_an_amendment_takes_back_what_the_first_visit_summed_and_works_once(desk: Desk) -> None:
    """A visit is never changed; the record that amends it replaces its sums."""
    rep = desk.rep(desk.wang, desk.east)
    shop, first, second = await desk.register(rep, desk.east), desk.id(), desk.id()
    await desk.submit(rep, desk.operation(Act.CREATE, "visit", first, outlet=shop, stock=[["S", 3, 50, 0]]))
    mend = desk.operation(Act.CREATE, "visit", second, outlet=shop, amends=first, stock=[["S", 3, 5, 0]])
    assert (await desk.submit(rep, mend))[0].code is OutcomeCode.APPLIED
    assert (await desk.get(scopes.territory(desk.east), shop)).stock["S"].sold == 5
    twice = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, amends=first)
    foreign = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, amends=second)
    assert (await desk.submit(rep, twice))[0].reason == "already_amended"
    assert (await desk.submit(desk.rep(desk.li, desk.east), foreign))[0].reason == "amends_unknown"


async def _forbid_a_name(desk: Desk, name: str) -> None:
    on_sqlite = f"""CREATE TRIGGER forbids BEFORE INSERT ON contacts WHEN NEW.name = '{name}'
        BEGIN SELECT RAISE(ABORT, 'forbidden'); END"""
    on_postgresql = f"ALTER TABLE contacts ADD CONSTRAINT forbids CHECK (name <> '{name}')"
    async with desk.store.write() as tx:
        await tx.execute(text(on_sqlite if desk.store.is_sqlite else on_postgresql))


async def test_what_the_database_refuses_stands_alone_as_a_dead_letter(desk: Desk) -> None:
    """A row that breaks a rule of the database's own is refused with its operation, and nothing else with it."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    await _forbid_a_name(desk, "forbidden")
    edits = [desk.operation(Act.EDIT, "outlet", shop, base=1, notes=f"{at}") for at in range(6)]
    edits.insert(3, desk.operation(Act.CREATE, "contact", desk.id(), outlet=shop, name="forbidden"))
    outcomes = await desk.submit(rep, *edits)
    assert [one.reason for one in outcomes] == ["", "", "", "store_refused", "", "", ""]
    assert await _count(desk, dead_letters) == 1
    assert (await desk.get(scopes.territory(desk.east), shop)).notes == "5"
    await _sound(desk)


async def test_no_work_is_blamed_for_a_store_that_a_later_version_has_upgraded(desk: Desk) -> None:
    """A server that was left running refuses for itself: nothing is stored, and no dead letter is made."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    await _forbid_a_name(desk, "forbidden")
    async with desk.store.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    edits = [desk.operation(Act.EDIT, "outlet", shop, base=1, notes=f"{at}") for at in range(6)]
    edits.insert(3, desk.operation(Act.CREATE, "contact", desk.id(), outlet=shop, name="forbidden"))
    with pytest.raises(Refusal, match="unavailable"):
        await desk.submit(rep, *edits)
    assert await _count(desk, dead_letters) == 0
    assert (await desk.get(scopes.territory(desk.east), shop)).notes == ""


async def test_a_batch_costs_a_number_of_queries_that_does_not_grow_with_it(desk: Desk) -> None:
    """Two hundred operations take as many statements as two."""
    from sqlalchemy import event  # noqa: PLC0415

    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    counted: list[int] = []
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    event.listen(desk.store._writer.sync_engine, "before_cursor_execute", count)
    for length in (2, 200):
        seen = 0
        await desk.submit(rep, *(desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop) for _ in range(length)))
        counted.append(seen)
    assert counted[0] == counted[1] < 40
    assert await _count(desk, operations) == 203
