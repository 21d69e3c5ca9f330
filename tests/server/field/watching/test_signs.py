"""Early signs: exact edges of the rule, real counts from a store, a question once a week, and the one act."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from server.field.ground import Ground
from server.field.policies import policies_of, set_policy
from server.field.watching.asking import ask_about_signs, found_signs, shorten
from server.field.watching.counting import counts_of
from server.field.watching.signs import Counts, Kind, Known, signs_of
from server.identity import staff, terms
from server.identity.staff import Role
from server.master.inbox import inbox
from server.master.incidents import incidents
from server.master.journal import Note, note
from server.master.people import devices, outboxes
from server.master.scoping import open_scope
from server.master.store import Store
from server.ports import Sources
from sync import scopes
from sync.clock import Stamp
from sync.codec import encode
from sync.operations import Act
from sync.policies import Policies
from tests.server.desk import Desk

WANG = UUID(int=1)
DAY, HOUR = 86_400_000, 3_600_000


@pytest.mark.parametrize(
    ("kind", "week", "before", "is_sign"),
    [
        (Kind.EXPORTS, 5, 0, True),
        (Kind.EXPORTS, 4, 0, False),
        (Kind.OPENINGS, 30, 30, True),
        (Kind.OPENINGS, 29, 30, False),
        (Kind.VISITS, 5, 45, True),
        (Kind.VISITS, 6, 45, False),
        (Kind.VISITS, 0, 15, True),
        (Kind.VISITS, 0, 14, False),
    ],
)
def test_a_sign_is_asked_about_from_its_edge_on(kind: Kind, week: int, before: int, is_sign: bool) -> None:
    """At least five in a week, and three times the habit; visits the other way round."""
    counts = {kind: Counts({WANG: week}, {WANG: before})}
    assert bool(signs_of(counts, Policies())) is is_sign


@pytest.mark.parametrize(
    ("week_days", "week", "before", "is_sign"),
    [(7, 5, 45, True), (2, 5, 45, False), (2, 1, 60, True), (0, 0, 60, False)],
)
def test_holidays_thin_nobodys_visits(week_days: int, week: int, before: int, is_sign: bool) -> None:
    """What is usual for the days that were worked."""
    counts = {Kind.VISITS: Counts({WANG: week}, {WANG: before})}
    assert bool(signs_of(counts, Policies(), Known(week_days))) is is_sign


def test_a_newcomer_has_no_habit_to_be_held_against() -> None:
    """Everyday work of the first weeks is no sign; what takes the archive away is."""
    counts: dict[Kind, Counts] = {kind: Counts({WANG: 30}) for kind in Kind if kind is not Kind.VISITS}
    found = {one.kind for one in signs_of(counts, Policies(), Known(newcomers=frozenset({WANG})))}
    assert found == {Kind.EXPORTS, Kind.REFUSED, Kind.INCIDENTS}


@pytest.fixture
async def firm(store: Store) -> tuple[Desk, UUID, UUID]:
    """A rep with a phone, in the store's register."""
    desk = Desk(store)
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    await desk.open()
    async with store.write() as tx:
        await open_scope(tx, scopes.COMPANY)
        wang = await staff.add(tx, "王", Role.REP, sources)
        device = desk.id()
        values = {"id": device.bytes, "staff": wang.id.bytes, "enrolment": desk.id().bytes, "public_key": b"k"}
        await tx.execute(insert(devices).values(**values, model="", standing="active", enrolled_at=1))
        box = {"id": wang.id.bytes, "device": device.bytes, "stamp": encode(Stamp(0)), "begun_at": 1}
        await tx.execute(insert(outboxes).values(**box))
    return desk, wang.id, device


def ground(desk: Desk) -> Ground:
    """The desk's clock."""
    return Ground(Sources(lambda: desk.now, desk.random.randbytes))


