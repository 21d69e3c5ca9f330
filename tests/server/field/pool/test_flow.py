"""The pool's flow by week counts what the journal's events and the claims say."""

from __future__ import annotations

from datetime import date

from server.field.pool.desk import allot, deal, put_back
from server.field.pool.flow import Week, flow
from server.field.purchases import Span
from tests.server.field.pool.conftest import claim, decided, later, night, pooled
from tests.server.firm import ZONE, Firm

SPAN = Span(date(2026, 10, 12), date(2026, 11, 23), ZONE)


async def test_each_move_counts_in_its_week_and_by_its_reason(firm: Firm) -> None:
    """By rule, by hand, claimed, dealt, allotted; a claim that lost; nothing before the time or after it."""
    ground = await firm.ground()
    _, hand = await firm.shop("旧店"), await firm.shop("退店")
    won, spare = await pooled(firm, "公海一"), await pooled(firm, "公海二")
    first = await claim(firm, firm.zhou, won, firm.west)
    second = await claim(firm, firm.wang, won, firm.east)
    assert [await decided(firm, firm.zhou, first), await decided(firm, firm.wang, second)] == [
        ("won", ""), ("lost", "taken")
    ]  # fmt: skip
    later(firm, 4)
    async with firm.store.write() as tx:
        await allot(tx, [spare], firm.zhou, ground, by=firm.dealer)
        assert (await put_back(tx, [hand], "无人跟进", ground, by=firm.dealer)).moved
    later(firm, 7)
    async with firm.store.write() as tx:
        assert sum(map(len, (await deal(tx, firm.pool, ground, by=firm.dealer)).given.values())) == 1
    later(firm, 19)
    await night(firm)
    async with firm.store.read() as tx:
        weeks = {one.monday: one for one in await flow(tx, SPAN, ground)}
        assert (await flow(tx, Span(date(2026, 9, 1), date(2026, 9, 8), ZONE), ground))[0] == Week(date(2026, 8, 31))
    assert len(weeks) == 6
    assert weeks[date(2026, 10, 12)] == Week(date(2026, 10, 12), claimed=1, lost=1)
    assert weeks[date(2026, 10, 19)] == Week(date(2026, 10, 19), by_hand=1, allotted=1)
    assert weeks[date(2026, 10, 26)] == Week(date(2026, 10, 26), dealt=1)
    assert weeks[date(2026, 11, 9)] == Week(date(2026, 11, 9), by_rule=2), "the old one, and the one that was claimed"
