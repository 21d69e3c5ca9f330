"""Undo: what somebody changed goes back, in one act, and whatever others did since stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from server.field.undo.acting import Shown, Undone, show, undo
from server.field.undo.acts import acts
from server.field.undo.history import Finding, Meant, Verdict
from server.master import inbox
from server.master.audit import audit
from server.master.journal import ERASED, Note, note
from server.master.tables import journal_bodies
from server.master.tables import scopes as names
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from tests.server.desk import Desk

MINUTE = 60_000


def _sources(desk: Desk) -> Sources:
    return Sources(lambda: desk.now, desk.random.randbytes)


async def _show(desk: Desk, **meant: Any) -> Shown:
    named: dict[str, Any] = {"since": desk.now - 60 * MINUTE, "staff": desk.wang} | meant
    return await show(desk.store, Meant(**named))


async def _undo(desk: Desk, shown: Shown | None = None, **how: Any) -> Undone:
    desk.now += MINUTE
    done = await undo(desk.store, _sources(desk), shown or await _show(desk), **how)
    async with desk.store.read() as tx:
        assert await audit(tx) == []
    assert done.refused == {}
    return done


def _by_field(shown: Shown) -> dict[str, Finding]:
    return {one.field: one for one in shown.findings}


async def _shop(desk: Desk, **fields: Any) -> UUID:
    """An outlet that a colleague registered long ago, with these fields."""
    desk.now -= 100 * MINUTE
    shop = await desk.register(desk.rep(desk.li, desk.east), desk.east, **fields)
    desk.now += 100 * MINUTE
    return shop


async def _outlet(desk: Desk, shop: UUID, territory: UUID | None = None) -> Any:
    return await desk.get(scopes.territory(territory or desk.east), shop)


async def test_several_changes_go_back_to_the_last_value_that_was_not_theirs(desk: Desk) -> None:
    """Phone, status and name that one person changed twice are as they were before; what was not touched stays."""
    shop = await _shop(desk, phone="13800000000", status="buyer", notes="老客户")
    wang = desk.rep(desk.wang, desk.east)
    await desk.edit(wang, "outlet", shop, 1, phone="1", name="x", status="lapsed")
    await desk.edit(wang, "outlet", shop, 2, phone="2")
    shown = await _show(desk)
    assert {one.field: (one.now, one.back_to) for one in shown.findings} == {
        "phone": ("2", "13800000000"), "name": ("x", "老张烟酒"), "status": ("lapsed", "buyer"),
    }  # fmt: skip
    done = await _undo(desk, shown)
    assert (done.restored, done.records) == (3, 1)
    outlet = await _outlet(desk, shop)
    assert (outlet.phone, outlet.name, outlet.status, outlet.notes) == ("13800000000", "老张烟酒", "buyer", "老客户")
    assert (await _undo(desk)).restored == 0


async def test_what_a_colleague_changed_or_said_again_since_is_spared(desk: Desk) -> None:
    """A later value stays; an edit that says the same value is a confirmation; a visit is none."""
    shop = await _shop(desk, phone="1", address="a", notes="n")
    wang, li = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east)
    await desk.edit(wang, "outlet", shop, 1, phone="2", address="b", notes="m")
    await desk.edit(li, "outlet", shop, 2, phone="3")
    await desk.edit(li, "outlet", shop, 3, address="b")
    await desk.submit(li, desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop))
    verdicts = {name: one.verdict for name, one in _by_field(await _show(desk)).items()}
    assert verdicts == {"phone": Verdict.CHANGED, "address": Verdict.CONFIRMED, "notes": Verdict.RESTORE}
    await _undo(desk)
    outlet = await _outlet(desk, shop)
    assert (outlet.phone, outlet.address, outlet.notes) == ("3", "b", "n")


async def test_a_colleague_who_said_the_same_without_knowing_confirms_it(desk: Desk) -> None:
    """Also where the colleague's edit is the earlier of two concurrent ones, and leaves no mark of its own."""
    shop = await _shop(desk, phone="1")
    wang, li = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east)
    await desk.edit(wang, "outlet", shop, 1, phone="2")
    early = desk.operation(Act.EDIT, "outlet", shop, base=1, phone="2")
    await desk.submit(li, early, at=desk.now - MINUTE)
    assert _by_field(await _show(desk))["phone"].verdict is Verdict.CONFIRMED


