"""Under notice: somebody works on, their customers are informed, and at the last hour they are cut off, once."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import pytest

from server.departure.cutoff import follow_up, offboard
from server.departure.departures_file import Departure
from server.departure.leaving import notice
from server.departure.leaving.informing import Progress, progress
from server.departure.leaving.notice import GivenNotice, NoticeState
from server.departure.leaving.scheduled import cut_off_due
from server.departure.leaving.wanted import Goes, Wanted
from server.departure.means import Means
from server.departure.plan import run_plans
from server.departure.recovery import reconcile
from server.identity import staff
from server.identity.grants import grants_of
from server.identity.staff import Person, PersonStatus
from server.master import inbox
from server.master.departures import wipe_orders
from server.master.people import rosters
from server.master.store import Store, Tx
from sync.errors import Refusal
from sync.messages import Standing
from sync.operations import Act
from tests.server.departure.backup import copied, put_back
from tests.server.departure.ground import Ground
from tests.server.departure.office import Office
from tests.server.departure.stopping import one_life

T = TypeVar("T")
DAY = 86_400_000


@pytest.fixture
def ground(office: Office) -> Ground:
    """Where the office's people work."""
    return Ground(office)


async def given(office: Office, wanted: Wanted | None = None, days: int = 30) -> GivenNotice:
    """Wang is given notice."""
    async with office.store.write() as tx:
        last_at, course = office.clock() + days * DAY, wanted or Wanted(office.li)
        return await notice.give(tx, office.wang, last_at, course, office.sources, reason="resigned")


async def carry_out_due(means: Means) -> list[Departure]:
    """What the server does every half minute."""
    done = await cut_off_due(means)
    await follow_up(means)
    return done


async def person(office: Office, who: UUID) -> Person:
    """A person as they are now."""
    async with office.store.read() as tx:
        found = await staff.find(tx, who)
    assert found is not None
    return found


async def told(office: Office) -> Progress:
    """How far informing Wang's customers is."""
    who = await person(office, office.wang)
    async with office.store.read() as tx:
        return await progress(tx, who)


async def matters(office: Office) -> dict[str, str]:
    """What waits for a manager."""
    async with office.store.read() as tx:
        return {one.matter.kind: one.matter.en for one in await inbox.listed(tx)}


async def test_who_is_under_notice_works_on(office: Office) -> None:
    """Status and journal say so; rights, devices and rosters stay as they are until the hour."""
    phone = await office.enrol(office.wang)
    before = await office.rows(rosters)
    await given(office)
    assert (await person(office, office.wang)).status is PersonStatus.LEAVING
    assert (await office.device(phone)).standing is Standing.ACTIVE
    assert await office.rows(rosters) == before
    async with office.store.read() as tx:
        assert len((await grants_of(tx, office.wang, office.clock())).scopes) > 2
    assert [kind for kind, _ in await office.journal()].count("notice_given") == 1


async def test_at_the_last_hour_the_cut_off_is_carried_out_and_not_before(office: Office) -> None:
    """Not a millisecond early, and with the plan that was given with the notice."""
    phone = await office.enrol(office.wang)
    made = await given(office)
    office.clock.ms = made.last_at - 1
    assert await carry_out_due(office.means) == []
    office.clock.tick(1)
    (departure,) = await carry_out_due(office.means)
    assert (departure.at, departure.reason) == (made.last_at, "resigned")
    assert (await office.device(phone)).standing is Standing.DEPARTED
    assert {row["staff"] for row in await office.rows(rosters)} == {office.li.bytes}
    async with office.store.read() as tx:
        after = await notice.latest(tx, office.wang)
    assert after is not None
    assert (after.state, after.ended_at) == (NoticeState.CARRIED_OUT, made.last_at)


async def test_it_is_carried_out_once_whoever_does_it(office: Office) -> None:
    """Several servers and a manager at the same moment make one departure."""
    await office.enrol(office.wang)
    office.clock.ms = (await given(office)).last_at
    acts = [carry_out_due(office.means), carry_out_due(office.means), offboard(office.means, office.wang, "resigned")]
    await asyncio.gather(*acts)
    assert await carry_out_due(office.means) == []
    assert (len(await office.rows(wipe_orders)), len(office.file.read())) == (1, 1)


async def test_a_withdrawn_notice_does_nothing(office: Office) -> None:
    """The person goes on as before, at the hour and after it; a new notice can be given."""
    phone = await office.enrol(office.wang)
    made = await given(office)
    async with office.store.write() as tx:
        await notice.withdraw(tx, office.wang, "stays", office.sources)
    office.clock.ms = made.last_at + DAY
    assert await carry_out_due(office.means) == []
    assert (await person(office, office.wang)).status is PersonStatus.ACTIVE
    assert (await office.device(phone)).standing is Standing.ACTIVE
    assert await matters(office) == {}
    await given(office)
    assert "exit interview" in (await matters(office))["leaving_checklist"]


class WithdrawnMeanwhile(Store):
    """A store in which somebody withdraws the notice between the look and the cut-off."""

    office: Office

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, is_repeatable: bool = False) -> T:
        """Withdraw it first."""
        async with self.office.store.write() as tx:
            if await notice.of_person(tx, self.office.wang) is not None:
                await notice.withdraw(tx, self.office.wang, "stays", self.office.sources)
        return await super().transact(work, is_repeatable=is_repeatable)


