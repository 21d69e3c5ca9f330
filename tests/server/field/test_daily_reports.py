"""Daily reports: what was sent beside what the company has, and who sent none; holidays on which nothing is due."""

from __future__ import annotations

from datetime import date

import pytest

from server.field.daily_reports import ThatDay, reported
from server.field.holidays import Unknown, holidays_of
from server.field.merging import merge
from server.field.policies import set_policy
from server.times import read_local
from tests.server.firm import ZONE, Firm

DAY = date(2026, 10, 15)


async def days(firm: Firm) -> dict[str, tuple[ThatDay | None, ThatDay]]:
    """What was reported of the day, and what the company has, by name."""
    async with firm.store.read() as tx:
        found = await reported(tx, DAY, await firm.ground())
    return {one.name: (one.reported, one.ours) for one in found}


async def test_what_was_reported_stands_beside_what_the_company_has(firm: Firm) -> None:
    """Amended reports as they stand; who sent none is there too; the archivist and the dealer report nothing."""
    firm.desk.now -= 86_400_000
    key, fresh, never = await firm.shop("甲", grade="A"), await firm.shop("乙"), await firm.shop("丙")
    await firm.shop("关", status="closed")
    firm.desk.now += 86_400_000 + 3_600_000
    await firm.does(firm.wang, "visit", outlet=key.bytes, at=read_local("2026-10-01 10:00", ZONE))
    await firm.does(firm.wang, "visit", outlet=fresh.bytes, at=read_local("2026-10-14 10:00", ZONE))
    await firm.does(firm.wang, "visit", outlet=key.bytes)
    await firm.does(firm.wang, "visit", outlet=fresh.bytes)
    await firm.does(firm.wang, "order", outlet=key.bytes, lines=[["SKU-1", 2, 300, ""]])
    first = await firm.does(firm.wang, "daily_report", day=str(DAY), planned=9, done=9)
    await firm.does(firm.wang, "daily_report", day=str(DAY), planned=2, done=1, extra=1, orders=600, amends=first.bytes)
    found = await days(firm)
    assert found["王"] == (ThatDay(2, 1, 1, 0, 600), ThatDay(2, 1, 1, 0, 600))
    assert found["李"] == (None, ThatDay(2, 0, 0, 0, 0))
    assert set(found) == {"王", "李", "孙", "周"}
    assert never != fresh


async def test_a_registration_counts_on_the_day_on_which_it_happened(firm: Firm) -> None:
    """That of yesterday evening comes in this morning, from a phone that was offline: it is yesterday's."""
    await firm.does(firm.wang, "outlet", at=read_local("2026-10-14 23:59", ZONE), name="昨")
    await firm.does(firm.wang, "outlet", at=read_local("2026-10-15 00:00", ZONE), name="今")
    await firm.does(firm.li, "outlet", name="李")
    found = await days(firm)
    assert (found["王"][1].registered, found["李"][1].registered) == (1, 1)
    assert found["王"][1].planned == 1, "what was registered on a day was not there when it began"


async def test_on_a_holiday_nothing_is_due(firm: Firm) -> None:
    """What is visited all the same is extra."""
    shop = await firm.shop("甲", grade="A")
    async with firm.store.write() as tx:
        await set_policy(tx, "holidays", "2026-10-15, 2026-10-16", firm.sources)
    await firm.does(firm.wang, "visit", outlet=shop.bytes)
    assert (await days(firm))["王"][1] == ThatDay(0, 0, 1, 0, 0)


def test_the_public_holidays_of_a_year_are_known_once_they_are_announced() -> None:
    """National Day is seven days and a working Saturday is none; of a year that nobody has announced, none."""
    found = holidays_of(2026)
    assert {f"2026-10-0{number}" for number in range(1, 8)} <= set(found)
    assert "2026-10-10" not in found
    assert "2026-10-11" not in found
    with pytest.raises(Unknown):
        holidays_of(2099)


async def test_a_day_that_is_over_stays_as_it_was(firm: Firm) -> None:
    """What was visited since, or merged into another since, changes nothing of what was planned then and done."""
    firm.at("2026-10-01 09:00")
    key, twin, other = await firm.shop("甲", grade="A"), await firm.shop("甲店", grade="A"), await firm.shop("乙")
    await firm.does(firm.wang, "visit", outlet=key.bytes, at=read_local("2026-10-05 10:00", ZONE))
    await firm.does(firm.wang, "visit", outlet=twin.bytes, at=read_local("2026-10-09 10:00", ZONE))
    firm.at("2026-10-15 18:00")
    await firm.does(firm.wang, "visit", outlet=key.bytes, at=read_local("2026-10-15 10:00", ZONE))
    before = await days(firm)
    assert before["王"][1] == ThatDay(2, 1, 0, 0, 0)
    firm.at("2026-10-20 09:00")
    for outlet in (key, twin, other):
        await firm.does(firm.li, "visit", outlet=outlet.bytes)
    assert await days(firm) == before
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, twin, key, reason="同一家", by=firm.dealer)
    after = await days(firm)
    assert after["王"][1] == ThatDay(1, 0, 1, 0, 0), "one outlet, last seen on the 9th, is not due before the 16th"
