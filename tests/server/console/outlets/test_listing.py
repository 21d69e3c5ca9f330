"""The list of outlets: found by whatever people type, narrowed, in order, page after page without a gap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from server.console.outlets import listing as module
from server.console.outlets.filters import Filters, read_filters
from server.console.outlets.listing import PAGE, Listing, choices, listing
from server.field.defaults import add_default_classes
from server.field.own_acts import Asked, carry_out
from server.field.policies import set_policy
from server.master.store import Store
from sync.operations import Act
from tests.server.firm import Firm

DAY = 86_400_000


async def page(firm: Firm, **wanted: Any) -> Listing:
    """A page of the list; `after` and `before` as the page names them."""
    ends = {name: wanted.pop(name) for name in ("after", "before") if name in wanted}
    ground = await firm.ground()
    async with firm.store.read() as tx:
        return await listing(tx, Filters(**wanted), ground, await choices(tx), **ends)


async def found(firm: Firm, **wanted: Any) -> list[str]:
    """The names on a page of the list."""
    return [one.name for one in (await page(firm, **wanted)).lines]


@pytest.mark.parametrize(
    "typed",
    ["老张", "laozhang", "LZYJ", "lzyj", "k-017", "1380000 0001", "+86 138-0000-0001", "8613800000001", "建设 zhang"],
)
async def test_an_outlet_is_found_by_whatever_is_typed(firm: Firm, typed: str) -> None:
    """Name, sound, initials, code, phone in any spelling, a street; several parts in any order."""
    await firm.shop("老张烟酒", code="K-017", phone="13800000001", address="建设路 8 号")
    await firm.shop("李记食杂", code="K-018", phone="13900000002", address="人民路 1 号")
    assert await found(firm, text=typed) == ["老张烟酒"]


async def test_an_outlet_is_found_by_the_phone_of_somebody_there_and_by_its_id(firm: Firm) -> None:
    """Also where the person stands at one that was merged into it; the phone as people say it."""
    shop, other = await firm.shop("老张烟酒"), await firm.shop("张记烟酒")
    await firm.does(None, "contact", outlet=other.bytes, name="张三", phone="+8613800000002")
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": shop}, other, Act.EDIT)])
    assert await found(firm, text="138 0000 0002") == ["老张烟酒"]
    assert await found(firm, text=str(shop)) == ["老张烟酒"]
    assert await found(firm, text="13800000003") == []


async def test_signs_that_mean_something_to_a_database_are_looked_for_as_they_stand(firm: Firm) -> None:
    """A percent sign, an underline, a stroke."""
    await firm.shop("百分百 100% 超市", code="A_1/2")
    await firm.shop("老张烟酒", code="AB1C2")
    for typed in ("100%", "a_1", "1/2", "%"):
        assert await found(firm, text=typed) == ["百分百 100% 超市"]


async def test_what_is_mended_is_found_by_its_new_name_alone(firm: Firm) -> None:
    """The words follow each change."""
    shop = await firm.shop("老张烟酒")
    await firm.desk.edit(firm.desk.manager(), "outlet", shop, 1, name="新华超市")
    assert await found(firm, text="xinhua") == ["新华超市"]
    assert await found(firm, text="laozhang") == []


async def test_the_list_is_narrowed_by_each_filter(firm: Firm) -> None:
    """Class, grade, status, review, place, rep and last visit; closed ones only where they are asked for."""
    await firm.shop("甲", outlet_class="grocery", grade="A")
    await firm.shop("乙", place=firm.west, status="prospect", review="pending")
    await firm.shop("丙", status="closed")
    visited = await firm.shop("丁")
    await firm.does(firm.wang, "visit", outlet=visited.bytes)
    firm.desk.now += 40 * DAY
    assert await found(firm) == ["丁", "甲", "乙"]
    assert await found(firm, outlet_class="grocery") == ["甲"]
    assert await found(firm, grade="A") == ["甲"]
    assert await found(firm, status="closed") == ["丙"]
    assert await found(firm, status="all") == ["丙", "丁", "甲", "乙"]
    assert await found(firm, review="pending") == ["乙"]
    assert await found(firm, place=firm.west) == ["乙"]
    assert await found(firm, place=firm.pool) == []
    assert await found(firm, rep=firm.wang) == ["丁", "甲"]
    assert await found(firm, rep=firm.li) == []
    assert await found(firm, seen="never") == ["甲", "乙"]
    assert await found(firm, seen="30") == ["丁", "甲", "乙"]
    assert await found(firm, seen="60") == ["甲", "乙"]


async def test_the_list_is_narrowed_by_what_an_archive_lacks(firm: Firm) -> None:
    """As its class requires it; the same as each line says of itself."""
    async with firm.store.write() as tx:
        await add_default_classes(tx, firm.sources)
        await set_policy(tx, "required", "address,contact", firm.sources, firm.dealer)
        await set_policy(tx, "required_bar", "photo", firm.sources, firm.dealer)
    whole = await firm.shop("甲", outlet_class="grocery", address="一号", phone="1380000001")
    await firm.does(None, "contact", outlet=whole.bytes, name="张三")
    await firm.shop("乙", outlet_class="grocery", address="二号", position=[29.5, 106.5])
    await firm.shop("丙", outlet_class="bar")
    lines = {one.name: one.lacks for one in (await page(firm)).lines}
    assert lines == {"甲": (), "乙": ("contact",), "丙": ("photo",)}
    assert await found(firm, missing="any") == ["丙", "乙"]
    assert await found(firm, missing="contact") == ["丙", "乙"]
    assert await found(firm, missing="address") == ["丙"]
    assert await found(firm, missing="position") == ["丙", "甲"]
    assert await found(firm, missing="photo") == ["丙", "甲", "乙"]


@pytest.mark.parametrize("sort", ["name", "unseen", "seen"])
async def test_pages_leave_no_gap_forwards_and_backwards(
    firm: Firm, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every outlet once, in one order, also where many are equal; the first page says how many there are."""
    monkeypatch.setattr(module, "PAGE", 3)
    monkeypatch.setattr(module, "_COUNTED", 7)
    shops = [await firm.shop(f"{name}店") for name in "张王李赵张陈刘杨"]
    for shop in shops[:3]:
        await firm.does(firm.wang, "visit", outlet=shop.bytes)
        firm.desk.now += 60_000
    first = await page(firm, sort=sort)
    assert (first.count, first.is_more, first.before) == (7, True, None)
    pages, at = [first], first
    while at.after is not None:
        at = await page(firm, sort=sort, after=at.after)
        pages.append(at)
    ids = [one.id for each in pages for one in each.lines]
    assert (len(pages), sorted(ids)) == (3, sorted(shops))
    back = await page(firm, sort=sort, before=pages[2].before)
    assert [one.id for one in back.lines] == ids[3:6]
    assert (back.before, back.after, back.count) == (ids[3], ids[5], None)
    assert [one.id for one in (await page(firm, sort=sort, before=back.before)).lines] == ids[:3]
    seen = [UUID(str(one)) for one in ids if one in shops[:3]]
    assert seen == {"name": seen, "unseen": shops[:3], "seen": shops[2::-1]}[sort]
    assert sort == "name" or (ids[:3] if sort == "seen" else ids[5:]) == seen


async def test_an_address_names_the_filters_and_the_other_way_round(firm: Firm) -> None:
    """What is none of ours is passed over."""
    filters = Filters("老张", "grocery", "A", "all", "pending", firm.east, firm.wang, "never", "any", "unseen")
    assert read_filters(filters.address()) == filters
    assert (
        read_filters({"grade": "Z", "sort": "x", "place": "x", "seen": "-1", "missing": "x", "status": "x"})
        == Filters()
    )
    assert read_filters({}).is_open
    assert not Filters("老张").is_narrowed
    assert Filters(sort="seen").is_narrowed


@asynccontextmanager
async def counted(store: Store) -> AsyncIterator[list[str]]:
    """The statements of the body."""
    told: list[str] = []

    def tell(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    engine = store._reader.sync_engine
    event.listen(engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", tell)


async def test_a_page_takes_as_many_statements_however_many_outlets_there_are(firm: Firm) -> None:
    """One outlet or a whole page."""
    await firm.shop("张店")
    async with counted(firm.store) as few:
        assert len(await found(firm)) == 1
    for number in range(PAGE):
        await firm.shop(f"{number}店")
    async with counted(firm.store) as many:
        assert len(await found(firm)) == PAGE
    assert len(many) == len(few) <= 16
