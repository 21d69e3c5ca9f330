"""The journal is read once for several months, and what was found of a merged outlet is found of its survivor."""

from __future__ import annotations

from server.field.appraisal.facts import Phase
from server.field.appraisal.phases import set_phase
from server.field.appraisal.statement import close, reproduce, statement_of, statements_of
from server.field.findings import Found, tell
from server.field.merging import merge
from server.master.store import Store
from server.times import read_local
from sync.operations import Act
from tests.server.field.appraisal.test_statement import OCTOBER, Firm
from tests.server.field.appraisal.test_statement import firm as _firm

firm = _firm


async def test_a_reading_for_two_months_gives_what_two_readings_give(firm: Firm) -> None:
    """Each with archives as they were at its end: one was closed, and the phase switched, in November."""
    one, other = await firm.registered(), await firm.registered("小李副食")
    await firm.approve(one)
    firm.desk.now = read_local("2026-11-02 09:00", "Asia/Shanghai")
    await firm.approve(other)
    await firm.desk.edit(firm.desk.manager(), "outlet", one, 2, status="closed", outlet_class="food")
    async with firm.desk.store.write() as tx:
        firm.desk.now += 1
        await set_phase(tx, firm.east, Phase.KEEP, "覆盖率已达标", firm.ground.sources, by=firm.dealer)
    async with firm.desk.store.read() as tx:
        both = await statements_of(tx, ["2026-11", "2026-10"], firm.ground)
        assert both == [await statement_of(tx, one, firm.ground) for one in ("2026-11", "2026-10")]
    november, october = ({line.about for line in found.lines} for found in both)
    assert (november, october) == ({other}, {one})


async def test_what_was_verified_under_the_name_that_went_is_verified(firm: Firm, store: Store) -> None:
    """The survivor is kept for all that was done at either."""
    gone, stays = await firm.registered("章记烟酒"), await firm.registered()
    await firm.approve(stays)
    visit, check = firm.desk.id(), firm.desk.id()
    made = firm.desk.operation(Act.CREATE, "visit", visit, outlet=gone.bytes)
    said = firm.desk.operation(Act.CREATE, "verification", check, outlet=gone.bytes, quarter="2026Q4", means="phone")
    await firm.desk.submit(firm.desk.rep(firm.wang, firm.east), made)
    await firm.desk.submit(firm.desk.manager(), said)
    async with store.write() as tx:
        firm.desk.now = OCTOBER + 1
        await set_phase(tx, firm.east, Phase.KEEP, "覆盖率已达标", firm.ground.sources, by=firm.dealer)
        await tell(tx, firm.ground.sources, [Found(firm.wang, visit, "visit", "verified", gone)])
        await merge(tx, firm.ground.sources, gone, stays, reason="同一家店", by=firm.dealer)
    async with store.read() as tx:
        lines = (await statement_of(tx, "2026-10", firm.ground)).lines
    assert {(one.reason, one.about) for one in lines} >= {("keep", stays)}


async def test_what_was_being_written_while_a_month_was_closed_does_not_come_into_it_later(
    firm: Firm, store: Store
) -> None:
    """Its time lies before the closing, and its place in the chain behind it."""
    one, other = await firm.registered(), await firm.registered("小李副食")
    await firm.approve(one)
    during = firm.desk.now + 1
    firm.desk.now = read_local("2026-11-01 00:00", "Asia/Shanghai")
    async with store.write() as tx:
        kept = await close(tx, "2026-10", firm.ground, firm.dealer)
    firm.desk.now = during
    await firm.approve(other)
    firm.desk.now = kept.until + 1
    async with store.read() as tx:
        closed, again, _ = await reproduce(tx, "2026-10", firm.ground)
    assert (closed, {line.about for line in closed.lines}) == (again, {one})