async def test_what_overrode_a_colleague_goes_back_to_the_colleagues_value(desk: Desk) -> None:
    """The value that lost against the person's own is what comes back."""
    shop = await _shop(desk, phone="1")
    await desk.edit(desk.rep(desk.li, desk.east), "outlet", shop, 1, phone="colleague")
    desk.now += MINUTE
    await desk.edit(desk.rep(desk.wang, desk.east), "outlet", shop, 1, phone="spoiled")
    await _undo(desk)
    assert (await _outlet(desk, shop)).phone == "colleague"


async def test_only_changes_that_can_have_been_made_in_the_time_are_taken_back(desk: Desk) -> None:
    """What stood at the time named is what comes back; a time that is only bounded counts if it may lie within."""
    shop = await _shop(desk, phone="1")
    wang = desk.rep(desk.wang, desk.east)
    await desk.edit(wang, "outlet", shop, 1, phone="2")
    desk.now += 10 * MINUTE
    since = desk.now
    await desk.edit(wang, "outlet", shop, 2, phone="3")
    await _undo(desk, await _show(desk, since=since))
    assert (await _outlet(desk, shop)).phone == "2"
    assert not (await _show(desk, since=since - 10 * MINUTE, until=since - 9 * MINUTE)).of(Verdict.RESTORE)


async def test_elements_of_sets_come_back_and_go_one_by_one(desk: Desk) -> None:
    """Hobbies and family that the person took out or put in; one that a colleague added stays."""
    shop, person, private = await _shop(desk), desk.id(), desk.id()
    li, wang = desk.rep(desk.li, desk.east), desk.rep(desk.wang, desk.east)
    family = {"add": [["son", "小明", "son"]]}
    await desk.submit(
        li,
        desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"),
        desk.operation(
            Act.CREATE, "contact_private", private, outlet=shop, contact=person,
            hobbies={"add": ["钓鱼", "下棋"]}, family=family,
        ),
    )  # fmt: skip
    changed = {"hobbies": {"add": ["赌博"], "remove": ["钓鱼"]}, "family": {"add": [["son", "别人", "son"]]}}
    await desk.edit(wang, "contact_private", private, 1, **changed)
    await desk.edit(li, "contact_private", private, 2, hobbies={"add": ["书法"]})
    assert {one.key for one in (await _show(desk)).of(Verdict.RESTORE)} == {"赌博", "钓鱼", "son"}
    await _undo(desk)
    held = await desk.get(scopes.private_of(scopes.territory(desk.east)), private)
    assert set(held.hobbies) == {"钓鱼", "下棋", "书法"}
    assert [(one.key, one.name) for one in held.family] == [("son", "小明")]


