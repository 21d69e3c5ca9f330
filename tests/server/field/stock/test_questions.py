"""Questions about stock: found in what phones logged, kept once, taken back where it is explained, answered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server.field.own_acts import Asked, carry_out
from server.field.stock import questions as desk
from server.field.stock.figures import figures
from server.field.stock.found import said
from sync.errors import Refusal
from sync.operations import Act
from sync.records import OrderLine, ShelfBatch, Stock
from tests.server.field.credit.firm import DAY, Firm


async def visit(firm: Firm, outlet: UUID, ago: int, on_hand: int | None = None, **more: Any) -> UUID:
    """A visit that counted the product, so many days ago."""
    record = firm.sources.new_id()
    sold, who = more.pop("sold", 0), more.pop("who", firm.wang)
    fields: dict[str, Any] = {"stock": (Stock("SKU-1", on_hand, sold),), **more}
    outcome = await firm.phone(who, Act.CREATE, "visit", record, firm.now - ago * DAY, outlet=outlet, **fields)
    assert outcome.code == "applied"
    return record


async def order(firm: Firm, outlet: UUID, ago: int, who: UUID, pieces: int = 2) -> None:
    """An order that was taken so many days ago."""
    lines = (OrderLine("SKU-1", pieces, 100),)
    at = firm.now - ago * DAY
    await firm.phone(who, Act.CREATE, "order", firm.sources.new_id(), at, outlet=outlet, lines=lines)


def pieces(count: int, batch: str = "") -> tuple[OrderLine, ...]:
    """So many pieces."""
    return (OrderLine("SKU-1", count, 100, batch),)


async def asked(firm: Firm, **which: Any) -> list[tuple[str, str]]:
    """Kind and state of the questions."""
    async with firm.store.write() as tx:
        await desk.ask(tx, firm.ground)
    async with firm.store.read() as tx:
        return [(one.question.kind, one.state) for one in await desk.listed(tx, everything=True, **which)]


async def test_figures_say_what_lies_between_any_two_counts(firm: Firm) -> None:
    """Also where nothing is asked; one count alone is an opening."""
    shop, other = await firm.outlet(), await firm.outlet()
    await visit(firm, shop, 8, 5)
    await visit(firm, shop, 6, 3, sold=4)
    await firm.deliver(shop, 0, ago=3, lines=pieces(10))
    await visit(firm, shop, 1, 9, sold=3)
    await visit(firm, other, 1, 9)
    async with firm.store.read() as tx:
        (found,) = await figures(tx, firm.ground)
        assert await figures(tx, firm.ground, [other]) == []
        assert await figures(tx, firm.ground, [shop]) == [found]
    assert (found.outlet, found.product) == (shop, "SKU-1")
    steps = [(one.before, one.delivered, one.sold, one.expected, one.found, one.over) for one in found.steps]
    assert steps == [(5, 0, 4, 1, 3, 2), (3, 10, 3, 10, 9, -1)]


async def test_more_than_came_is_asked_two_days_later_once_and_taken_back_when_it_is_explained(firm: Firm) -> None:
    """A delivery of the books that comes a week late explains it; what it does not explain is open again."""
    shop = await firm.outlet()
    await firm.deliver(shop, 0, ago=20, lines=pieces(5))
    await visit(firm, shop, 8, 5)
    await visit(firm, shop, 1, 29)
    assert await asked(firm) == []
    firm.now += DAY
    assert await asked(firm) == [("more_than_came", "open")]
    assert await asked(firm) == [("more_than_came", "open")]
    await firm.deliver(shop, 0, ago=5, lines=pieces(24))
    assert await asked(firm) == [("more_than_came", "explained")]
    await visit(firm, shop, 2, 99, who=firm.wang)
    assert await asked(firm) == [("more_than_came", "open")]


async def test_two_people_of_one_visit_tell_of_the_same_sales(firm: Firm) -> None:
    """A joint visit that both log is one count; an amended one counts as amended, on its day."""
    shop = await firm.outlet()
    await firm.deliver(shop, 0, ago=30, lines=pieces(20))
    await visit(firm, shop, 20, 20)
    wrong = await visit(firm, shop, 10, 80, sold=10)
    await visit(firm, shop, 10, 10, sold=10, who=firm.li)
    await visit(firm, shop, 0, 10, sold=10, amends=wrong)
    await visit(firm, shop, 3, 5, sold=5)
    assert await asked(firm) == []


async def test_a_fall_is_asked_about_once_while_it_lasts(firm: Firm) -> None:
    """By outlet and by the rep who owns its territory."""
    shop, other = await firm.outlet(), await firm.outlet("福顺超市", firm.west)
    for ago in (27, 20):
        await firm.deliver(shop, 0, ago=ago, lines=pieces(50))
    for ago in (26, 19, 12, 5):
        await firm.deliver(other, 0, ago=ago, lines=pieces(500))
    for ago in (12, 5):
        await visit(firm, shop, ago)
        await visit(firm, other, ago, who=firm.li)
    assert await asked(firm) == [("fall", "open")]
    assert await asked(firm, person=firm.wang) == await asked(firm, outlet=shop) == [("fall", "open")]
    assert await asked(firm, person=firm.li) == await asked(firm, territory=firm.west) == []
    await firm.nights(3)
    assert await asked(firm) == [("fall", "open")]
    await firm.deliver(shop, 0, ago=6, lines=pieces(80))
    assert await asked(firm) == [("fall", "explained")]


async def test_the_same_order_by_two_people_and_a_batch_that_went_elsewhere_are_asked_about(firm: Firm) -> None:
    """With who took it, and where the batch went; a merged outlet's deliveries are the survivor's."""
    shop, other, third = await firm.outlet(), await firm.outlet("福顺超市"), await firm.outlet("老张烟酒店")
    await order(firm, shop, 6, firm.wang)
    await order(firm, shop, 4, firm.li)
    await firm.deliver(other, 0, ago=10, lines=pieces(24, "L2027 01"))
    await firm.deliver(third, 0, ago=200, lines=pieces(24, "Ｌ202702"))
    await firm.deliver(other, 0, ago=10, lines=pieces(24, "L202702"))
    for batch in ("l202701", "L202702"):
        await visit(firm, shop, 3, None, batches=(ShelfBatch("SKU-1", batch, 6),))
    found = await asked(firm)
    assert sorted(kind for kind, _ in found) == ["diversion", "diversion", "same_order"]
    async with firm.store.read() as tx:
        listed = await desk.listed(tx)
    names = {firm.wang: "王芳", firm.li: "李强", other: "福顺超市"}
    texts = " ".join(" ".join(said(one.question, names)) for one in listed)
    assert "王芳 and 李强 took the same order of 2 pieces, 2 days apart" in texts
    assert "曾送给 福顺超市" in texts
    assert len(await asked(firm, person=firm.li)) == 1
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": shop}, third, Act.EDIT)])
    assert sorted(await asked(firm)) == [("diversion", "explained"), ("diversion", "open"), ("same_order", "open")]


async def test_merged_outlets_have_one_stock_and_are_asked_about_once(firm: Firm) -> None:
    """What was counted, sold and brought at either is one line of figures; what was answered of the one that went is
    not asked again of the other, and what the other's deliveries explain is taken back.
    """
    goes, stays = await firm.outlet("章记副食"), await firm.outlet("老张烟酒")
    await firm.deliver(goes, 0, ago=20, lines=pieces(5))
    for ago, on_hand in ((12, 5), (8, 15), (4, 25)):
        await visit(firm, goes, ago, on_hand)
    assert await asked(firm) == [("more_than_came", "open")] * 2
    async with firm.store.write() as tx:
        first, _ = await desk.listed(tx)
        await desk.answer(tx, first.id, "换货", firm.ground, by=firm.manager)
    await firm.deliver(stays, 0, ago=6, lines=pieces(10))
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": stays}, goes, Act.EDIT)])
    assert await asked(firm) == [("more_than_came", "answered"), ("more_than_came", "explained")]
    assert await asked(firm, outlet=stays) == await asked(firm, outlet=goes) == await asked(firm)
    async with firm.store.read() as tx:
        (found,) = await figures(tx, firm.ground, [goes])
    steps = [(one.before, one.delivered, one.sold, one.expected, one.found) for one in found.steps]
    assert (found.outlet, steps) == (stays, [(5, 0, 0, 5, 15), (15, 10, 0, 25, 25)])


async def test_a_fall_at_an_outlet_that_was_merged_is_not_asked_about_again_so_soon(firm: Firm) -> None:
    """The quiet time is that of the outlet that stands for it."""
    goes, stays = await firm.outlet("章记副食"), await firm.outlet("老张烟酒")
    for ago in (27, 20):
        await firm.deliver(goes, 0, ago=ago, lines=pieces(50))
    for ago in (12, 5):
        await visit(firm, goes, ago)
    assert await asked(firm) == [("fall", "open")]
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": stays}, goes, Act.EDIT)])
    await firm.nights(2)
    assert await asked(firm) == [("fall", "open")]


async def test_a_manager_answers_once_with_a_word(firm: Firm) -> None:
    """And nobody else."""
    shop = await firm.outlet()
    await order(firm, shop, 6, firm.wang)
    await order(firm, shop, 4, firm.li)
    await asked(firm)
    async with firm.store.write() as tx:
        (one,) = await desk.listed(tx)
        for text, by in ((" ", firm.manager), ("是", firm.wang)):
            with pytest.raises(Refusal):
                await desk.answer(tx, one.id, text, firm.ground, by=by)
        await desk.answer(tx, one.id, "确为两单", firm.ground, by=firm.manager)
        with pytest.raises(Refusal, match="no open question"):
            await desk.answer(tx, one.id, "再答", firm.ground, by=firm.manager)
    assert await asked(firm) == [("same_order", "answered")]
