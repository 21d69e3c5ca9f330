"""Call-backs: by service people, each customer once a quarter, on the edges of the quarter and of midnight."""

from __future__ import annotations

from server.field.quarterly.callbacks import NOBODY, called_back, remind
from server.identity import staff, territories
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


async def reminded(firm: Firm) -> None:
    """The rule's look of the night."""
    ground = await firm.ground()
    async with firm.store.write() as tx:
        await remind(tx, ground)


async def test_each_customer_is_one_service_persons_whatever_is_done_meanwhile(firm: Firm) -> None:
    """What one of two did leaves everybody else's as it is; who serves no more passes what is open on."""
    shops = [await firm.shop(name) for name in ("甲", "乙", "丙", "丁")]
    async with firm.store.write() as tx:
        qian = (await staff.add(tx, "钱", staff.Role.SERVICE, firm.sources)).id
        await territories.assign(tx, firm.east, qian, firm.sources)
    firm.at("2026-12-05 03:00")
    await reminded(firm)
    given = {one.outlet: who for who in (firm.sun, qian) for one in await firm.own(who, Task)}
    assert given.keys() == set(shops)
    assert sorted(given.values()) == sorted([firm.sun, firm.sun, qian, qian])
    await firm.does(firm.sun, "visit", outlet=shops[1].bytes, purpose="call_back")
    for _ in range(2):
        firm.desk.now += 86_400_000
        await reminded(firm)
    again = {one.outlet: who for who in (firm.sun, qian) for one in await firm.own(who, Task)}
    assert again == given
    assert len(await firm.own(firm.sun, Task)) == len(await firm.own(qian, Task)) == 2
    async with firm.store.write() as tx:
        await territories.unassign(tx, firm.east, qian, firm.sources)
    await reminded(firm)
    open_now = {one.outlet for one in await firm.own(firm.sun, Task) if one.status == "open"}
    assert open_now == set(shops) - {shops[1]}


async def test_a_call_back_of_the_quarters_last_hours_closes_its_task_after_midnight(firm: Firm) -> None:
    """Also where it is handed in days later; it counts for the quarter in which it happened, and for no other."""
    evening, late, never = [await firm.shop(name) for name in ("甲", "乙", "丙")]
    firm.at("2026-12-31 03:00")
    await reminded(firm)
    firm.at("2026-12-31 21:00")
    await firm.does(firm.sun, "visit", outlet=evening.bytes, purpose="call_back")
    firm.at("2027-01-01 03:00")
    await reminded(firm)
    states = {one.outlet: one.status for one in await firm.own(firm.sun, Task)}
    assert states == {evening: "done", late: "open", never: "open"}
    firm.at("2027-01-04 09:00")
    last = read_local("2026-12-31 23:59", ZONE)
    await firm.does(firm.sun, "visit", outlet=late.bytes, purpose="call_back", at=last)
    await reminded(firm)
    states = {one.outlet: one.status for one in await firm.own(firm.sun, Task)}
    assert states == {evening: "done", late: "done", never: "open"}
