"""How rules get to look: at what arrives, each day, and what they tell; with settings that the company changes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import func, select

from server.field.arrivals import look
from server.field.arrived import Arrived, Rule
from server.field.daily import Daily, look_daily
from server.field.findings import Found, tell
from server.field.ground import Ground, Work
from server.field.policies import policies_of, reset_policy, set_policy
from server.field.tasks import Wanted, give
from server.master.arrivals import MOST_TRIES, arrivals
from server.master.inbox import inbox
from server.master.scoping import open_scope
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.policies.work import VISIT_FENCE
from sync.records import Finding, Reason, Task, Visit
from tests.server.desk import Desk
from tests.server.meeting import while_uncommitted

HOUR = 3_600_000


def ground(desk: Desk) -> Ground:
    """The desk's clock and randomness, in Shanghai."""
    return Ground(Sources(lambda: desk.now, desk.random.randbytes))


async def waiting(store: Store) -> int:
    """How many arrivals are to be looked at."""
    async with store.read() as tx:
        return (await tx.execute(select(func.count()).select_from(arrivals))).scalar_one()


async def visited(desk: Desk, times: int = 1) -> None:
    """Wang visits an outlet that the manager registered."""
    outlet = await desk.register(desk.manager(), desk.east)
    for _ in range(times):
        operation = desk.operation(Act.CREATE, "visit", desk.id(), outlet=outlet.bytes, notes="补货")
        await desk.submit(desk.rep(desk.wang, desk.east), operation, at=desk.now - HOUR)


