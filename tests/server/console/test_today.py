"""Today on both databases: the figures are those of the daily report; who is out, and who is silent."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import event, insert

from server.console.today import SILENT_AFTER_MS, Duty, today_page
from server.field.daily_reports import reported
from server.field.today import out_today, places_of, progress_of
from server.identity import staff
from server.identity.staff import Role
from server.master.inbox import Matter, bring_up
from server.master.people import devices
from sync import scopes
from sync.messages import Standing
from sync.operations import Act
from tests.server.console.conftest import viewer_of
from tests.server.firm import Firm

HOUR = 3_600_000


async def _phone(firm: Firm, who: UUID, heard_at: int | None, standing: Standing = Standing.ACTIVE) -> None:
    row = {
        "id": firm.desk.id().bytes, "staff": who.bytes, "enrolment": firm.desk.id().bytes, "public_key": b"\x04",
        "model": "Pixel 6a", "standing": standing, "enrolled_at": firm.desk.now - 100 * HOUR, "last_contact": heard_at,
    }  # fmt: skip
    async with firm.store.write() as tx:
        await tx.execute(insert(devices).values(row))


async def test_progress_is_that_of_the_daily_report(firm: Firm) -> None:
    """Whatever was visited before, today, or by somebody else; also at outlets that were merged."""
    firm.at("2026-10-01 09:00")
    shops = [await firm.shop(f"店{number}", grade="A") for number in range(5)]
    await firm.shop("西店", firm.west)
    firm.at("2026-10-05 10:00")
    for shop in shops[:2]:
        await firm.does(firm.wang, "visit", outlet=shop.bytes, at=firm.desk.now)
    firm.at("2026-10-15 08:00")
    await firm.does(firm.wang, "visit", outlet=shops[0].bytes, at=firm.desk.now)
    await firm.does(firm.li, "visit", outlet=shops[1].bytes, at=firm.desk.now)
    fresh = await firm.shop("新店")
    await firm.does(firm.wang, "visit", outlet=fresh.bytes, at=firm.at("2026-10-15 09:00"))
    ground = await firm.ground()
    async with firm.store.read() as tx:
        found = await progress_of(tx, ground, await places_of(tx, [firm.wang, firm.li, firm.sun, firm.zhou]))
        reports = {one.staff: one.ours for one in await reported(tx, ground.today, ground)}
    assert {one: (each.planned, each.done, each.extra) for one, each in found.items()} == {
        one: (each.planned, each.done, each.extra) for one, each in reports.items()
    }
    assert (found[firm.wang].planned, found[firm.wang].done, found[firm.wang].extra) == (5, 1, 1)


async def test_who_logged_a_visit_or_began_a_sweep_today_is_out(firm: Firm) -> None:
    """What was done yesterday is not."""
    shop = await firm.shop()
    yesterday, today = firm.at("2026-10-14 17:00"), firm.at("2026-10-15 09:30")
    await firm.does(firm.li, "visit", outlet=shop.bytes, at=yesterday)
    await firm.does(firm.wang, "visit", outlet=shop.bytes, at=today)
    await firm.does(firm.zhou, "sweep", firm.west, at=today, duration_s=600)
    ground = await firm.ground()
    async with firm.store.read() as tx:
        found = await out_today(tx, ground, [firm.wang, firm.li, firm.zhou])
    assert {one: (each.visits, each.sweeps) for one, each in found.items()} == {firm.wang: (1, 0), firm.zhou: (0, 1)}
    assert found[firm.zhou].last_at == today


async def test_a_manager_sees_who_is_out_first_and_who_is_silent(firm: Firm) -> None:
    """Phones that were heard of today, or were cut off, are not silent; the longest silent comes first."""
    shop = await firm.shop(place=firm.west)
    now = firm.at("2026-10-15 09:30")
    await firm.does(firm.zhou, "visit", firm.west, outlet=shop.bytes, at=now)
    await _phone(firm, firm.wang, now - SILENT_AFTER_MS - 1)
    await _phone(firm, firm.li, now - 5 * SILENT_AFTER_MS)
    await _phone(firm, firm.zhou, now - HOUR)
    await _phone(firm, firm.zhou, now - 9 * SILENT_AFTER_MS, Standing.DEPARTED)
    async with firm.store.write() as tx:
        await bring_up(tx, Matter("phase_ready", firm.east, "It can end.", "可以结束。"), firm.sources)
    ground = await firm.ground()
    viewer = await viewer_of(firm)
    async with firm.store.read() as tx:
        page = await today_page(tx, viewer, ground, hangs_after=HOUR)
        inside = await today_page(tx, viewer, ground, only="in", hangs_after=HOUR)
    assert [one.name for one in page.workers] == ["周", *sorted(["王", "李"])]
    assert [one.name for one in inside.workers] == sorted(["王", "李"])
    assert (page.reps, page.out, page.visits, page.silent_count) == (3, 1, 1, 2)
    assert [one.name for one in page.silent] == ["李", "王"]
    assert [(one.kind, one.count) for one in page.waiting] == [("matters", 1)]


@pytest.mark.parametrize("who", ["sun", "dang"])
async def test_others_see_their_own_part(firm: Firm, who: str) -> None:
    """Their tasks and what waits for them; nothing of the reps' day."""
    person: UUID = getattr(firm, who)
    task = firm.desk.operation(
        Act.CREATE, "task", firm.desk.id(), scope=scopes.staff(person), title="核实老张烟酒", due="2026-10-14"
    )
    await firm.desk.submit(firm.desk.manager(), task)
    viewer = await viewer_of(firm, person)
    ground = await firm.ground()
    async with firm.store.read() as tx:
        page = await today_page(tx, viewer, ground, hangs_after=HOUR)
    assert (page.workers, page.silent, page.hanging, page.reps) == ((), (), (), 0)
    assert page.duties == (Duty("核实老张烟酒", "2026-10-14", is_late=True),)


async def test_the_number_of_queries_does_not_grow_with_people(firm: Firm) -> None:
    """Ten times as many reps with phones and visits: as many statements."""
    shop = await firm.shop()
    viewer = await viewer_of(firm)
    ground = await firm.ground()

    async def statements() -> int:
        counted = 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        engine = firm.store._reader.sync_engine
        event.listen(engine, "before_cursor_execute", count)
        async with firm.store.read() as tx:
            await today_page(tx, viewer, ground, hangs_after=HOUR)
        event.remove(engine, "before_cursor_execute", count)
        return counted

    await firm.does(firm.wang, "visit", outlet=shop.bytes, at=firm.desk.now)
    before = await statements()
    for number in range(20):
        async with firm.store.write() as tx:
            person = (await staff.add(tx, f"业务员{number:02}", Role.REP, firm.sources)).id
        await _phone(firm, person, firm.desk.now)
    assert await statements() == before
