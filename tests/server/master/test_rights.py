"""What an actor may write, and where: nothing reaches a place that is not the actor's, by name or by reference."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from server.master.actors import Actor, Authority, Rights
from server.master.audit import audit
from server.master.scoping import open_scope
from server.master.tables import proposals
from server.master.tables import scopes as scopes_table
from sync import scopes
from sync.codec import decode
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import Acknowledgement
from tests.server.desk import Desk


def device(desk: Desk, authority: Authority, *names: str) -> Actor:
    """A phone of wang with the rights that the exchange gives: the company, its own scope and these."""
    own = scopes.staff(desk.wang)
    return Actor(desk.wang.bytes, Rights(authority, frozenset({scopes.COMPANY, own, *names})), own, desk.wang, desk.li)


async def test_an_outlet_with_history_stays_for_everybody_but_the_rules(desk: Desk) -> None:
    """What a rep logged there is not taken along by a manager who removes the outlet; a mistake without any goes."""
    rep, boss = desk.rep(desk.wang, desk.east), desk.manager()
    shop, mistake = await desk.register(rep, desk.east), await desk.register(rep, desk.east, "写错")
    visit = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop.bytes)
    contact = desk.operation(Act.CREATE, "contact", desk.id(), outlet=mistake.bytes, name="张")
    await desk.submit(rep, visit, contact)
    kept, gone = await desk.submit(boss, *(desk.operation(Act.REMOVE, "outlet", one) for one in (shop, mistake)))
    assert (kept.reason, gone.code) == ("has_history", OutcomeCode.APPLIED)
    assert {shop, visit.record} <= (await desk.records(scopes.territory(desk.east))).keys()
    assert (await desk.submit(desk.rule(), desk.operation(Act.REMOVE, "outlet", shop)))[0].code is OutcomeCode.APPLIED


async def test_a_rep_registers_nothing_among_the_teasers(desk: Desk) -> None:
    """A scope that a device may read is not a place for whatever it makes."""
    teasers = scopes.teasers(desk.pool)
    async with desk.store.write() as tx:
        await open_scope(tx, teasers)
    rep = device(desk, Authority.REP, teasers)
    outcomes = await desk.submit(
        rep,
        desk.operation(Act.CREATE, "outlet", desk.id(), scope=teasers, name="x"),
        desk.operation(Act.CREATE, "sweep", desk.id(), scope=teasers),
        desk.operation(Act.CREATE, "outlet", desk.id(), scope=scopes.COMPANY, name="x"),
        desk.operation(Act.CREATE, "outlet", desk.id(), scope=scopes.staff(desk.wang), name="x"),
    )
    assert {one.reason for one in outcomes} == {"unknown_scope"}
    assert await desk.records(teasers) == {}


async def test_what_a_rep_may_only_propose_is_proposed_when_registering_too(desk: Desk) -> None:
    """Grade, credit and closing are a manager's to decide, whatever the operation is."""
    rep, shop = desk.rep(desk.wang, desk.east), desk.id()
    register = desk.operation(
        Act.CREATE, "outlet", shop, scope=scopes.territory(desk.east), name="老张烟酒", grade="A", credit=[900_000, 30],
        status="closed", notes="熟客",
    )  # fmt: skip
    outcome = (await desk.submit(rep, register))[0]
    outlet = await desk.get(scopes.territory(desk.east), shop)
    assert outcome.code is OutcomeCode.PROPOSED
    assert (outlet.grade, outlet.credit, outlet.status, outlet.notes) == ("C", None, "uses_category", "熟客")
    async with desk.store.read() as tx:
        kept = decode(bytes((await tx.execute(select(proposals.c.changes))).scalar_one()), dict)
    assert kept == {"grade": "A", "credit": [900_000, 30], "status": "closed"}
    decided = desk.operation(Act.CREATE, "outlet", desk.id(), scope=scopes.territory(desk.east), name="x", grade="A")
    assert (await desk.submit(desk.manager(), decided))[0].code is OutcomeCode.APPLIED


