"""Sweep reports and coverage, on their edges: the last day that counts, midnight, amendments, merges, two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.field.appraisal.phases import PHASE_READY
from server.field.own_acts import Asked, carry_out
from server.field.sweeps.coverage import Covered, covered
from server.field.sweeps.grid import cell_of
from server.field.sweeps.over_time import coverage_by_day
from server.field.sweeps.ready import propose_keeping
from server.field.sweeps.reports import SweepReport, sweep_reports
from server.master.inbox import inbox
from sync.operations import Act
from sync.positions import Position
from tests.server.field.registration.office import Office

HOUR, DAY = 3_600_000, 86_400_000


async def sweep(
    office: Office, person: UUID, sightings: dict[UUID, str], *, at: int | None = None, seconds: int = 3600, **more: Any
) -> UUID:
    """One sweep that began at `at` (now)."""
    record, desk = office.desk.id(), office.desk
    seen = [{"outlet": one.bytes, "seen": how, "after_s": 0} for one, how in sightings.items()]
    fields: dict[str, Any] = {"duration_s": seconds, "sightings": [list(one.values()) for one in seen]} | more
    made = desk.operation(Act.CREATE, "sweep", record, scope=office.scope, **fields)
    ended = (desk.now if at is None else at) + seconds * 1000
    came = await desk.submit(desk.rep(person, office.east), made, at=ended)
    assert came[0].code == "applied", came
    return record


async def reports(office: Office, **wanted: Any) -> list[SweepReport]:
    """What the sweeps came to."""
    async with office.desk.store.read() as tx:
        return await sweep_reports(tx, **wanted)


async def cover(office: Office) -> Covered:
    """How far the territory is covered today."""
    async with office.desk.store.read() as tx:
        (found,) = await covered(tx, office.ground, of=office.east)
    return found


async def test_a_sweep_is_told_in_different_outlets_with_what_its_person_changed_meanwhile(office: Office) -> None:
    """An edit of somebody else's, or from before or after, is not the sweep's; a late one in time is."""
    shops = [await office.register(office.wang, f"店{number}", address=f"解放路 {number}号") for number in range(4)]
    other = await office.register(office.wang, "远店", address="人民街 9号")
    begun = office.desk.now
    made = await sweep(office, office.wang, dict(zip(shops, ("seen", "visited", "closed", "not_found"), strict=True)))
    office.desk.now += DAY
    for person, outlet, at in (
        (office.wang, shops[0], begun + HOUR),
        (office.wang, shops[0], begun),
        (office.wang, shops[1], begun - 1),
        (office.wang, shops[2], begun + HOUR + 1),
        (office.li, shops[3], begun + 1),
    ):
        edit = office.desk.operation(Act.EDIT, "outlet", outlet, base=1, notes=f"{at}")
        await office.desk.submit(office.desk.rep(person, office.east), edit, at=at)
    (found,) = await reports(office, of=office.east)
    came = found.figures
    assert (found.id, came.found, came.new, came.closed, came.missing) == (made, 2, 0, 1, 1)
    assert (came.changed, came.per_hour, found.streets) == (1, 30, ("人民街",))
    assert other not in shops


async def test_an_amended_sweep_counts_as_its_amendment_says(office: Office) -> None:
    """The one that was amended is in no list."""
    shop = await office.register(office.wang)
    first = await sweep(office, office.wang, {shop: "seen"})
    second = await sweep(office, office.wang, {shop: "not_found"}, amends=first.bytes)
    assert [one.id for one in await reports(office)] == [second]
    assert (await cover(office)).percent == 0


@pytest.mark.parametrize(("days", "percent"), [(0, 100), (91, 100), (92, 0)])
async def test_what_was_seen_within_ninety_two_days_is_covered_that_day_included(
    office: Office, days: int, percent: int
) -> None:
    """By days of the company, whatever the hour."""
    shop = await office.register(office.wang)
    midnight = office.desk.now - (office.desk.now + 8 * HOUR) % DAY
    await sweep(office, office.wang, {shop: "closed"}, at=midnight)
    office.desk.now = midnight + days * DAY + DAY - 1
    found = await cover(office)
    assert (found.outlets, found.percent, len(found.unseen)) == (1, percent, percent == 0)


async def test_a_visit_in_person_covers_and_one_by_phone_does_not(office: Office) -> None:
    """Nor does a sighting that found nothing; closed outlets are no part of it."""
    shops = [await office.register(office.wang, f"店{number}") for number in range(4)]
    rep = office.desk.rep(office.wang, office.east)
    for shop, channel in ((shops[0], "unknown"), (shops[1], "company_phone")):
        made = office.desk.operation(Act.CREATE, "visit", office.desk.id(), outlet=shop.bytes, channel=channel)
        await office.desk.submit(rep, made)
    await sweep(office, office.wang, {shops[2]: "not_found"})
    await office.desk.edit(office.desk.manager(), "outlet", shops[3], 1, status="closed")
    found = await cover(office)
    assert (found.outlets, found.percent) == (3, 33)
    assert {one.id for one in found.unseen} == {shops[1], shops[2]}


async def test_what_was_seen_at_a_merged_outlet_counts_for_the_one_that_stands(office: Office) -> None:
    """The one that went is no outlet of its own."""
    gone, stays = [await office.register(office.wang, f"店{number}") for number in range(2)]
    await sweep(office, office.wang, {gone: "seen"})
    async with office.desk.store.write() as tx:
        asked = [Asked("outlet", {"merged_into": stays}, gone, Act.EDIT)]
        await carry_out(tx, office.ground.sources, asked)
    found = await cover(office)
    assert (found.outlets, found.percent) == (1, 100)


async def test_a_sweep_is_told_in_outlets_that_stand(office: Office) -> None:
    """What was sighted or mended at one that was merged since counts for the other: once, and on its street."""
    streets = [
        office.register(office.wang, f"店{at}", address=f"{street}1号") for at, street in enumerate(("柳巷", "桥巷"))
    ]
    gone, stays = [await one for one in streets]
    begun = office.desk.now
    await sweep(office, office.wang, {gone: "visited", stays: "seen"})
    await sweep(office, office.wang, {gone: "seen"}, at=begun + DAY)
    for outlet in (gone, stays):
        edit = office.desk.operation(Act.EDIT, "outlet", outlet, base=1, notes="二楼有仓库")
        await office.desk.submit(office.desk.rep(office.wang, office.east), edit, at=begun + 1)
    async with office.desk.store.write() as tx:
        await carry_out(tx, office.ground.sources, [Asked("outlet", {"merged_into": stays}, gone, Act.EDIT)])
    later, first = await reports(office)
    assert (first.figures.found, first.figures.changed, first.streets) == (1, 1, ())
    assert (later.figures.found, later.streets) == (1, ())


async def test_a_cell_is_blank_until_a_track_or_a_sighted_outlet_lies_in_it(office: Office) -> None:
    """Of any sweep of the territory, however long ago."""
    places = [Position(31.23 + number / 50, 121.47) for number in range(3)]
    shops = [await office.register(office.wang, f"店{at}", position=place) for at, place in enumerate(places)]
    cells = [cell_of(one.lat, one.lon) for one in places]
    assert (await cover(office)).blank == dict.fromkeys(cells, 1)
    await sweep(office, office.wang, {}, track=[[places[0].lat, places[0].lon, 5]])
    assert (await cover(office)).blank == dict.fromkeys(cells[1:], 1)
    await sweep(office, office.wang, {shops[1]: "seen"})
    office.desk.now += 1000 * DAY
    found = await cover(office)
    assert (found.blank, found.cells) == ({cells[2]: 1}, 3)


async def test_a_cell_is_not_blank_where_a_merged_outlet_was_sighted_that_stands_there_now(office: Office) -> None:
    """The sighting lies where the one stands that it counts for."""
    places = [Position(31.23 + number / 50, 121.47) for number in range(2)]
    gone, stays = [await office.register(office.wang, f"店{at}", position=place) for at, place in enumerate(places)]
    await sweep(office, office.wang, {gone: "seen"})
    async with office.desk.store.write() as tx:
        await carry_out(tx, office.ground.sources, [Asked("outlet", {"merged_into": stays}, gone, Act.EDIT)])
    found = await cover(office)
    assert (found.blank, found.cells) == ({}, 1)


async def test_keeping_is_proposed_once_a_territory_is_covered_far_enough(office: Office) -> None:
    """Not again on the next day; the switch itself is the dealer's."""
    shops = [await office.register(office.wang, f"店{number}") for number in range(10)]

    async def proposed() -> int:
        async with office.desk.store.write() as tx:
            await propose_keeping(tx, office.ground)
            rows = (await tx.execute(select(inbox.c.times).where(inbox.c.kind == PHASE_READY))).all()
        return sum(row.times for row in rows)

    await sweep(office, office.wang, dict.fromkeys(shops[:8], "seen"))
    assert await proposed() == 0
    await sweep(office, office.wang, {shops[8]: "seen"})
    assert [await proposed(), await proposed()] == [1, 1]


