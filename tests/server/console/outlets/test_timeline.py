"""The time line: all that happened at an outlet, who did it and what came of it, page after page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server.console.outlets import timeline as module
from server.console.outlets.timeline import Event, read_key
from server.field.merging import merge
from server.field.own_acts import Asked, carry_out
from sync import scopes
from sync.operations import Act
from tests.server.console.outlets.looking import events, line_of
from tests.server.firm import Firm

MINUTE = 60_000


def told(event: Event) -> dict[str, tuple[str | None, str]]:
    """What an entry says of each field: before and after."""
    return {one.field: (one.was, one.now) for one in event.shifts}


async def test_an_edit_says_who_changed_what_from_what_to_what_and_where(firm: Firm) -> None:
    """With the words of values, in the reader's language, and the device."""
    shop = await firm.shop(phone="1", grade="C", credit=None)
    firm.desk.now += MINUTE
    rep = firm.desk.rep(firm.wang, firm.east)
    await firm.desk.edit(rep, "outlet", shop, 1, phone="2", status="prospect", position=[29.5, 106.5])
    edit, made = await events(firm, shop)
    assert (edit.kind, edit.who, edit.what, edit.outcome, edit.at) == ("edit", "王", "终端", "applied", firm.desk.now)
    assert edit.device.endswith(rep.device.hex[-6:] if rep.device else "-")
    assert told(edit) == {
        "phone": ("1", "2"), "status": ("已采购", "有意向"), "position": ("—", "29.50000, 106.50000")
    }  # fmt: skip
    assert [one.label for one in edit.shifts if one.field == "phone"] == ["电话"]
    assert (made.kind, made.act, told(made)["name"]) == ("registration", "create", (None, "老张烟酒"))
    in_english = (await events(firm, shop, "en"))[0]
    assert told(in_english)["status"] == ("buyer", "prospect")
    assert (edit.undoable is not None, made.undoable) == (True, None)


async def test_a_conflict_says_what_lost_and_what_stands(firm: Firm) -> None:
    """Of two who changed one phone at the same time, the later stands; the other value is told beside it."""
    shop = await firm.shop(phone="1")
    firm.desk.now += MINUTE
    await firm.desk.edit(firm.desk.rep(firm.wang, firm.east), "outlet", shop, 1, phone="2")
    firm.desk.now += MINUTE
    await firm.desk.edit(firm.desk.rep(firm.li, firm.east), "outlet", shop, 1, phone="3")
    conflict = (await events(firm, shop, kind="conflict"))[0]
    assert (conflict.who, conflict.outcome, told(conflict)) == ("李", "overrode", {"phone": ("2", "3")})
    assert [(one.label, one.lost, one.stands, one.is_theirs) for one in conflict.lost] == [("电话", "2", "3", False)]


async def test_what_is_only_proposed_is_no_change(firm: Firm) -> None:
    """A rep's grade waits for the manager."""
    shop = await firm.shop(grade="C")
    await firm.desk.edit(firm.desk.rep(firm.wang, firm.east), "outlet", shop, 1, grade="A", phone="2")
    edit = (await events(firm, shop))[0]
    assert (edit.outcome, told(edit)) == ("proposed", {"phone": ("—", "2")})
    assert [(one.label, one.now) for one in edit.proposed] == [("等级", "A")]


async def test_what_is_refused_is_there_with_the_reason(firm: Firm) -> None:
    """Somebody without the territory tried; a rep changed what is not theirs to write."""
    shop = await firm.shop()
    await firm.desk.edit(firm.desk.rep(firm.wang, firm.east), "outlet", shop, 1, review="refused")
    refused = (await events(firm, shop, kind="refused"))[0]
    assert (refused.who, refused.outcome, refused.undoable) == ("王", "refused", None)
    assert refused.why


