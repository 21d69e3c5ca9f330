"""Call-backs: by service people, each customer once a quarter, on the edges of the quarter and of midnight."""

from __future__ import annotations

from server.field.quarterly.callbacks import NOBODY, called_back, remind
from server.identity import territories
from server.master.inbox import listed
from server.times import read_local
from sync.records import Task
from tests.server.firm import ZONE, Firm


async def missing(firm: Firm, quarter: str = "2026Q4") -> list[tuple[str, list[str]]]:
    """The customers of each territory that were not called back."""
    async with firm.store.read() as tx:
        found = await called_back(tx, quarter, await firm.ground())
    return [(one.name, [name for _, name in one.missing]) for one in found]


async def test_a_customer_is_called_back_by_a_service_person_within_the_quarter(firm: Firm) -> None:
    """A rep's visit is none, nor one of the last quarter's; the first and the last minute of the quarter are in it."""
    first, last, reps, before = [await firm.shop(name) for name in ("甲", "乙", "丙", "丁")]
    await firm.shop("戊", status="prospect")
    firm.at("2027-01-01 09:00")
    minutes = {first: "2026-10-01 00:00", last: "2026-12-31 23:59", before: "2026-09-30 23:59"}
    for shop, minute in minutes.items():
        when = read_local(minute, ZONE)
        await firm.does(firm.sun, "visit", outlet=shop.bytes, purpose="call_back", channel="company_phone", at=when)
    await firm.does(firm.wang, "visit", outlet=reps.bytes, purpose="call_back", at=read_local("2026-11-02 10:00", ZONE))
    await firm.does(firm.sun, "visit", outlet=reps.bytes, purpose="", at=read_local("2026-11-02 10:00", ZONE))
    assert await missing(firm) == [("城东", ["丁", "丙"])]
    assert await missing(firm, "2026Q3") == [("城东", ["丙", "乙", "甲"])]


async def test_what_is_missing_becomes_a_task_in_time_and_closes_when_it_is_done(firm: Firm) -> None:
    """Once each; where nobody serves, the manager hears of it until somebody does."""
    shop = await firm.shop()
    await firm.shop("西街店", firm.west)
    firm.at("2026-12-01 09:00")
    for _ in range(2):
        async with firm.store.write() as tx:
            await remind(tx, await firm.ground())
    (task,) = await firm.own(firm.sun, Task)
    assert (task.kind, task.outlet, task.due, task.status) == ("call_back", shop, "2026-12-31", "open")
    await firm.does(firm.sun, "visit", outlet=shop.bytes, purpose="call_back")
    async with firm.store.write() as tx:
        await remind(tx, await firm.ground())
        assert [one.matter.about for one in await listed(tx, kind=NOBODY)] == [firm.west]
        await territories.assign(tx, firm.west, firm.sun, firm.sources)
    async with firm.store.write() as tx:
        await remind(tx, await firm.ground())
        assert await listed(tx, kind=NOBODY) == []
    assert sorted(one.status for one in await firm.own(firm.sun, Task)) == ["done", "open"]