async def test_a_sweep_of_an_area_answers_for_the_cells_and_streets_in_it(office: Office) -> None:
    """What lies outside was not its to walk; other sweeps do not count for it."""
    places = [Position(31.23 + number / 50, 121.47) for number in range(3)]
    shops = [
        await office.register(office.wang, f"店{at}", position=place, address=f"第{at}街 1号")
        for at, place in enumerate(places)
    ]
    area = [[31.2, 121.4], [31.26, 121.4], [31.26, 121.5], [31.2, 121.5]]
    await sweep(office, office.wang, {shops[1]: "seen"}, at=office.desk.now - DAY)
    made = await sweep(office, office.wang, {shops[0]: "not_found"}, area=area)
    (found,) = await reports(office, sweep=made)
    assert (found.streets, found.cells) == (("第1街",), (cell_of(places[1].lat, places[1].lon),))


async def test_coverage_day_by_day_is_what_each_day_says(office: Office) -> None:
    """With visits and sightings that run out, overlap and are of a merged outlet; of one territory and of all."""
    first, second, gone, never = [
        await office.register(office.wang, f"店{one}", address=f"路 {one}号") for one in range(4)
    ]
    start = office.desk.now
    await sweep(office, office.wang, {first: "seen", second: "not_found"}, at=start)
    for outlet, days in ((first, 10), (first, 95), (second, 40), (second, 41), (gone, 60)):
        office.desk.now = start + days * DAY
        visit = office.desk.operation(Act.CREATE, "visit", office.desk.id(), outlet=outlet)
        await office.desk.submit(office.desk.rep(office.wang, office.east), visit)
    async with office.desk.store.write() as tx:
        sources = office.ground.sources
        asked = [Asked("outlet", {"merged_into": never}, gone, Act.EDIT)]
        await carry_out(tx, sources, asked)
    office.desk.now = start + 200 * DAY
    last = office.ground.today
    begins = last - timedelta(days=199)
    async with office.desk.store.read() as tx:
        found = await coverage_by_day(tx, office.ground, begins, last, of=office.east)
        assert await coverage_by_day(tx, office.ground, begins, last) == found
        for day, percent in found[::3]:
            (truth,) = await covered(tx, office.ground, of=office.east, day=day)
            assert percent == truth.percent, day
    assert {percent for _, percent in found} == {0, 33, 67, 100}
