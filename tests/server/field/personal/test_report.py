"""What one person may ask for: everything that names them is in the report, and leaves with the order to delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server.field.care.days import remind
from server.field.merging import merge
from server.field.personal.report import found_by, report_on
from server.field.tasks import Wanted, give
from server.master.concerned import concerned
from server.master.erasing import erase
from server.master.removing import remove
from sync.errors import Refusal
from sync.records import Task
from tests.server.field.personal.test_keeping import person
from tests.server.firm import Firm


async def told(firm: Firm) -> tuple[UUID, UUID]:
    """A contact of whom everything is said, and a colleague at the same outlet of whom nothing is."""
    shop = await firm.shop()
    contact, _ = await person(firm, shop)
    other = await firm.does(firm.wang, "contact", outlet=shop.bytes, name="同事", phone="13700000000")
    one: dict[str, Any] = {"outlet": shop.bytes, "contact": contact.bytes}
    await firm.does(firm.wang, "occasion", **one, kind="wedding", day="2026-11-02", notes="儿媳")
    await firm.does(firm.wang, "gift", **one, gift="茶叶", cost=20000)
    await firm.does(firm.dang, "verification", **one, quarter="2026Q4", means="phone")
    await firm.does(firm.wang, "visit", outlet=shop.bytes, contacts=[contact.bytes])
    await firm.does(firm.wang, "contact_report", outlet=shop.bytes, contacts=[contact.bytes], said="想换货架")
    await firm.does(firm.wang, "contact_report", outlet=shop.bytes, contacts=[other.bytes], said="没空")
    return contact, other


async def test_a_report_has_everything_that_names_the_person(firm: Firm) -> None:
    """By id or by any way of writing the phone; nothing of a colleague."""
    contact, other = await told(firm)
    async with firm.store.read() as tx:
        assert await found_by(tx, "+86 138-0000-0000", "CN") == await found_by(tx, str(contact), "CN") == [contact]
        found, colleague = await report_on(tx, [contact]), await report_on(tx, [other])
        with pytest.raises(Refusal, match="no contact"):
            await found_by(tx, "13600000000", "CN")
        with pytest.raises(Refusal, match="no phone number"):
            await found_by(tx, "张三", "CN")
    assert found.counts == {
        "contact": 1, "contact_private": 1, "occasion": 1, "gift": 1, "verification": 1, "visit": 1,
        "contact_report": 1,
    }  # fmt: skip
    assert colleague.counts == {"contact": 1, "contact_report": 1}
    assert "茶叶" in {one.fields.get("gift") for one in found.held}


async def test_an_order_to_delete_takes_what_is_said_of_the_person_and_leaves_the_companys_own_work(firm: Firm) -> None:
    """Private part, occasions, gifts and talks go with their history; visits and the verification stay."""
    contact, other = await told(firm)
    async with firm.store.write() as tx:
        ids = await concerned(tx, contact)
        await remove(tx, ids, firm.dealer, firm.sources, told_only=False)
        done = await erase(tx, contact, "本人要求", firm.dealer, firm.sources)
    async with firm.store.read() as tx:
        left, colleague = await report_on(tx, [contact]), await report_on(tx, [other])
    assert done.records == 5
    assert left.counts == {"verification": 1, "visit": 1}
    assert left.entries == 0
    assert colleague.counts == {"contact": 1, "contact_report": 1}


async def test_tasks_of_a_person_are_in_the_report_and_go_with_the_order(firm: Firm) -> None:
    """A birthday's task is about the person; what a takeover tells of them loses its words and stays a task."""
    shop = await firm.shop(grade="A")
    contact, _ = await person(firm, shop, birthday=[10, 16])
    async with firm.store.write() as tx:
        await remind(tx, await firm.ground())
        sources, told = firm.sources, "联系人 Contact: 张建国；13800000000"
        await give(tx, sources, [(firm.li, Wanted("takeover", shop, "接手 Take over · 老张烟酒", told))])
    async with firm.store.write() as tx:
        assert (await report_on(tx, [contact])).counts["task"] == 3
        await remove(tx, await concerned(tx, contact), firm.dealer, sources, told_only=False)
        await erase(tx, contact, "本人要求", firm.dealer, sources)
    assert await firm.own(firm.wang, Task) == []
    (left,) = await firm.own(firm.li, Task)
    assert "张建国" not in left.notes
    async with firm.store.read() as tx:
        assert "task" not in (await report_on(tx, [contact])).counts


async def merged(firm: Firm) -> tuple[UUID, UUID, UUID, UUID]:
    """Two outlets that are one, with a contact at each; of the first, something is said at either outlet."""
    goes, stays = await firm.shop("章记副食"), await firm.shop("老张烟酒")
    contact, _ = await person(firm, goes)
    other = await firm.does(firm.wang, "contact", outlet=stays.bytes, name="同事", phone="13700000000")
    await firm.does(firm.wang, "gift", outlet=goes.bytes, contact=contact.bytes, gift="茶叶")
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, goes, stays, reason="同一家")
        told = Wanted("takeover", stays, "接手 Take over · 老张烟酒", "联系人 Contact: 张建国；13800000000")
        await give(tx, firm.sources, [(firm.li, told)])
    await firm.does(firm.wang, "occasion", outlet=stays.bytes, contact=contact.bytes, kind="wedding", day="2026-11-02")
    await firm.does(firm.wang, "contact_report", outlet=stays.bytes, contacts=[contact.bytes, other.bytes], said="没空")
    return goes, stays, contact, other


async def test_what_is_said_of_somebody_at_either_of_two_merged_outlets_is_found_and_goes(firm: Firm) -> None:
    """Report and order find the same: private part and gift at the one, occasion, talk and task at the other."""
    _, _, contact, other = await merged(firm)
    async with firm.store.write() as tx:
        found = (await report_on(tx, [contact])).counts
        await remove(tx, await concerned(tx, contact), firm.dealer, firm.sources, told_only=False)
        done = await erase(tx, contact, "本人要求", firm.dealer, firm.sources)
    names = ("contact", "contact_private", "gift", "occasion", "contact_report", "task")
    assert found == dict.fromkeys(names, 1)
    async with firm.store.read() as tx:
        assert (await report_on(tx, [contact])).counts == {}
        assert (await report_on(tx, [other])).counts == {"contact": 1}
    assert done.records == 6
    (left,) = await firm.own(firm.li, Task)
    assert "张建国" not in left.notes


async def test_with_an_outlet_go_the_people_of_those_that_were_merged_into_it(firm: Firm) -> None:
    """And not the other way: an order on the one that went leaves who is at the other."""
    goes, stays, contact, other = await merged(firm)
    async with firm.store.read() as tx:
        assert {contact.bytes, other.bytes} < set(await concerned(tx, stays))
        ids = set(await concerned(tx, goes))
        assert {goes.bytes, contact.bytes} < ids
        assert not {other.bytes, stays.bytes} & ids
