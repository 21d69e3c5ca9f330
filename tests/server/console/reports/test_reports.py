"""Each report says what the function of its room says, to whom it may, and a look at customers is in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from server.console.reports.kinds import KINDS
from server.console.reports.pages import Opened, exported, open_report
from server.console.reports.values import Report, Table
from server.field.appraisal.scores import grow
from server.field.appraisal.statement import close, statement_of
from server.field.arrivals import look
from server.field.credit.overdue import cases
from server.field.daily_reports import reported
from server.field.ground import Ground
from server.field.purchases import by_quarter
from server.field.quarterly.callbacks import called_back
from server.field.quarterly.verification import progress
from server.field.sweeps.coverage import covered
from server.master.people import staff as people
from server.master.promises import promises
from server.master.store import Tx
from server.master.tables import journal_bodies
from sync.errors import Refusal
from tests.server.console.conftest import viewer_of
from tests.server.firm import Firm


async def opened(firm: Firm, name: str, **query: str) -> Opened:
    """The dealer opens a report."""
    return await open_report(firm.store, _ruled(firm), await viewer_of(firm), KINDS[name], query)


def _ruled(firm: Firm) -> Any:
    async def ruled(_: Tx) -> Ground:
        return await firm.ground()

    return ruled


async def report(firm: Firm, name: str, **query: str) -> Report:
    """What the dealer finds in a report."""
    return (await opened(firm, name, **query)).report


def figures(found: Report) -> list[Any]:
    """The numbers at its top."""
    return [one.value for one in found.figures]


def rows(table: Table) -> list[tuple[Any, ...]]:
    """A table's lines, names as text."""
    return [tuple(str(one) if hasattr(one, "path") else one for one in row) for row in table.rows]


async def noted(firm: Firm, kind: str) -> list[Mapping[str, Any]]:
    """The bodies of the journal's events of a kind."""
    async with firm.store.read() as tx:
        bodies = (await tx.execute(select(journal_bodies.c.body).order_by(journal_bodies.c.at))).scalars().all()
    read = [msgspec.msgpack.decode(bytes(one)) for one in bodies]
    return [one[1] for one in read if len(one) in {2, 3} and one[0] == kind]


async def test_daily_reports_and_visits_of_the_day_agree(firm: Firm) -> None:
    """What the company has of everybody's day is what the plot of visits counts, by person and in all."""
    firm.at("2026-10-14 09:00")
    shop, other = await firm.shop(), await firm.shop("城西店", firm.west)
    firm.at("2026-10-15 09:00")
    await firm.does(firm.wang, "visit", outlet=shop)
    await firm.does(firm.zhou, "visit", firm.west, outlet=other)
    await firm.does(firm.wang, "daily_report", day="2026-10-15", planned=1, done=1, registered=4, orders=500)
    day = {"from": "2026-10-15", "to": "2026-10-15"}
    visits, daily = await report(firm, "visits", **day), await report(firm, "daily", day="2026-10-15")
    async with firm.store.read() as tx:
        ours = await reported(tx, (await firm.ground()).today, await firm.ground())
    assert figures(visits)[0] == sum(one.ours.done + one.ours.extra for one in ours) == 2
    assert figures(daily) == [1, 3, sum(one.ours.done for one in ours), sum(one.ours.extra for one in ours)]
    assert [row for row in rows(daily.tables[0]) if row[0] == "王"] == [("王", "1/1 +0", "1/1 +0", 4, 0, 500, 0, "")]
    assert visits.plots[0].rows == (("10-15", "2", "0"),)
    west = await report(firm, "visits", territory=str(firm.west), **day)
    assert rows(west.tables[0]) == [("周", 1, 1, 0, 1)]


