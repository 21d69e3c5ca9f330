"""Withdrawn consent and the end of retention: what goes leaves server and phones, what may stay stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from server.field.arrivals import look
from server.field.care.days import remind
from server.field.merging import merge
from server.field.personal.keeping import WITHDRAWN, end_retention, take_back_told
from server.field.policies import set_policy
from server.field.tasks import Wanted, finish, give
from server.identity import territories
from server.master.inbox import listed
from sync import scopes
from sync.codec import encode
from sync.records import ContactPrivate, Task
from tests.server.firm import Firm

CARE = [True, ["care"], None]
DAY = 86_400_000


async def person(firm: Firm, outlet: UUID, **fields: Any) -> tuple[UUID, UUID]:
    """A contact with a private part that consent covers."""
    contact = await firm.does(firm.wang, "contact", outlet=outlet.bytes, name="张建国", phone="13800000000")
    given: dict[str, Any] = {
        "hobbies": {"add": ["钓鱼"]},
        "family": {"add": [["w", "李梅", "妻子", None]]},
        "birthday": [5, 3],
    }
    given |= {"consent": CARE, "notes": "爱喝茶"} | fields
    private = await firm.does(firm.wang, "contact_private", contact=contact.bytes, outlet=outlet.bytes, **given)
    return contact, private


async def held(firm: Firm) -> list[ContactPrivate]:
    """The private parts that the east's phones hold."""
    found = await firm.desk.records(scopes.private_of(scopes.territory(firm.east)))
    return [one for one in found.values() if isinstance(one, ContactPrivate)]


async def test_withdrawn_consent_empties_what_it_covered_on_server_and_phones(firm: Firm) -> None:
    """And a manager hears that the history is still there."""
    contact, private = await person(firm, await firm.shop())
    await look(firm.store, await firm.ground())
    (before,) = await held(firm)
    assert (before.hobbies, before.notes) == (("钓鱼",), "爱喝茶")
    phone = firm.desk.rep(firm.wang, firm.east)
    await firm.desk.edit(phone, "contact_private", private, 1, consent=[True, ["birthday:care"], None])
    await look(firm.store, await firm.ground())
    (after,) = await held(firm)
    assert (after.hobbies, after.family, after.notes) == ((), (), "")
    assert after.birthday is not None
    await firm.desk.edit(phone, "contact_private", private, 3, consent=[False, [], None])
    await look(firm.store, await firm.ground())
    (after,) = await held(firm)
    assert after.birthday is None
    assert "爱喝茶".encode() not in encode(after)
    async with firm.store.read() as tx:
        assert [one.matter.about for one in await listed(tx, kind=WITHDRAWN)] == [contact]


async def test_a_private_part_goes_when_its_time_is_over(firm: Firm) -> None:
    """After the contact left, or the outlet closed; a day sooner it stays, and whoever is there stays."""
    shop, closed, stays = await firm.shop(), await firm.shop("乙"), await firm.shop("丙")
    contact, first = await person(firm, shop)
    _, second = await person(firm, closed)
    _, third = await person(firm, stays)
    await firm.desk.edit(firm.desk.manager(), "contact", contact, 1, active=False)
    await firm.desk.edit(firm.desk.manager(), "outlet", closed, 1, status="closed")
    async with firm.store.write() as tx:
        await set_policy(tx, "private_retention", "10", firm.sources)
    left: list[set[UUID]] = []
    for days in (10, 1):
        firm.desk.now += days * DAY
        ground = await firm.ground()
        async with firm.store.write() as tx:
            await end_retention(tx, ground)
        left.append({one.id for one in await held(firm)})
    assert left == [{first, second, third}, {third}]


async def test_a_merged_outlet_is_closed_when_the_one_is_that_stands_for_it(firm: Firm) -> None:
    """However it was itself: what is private at it stays while that is open, and goes with it."""
    stays, goes, closed = await firm.shop(), await firm.shop("乙"), await firm.shop("丙")
    _, first = await person(firm, goes)
    _, second = await person(firm, closed)
    await firm.desk.edit(firm.desk.manager(), "outlet", closed, 1, status="closed")
    async with firm.store.write() as tx:
        await set_policy(tx, "private_retention", "10", firm.sources)
        for one in (goes, closed):
            await merge(tx, firm.sources, one, stays, reason="同一家")
    left: list[set[UUID]] = []
    for status in ("buyer", "closed"):
        await firm.desk.edit(firm.desk.manager(), "outlet", stays, 9, status=status)
        firm.desk.now += 11 * DAY
        async with firm.store.write() as tx:
            await end_retention(tx, await firm.ground())
        left.append({one.id for one in await held(firm)})
    assert left == [{first, second}, set()]


async def test_what_consent_still_covers_keeps_its_day(firm: Firm) -> None:
    """The family's birthday goes with its consent; the contact's own stays somebody's task."""
    shop = await firm.shop()
    family = {"add": [["w", "李梅", "妻子", [10, 17]]]}
    _, private = await person(firm, shop, birthday=[10, 16], family=family)
    async with firm.store.write() as tx:
        await remind(tx, await firm.ground())
    phone = firm.desk.rep(firm.wang, firm.east)
    await firm.desk.edit(phone, "contact_private", private, 1, consent=[True, ["birthday:care"], None])
    await look(firm.store, await firm.ground())
    states = {one.due: one.status for one in await firm.own(firm.wang, Task)}
    assert states == {"2026-10-16": "open", "2026-10-17": "dropped"}


async def test_what_a_task_told_of_people_goes_when_it_is_done_or_its_holder_has_left_the_roster(firm: Firm) -> None:
    """The territory's records leave the phone of who is taken off the roster; their copy in a task goes too."""
    shop, done = await firm.shop("甲", grade="A"), await firm.shop("乙", grade="A")
    told = "联系人 Contact: 张建国；13800000000"
    async with firm.store.write() as tx:
        wanted = [(firm.li, Wanted("takeover", one, "接手 Take over", told)) for one in (shop, done)]
        await give(tx, firm.sources, [*wanted, (firm.wang, Wanted("handover", shop, "接手 Take over", told))])
        await give(tx, firm.sources, [(firm.li, Wanted("other", shop, "送样品", "带两箱"))])
        await finish(tx, firm.sources, "takeover", [done], "已接手")
    held = [{(firm.li, "takeover"), (firm.wang, "handover"), (firm.li, "other")}, {(firm.wang, "handover")}]
    for left in held:
        async with firm.store.write() as tx:
            await take_back_told(tx, await firm.ground())
        noted = {(who, one.kind) for who in (firm.li, firm.wang) for one in await firm.own(who, Task) if one.notes}
        assert noted == left | {(firm.li, "other")}
        async with firm.store.write() as tx:
            await territories.unassign(tx, firm.east, firm.li, firm.sources)