async def test_a_rule_looks_at_what_arrived_once(desk: Desk) -> None:
    """With when it happened, when it came, and from whom; a manager's registration is not looked at."""
    await visited(desk)
    found: list[Arrived] = []

    async def keep(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
        del tx, ground
        found.extend(arrived)
        return frozenset({"x"})

    rules = [Rule("keep", frozenset({"visit", "outlet"}), keep)]
    assert await look(desk.store, ground(desk), rules) == frozenset({"x"})
    assert await look(desk.store, ground(desk), rules) == frozenset()
    (one,) = found
    assert isinstance(one.record, Visit)
    assert (one.arrival.staff, one.arrival.happened, one.arrival.at) == (desk.wang, desk.now - HOUR, desk.now)
    assert await waiting(desk.store) == 0


async def test_a_rule_that_fails_on_one_arrival_holds_up_no_other_and_a_manager_hears_of_it(desk: Desk) -> None:
    """It is tried again later, alone; in the end it goes to the inbox, and the others were looked at long ago."""
    await visited(desk, times=3)
    bad: list[object] = []
    done: list[object] = []

    async def fails(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
        del tx, ground
        bad.append(arrived[0].record.id) if not bad else None
        if any(one.record.id == bad[0] for one in arrived):
            raise ValueError("this one")
        done.extend(one.record.id for one in arrived)
        return frozenset()

    rules = [Rule("fails", frozenset({"visit"}), fails)]
    await look(desk.store, ground(desk), rules)
    assert len(done) == 2
    for _ in range(MOST_TRIES):
        desk.now += 24 * HOUR
        await look(desk.store, ground(desk), rules)
    async with desk.store.read() as tx:
        rows = (await tx.execute(select(inbox.c.kind, inbox.c.en))).all()
    assert [(row.kind, "this one" in row.en) for row in rows] == [("rule_failed", True)]
    assert await waiting(desk.store) == 1


async def test_a_rule_of_the_day_looks_once_a_day_and_one_that_fails_keeps_no_other_from_its_turn(desk: Desk) -> None:
    """After the hour of the company's day."""
    days: list[str] = []

    async def note(tx: Tx, ground: Ground) -> frozenset[str]:
        del tx
        days.append(str(ground.today))
        return frozenset()

    async def fails(tx: Tx, ground: Ground) -> frozenset[str]:
        raise ValueError(f"{tx.dialect.name} {ground.today}")

    rules = [Daily("fails", fails), Daily("note", note)]
    desk.now = 1_800_000_000_000 // (24 * HOUR) * (24 * HOUR)
    for _ in range(24):
        with suppress(ExceptionGroup):
            await look_daily(desk.store, ground(desk), 3, rules)
        desk.now += 3 * HOUR
    assert days == sorted(set(days))
    assert len(days) == 3


async def test_a_finding_reaches_its_person_once_and_a_later_one_takes_its_place(desk: Desk) -> None:
    """In the person's own scope."""
    about, outlet = desk.id(), desk.id()
    sources = ground(desk).sources
    doubt = Found(desk.wang, about, "visit", "doubtful", outlet, (Reason("far", 900, 250),))
    async with desk.store.write() as tx:
        assert await tell(tx, sources, [doubt]) == frozenset({scopes.staff(desk.wang)})
    async with desk.store.write() as tx:
        assert await tell(tx, sources, [doubt]) == frozenset()
        await tell(tx, sources, [msgspec.structs.replace(doubt, state="verified", reasons=())])
    (one,) = (await desk.records(scopes.staff(desk.wang))).values()
    assert isinstance(one, Finding)
    assert (one.about, one.state, one.reasons) == (about, "verified", ())


async def test_a_task_of_a_day_is_given_once_whatever_becomes_of_it(desk: Desk) -> None:
    """And about each record that there is one for."""
    outlet, sources = await desk.register(desk.manager(), desk.east), ground(desk).sources
    people = [desk.id(), desk.id()]
    wanted = [(desk.wang, Wanted("care", outlet, "生日", due="2027-01-20", about=one)) for one in people]
    async with desk.store.write() as tx:
        assert (await give(tx, sources, wanted))[0] == 2
    first = next(iter((await desk.records(scopes.staff(desk.wang))).values()))
    assert isinstance(first, Task)
    await desk.edit(desk.rep(desk.wang, desk.east), "task", first.id, 1, status="done")
    async with desk.store.write() as tx:
        assert (await give(tx, sources, wanted))[0] == 0
        later = [(desk.wang, msgspec.structs.replace(wanted[0][1], due="2028-01-20"))]
        assert (await give(tx, sources, later))[0] == 1


async def test_a_setting_is_checked_kept_and_taken_back(desk: Desk) -> None:
    """A key that no rule reads and a value that it cannot take are refused."""
    sources = replace(ground(desk)).sources
    async with desk.store.write() as tx:
        await open_scope(tx, scopes.COMPANY)
        await set_policy(tx, "visit_fence", "350", sources)
        await set_policy(tx, "visit_fence", "400", sources)
        assert (await policies_of(tx)).of(VISIT_FENCE) == 400
        with pytest.raises(Refusal, match="a whole number"):
            await set_policy(tx, "visit_fence", "far", sources)
        with pytest.raises(Refusal, match="no rule reads"):
            await set_policy(tx, "visit_fences", "3", sources)
        await reset_policy(tx, "visit_fence", sources)
        assert (await policies_of(tx)).of(VISIT_FENCE) == 200


async def test_a_rule_of_the_day_that_reads_for_long_holds_up_nobody_who_writes(desk: Desk) -> None:
    """What it read is written afterwards, once a day."""
    written: list[int] = []

    async def read(tx: Tx, ground: Ground) -> Work:
        seen = (await tx.execute(select(func.count()).select_from(arrivals))).scalar_one()
        async with desk.store.write() as other:
            await set_policy(other, "visit_fence", "150", ground.sources)

        async def write(tx: Tx) -> frozenset[str]:
            written.append(seen)
            return frozenset({"x"}) if (await policies_of(tx)).of(VISIT_FENCE) == 150 else frozenset()

        return write

    rules = [Daily("read", read=read)]
    assert await look_daily(desk.store, ground(desk), 3, rules) == frozenset()
    desk.now += 24 * HOUR
    assert [await look_daily(desk.store, ground(desk), 3, rules) for _ in range(2)] == [{"x"}, set()]
    assert written == [0]


async def test_of_two_who_give_a_task_or_tell_a_finding_at_once_one_does(desk: Desk) -> None:
    """The second waits for the first and knows what it said."""
    about = desk.id()

    async def say(tx: Tx) -> None:
        sources = ground(desk).sources
        await give(tx, sources, [(desk.wang, Wanted("call", None, "回访", due="2027-03-31", about=about))])
        await tell(tx, sources, [Found(desk.wang, about, "visit", "verified")])

    await while_uncommitted(desk.store, say, say)
    found = (await desk.records(scopes.staff(desk.wang))).values()
    assert sorted(type(one).__name__ for one in found) == ["Finding", "Task"]