async def test_coverage_is_what_the_room_says_and_a_list_of_outlets_is_journalled(firm: Firm) -> None:
    """By territory without a trace; with one chosen its outlets are named, and that somebody looked stands there."""
    seen = await firm.shop("见")
    await firm.shop("未见")
    await firm.does(firm.wang, "visit", outlet=seen)
    found = await report(firm, "coverage")
    async with firm.store.read() as tx:
        truth = await covered(tx, await firm.ground())
    assert [row[:4] for row in rows(found.tables[0])] == [
        (one.name, one.outlets, one.percent, len(one.unseen)) for one in truth
    ]
    assert (len(found.tables), await noted(firm, "accessed")) == (1, [])
    east = await report(firm, "coverage", territory=str(firm.east))
    assert [row[1] for row in rows(east.tables[1])] == ["未见"]
    (look_of,) = await noted(firm, "accessed")
    assert (look_of["what"], look_of["by"], look_of["lines"]) == ("report_coverage", firm.dealer.bytes, 1)
    assert look_of["filters"] == {"from": "2026-09-18", "to": "2026-10-15", "territory": str(firm.east)}
    assert east.plots[0].rows[-1] == ("10-15", str(truth[0].percent))


async def test_verification_and_call_backs_are_what_their_rules_say(firm: Firm) -> None:
    """To do, done and missing of each territory."""
    first, _ = await firm.shop("一"), await firm.shop("二")
    await firm.does(firm.sun, "visit", outlet=first, purpose="call_back")
    await firm.does(None, "verification", outlet=first, quarter="2026Q4", means="phone", confirmed=True)
    async with firm.store.read() as tx:
        ground = await firm.ground()
        verified, called = await progress(tx, "2026Q4"), await called_back(tx, "2026Q4", ground)
    assert [(one.wanted, len(one.missing)) for one in verified] == [(2, 1)]
    assert rows((await report(firm, "verification")).tables[0]) == [("城东", 2, 1, 1, 50)]
    assert [(len(one.done), len(one.missing)) for one in called] == [(1, 1)]
    assert rows((await report(firm, "callbacks")).tables[0]) == [("城东", 2, 1, 1, 50)]
    listed = await report(firm, "verification", territory=str(firm.east))
    assert [row[0] for row in rows(listed.tables[1])] == ["二"]


async def test_purchases_are_what_the_quarter_came_to(firm: Firm) -> None:
    """Each outlet's line and the total; a quarter that is none is said, and this one is shown."""
    shop, other = await firm.shop(), await firm.shop("城西店", firm.west)
    for outlet, day, price in ((shop, "2026-10-02", 300), (other, "2026-10-03", 500), (shop, "2026-07-01", 200)):
        await firm.does(None, "delivery", outlet=outlet, delivered_on=day, lines=[["SKU-1", 2, price, ""]])
    async with firm.store.read() as tx:
        truth = await by_quarter(tx, "2026Q4", (await firm.ground()).zone)
    found = await opened(firm, "purchases", quarter="Q4")
    assert len(found.wrong) == 1
    assert figures(found.report)[:2] == [sum(one.bought for one in truth.values()), 300]
    assert rows(found.report.tables[0]) == [
        ("城西店", 1000, 0, None, 0, None), ("老张烟酒", 600, 400, truth[shop].change, 0, None)
    ]  # fmt: skip
    east = await report(firm, "purchases", territory=str(firm.east))
    assert [row[0] for row in rows(east.tables[0])] == ["老张烟酒"]


