"""Visits judged when they arrive, in a real store: what is told to whom, in whatever order they come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import event

from server.field.arrivals import look
from server.field.own_acts import Asked, carry_out
from server.field.policies import set_policy
from server.master.decoys import decoy_numbers, decoys
from server.master.people import devices
from server.master.scoping import open_scope
from sync.operations import Act
from sync.positions import Position
from sync.records import Finding
from tests.server.firm import Firm

HOUR, MINUTE = 3_600_000, 60_000
HERE, THERE = [29.55, 106.57, 10.0], [29.75, 106.57, 10.0]
"""22 km apart."""


async def judged(firm: Firm, who: UUID | None = None) -> dict[UUID, tuple[str, list[str]]]:
    """What the rules have told somebody (Wang): the state of each visit and the reasons."""
    await look(firm.store, await firm.ground())
    held = await firm.own(who or firm.wang, Finding)
    return {one.about: (one.state, [each.code for each in one.reasons]) for one in held}


async def visit(firm: Firm, shop: UUID, at: int, position: list[float] | None = None, **fields: Any) -> UUID:
    """Wang is at an outlet for ten minutes."""
    place = {"position": position or HERE} if position != [] else {}
    given: dict[str, Any] = {"outlet": shop.bytes, "duration_s": 600} | place | fields
    return await log(firm, firm.wang, at, **given)


async def log(firm: Firm, who: UUID, at: int, off: int = 0, **fields: Any) -> UUID:
    """A visit by a phone whose clock is `off` by so many milliseconds."""
    desk, record, now = firm.desk, firm.desk.id(), firm.desk.now
    desk.now = at + off
    made = desk.operation(Act.CREATE, "visit", record, **fields)
    desk.now = now
    (outcome,) = await desk.submit(desk.rep(who, firm.east), made, at=at)
    assert not outcome.reason, outcome
    return record


async def test_a_visit_is_verified_or_doubtful_with_its_reasons_in_the_answer_to_its_sync(firm: Firm) -> None:
    """With what was measured and what is allowed; by phone it is neither; an outlet without a position is near."""
    near, nowhere = await firm.shop(position=HERE), await firm.shop("无坐标")
    now = firm.desk.now
    good = await visit(firm, near, now - 5 * HOUR)
    far = await visit(firm, near, now - 3 * HOUR, THERE, mock=True, duration_s=20)
    unknown = await visit(firm, nowhere, now - HOUR, THERE)
    await visit(firm, near, now, [], channel="company_phone")
    assert await judged(firm) == {
        good: ("verified", []),
        far: ("doubtful", ["far", "mock", "short"]),
        unknown: ("verified", []),
    }
    (told,) = [one for one in await firm.own(firm.wang, Finding) if one.about == far]
    assert (told.collection, told.outlet) == ("visit", near)
    assert [(one.found, one.allowed) for one in told.reasons] == [(22240, 220), (None, None), (20, 180)]
    outlet = await firm.desk.get(f"territory/{firm.east}", near)
    assert outlet.position == Position(HERE[0], HERE[1], HERE[2]), "a visit's position never moves the outlet"


async def test_a_visit_that_comes_late_between_two_judges_the_next_again(firm: Firm) -> None:
    """The way from it is too fast; the way from the one before it was not."""
    here, there = await firm.shop(position=HERE), await firm.shop("江北店", position=THERE)
    now = firm.desk.now
    first = await visit(firm, here, now - 5 * HOUR)
    last = await visit(firm, here, now - HOUR)
    assert await judged(firm) == {first: ("verified", []), last: ("verified", [])}
    late = await visit(firm, there, now - HOUR - 11 * MINUTE, THERE)
    assert (await judged(firm))[last] == ("doubtful", ["speed"])
    await visit(firm, there, now - HOUR - 11 * MINUTE, THERE, channel="company_phone", amends=late.bytes)
    assert (await judged(firm))[last] == ("verified", [])


async def test_an_amendment_is_judged_at_the_time_of_what_it_amends(firm: Firm) -> None:
    """However late it was written; the clock is that of the phone when the visit was logged."""
    here, there = await firm.shop(position=HERE), await firm.shop("江北店", position=THERE)
    now = firm.desk.now
    first = await visit(firm, here, now - 5 * HOUR)
    await visit(firm, there, now - 4 * HOUR, THERE)
    firm.desk.now += 40 * 24 * HOUR
    second = await visit(firm, here, firm.desk.now, THERE, amends=first.bytes)
    third = await visit(firm, here, firm.desk.now, HERE, amends=second.bytes, notes="终稿")
    found = await judged(firm)
    assert second not in found
    assert found[third] == ("verified", [])
    stands = (await firm.desk.records(f"territory/{firm.east}"))[third]
    assert getattr(stands, "started_at", None) == now - 5 * HOUR - 10 * MINUTE


async def test_a_clock_that_was_off_stays_with_the_visit_through_its_amendments(firm: Firm) -> None:
    """As the journal has it."""
    here = await firm.shop(position=HERE)
    given: dict[str, Any] = {"outlet": here.bytes, "position": HERE, "duration_s": 600}
    record = await log(firm, firm.wang, firm.desk.now - HOUR, off=11 * MINUTE, **given)
    assert await judged(firm) == {record: ("doubtful", ["clock"])}
    amended = await visit(firm, here, firm.desk.now, amends=record.bytes, notes="更正")
    assert (await judged(firm))[amended] == ("doubtful", ["clock"])


async def test_two_logs_become_one_joint_visit_and_both_are_told(firm: Firm) -> None:
    """Whoever comes second; what an amendment takes back is taken back for both."""
    shop = await firm.shop(position=HERE)
    now = firm.desk.now
    mine = await visit(firm, shop, now - HOUR, companions=[firm.li.bytes])
    await judged(firm)
    given: dict[str, Any] = {"outlet": shop.bytes, "position": HERE, "duration_s": 600, "companions": [firm.wang.bytes]}
    theirs = await log(firm, firm.li, now - HOUR + 20 * MINUTE, **given)
    await judged(firm)
    notes = {one.about: one.note for who in (firm.wang, firm.li) for one in await firm.own(who, Finding)}
    assert (notes[mine][:3], notes[theirs][:3]) == ("与李的", "与王的")
    await log(firm, firm.li, now, **(given | {"companions": [], "amends": theirs.bytes}))
    await judged(firm)
    assert [one.note for one in await firm.own(firm.wang, Finding)] == [""]


async def test_a_visit_at_a_decoy_is_judged_like_any_other(firm: Firm) -> None:
    """Nobody is told that an outlet is none, and no silence tells it."""
    desk = firm.desk
    scope, shop = f"territory/{desk.id()}", desk.id()
    async with firm.store.write() as tx:
        number = await open_scope(tx, scope)
        await carry_out(tx, firm.sources, [Asked("outlet", {"name": "诱饵"}, shop, scope=scope)])
        await tx.execute(decoy_numbers.insert().values(number="1", added_at=0, added_by=bytes(16)))
        device = {"id": bytes(16), "staff": firm.wang.bytes, "enrolment": b"", "public_key": b"", "enrolled_at": 0}
        await tx.execute(devices.insert().values(**device, standing="active"))
        row = {"number": "1", "device": bytes(16), "epoch": b"e", "scope": number, "outlet": shop.bytes}
        blobs = {"salt": bytes(16), "body": b"", "commitment": bytes(32)}
        await tx.execute(decoys.insert().values(**row, **blobs, made_at=0, position=1))
    await desk.submit(
        desk.rep(firm.wang, firm.east, UUID(scope.removeprefix("territory/"))),
        desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop.bytes),
    )
    assert list((await judged(firm)).values()) == [("verified", [])]


async def test_a_batch_takes_a_number_of_queries_that_does_not_grow(firm: Firm) -> None:
    """One visit or many."""
    shop = await firm.shop(position=HERE)
    counts = []
    for times in (1, 25):
        for number in range(times):
            await visit(firm, shop, firm.desk.now - number * HOUR, notes=str(number))
        statements: list[str] = []

        def keep(_: Any, __: Any, statement: str, *___: Any, kept: list[str] = statements) -> None:
            kept.append(statement)

        engine = firm.store._writer.sync_engine
        event.listen(engine, "before_cursor_execute", keep)
        await look(firm.store, await firm.ground())
        event.remove(engine, "before_cursor_execute", keep)
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 3, counts


async def test_what_lies_years_back_is_not_read_again(firm: Firm) -> None:
    """Neither an outlet's visits nor a person's: only those around what came."""
    shop = await firm.shop(position=HERE)
    for at in range(6):
        await visit(firm, shop, firm.desk.now - (400 + at) * 24 * HOUR)
    await judged(firm)
    asked: list[tuple[str, Any]] = []

    def keep(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        if statement.startswith("SELECT visits.id, visits.outlet, visits.staff, visits.started_at"):
            asked.append((statement, parameters))

    await visit(firm, shop, firm.desk.now - HOUR)
    engine = firm.store._writer.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    await look(firm.store, await firm.ground())
    event.remove(engine, "before_cursor_execute", keep)
    async with firm.store.read() as tx:
        assert [len((await tx.exec_driver_sql(*one)).all()) for one in asked] == [1, 1]


async def test_the_company_s_own_limits_hold(firm: Firm) -> None:
    """As they are set when the visit arrives."""
    shop = await firm.shop(position=HERE)
    async with firm.store.write() as tx:
        await set_policy(tx, "visit_fence", "30000", firm.sources)
        await set_policy(tx, "visit_shortest", "601", firm.sources)
    one = await visit(firm, shop, firm.desk.now, THERE)
    assert await judged(firm) == {one: ("doubtful", ["short"])}