async def test_a_managers_device_moves_outlets_only_to_its_own_places(desk: Desk) -> None:
    """Where it may not write it puts nothing, and hears no more than of a scope that is not there."""
    east, pool = scopes.territory(desk.east), scopes.pool(desk.pool)
    boss = device(desk, Authority.MANAGER, east, pool)
    shop = await desk.register(boss, desk.east)
    for target in (scopes.territory(desk.west), scopes.territory(desk.id()), scopes.staff(desk.wang), "x", ""):
        move = desk.operation(Act.MOVE, "outlet", shop, scope=target)
        assert (await desk.submit(boss, move))[0].reason == "unknown_scope"
    assert (await desk.submit(boss, desk.operation(Act.MOVE, "outlet", shop, scope=pool)))[0].reason == ""
    assert set(await desk.records(pool)) == {shop}


async def test_a_rep_moves_and_removes_nothing(desk: Desk) -> None:
    """Giving away and taking away are decisions."""
    rep = desk.rep(desk.wang, desk.east, desk.west)
    shop = await desk.register(rep, desk.east)
    outcomes = await desk.submit(
        rep,
        desk.operation(Act.MOVE, "outlet", shop, scope=scopes.territory(desk.west)),
        desk.operation(Act.REMOVE, "outlet", shop),
    )
    assert [one.reason for one in outcomes] == ["not_yours", "not_yours"]


async def test_a_manager_removes_no_visit_and_nothing_that_is_the_servers(desk: Desk) -> None:
    """What is never changed is not taken away either; scores, teasers and refused work are the server's own."""
    boss = device(desk, Authority.MANAGER, scopes.territory(desk.east))
    shop, visit = await desk.register(boss, desk.east), desk.id()
    await desk.submit(boss, desk.operation(Act.CREATE, "visit", visit, outlet=shop))
    await desk.submit(boss, b"not an operation")
    (refused,) = await desk.records(scopes.staff(desk.wang))
    outcomes = await desk.submit(
        boss, desk.operation(Act.REMOVE, "visit", visit), desk.operation(Act.REMOVE, "refused", refused)
    )
    assert [one.reason for one in outcomes] == ["never_changed", "not_yours"]
    rule = Actor(desk.random.randbytes(16), Rights(Authority.SERVER), scopes.COMPANY)
    assert (await desk.submit(rule, desk.operation(Act.REMOVE, "visit", visit)))[0].code is OutcomeCode.APPLIED


async def test_what_stands_in_ones_own_scope_or_the_companys_need_not_name_it(desk: Desk) -> None:
    """An acknowledgement goes to who acknowledges, and to nobody else; a product to everybody."""
    boss, notice = device(desk, Authority.MANAGER), desk.id()
    outcomes = await desk.submit(
        boss,
        desk.operation(Act.CREATE, "notice", notice, title="安全", body="..."),
        desk.operation(Act.CREATE, "acknowledgement", desk.id(), notice=notice, notice_revision=1),
        desk.operation(
            Act.CREATE, "acknowledgement", desk.id(), scope=scopes.staff(desk.li), notice=notice, notice_revision=1
        ),
    )
    assert [one.reason for one in outcomes] == ["", "", "unknown_scope"]
    own = (await desk.records(scopes.staff(desk.wang))).values()
    assert [one.staff for one in own if isinstance(one, Acknowledgement)] == [desk.wang]
    assert set(await desk.records(scopes.COMPANY)) == {notice}


async def _two_shops(desk: Desk, rep: Actor) -> tuple[UUID, UUID, UUID, UUID]:
    one, other = await desk.register(rep, desk.east), await desk.register(rep, desk.west)
    person, visit = desk.id(), desk.id()
    await desk.submit(
        rep,
        desk.operation(Act.CREATE, "contact", person, outlet=other, name="张三"),
        desk.operation(Act.CREATE, "visit", visit, outlet=other, stock=[["S", 1, 5, 0]]),
    )
    return one, other, person, visit


