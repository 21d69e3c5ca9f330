"""Visits counted by day and person come to what the daily reports and the visits themselves say."""

from __future__ import annotations

from datetime import date

from server.field.arrivals import look
from server.field.daily_reports import reported
from server.field.purchases import Span, visited
from server.field.visits.counting import Counted, visits_by_day
from server.times import read_local
from sync.positions import Position
from tests.server.firm import ZONE, Firm

SPAN = Span(date(2026, 10, 14), date(2026, 10, 16), ZONE)


async def counted(firm: Firm, span: Span = SPAN, **only: object) -> list[Counted]:
    """What is counted in a time."""
    async with firm.store.read() as tx:
        return await visits_by_day(tx, span, **only)  # type: ignore[arg-type]


async def test_a_visit_counts_on_its_day_and_an_amended_one_once(firm: Firm) -> None:
    """From the company's midnight to the next; a call is no visit in person; others' days are left out."""
    firm.at("2026-10-16 09:00")
    shop, other = await firm.shop(), await firm.shop("城西店", firm.west)
    late = read_local("2026-10-14 23:59", ZONE)
    wrong = await firm.does(firm.wang, "visit", outlet=shop, at=late)
    await firm.does(firm.wang, "visit", outlet=shop, amends=wrong, at=late)
    await firm.does(firm.wang, "visit", outlet=shop, channel="company_phone", at=late)
    await firm.does(firm.li, "visit", outlet=shop, at=late + 60_000)
    await firm.does(firm.zhou, "visit", firm.west, outlet=other, at=late + 60_000)
    await firm.does(firm.zhou, "visit", firm.west, outlet=other, at=read_local("2026-10-13 23:59", ZONE))
    await firm.does(firm.zhou, "visit", firm.west, outlet=other, at=read_local("2026-10-16 00:00", ZONE))
    first, second = date(2026, 10, 14), date(2026, 10, 15)
    found = await counted(firm)
    assert {(one.day, one.staff): (one.visits, one.in_person) for one in found} == {
        (first, firm.wang): (2, 1), (second, firm.li): (1, 1), (second, firm.zhou): (1, 1)
    }  # fmt: skip
    assert {one.staff for one in await counted(firm, of=firm.west)} == {firm.zhou}
    assert {one.staff for one in await counted(firm, staff=firm.li)} == {firm.li}
    async with firm.store.read() as tx:
        assert sum(one.visits for one in found) == sum((await visited(tx, SPAN)).values())


async def test_doubtful_visits_are_counted_as_they_were_judged(firm: Firm) -> None:
    """Far from the outlet is doubtful; the daily reports know the same visits of that day."""
    shop = await firm.shop(position=Position(39.9, 116.4))
    near = await firm.shop("近", position=Position(39.91, 116.41))
    far = Position(39.5, 116.4, 5.0)
    await firm.does(firm.wang, "visit", outlet=shop, position=far, duration_s=600)
    firm.desk.now += 7_200_000
    await firm.does(firm.li, "visit", outlet=near, position=Position(39.91, 116.41, 5.0), duration_s=600)
    await look(firm.store, await firm.ground())
    day = date(2026, 10, 15)
    found = await counted(firm)
    assert {(one.staff, one.doubtful) for one in found if one.day == day} == {(firm.wang, 1), (firm.li, 0)}
    async with firm.store.read() as tx:
        ours = {one.staff: one.ours.done + one.ours.extra for one in await reported(tx, day, await firm.ground())}
    assert {one.staff: one.visits for one in found} == {who: made for who, made in ours.items() if made}


async def test_days_hold_where_clocks_are_changed(firm: Firm) -> None:
    """A night of 25 hours in Berlin: what happens in its last hour is of the day that ends."""
    zone = "Europe/Berlin"
    firm.desk.now = read_local("2026-10-27 09:00", zone)
    shop = await firm.shop()
    await firm.does(firm.wang, "visit", outlet=shop, at=read_local("2026-10-24 23:30", zone))
    await firm.does(firm.wang, "visit", outlet=shop, at=read_local("2026-10-25 23:30", zone))
    found = await counted(firm, Span(date(2026, 10, 24), date(2026, 10, 26), zone))
    assert [(one.day.day, one.visits) for one in found] == [(24, 1), (25, 1)]
