"""The pool on both databases: what lies in it, days left, who may hold how much, and where an outlet was."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from server.console import pool as pages
from server.console.pool import held_page, pool_page, pools_page, story_page
from server.field.policies import set_policy
from server.field.pool import desk
from server.field.pool.returning import due_outlets, returns_of
from sync.errors import Refusal
from tests.server.firm import Firm


async def _returned(firm: Firm, *outlets: UUID, reason: str = "没有人管") -> None:
    async with firm.store.write() as tx:
        await desk.put_back(tx, outlets, reason, await firm.ground(), even_protected=True, by=firm.dealer)


async def test_what_lies_in_a_pool_is_listed_page_by_page(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each outlet once, with who held it before; what stands in a territory is not in it."""
    monkeypatch.setattr(pages, "PAGE", 2)
    shops = [await firm.shop(f"店{number}") for number in range(4)]
    firm.desk.now += 1000
    await _returned(firm, *shops[:3])
    ground, seen = await firm.ground(), list[UUID]()
    async with firm.store.read() as tx:
        behind: UUID | None = None
        while True:
            page = await pool_page(tx, ground, firm.pool, behind)
            seen += [one.id for one in page.outlets]
            assert {(one.held_by, one.by_rule, one.since) for one in page.outlets} == {("王", False, firm.desk.now)}
            behind = page.behind
            if behind is None:
                break
        whole = await pools_page(tx, ground)
    assert seen == sorted(shops[:3])
    assert page.count == 3
    assert [(one.pool.name, one.outlets) for one in whole.pools] == [("公海", 3)]
    assert {(one.name, one.place, one.held, one.room) for one in page.holders} == {
        ("王", "城东", 1, 399), ("李", "城东", 1, 399), ("周", "城西", 0, 400),
    }  # fmt: skip


async def test_days_left_are_those_of_the_rule(firm: Firm) -> None:
    """What a visit moves is moved; where the rule is off, nothing goes back."""
    at = firm.desk.now
    firm.at("2026-09-01 08:00")
    early, visited = await firm.shop("早"), await firm.shop("访")
    ground = await firm.ground()
    async with firm.store.read() as tx:
        assert {one.days_left for one in (await held_page(tx, ground, firm.east)).outlets} == {None}
    async with firm.store.write() as tx:
        await set_policy(tx, "pool_return", "on", firm.sources)
    firm.at("2026-09-20 10:00")
    await firm.does(firm.wang, "visit", outlet=visited.bytes, at=firm.desk.now)
    firm.desk.now = at
    firm.at("2026-09-26 09:00")
    ground = await firm.ground()
    async with firm.store.read() as tx:
        left = {one.id: one.days_left for one in (await held_page(tx, ground, firm.east)).outlets}
        days = await returns_of(tx, ground, [early, visited])
        due = {one.outlet: one.returns for one in await due_outlets(tx, ground)}
    assert left == {early: 5, visited: 24}
    assert due == {early: days[early]}


async def test_the_history_tells_each_place_with_why(firm: Firm) -> None:
    """Registered, returned with a reason, allotted to somebody."""
    shop = await firm.shop("老张烟酒")
    firm.desk.now += 1000
    await _returned(firm, shop, reason="长期没人去")
    firm.desk.now += 1000
    async with firm.store.write() as tx:
        await desk.allot(tx, [shop], firm.zhou, await firm.ground(), by=firm.dealer)
    async with firm.store.read() as tx:
        story = await story_page(tx, shop)
        with pytest.raises(Refusal, match="not_found"):
            await story_page(tx, uuid4())
    told = [(one.place, one.how, one.who, one.reason) for one in story.stages]
    assert told == [
        ("城东", "", None, ""),
        ("公海", "pool_returned", "王", "长期没人去"),
        ("城西", "pool_allotted", "周", ""),
    ]


async def test_no_page_is_of_what_is_not_there(firm: Firm) -> None:
    """An id that nobody knows is told as such."""
    ground = await firm.ground()
    async with firm.store.read() as tx:
        for page in (pool_page, held_page):
            with pytest.raises(Refusal, match="not_found"):
                await page(tx, ground, uuid4())