async def test_what_somebody_did_is_counted_by_week(firm: tuple[Desk, UUID, UUID]) -> None:
    """Visits by when they happened, late work by its age on arrival, exports and refusals by when they came; today
    is not over, and does not count.
    """
    desk, wang, _ = firm
    shop = await desk.register(desk.manager(), desk.east)
    phone = desk.rep(wang, desk.east)
    start = desk.now
    for days in (0, 1, 2, 6, 7, 8, 20, 27, 29):
        visit = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop.bytes)
        await desk.submit(phone, visit, at=start - days * DAY)
    await desk.submit(
        phone, desk.operation(Act.CREATE, "outlet", desk.id(), scope=scopes.territory(desk.east), name="新店")
    )
    await desk.submit(phone, desk.operation(Act.CREATE, "visit", desk.id(), outlet=desk.id().bytes))
    async with desk.store.write() as tx:
        body = {"what": "outlets", "lines": 9, "by": wang}
        await note(tx, [Note(scopes.COMPANY, "exported", body)], desk.now, desk.random.randbytes)
        incident = {"id": desk.id().bytes, "kind": "foreign_account", "about": desk.id().bytes, "staff": wang.bytes}
        await tx.execute(insert(incidents).values(**incident, en="x", zh="x", evidence=b"", found_at=desk.now))
    async with desk.store.read() as tx:
        same_day = await counts_of(tx, ground(desk))
        desk.now += DAY
        counts = await counts_of(tx, ground(desk))
    assert (same_day[Kind.VISITS].week[wang], same_day[Kind.VISITS].before[wang]) == (4, 3)
    assert same_day[Kind.EXPORTS].week == {}
    assert {kind: one.week.get(wang, 0) for kind, one in counts.items()} == {
        Kind.EXPORTS: 1, Kind.OPENINGS: 0, Kind.REFUSED: 1, Kind.LATE: 7, Kind.REGISTRATIONS: 1,
        Kind.INCIDENTS: 1, Kind.VISITS: 4,
    }  # fmt: skip


async def test_a_manager_is_asked_once_a_week_and_can_shorten_the_leases(firm: tuple[Desk, UUID, UUID]) -> None:
    """Of all of the person's phones; terms that are shorter already stay."""
    desk, wang, device = firm
    async with desk.store.write() as tx:
        body = {"what": "outlets", "lines": 9, "by": wang}
        await note(tx, [Note(scopes.COMPANY, "exported", body)] * 6, desk.now, desk.random.randbytes)
    desk.now += DAY
    for days in (0, 1, 3):
        desk.now += days * DAY
        async with desk.store.write() as tx:
            assert [(one.kind, one.week) for one in await found_signs(tx, ground(desk))] == [(Kind.EXPORTS, 6)]
            await ask_about_signs(tx, ground(desk))
    async with desk.store.write() as tx:
        rows = (await tx.execute(select(inbox.c.kind, inbox.c.times))).all()
        assert [(row.kind, row.times) for row in rows] == [("sign_exports", 1)]
        made = await shorten(tx, wang, ground(desk))
        assert [(one.device, one.locks_after) for one in made] == [(device, 4 * HOUR)]
        assert await shorten(tx, wang, ground(desk)) == []
        assert [one.locks_after for one in await terms.specials(tx)] == [4 * HOUR]


async def test_holidays_and_newcomers_are_known_from_the_store(firm: tuple[Desk, UUID, UUID]) -> None:
    """Fifteen visits in three weeks, then a week of holidays: nobody is asked; without them somebody is."""
    desk, wang, _ = firm
    shop = await desk.register(desk.manager(), desk.east)
    start = desk.now
    for day in range(15):
        made = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop.bytes)
        await desk.submit(desk.rep(wang, desk.east), made, at=start + day * DAY)
    desk.now = start + 24 * DAY
    week = ",".join(str(ground(desk).today - timedelta(days=ago)) for ago in range(1, 8))
    for holidays, kinds in (("", [Kind.VISITS]), (week, [])):
        async with desk.store.write() as tx:
            await set_policy(tx, "holidays", holidays, ground(desk).sources)
            ruled = replace(ground(desk), policies=await policies_of(tx))
            assert [one.kind for one in await found_signs(tx, ruled)] == kinds