async def test_the_appraisal_shows_what_the_statement_says_while_it_grows_and_once_it_is_closed(firm: Firm) -> None:
    """Lines as they last grew, which is what the statement says then; a closed month as it was closed."""
    firm.at("2026-10-31 09:00")
    shop = await firm.shop("店", outlet_class="grocery", position=[39.9, 116.4], phone="13800000000")
    await firm.does(None, "delivery", outlet=shop, delivered_on="2026-10-30", lines=[["SKU-1", 2, 300, ""]])
    await look(firm.store, await firm.ground())
    assert "each night" in (await report(firm, "appraisal")).note
    async with firm.store.read() as tx:
        ground = await firm.ground()
        truth, write = await statement_of(tx, "2026-10", ground), await grow(tx, ground)
    async with firm.store.write() as tx:
        await write(tx)
    growing = await report(firm, "appraisal", month="2026-10")
    assert truth.lines
    assert [(row[0], row[3], row[4]) for row in rows(growing.tables[1])] == [
        ({firm.wang: "王"}[one.staff], one.amount, one.detail) for one in truth.lines
    ]
    firm.at("2026-11-02 09:00")
    async with firm.store.write() as tx:
        kept = await close(tx, "2026-10", await firm.ground(), firm.dealer)
    found = await report(firm, "appraisal", month="2026-10")
    assert figures(found) == [sum(one.amount for one in kept.lines), 1, len(kept.lines)]
    assert "closed" in found.note


async def test_overdue_money_and_promises_are_what_the_books_say(firm: Firm) -> None:
    """Open cases with what is overdue now; promises that are late, open and kept."""
    shop = await firm.shop()
    await firm.does(firm.wang, "contact_report", outlet=shop, promised="送两箱", promised_by="2026-10-14", said="谈了")
    async with firm.store.read() as tx:
        made = await promises(tx)
        assert await cases(tx, await firm.ground()) == []
    assert [one.is_late("2026-10-15") for one in made] == [True]
    found = await report(firm, "promises")
    assert figures(found) == [1, 0, 0]
    assert [row[-1] for row in rows(found.tables[0])] == ["Late"]
    assert figures(await report(firm, "overdue")) == [0, 0, 0]


@pytest.mark.parametrize("name", KINDS)
async def test_every_report_is_made_of_an_empty_company_and_in_both_languages(firm: Firm, name: str) -> None:
    """None needs data, none is a fault in Chinese, and each can be taken out."""
    for language in ("zh", "en"):
        viewer = await viewer_of(firm, language=language)
        found = await open_report(firm.store, _ruled(firm), viewer, KINDS[name], {"all": "yes"})
        assert all(len(row) == len(one.columns) for one in found.report.tables for row in one.rows)
    file, content = await exported(firm.store, _ruled(firm), await viewer_of(firm), KINDS[name], {})
    assert file.endswith("-2026-10-15.xlsx")
    assert content[:2] == b"PK"
    (export,) = await noted(firm, "exported")
    assert (export["what"], export["by"]) == (f"report_{name}", firm.dealer.bytes)


async def test_nothing_is_taken_out_by_somebody_who_is_leaving(firm: Firm) -> None:
    """The refusal is in the journal."""
    viewer = await viewer_of(firm, firm.dang)
    async with firm.store.write() as tx:
        await tx.execute(update(people).where(people.c.id == firm.dang.bytes).values(status="leaving"))
    with pytest.raises(Refusal):
        await exported(firm.store, _ruled(firm), viewer, KINDS["complete"], {})
    assert await noted(firm, "exported") == []
    (refused,) = await noted(firm, "export_refused")
    assert refused["by"] == firm.dang.bytes


async def test_what_is_typed_wrongly_is_said_and_the_usual_is_shown(firm: Firm) -> None:
    """Days that are none, days in the wrong order, more than a year."""
    found = await opened(firm, "visits", **{"from": "gestern", "to": "2026-10-15"})
    assert (str(found.asked.first), str(found.asked.last), len(found.wrong)) == ("2026-09-18", "2026-10-15", 1)
    found = await opened(firm, "visits", **{"from": "2026-10-15", "to": "2026-10-01"})
    assert (str(found.asked.first), str(found.asked.last), len(found.wrong)) == ("2026-10-01", "2026-10-15", 1)
    found = await opened(firm, "visits", **{"from": "2020-01-01", "to": "2026-10-15"})
    assert (str(found.asked.first), len(found.wrong)) == ("2025-10-15", 1)
