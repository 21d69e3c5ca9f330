"""All that the file has of one outlet, merged ones as one; and that nobody opens it unseen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.field.arrivals import look
from server.field.brief.opening import open_brief
from server.field.brief.parts import Brief
from server.field.own_acts import Asked, carry_out
from server.field.tasks import Wanted, give
from server.master.people import staff as people
from server.master.store import Tx
from server.master.tables import journal_bodies
from sync.codec import decode
from sync.errors import Refusal
from sync.operations import Act
from tests.server.firm import Firm

HOUR = 3_600_000


async def opened(firm: Firm, outlet: UUID, **who: UUID) -> Brief:
    """The brief as it is shown."""
    return await open_brief(firm.store, outlet, await firm.ground(), **who)


async def notes(tx: Tx, kind: str) -> list[dict[str, Any]]:
    """The journal's events of a kind."""
    bodies = [decode(bytes(one), list[Any]) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    return [one[1] for one in bodies if one[0] == kind]


async def lived(firm: Firm) -> tuple[UUID, UUID]:
    """An outlet with a past, and another that turned out to be the same."""
    shop = await firm.does(firm.wang, "outlet", name="老张烟酒", phone="13800000001", position=[29.55, 106.57])
    other = await firm.does(firm.li, "outlet", name="张记烟酒")
    contact = await firm.does(firm.wang, "contact", outlet=shop.bytes, name="张三", phone="13800000002")
    desk, rep = firm.desk, firm.desk.rep(firm.wang, firm.east)
    await desk.edit(rep, "outlet", shop, 1, phone="13900000001", notes="常换号")
    await desk.edit(rep, "contact", contact, 1, phone="13900000002")
    visit = await firm.does(firm.wang, "visit", outlet=shop.bytes, duration_s=20, notes="只打了招呼")
    amended = await firm.does(firm.wang, "visit", outlet=shop.bytes, duration_s=20, notes="聊了", amends=visit.bytes)
    assert amended != visit
    desk.now -= HOUR
    await firm.does(firm.li, "visit", outlet=other.bytes, duration_s=900)
    desk.now += HOUR
    said: dict[str, Any] = {
        "promised": "换海报",
        "promised_by": "2026-10-14",
        "next_step": "带样品",
        "next_on": "2026-10-20",
    }
    await firm.does(firm.li, "contact_report", outlet=other.bytes, **said)
    await firm.does(firm.wang, "order", outlet=shop.bytes, lines=[["酒", 2, 5000, ""]])
    await firm.does(None, "delivery", outlet=other.bytes, lines=[["酒", 2, 5000, ""]], delivered_on="2026-10-10")
    await firm.does(None, "payment", outlet=shop.bytes, amount=3000, account="1", paid_on="2026-10-12")
    asked: dict[str, Any] = {"quarter": "2026Q4", "means": "phone", "differences": [["phone", "0"]]}
    await firm.does(firm.dang, "verification", outlet=shop.bytes, **asked)
    await look(firm.store, await firm.ground())
    async with firm.store.write() as tx:
        await give(tx, firm.sources, [(firm.li, Wanted("second_face", shop, "第二联系人", due="2026-11-01"))])
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": shop}, other, Act.EDIT)])
    return shop, other


async def test_everything_for_whoever_takes_over_is_in_it(firm: Firm) -> None:
    """From either of the two outlets that are one."""
    shop, other = await lived(firm)
    found = await opened(firm, other)
    assert (found.id, found.merged, found.place) == (shop, (other,), "城东")
    assert (found.owner, found.partners, found.service) == (firm.wang, (firm.li,), (firm.sun,))
    assert set(found.faces) == {firm.wang, firm.li}
    assert [(one.name, one.phone) for one in found.contacts] == [("张三", "13900000002")]
    assert [(one.notes, one.state, [each.code for each in one.reasons]) for one in found.visits] == [
        ("聊了", "doubtful", ["no_position", "short"]),
        ("", "verified", []),
    ]
    assert [(one.kind, one.amount) for one in found.deals] == [("order", 10000), ("delivery", 10000), ("payment", 3000)]
    assert (found.money.owes, found.money.overdue) == (7000, 7000)
    (talk,) = found.talks
    assert (talk.promised, talk.next_step, talk.is_kept, talk.is_late) == ("换海报", "带样品", False, True)
    assert [(one.report, one.due) for one in found.promises] == [(talk.id, "2026-10-14")]
    assert [(one.staff, one.kind) for one in found.tasks] == [(firm.li, "second_face")]
    assert [(one.quarter, one.state) for one in found.verifications] == [("2026Q4", "counted")]
    assert found.people[firm.dang] == "档"


async def test_important_changes_tell_who_and_when_from_what_to_what(firm: Firm) -> None:
    """Of the outlet and of its contacts; notes are none."""
    shop, other = await lived(firm)
    found = await opened(firm, shop)
    told = {(one.record == shop, one.field, one.was, one.now) for one in found.history}
    assert (True, "phone", "13800000001", "13900000001") in told
    assert (False, "phone", "13800000002", "13900000002") in told
    assert (True, "registered", None, "outlet") in told
    assert not [one for one in found.history if one.field == "notes"]
    assert [(one.record, one.staff) for one in found.history if one.field == "merged_into"] == [(other, None)]
    assert {one.staff for one in found.history if one.field == "phone"} == {firm.wang}


async def test_a_brief_is_journalled_before_it_is_shown_and_refused_to_who_is_leaving(firm: Firm) -> None:
    """With the contacts that were in it; the refusal is journalled too."""
    shop, _ = await lived(firm)
    found = await opened(firm, shop, by=firm.dealer, receiver=firm.li)
    async with firm.store.write() as tx:
        (said,) = await notes(tx, "accessed")
        assert (said["what"], said["lines"], said["contacts"]) == ("brief", 1, [found.contacts[0].id.bytes])
        assert (said["by"], said["for"]) == (firm.dealer.bytes, firm.li.bytes)
        await tx.execute(people.update().where(people.c.id == firm.li.bytes).values(status="leaving"))
    for who in ({"by": firm.li}, {"by": firm.dealer, "receiver": firm.li}):
        with pytest.raises(Refusal, match="leaving"):
            await opened(firm, shop, **who)
    async with firm.store.read() as tx:
        assert len(await notes(tx, "brief_refused")) == 2
        assert len(await notes(tx, "accessed")) == 1


async def test_there_is_no_brief_on_what_is_not_there(firm: Firm) -> None:
    """Nor a note of it."""
    with pytest.raises(Refusal, match="no outlet"):
        await opened(firm, firm.desk.id())


async def test_what_was_promised_is_open_until_somebody_keeps_it(firm: Firm) -> None:
    """The talk stays, as one of which the promise is kept."""
    shop, other = await lived(firm)
    (open_one,) = (await opened(firm, shop)).promises
    await firm.does(firm.wang, "contact_report", outlet=shop.bytes, said="海报已换", keeps=open_one.report.bytes)
    found = await opened(firm, other)
    assert found.promises == ()
    assert [(one.said, one.is_kept, one.is_late) for one in found.talks if one.id == open_one.report] == [
        ("", True, False)
    ]


async def test_days_of_care_are_in_it_for_those_who_hold_the_private_part(firm: Firm) -> None:
    """A festival is no secret; at the desk everything is there; the furthest day is sixty days away."""
    shop = await firm.shop("甲", grade="A")
    contact = await firm.does(firm.wang, "contact", outlet=shop.bytes, name="钱七")
    private: dict[str, Any] = {"birthday": [12, 14], "consent": [True, ["care"], None]}
    private["family"] = {"add": [["w", "李梅", "妻子", [12, 15]]]}
    await firm.does(firm.wang, "contact_private", outlet=shop.bytes, contact=contact.bytes, **private)
    await firm.does(firm.wang, "occasion", outlet=shop.bytes, kind="wedding", day="2026-10-20")
    everything = [("wedding", "2026-10-20"), ("birthday", "2026-12-14")]
    for who in ({}, {"by": firm.dealer}, {"by": firm.wang}, {"by": firm.dealer, "receiver": firm.wang}):
        assert [(one.kind, str(one.day)) for one in (await opened(firm, shop, **who)).care] == everything
    for who in ({"by": firm.li}, {"by": firm.dealer, "receiver": firm.li}):
        assert (await opened(firm, shop, **who)).care == ()
    firm.at("2027-01-20 09:00")
    assert [one.kind for one in (await opened(firm, shop, by=firm.li)).care] == ["spring_festival"]
