"""Openings: a phone's claim stands in its person's own scope and in the journal; after a month only in the journal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.field.openings import clear_if_due, clear_openings
from server.live.announce import Announcer
from server.master.audit import audit
from server.master.tables import journal_bodies
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.codec import decode
from sync.operations import Act
from sync.outcomes import Outcome
from tests.server.desk import Desk

ZONE = "Asia/Shanghai"
DAY = 24 * 3_600_000
TODAY = "2027-01-15"
"""The desk's day in the company's time zone."""


def sources(desk: Desk) -> Sources:
    """The desk's clock and randomness."""
    return Sources(lambda: desk.now, desk.random.randbytes)


async def opened(desk: Desk, contact: UUID, outlet: UUID, day: str = TODAY, **fields: Any) -> Outcome:
    """Wang's phone tells that a contact was opened."""
    operation = desk.operation(
        Act.CREATE, "opening", desk.id(), contact=contact.bytes, outlet=outlet.bytes, day=day, **fields
    )
    return (await desk.submit(desk.rep(desk.wang, desk.east), operation))[0]


async def contact(desk: Desk) -> tuple[UUID, UUID]:
    """A contact in the east, and its outlet."""
    outlet, person = await desk.register(desk.manager(), desk.east), desk.id()
    await desk.submit(desk.manager(), desk.operation(Act.CREATE, "contact", person, outlet=outlet.bytes, name="张三"))
    return person, outlet


async def days(desk: Desk) -> list[str]:
    """The days of the openings that Wang's devices read."""
    found = await desk.records(scopes.staff(desk.wang))
    return sorted(str(getattr(one, "day", "")) for one in found.values())


async def test_an_opening_stands_in_the_persons_own_scope_and_in_the_journal(desk: Desk) -> None:
    """Contact, outlet, day, how often and by whom."""
    person, outlet = await contact(desk)
    outcome = await opened(desk, person, outlet, times=3, private=1)
    assert outcome.code == "applied"
    (record,) = (await desk.records(scopes.staff(desk.wang))).values()
    fields = {name: getattr(record, name) for name in ("contact", "outlet", "day", "times", "private", "staff")}
    assert fields == {
        "contact": person, "outlet": outlet, "day": TODAY, "times": 3, "private": 1, "staff": desk.wang,
    }  # fmt: skip


async def test_an_opening_counts_whatever_has_become_of_the_contact_since(desk: Desk) -> None:
    """Moved away, removed, or in no territory of the phone: the answer is the same, and nothing is refused."""
    person, outlet = await contact(desk)
    await desk.submit(desk.manager(), desk.operation(Act.MOVE, "outlet", outlet, scope=scopes.territory(desk.west)))
    codes = [(await opened(desk, one, two)).code for one, two in ((person, outlet), (desk.id(), desk.id()))]
    assert codes == ["applied", "applied"]


async def test_old_openings_leave_the_feed_and_stay_in_the_journal(desk: Desk) -> None:
    """To the day, in the company's time zone; digests agree, and doing it twice changes nothing."""
    person, outlet = await contact(desk)
    for day in ("2026-11-01", "2026-12-15", "2026-12-16", "2026-12-17", TODAY):
        await opened(desk, person, outlet, day)
    announcer = Announcer()
    assert await clear_openings(desk.store, sources(desk), announcer, ZONE) == 2
    assert await days(desk) == ["2026-12-16", "2026-12-17", TODAY]
    assert await clear_openings(desk.store, sources(desk), announcer, ZONE) == 0
    async with desk.store.read() as tx:
        assert await audit(tx) == []
        left = (await tx.execute(select(TYPED["opening"].c.day))).scalars().all()
        bodies = [bytes(one) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    assert sorted(left) == await days(desk)
    assert any(b"2026-11-01" in one for one in bodies)
    acts = [decode(one, list)[1][1] for one in bodies if decode(one, list)[0] == "operation"]
    assert acts.count("remove") == 2


async def test_a_great_many_go_in_bounded_transactions(desk: Desk) -> None:
    """More than one batch takes."""
    person, outlet = await contact(desk)
    fields: dict[str, Any] = {"contact": person.bytes, "outlet": outlet.bytes, "day": "2026-01-01"}
    operations = [desk.operation(Act.CREATE, "opening", desk.id(), **fields) for _ in range(501)]
    await desk.submit(desk.rep(desk.wang, desk.east), *operations)
    assert await clear_openings(desk.store, sources(desk), Announcer(), ZONE) == 501
    assert await days(desk) == []


async def test_the_rule_has_its_turn_once_a_night(desk: Desk) -> None:
    """However often the job runs; the first night begins to wait."""
    person, outlet = await contact(desk)

    async def run() -> int:
        return await clear_if_due(desk.store, sources(desk), Announcer(), ZONE, 3)

    await run()
    await opened(desk, person, outlet, "2026-01-01")
    desk.now += DAY
    assert [await run(), await run()] == [1, 0]
