"""Whoever joins a roster is told what there is to know of each key outlet that was there before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from server.field.joining import TASK, brief_newcomers
from server.field.merging import merge
from server.field.tasks import Wanted, give
from server.identity import territories
from sync.records import Task
from tests.server.firm import Firm

DAY = 86_400_000


async def told(firm: Firm, who: UUID) -> list[Task]:
    """The tasks of that kind that somebody has after the rule looked."""
    ground = await firm.ground()
    async with firm.store.write() as tx:
        await brief_newcomers(tx, ground)
    return [one for one in await firm.own(who, Task) if one.kind == TASK]


async def joined(firm: Firm, *, private: bool) -> None:
    """Zhou comes to the east."""
    async with firm.store.write() as tx:
        await territories.assign(tx, firm.east, firm.zhou, firm.sources, private=private)


async def key_outlet(firm: Firm) -> UUID:
    """A key outlet with a contact, a promise, a birthday with consent and open money."""
    shop = await firm.shop("甲", grade="A")
    contact = await firm.does(firm.wang, "contact", outlet=shop.bytes, name="钱七", phone="13900000007")
    fields: dict[str, Any] = {"birthday": [10, 20], "consent": [True, ["care"], None]}
    await firm.does(firm.wang, "contact_private", outlet=shop.bytes, contact=contact.bytes, **fields)
    promise: dict[str, Any] = {"promised": "送展架", "promised_by": "2026-10-30"}
    await firm.does(firm.wang, "contact_report", outlet=shop.bytes, **promise)
    lines = [["SKU-1", 10, 1250]]
    await firm.does(None, "delivery", outlet=shop.bytes, lines=lines, delivered_on="2026-10-10")
    return shop


async def test_a_newcomer_gets_the_essentials_of_key_outlets_once(firm: Firm) -> None:
    """Contacts, promises, money; dates of care with the private part. Done, it does not come again."""
    await key_outlet(firm)
    await firm.shop("乙")
    firm.desk.now += DAY
    await joined(firm, private=True)
    (one,) = await told(firm, firm.zhou)
    for word in ("钱七", "13900000007", "送展架", "2026-10-30", "125.00", "2026-10-20 生日"):
        assert word in one.notes
    assert (one.due, one.title[-1]) == ("2026-10-23", "甲")
    await firm.desk.edit(firm.desk.manager(), "task", one.id, 1, status="done")
    firm.desk.now += DAY
    assert len(await told(firm, firm.zhou)) == 1


async def test_without_the_private_part_no_date_of_care_is_told(firm: Firm) -> None:
    """It stands in a scope that this person does not hold."""
    await key_outlet(firm)
    firm.desk.now += DAY
    await joined(firm, private=False)
    (one,) = await told(firm, firm.zhou)
    assert "生日" not in one.notes
    assert "送展架" in one.notes


async def test_what_was_kept_is_not_told_as_a_promise(firm: Firm) -> None:
    """Somebody saw to it."""
    shop = await key_outlet(firm)
    first = await firm.does(firm.wang, "contact_report", outlet=shop.bytes, promised="换海报")
    await firm.does(firm.li, "contact_report", outlet=shop.bytes, said="换好了", keeps=first.bytes)
    firm.desk.now += DAY
    await joined(firm, private=False)
    (one,) = await told(firm, firm.zhou)
    assert ("送展架" in one.notes, "换海报" in one.notes) == (True, False)


async def test_what_a_handover_list_told_is_not_told_again(firm: Firm) -> None:
    """A departure has said it already."""
    shop = await key_outlet(firm)
    firm.desk.now += DAY
    await joined(firm, private=True)
    listed = Wanted("handover", shop, "接手")
    async with firm.store.write() as tx:
        await give(tx, firm.sources, [(firm.zhou, listed)])
    assert await told(firm, firm.zhou) == []


async def test_who_was_there_before_the_outlet_or_came_long_ago_is_told_nothing(firm: Firm) -> None:
    """A new outlet is nobody's to take over."""
    await joined(firm, private=True)
    firm.desk.now += 1
    await key_outlet(firm)
    assert await told(firm, firm.zhou) == []
    firm.desk.now += 8 * DAY
    assert await told(firm, firm.wang) == []


async def test_merged_outlets_are_told_of_as_one(firm: Firm) -> None:
    """One line for the last visit, the latest of both."""
    goes, stays = await firm.shop("乙"), await key_outlet(firm)
    firm.at("2026-10-12 09:00")
    await firm.does(firm.wang, "visit", outlet=stays.bytes)
    firm.at("2026-10-14 09:00")
    await firm.does(firm.wang, "visit", outlet=goes.bytes)
    await firm.does(firm.wang, "contact", outlet=goes.bytes, name="孙八", phone="13900000008")
    firm.at("2026-10-16 09:00")
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, goes, stays, reason="同一家")
    await joined(firm, private=False)
    (one,) = await told(firm, firm.zhou)
    assert [line for line in one.notes.splitlines() if "Last visit" in line] == ["上次拜访 Last visit: 2026-10-14"]
    assert "孙八" in one.notes