async def test_what_they_registered_is_brought_up_and_closed_only_if_asked(desk: Desk) -> None:
    """A record that was theirs from the beginning has nothing to go back to."""
    wang = desk.rep(desk.wang, desk.east)
    shop, person = await desk.register(wang, desk.east), desk.id()
    await desk.submit(wang, desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"))
    await desk.edit(wang, "outlet", shop, 1, phone="1")
    assert {one.verdict for one in (await _show(desk)).findings} == {Verdict.REGISTERED}
    assert (await _undo(desk)).records == 0
    async with desk.store.read() as tx:
        assert [(one.matter.kind, one.matter.about) for one in await inbox.listed(tx)] == [
            ("registered_by_leaver", desk.wang)
        ]
    assert (await _undo(desk, close_registered=True)).closed == 2
    east = await desk.records(scopes.territory(desk.east))
    assert (east[shop].status, east[person].active) == ("closed", False)  # type: ignore[attr-defined]


async def test_a_removed_outlet_comes_back_whole_with_what_stood_at_it(desk: Desk) -> None:
    """Stock, visits, who registered it: as they were, and no visit counts twice. Undone again, it goes again."""
    shop, person, private, visit = await _shop(desk, phone="1"), desk.id(), desk.id(), desk.id()
    await desk.submit(
        desk.rep(desk.li, desk.east),
        desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"),
        desk.operation(Act.CREATE, "contact_private", private, outlet=shop, contact=person, hobbies={"add": ["钓鱼"]}),
        desk.operation(Act.CREATE, "visit", visit, outlet=shop, stock=[["SKU-1", 12, 5, 0]]),
    )
    east, hidden = scopes.territory(desk.east), scopes.private_of(scopes.territory(desk.east))
    before = (await desk.records(east), await desk.records(hidden))
    await desk.submit(desk.rule(), desk.operation(Act.REMOVE, "outlet", shop))
    done = await _undo(desk, await _show(desk, staff=desk.company))
    assert done.restored == 4
    assert (await desk.records(east), await desk.records(hidden)) == before
    again = await _undo(desk, await show(desk.store, Meant(origin=done.act.bytes)))
    assert (again.restored, await desk.records(east)) == (4, {})


async def test_a_moved_outlet_goes_back_unless_somebody_moved_it_since(desk: Desk) -> None:
    """A manager who leaves may have dealt outlets out; the handover's own moves stay."""
    one, other = await _shop(desk), await _shop(desk)
    boss, west = desk.manager(), scopes.territory(desk.west)
    for shop in (one, other):
        await desk.submit(boss, desk.operation(Act.MOVE, "outlet", shop, scope=west))
    chief = Meant(since=desk.now - MINUTE, staff=desk.company)
    li = desk.rep(desk.li)
    by_li = type(boss)(li.origin, boss.rights, li.home, desk.li)
    await desk.submit(by_li, desk.operation(Act.MOVE, "outlet", other, scope=scopes.territory(desk.east)))
    await desk.submit(by_li, desk.operation(Act.MOVE, "outlet", other, scope=west))
    done = await _undo(desk, await show(desk.store, chief))
    assert done.restored == 1
    assert set(await desk.records(scopes.territory(desk.east))) == {one}
    assert set(await desk.records(west)) == {other}


async def test_outlets_that_moved_since_are_restored_where_they_are(desk: Desk) -> None:
    """The person has left and the successor works elsewhere: the act reaches every scope."""
    shop = await _shop(desk, phone="1")
    await desk.edit(desk.rep(desk.wang, desk.east), "outlet", shop, 1, phone="2")
    await desk.submit(desk.manager(), desk.operation(Act.MOVE, "outlet", shop, scope=scopes.territory(desk.west)))
    assert (await _undo(desk)).restored == 1
    assert (await _outlet(desk, shop, desk.west)).phone == "1"


async def test_an_edit_between_showing_and_acting_is_spared(desk: Desk) -> None:
    """What is done is what was shown, as far as it still stands."""
    shop = await _shop(desk, phone="1", notes="n")
    await desk.edit(desk.rep(desk.wang, desk.east), "outlet", shop, 1, phone="2", notes="m")
    shown = await _show(desk)
    await desk.edit(desk.rep(desk.li, desk.east), "outlet", shop, 2, phone="3")
    assert (await _undo(desk, shown)).restored == 1
    outlet = await _outlet(desk, shop)
    assert (outlet.phone, outlet.notes) == ("3", "n")


async def test_taking_back_can_be_taken_back(desk: Desk) -> None:
    """An act has an origin; meant by it, its changes go back like anybody's."""
    shop = await _shop(desk, phone="1")
    await desk.edit(desk.rep(desk.wang, desk.east), "outlet", shop, 1, phone="2")
    done = await _undo(desk, by=desk.company)
    await _undo(desk, await show(desk.store, Meant(origin=done.act.bytes)))
    assert (await _outlet(desk, shop)).phone == "2"


async def test_an_act_is_in_the_journal_once_with_who_decided_and_what_it_came_to(desk: Desk) -> None:
    """However many transactions it took."""
    for _ in range(3):
        shop = await _shop(desk, phone="1")
        await desk.edit(desk.rep(desk.wang, desk.east), "outlet", shop, 1, phone="2")
    done = await _undo(desk, by=desk.li)
    again = await _undo(desk, await show(desk.store, Meant(origin=done.act.bytes)))
    async with desk.store.read() as tx:
        first, second = await acts(tx)
    assert (first.id, first.restored, first.records, first.by) == (done.act, 3, 3, desk.li)
    assert (first.staff, first.of) == (desk.wang, None)
    assert (second.id, second.restored, second.staff, second.of) == (again.act, 3, None, done.act)


async def _forget(desk: Desk, wanted: str) -> None:
    """Remove the bodies of operations that say `wanted`, by an order that lists them."""
    async with desk.store.write() as tx:
        erased = []
        joined = select(journal_bodies, names.c.name).join(names, names.c.no == journal_bodies.c.scope)
        for row in (await tx.execute(joined)).all():
            if wanted.encode() in bytes(row.body):
                place = (journal_bodies.c.scope == row.scope) & (journal_bodies.c.position == row.position)
                await tx.execute(delete(journal_bodies).where(place))
                erased.append([row.name, row.position])
        await note(tx, [Note(scopes.COMPANY, ERASED, {"entries": erased})], desk.now, desk.random.randbytes)


async def test_a_change_whose_body_was_removed_by_order_is_said_to_be_unknown(desk: Desk) -> None:
    """The store knows that somebody wrote later than the journal can say, so nothing is put over it."""
    shop = await _shop(desk, phone="1", notes="n")
    wang = desk.rep(desk.wang, desk.east)
    await desk.edit(wang, "outlet", shop, 1, phone="2", notes="m")
    await desk.edit(desk.rep(desk.li, desk.east), "outlet", shop, 2, phone="3-forgotten")
    await _forget(desk, "3-forgotten")
    shown = await _show(desk)
    assert {name: one.verdict for name, one in _by_field(shown).items()} == {
        "phone": Verdict.UNKNOWN, "notes": Verdict.RESTORE,
    }  # fmt: skip
    assert shown.dark == 1
    await _undo(desk)
    assert ((await _outlet(desk, shop)).phone, (await _outlet(desk, shop)).notes) == ("3-forgotten", "n")


async def test_what_only_goes_forward_and_what_is_never_changed_stay(desk: Desk) -> None:
    """A task stays done, and is said so where tasks are asked for; a visit is not even looked at."""
    shop, task = await _shop(desk), desk.id()
    home = scopes.staff(desk.wang)
    await desk.submit(desk.manager(), desk.operation(Act.CREATE, "task", task, scope=home, title="回访"))
    wang = desk.rep(desk.wang, desk.east)
    await desk.edit(wang, "task", task, 1, status="done", answer="去过")
    await desk.submit(wang, desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop))
    assert (await _show(desk)).findings == ()
    meant = Meant(since=desk.now - 60 * MINUTE, staff=desk.wang)
    shown = await show(desk.store, meant, ["task", "visit"])
    assert {(one.field, one.verdict) for one in shown.findings} == {
        ("status", Verdict.ONWARD), ("answer", Verdict.RESTORE),
    }  # fmt: skip
    assert (await _undo(desk, shown)).restored == 1
    held = await desk.get(home, task)
    assert (held.status, held.answer) == ("done", "")


async def test_refused_work_neither_counts_nor_hides_what_took_effect(desk: Desk) -> None:
    """An operation that changed nothing says nothing of the field, however odd it was."""
    shop = await _shop(desk, phone="1")
    wang = desk.rep(desk.wang, desk.east)
    await desk.edit(wang, "outlet", shop, 1, phone="2")
    for odd in ({"phone": 5}, {"colour": "red"}, {"review": "approved"}):
        await desk.edit(desk.rep(desk.li, desk.east), "outlet", shop, 2, **odd)
    assert {one.verdict for one in (await _show(desk)).findings} == {Verdict.RESTORE}
