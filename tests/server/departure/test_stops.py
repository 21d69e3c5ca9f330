"""Every stop between and within the steps of a plan, and what a restored database and an older file come to."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest

from server.departure.cutoff import offboard
from server.departure.departures_file import Departure, DeparturesFile, Planned, Step
from server.departure.leaving.checklist import Point
from server.departure.leaving.wanted import Goes, Wanted
from server.departure.plan import run_plans
from server.identity import channels
from server.identity.channels import ChannelKind
from server.master import inbox
from server.master.audit import audit
from server.master.departures import handovers
from server.master.leaving import checklist, company_channels, handover_lists
from server.master.people import rosters
from server.master.tables import journal, operations
from sync.messages import Standing
from tests.server.departure.backup import copied, put_back
from tests.server.departure.ground import Ground, territory_of
from tests.server.departure.office import Office
from tests.server.departure.stopping import FailsAtFirst, one_life, start
from tests.server.departure.test_departures_file import KEYS
from tests.source import ROOT


@pytest.fixture
def ground(office: Office) -> Ground:
    """Where the office's people work."""
    return Ground(office)


async def everything(office: Office, ground: Ground) -> Wanted:
    """A leaver who leaves something of every kind, more than one transaction holds of outlets."""
    south = await territory_of(office, "城南", office.li)
    await ground.pool(office.west)
    await ground.outlets(office.east, [f"东{number}" for number in range(130)])
    (pooled,) = await ground.outlets(office.west, ["西"])
    await ground.task(office.wang, "送样品")
    async with office.store.write() as tx:
        await channels.add(tx, ChannelKind.PHONE, "13800000001", office.wang, office.sources)
    territories_ = ((office.east, Goes(territory=south)),)
    return Wanted(office.li, territories=territories_, outlets=((pooled, Goes(pool=True)),))


TABLES = (handovers, handover_lists, company_channels, checklist, rosters, operations, inbox.inbox, journal)


async def test_stopped_within_and_between_any_two_steps_the_plan_is_finished_by_later_starts(
    office: Office, ground: Ground
) -> None:
    """Each life of the machine is one transaction long: all is done in the end, and nothing twice."""
    phone = await office.enrol(office.wang)
    wanted = await everything(office, ground)
    assert not await one_life(office, partial(offboard, person=office.wang, reason="left", wanted=wanted))
    assert (await office.device(phone)).standing is Standing.DEPARTED
    lives = 1
    while not await one_life(office, start):
        lives += 1
    assert lives >= len([one for one in await office.rows(handovers) if one["done_at"]])
    listed = [row["outlet"] for row in await office.rows(handover_lists)]
    assert (len(listed), len(set(listed))) == (131, 131)
    tasks = await ground.tasks_of(office.li)
    assert (len(tasks["handover"]), len(tasks["general"])) == (130, 1)
    assert len({await ground.place_of(UUID(bytes=one)) for one in listed}) == 2
    assert len(await office.rows(checklist)) == len(Point)
    before = [await office.rows(table) for table in TABLES]
    await start(office.means)
    assert [await office.rows(table) for table in TABLES] == before
    async with office.store.read() as tx:
        assert await audit(tx) == []


async def test_a_plan_that_cannot_go_on_holds_up_no_other(office: Office) -> None:
    """What stopped it is told, the plan of somebody else is done all the same, and the next turn does the rest."""
    await territory_of(office, "城南", office.li)
    for person in (office.wang, office.li):
        assert not await one_life(office, partial(offboard, person=person, reason="left"))
        office.clock.tick()
    store = FailsAtFirst(office.store.url)
    with pytest.raises(OSError, match="the disk is away"):
        await run_plans(store, office.sources, office.announcer)
    await store.close()
    waiting = {row["leaver"] for row in await office.rows(handovers) if row["done_at"] is None}
    assert waiting == {office.wang.bytes}
    assert {row["territory"] for row in await office.rows(rosters)} == {office.east.bytes, office.west.bytes}
    await run_plans(office.store, office.sources, office.announcer)
    assert await office.rows(rosters) == []


def test_a_plan_from_an_older_version_reads_as_before() -> None:
    """A line that knew territories alone still verifies, and its rows are places on rosters."""
    path = ROOT / "fixtures" / "departures" / "territories-only.log"
    (entry,) = DeparturesFile(path, KEYS).read()
    assert isinstance(entry, Departure)
    assert entry.handovers == (Planned(UUID(int=401), UUID(int=501), None, Step.PLACE),)


async def test_a_restored_database_gets_the_whole_plan_back(office: Office, ground: Ground) -> None:
    """The file holds every row: where outlets go, who follows, and what else there is to do."""
    wanted = await everything(office, ground)
    await copied(office.store)
    await offboard(office.means, office.wang, "left", wanted=wanted)
    listed = {row["outlet"] for row in await office.rows(handover_lists)}
    await put_back(office.store)
    await start(office.means)
    assert {row["outlet"] for row in await office.rows(handover_lists)} == listed
    assert len((await ground.tasks_of(office.li))["general"]) == 1
    assert {row["done_at"] is None for row in await office.rows(handovers)} == {False}