async def test_each_kind_of_work_has_its_entry(firm: Firm) -> None:
    """Visits, orders, payments, talks, verification, gifts and contacts, by kind; what nobody typed is left out."""
    shop = await firm.shop()
    await firm.does(firm.wang, "visit", outlet=shop.bytes, notes="补货", duration_s=600, stock=[["酒", 3, 1, 0]])
    await firm.does(firm.wang, "order", outlet=shop.bytes, lines=[["酒", 2, 5000, ""]])
    await firm.does(None, "payment", outlet=shop.bytes, amount=3000, account="1")
    await firm.does(firm.li, "contact_report", outlet=shop.bytes, said="聊了")
    await firm.does(firm.dang, "verification", outlet=shop.bytes, quarter="2026Q4", means="phone")
    await firm.does(firm.sun, "gift", outlet=shop.bytes, gift="月饼", cost=9900)
    await firm.does(firm.wang, "contact", outlet=shop.bytes, name="张三")
    found = await events(firm, shop)
    kinds = [one.kind for one in reversed(found)]
    assert kinds == ["registration", "visit", "trade", "trade", "talk", "verification", "care", "edit"]
    assert told((await events(firm, shop, kind="visit"))[0]) == {
        "notes": (None, "补货"), "duration_s": (None, "10 分 0 秒"), "stock": (None, "酒 现存 3，卖出 1")
    }  # fmt: skip
    trade = await events(firm, shop, kind="trade")
    assert [one.what for one in trade] == ["收款", "订单"]
    assert told(trade[0])["amount"] == (None, "30.00")
    assert told(trade[1])["lines"] == (None, "酒 ×2 @50.00")


async def test_a_move_is_one_entry_and_says_from_where_to_where(firm: Firm) -> None:
    """Though it stands in the journals of both territories."""
    shop = await firm.shop()
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {}, shop, Act.MOVE, scopes.territory(firm.west))])
    moves = await events(firm, shop, kind="move")
    assert [(one.came_from, one.goes_to, one.way) for one in moves] == [("城东", "城西", "rule")]


async def test_what_was_merged_is_one_line_with_it(firm: Firm) -> None:
    """Also what was logged there before; the merge itself is an entry."""
    shop, other = await firm.shop("老张烟酒"), await firm.shop("张记烟酒", place=firm.west)
    await firm.does(firm.zhou, "visit", firm.west, outlet=other.bytes, notes="在另一家")
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, other, shop, reason="同一家", by=firm.dealer)
    assert [told(one)["notes"] for one in await events(firm, other, kind="visit")] == [(None, "在另一家")]
    merged = (await events(firm, shop, kind="merge"))[0]
    assert (merged.name, told(merged)) == ("张记烟酒", {"merged_into": ("—", "老张烟酒")})


async def test_the_private_part_is_for_those_who_may_see_it(firm: Firm) -> None:
    """For nobody else there is an entry of it."""
    shop = await firm.shop()
    contact = await firm.does(firm.wang, "contact", outlet=shop.bytes, name="张三")
    given: dict[str, Any] = {"contact": contact.bytes, "outlet": shop.bytes, "hobbies": {"add": ["钓鱼"]}}
    await firm.does(firm.wang, "contact_private", **given)
    await firm.does(firm.wang, "occasion", outlet=shop.bytes, kind="wedding", day="2026-12-01")
    shown = [one.collection for one in await events(firm, shop, has_private=True)]
    assert shown == ["occasion", "contact_private", "contact", "outlet"]
    assert [one.collection for one in await events(firm, shop)] == ["contact", "outlet"]


async def test_pages_leave_no_gap(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where several were taken in at one moment, and where few are of the kind that is asked for."""
    monkeypatch.setattr(module, "PAGE", 3)
    monkeypatch.setattr(module, "_READ", 2)
    shop = await firm.shop()
    visits = []
    for number in range(7):
        visits.append(await firm.does(firm.wang, "visit", outlet=shop.bytes, notes=str(number)))
        await firm.does(firm.wang, "order", outlet=shop.bytes, lines=[["酒", 1, 100, ""]])
        firm.desk.now += MINUTE if number % 3 else 0
    found: list[UUID] = []
    line = await line_of(firm, shop, kind="visit")
    while True:
        found += [one.record for one in line.events]
        if line.more is None:
            break
        line = await line_of(firm, shop, kind="visit", after=line.more)
    assert found == visits[::-1]


def test_a_key_in_an_address_is_read_or_nothing() -> None:
    """What is no key begins at the newest."""
    assert read_key("1800000000000-7-12") == (1_800_000_000_000, 7, 12)
    assert [read_key(one) for one in ("", "1-2", "a-b-c", "1-2-3-4", "-1-2-3")] == [None] * 5