async def test_a_notice_that_is_withdrawn_in_the_last_moment_cuts_nobody_off(office: Office) -> None:
    """Whether it still stands is read in the transaction of the cut-off."""
    phone = await office.enrol(office.wang)
    office.clock.ms = (await given(office)).last_at
    store = WithdrawnMeanwhile(office.store.url)
    store.office = office
    assert await carry_out_due(dataclasses.replace(office.means, store=store)) == []
    await store.close()
    assert (await office.device(phone)).standing is Standing.ACTIVE


async def test_stopped_anywhere_a_scheduled_cut_off_is_finished_by_later_starts(office: Office, ground: Ground) -> None:
    """Each life of the machine is one transaction long."""
    await ground.outlet(office.east, "甲", grade="A")
    await office.enrol(office.wang)
    office.clock.ms = (await given(office)).last_at

    async def start(means: Means) -> None:
        await reconcile(means.store, means.file, means.keys, means.sources)
        await carry_out_due(means)
        await run_plans(means.store, means.sources, means.announcer)

    lives = 0
    while not await one_life(office, start):
        lives += 1
    assert lives > 5
    assert len(await office.rows(wipe_orders)) == 1
    assert [one.outlet for one in (await ground.tasks_of(office.li))["handover"]] == [
        one.id for one in (await told(office)).waiting
    ]


async def test_a_plan_that_has_become_impossible_stops_no_cut_off(office: Office, ground: Ground) -> None:
    """The successor left, an outlet went: the hour holds, and the inbox says what is open."""
    shop, other = await ground.outlet(office.east, "甲"), await ground.outlet(office.west, "乙")
    made = await given(office, Wanted(office.li, outlets=((shop, Goes(territory=office.west)),)))
    await ground.write("outlet", act=Act.REMOVE, record=shop)
    await offboard(office.means, office.li, "left")
    office.clock.ms = made.last_at
    (departure,) = await carry_out_due(office.means)
    assert departure.staff == office.wang
    assert "1 outlets" in (await matters(office))["outlets_without_owner"]
    assert other in {one.id for one in (await told(office)).waiting}


async def test_at_once_stands_over_the_hour(office: Office) -> None:
    """Offboarding somebody under notice ends the notice, with its plan where nothing else is said."""
    await given(office)
    departure = await offboard(office.means, office.wang, "dismissed")
    assert {one.successor for one in departure.handovers} == {office.li}
    async with office.store.read() as tx:
        assert await notice.listed(tx) == []


@pytest.mark.parametrize("kind", ["past", "twice", "departed", "self", "reason", "successor"])
async def test_a_notice_that_cannot_be_is_refused(office: Office, kind: str) -> None:
    """By name, and nothing is written."""
    gone = await office.leaver()
    if kind == "twice":
        await given(office)
    async with office.store.write() as tx:
        asked = {
            "past": (office.wang, -1, office.li, "left", None, "bad_value"),
            "twice": (office.wang, 1, office.li, "left", None, "bad_value"),
            "departed": (gone, 1, office.li, "left", None, "departed"),
            "self": (office.wang, 1, office.li, "left", office.wang, "not_yours"),
            "reason": (office.wang, 1, office.li, "He left", None, "bad_value"),
            "successor": (office.wang, 1, gone, "left", None, "departed"),
        }
        who, days, successor, why, by, code = asked[kind]
        with pytest.raises(Refusal) as caught:
            await notice.give(
                tx, who, office.clock() + days * DAY, Wanted(successor), office.sources, reason=why, by=by
            )
        assert caught.value.code == code


async def test_a_restored_database_from_before_the_notice_has_the_departure_all_the_same(office: Office) -> None:
    """What was carried out is in the departures file; the notice itself is forgotten, and nobody is cut off for it."""
    await office.enrol(office.wang)
    await copied(office.store)
    office.clock.ms = (await given(office)).last_at
    await carry_out_due(office.means)
    await put_back(office.store)
    assert (await reconcile(office.store, office.file, office.keys, office.sources)).applied_again == 1
    assert (await person(office, office.wang)).status is PersonStatus.DEPARTED
    async with office.store.read() as tx:
        assert await notice.latest(tx, office.wang) is None


async def test_a_restored_database_with_a_notice_that_was_carried_out_ends_it(office: Office) -> None:
    """Applying the departure again ends the notice as the cut-off did."""
    await office.enrol(office.wang)
    made = await given(office)
    await copied(office.store)
    office.clock.ms = made.last_at
    await carry_out_due(office.means)
    await put_back(office.store)
    await reconcile(office.store, office.file, office.keys, office.sources)
    assert await carry_out_due(office.means) == []
    async with office.store.read() as tx:
        after = await notice.latest(tx, office.wang)
    assert after is not None
    assert after.state is NoticeState.CARRIED_OUT


async def test_after_a_restore_a_notice_that_stands_is_put_before_the_manager(office: Office) -> None:
    """It may have been withdrawn in what was lost; it is carried out all the same if nobody says so."""
    made = await given(office)
    await copied(office.store)
    async with office.store.write() as tx:
        await notice.withdraw(tx, office.wang, "stays", office.sources)
    await put_back(office.store)
    await reconcile(office.store, office.file, office.keys, office.sources, is_lost=True)
    assert "does this notice still stand" in (await matters(office))["notice_after_restore"]
    office.clock.ms = made.last_at
    assert [one.staff for one in await carry_out_due(office.means)] == [office.wang]