async def test_a_record_names_nothing_that_stands_elsewhere(desk: Desk) -> None:
    """A private part, a photo and an amendment belong to the outlet that they name: they go where it goes."""
    rep = desk.rep(desk.wang, desk.east, desk.west)
    one, other, person, visit = await _two_shops(desk, rep)
    photo: dict[str, Any] = {"digest": "0" * 64, "size": 1, "outlet": one}
    bad = [
        desk.operation(Act.CREATE, "contact_private", desk.id(), outlet=one, contact=person),
        desk.operation(Act.CREATE, "contact_private", desk.id(), outlet=one, contact=one),
        desk.operation(Act.CREATE, "contact_private", desk.id(), outlet=one, contact=desk.id()),
        desk.operation(Act.CREATE, "photo", desk.id(), of=visit, **photo),
        desk.operation(Act.CREATE, "photo", desk.id(), of=other, **photo),
        desk.operation(Act.CREATE, "photo", desk.id(), of=desk.id(), **photo),
        desk.operation(Act.CREATE, "visit", desk.id(), outlet=one, amends=visit),
    ]
    good = [
        desk.operation(Act.CREATE, "contact_private", desk.id(), outlet=other, contact=person),
        desk.operation(Act.CREATE, "photo", desk.id(), of=one, **photo),
        desk.operation(Act.CREATE, "photo", desk.id(), of=visit, **(photo | {"outlet": other})),
        desk.operation(Act.CREATE, "visit", desk.id(), outlet=other, amends=visit),
    ]
    reasons = [one.reason for one in await desk.submit(rep, *bad, *good)]
    assert reasons == ["record_unknown"] * 6 + ["amends_unknown"] + [""] * 4
    assert (await desk.get(scopes.territory(desk.east), one)).stock == {}


async def test_a_photo_of_a_private_part_does_not_stand_among_what_others_read(desk: Desk) -> None:
    """A photo stands where its record stands."""
    rep = desk.rep(desk.wang, desk.east)
    shop, person, private = await desk.register(rep, desk.east), desk.id(), desk.id()
    outcomes = await desk.submit(
        rep,
        desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"),
        desk.operation(Act.CREATE, "contact_private", private, outlet=shop, contact=person),
        desk.operation(Act.CREATE, "photo", desk.id(), of=private, outlet=shop, digest="0" * 64, size=1),
    )
    assert [one.reason for one in outcomes] == ["", "", "record_unknown"]


async def test_a_task_stays_with_its_person_whatever_happens_to_its_outlet(desk: Desk) -> None:
    """Only what stands at an outlet goes with it: a task names one, and is somebody's own."""
    boss, task, own = desk.manager(), desk.id(), scopes.staff(desk.wang)
    shop = await desk.register(boss, desk.east)
    await desk.submit(boss, desk.operation(Act.CREATE, "task", task, scope=own, title="拜访", outlet=shop))
    await desk.submit(boss, desk.operation(Act.MOVE, "outlet", shop, scope=scopes.territory(desk.west)))
    assert set(await desk.records(own)) == {task}
    await desk.submit(boss, desk.operation(Act.REMOVE, "outlet", shop))
    assert set(await desk.records(own)) == {task}
    async with desk.store.read() as tx:
        assert await audit(tx) == []


async def test_private_parts_never_stand_among_the_rest_for_want_of_a_place(desk: Desk) -> None:
    """An outlet does not move to where its private parts could not go."""
    boss, bare = desk.manager(), scopes.territory(desk.id())
    async with desk.store.write() as tx:
        await open_scope(tx, bare)
    shop = await desk.register(boss, desk.east)
    outcome = (await desk.submit(boss, desk.operation(Act.MOVE, "outlet", shop, scope=bare)))[0]
    assert outcome.reason == "unknown_scope"


async def test_naming_another_territory_or_its_records_leaves_its_row_as_it_was(desk: Desk) -> None:
    """Not even the clock of a scope moves by operations that it refuses."""
    hidden = await desk.register(desk.manager(), desk.west)
    west = scopes.territory(desk.west)

    async def image() -> dict[str, object]:
        async with desk.store.read() as tx:
            row = (await tx.execute(select(scopes_table).where(scopes_table.c.name == west))).one()
        return dict(row._mapping)

    before = await image()
    desk.now += 60_000
    rep = desk.rep(desk.wang, desk.east)
    outcomes = await desk.submit(
        rep,
        desk.operation(Act.CREATE, "outlet", desk.id(), scope=west, name="x"),
        desk.operation(Act.EDIT, "outlet", hidden, base=1, name="x"),
        desk.operation(Act.CREATE, "outlet", hidden, scope=scopes.territory(desk.east), name="x"),
    )
    assert [one.reason for one in outcomes] == ["unknown_scope", "record_unknown", "record_exists"]
    assert await image() == before


@pytest.mark.parametrize("scope", ["territory/\x00", "\x00", "territory/" + "x" * 90, "company\x00"])
async def test_a_scope_that_cannot_be_is_no_fault_of_the_store(desk: Desk, scope: str) -> None:
    """Names that one of the databases cannot even compare are told like others that do not exist."""
    operation = desk.operation(Act.CREATE, "outlet", desk.id(), scope=scope, name="x")
    assert (await desk.submit(desk.rep(desk.wang, desk.east), operation))[0].reason == "unknown_scope"
    moved = desk.operation(Act.MOVE, "outlet", await desk.register(desk.manager(), desk.east), scope=scope)
    assert (await desk.submit(desk.manager(), moved))[0].reason == "unknown_scope"


async def test_what_a_refusal_quotes_can_be_stored(desk: Desk) -> None:
    """Names of fields and collections with a NUL in them are dead letters on both databases."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    strange = msgspec.structs.replace(desk.operation(Act.EDIT, "outlet", shop, base=1), collection="out\x00let")
    odd: dict[str, Any] = {"na\x00me": "x"}
    field = desk.operation(Act.EDIT, "outlet", shop, base=1, **odd)
    assert [one.reason for one in await desk.submit(rep, strange, field)] == ["unknown_collection", "unknown_field"]
    assert len(await desk.records(scopes.staff(desk.wang))) == 2


async def test_a_task_moves_to_another_person_and_to_nowhere_else(desk: Desk) -> None:
    """Who decides hands a task on as it is; a rep hands on nothing, and no task stands in a territory."""
    task = desk.id()
    home, other = scopes.staff(desk.wang), scopes.staff(desk.li)
    await desk.submit(desk.manager(), desk.operation(Act.CREATE, "task", task, scope=home, title="送样品"))
    rep = device(desk, Authority.REP, other)
    moves = [desk.operation(Act.MOVE, "task", task, scope=one) for one in (scopes.territory(desk.east), other)]
    assert [one.reason for one in await desk.submit(rep, *moves)] == ["not_yours", "not_yours"]
    moves = [desk.operation(Act.MOVE, "task", task, scope=one) for one in (scopes.territory(desk.east), other)]
    assert [one.reason for one in await desk.submit(desk.manager(), *moves)] == ["unknown_scope", ""]
    assert task not in await desk.records(home)
    assert list(await desk.records(other)) == [task]
    async with desk.store.read() as tx:
        assert await audit(tx) == []


async def test_nobody_but_the_server_edits_what_is_the_servers(desk: Desk) -> None:
    """Not even without naming a field: such an edit would change nothing but the revision, for every phone to fetch."""
    teasers = scopes.teasers(desk.pool)
    async with desk.store.write() as tx:
        await open_scope(tx, teasers)
    shop, teaser = await desk.register(desk.manager(), desk.east), desk.id()
    server = Actor(b"a rule of tests!", Rights(Authority.SERVER), scopes.COMPANY)
    made = desk.operation(
        Act.CREATE, "teaser", teaser, scope=teasers, outlet=shop, outlet_class="other", area="东", position=None
    )
    assert (await desk.submit(server, made))[0].code is OutcomeCode.APPLIED
    for actor in (desk.manager(), device(desk, Authority.MANAGER, teasers), device(desk, Authority.REP, teasers)):
        outcome = (await desk.submit(actor, desk.operation(Act.EDIT, "teaser", teaser, base=1)))[0]
        assert (outcome.code, outcome.reason) == (OutcomeCode.REFUSED, "not_yours")
    assert (await desk.submit(server, desk.operation(Act.EDIT, "teaser", teaser, base=1)))[0].reason == ""
