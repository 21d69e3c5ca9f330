"""What outlets bought: by deliveries, else orders, else what visits counted, within days of the company's time zone."""

from __future__ import annotations

from datetime import date

from server.field.purchases import Basis, Span, basis_of, bought, visited
from sync.operations import Act
from tests.server.desk import Desk

ZONE = "Asia/Shanghai"
DAY = 86_400_000
SPAN = Span(date(2027, 1, 10), date(2027, 1, 12), ZONE)
HOUR = 3_600_000


async def test_visits_count_pieces_where_the_company_keeps_no_other_books(desk: Desk) -> None:
    """From the first midnight to before the last, where the company is; an amended visit as its amendment says."""
    desk.now = SPAN.until_ms + DAY
    wang = desk.rep(desk.wang, desk.east)
    shop, quiet, first = await desk.register(wang, desk.east), await desk.register(wang, desk.east), desk.id()
    for at, pieces in ((SPAN.since_ms - 1, 1), (SPAN.since_ms, 10), (SPAN.until_ms - 1, 100), (SPAN.until_ms, 1000)):
        visit = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, stock=[["SKU-1", None, 0, pieces]])
        await desk.submit(wang, visit, at=at)
    at = SPAN.since_ms + HOUR
    wrong = desk.operation(Act.CREATE, "visit", first, outlet=quiet, stock=[["SKU-1", None, 0, 7000]])
    await desk.submit(wang, wrong, at=at)
    right = desk.operation(Act.CREATE, "visit", desk.id(), outlet=quiet, stock=[["SKU-1", None, 0, 7]], amends=first)
    await desk.submit(wang, right, at=at)
    async with desk.store.read() as tx:
        assert await basis_of(tx, SPAN) is Basis.COUNTED
        assert await bought(tx, SPAN, Basis.COUNTED) == {shop: 110, quiet: 7}
        assert await visited(tx, SPAN) == {shop: 2, quiet: 1}


async def test_one_basis_holds_for_the_whole_company(desk: Desk) -> None:
    """One delivery anywhere makes deliveries the basis; without one, orders are."""
    desk.now = SPAN.since_ms + HOUR
    wang = desk.rep(desk.wang, desk.east)
    shop, other = await desk.register(wang, desk.east), await desk.register(wang, desk.east)
    await desk.submit(wang, desk.operation(Act.CREATE, "order", desk.id(), outlet=shop, lines=[["SKU-1", 2, 50, ""]]))
    async with desk.store.read() as tx:
        assert (await basis_of(tx, SPAN), await bought(tx, SPAN, Basis.ORDERED)) == (Basis.ORDERED, {shop: 100})
    for day in ("2027-01-09", "2027-01-11", "2027-01-12"):
        delivery = desk.operation(
            Act.CREATE, "delivery", desk.id(), outlet=other, lines=[["SKU-1", 1, 30, ""]], delivered_on=day
        )
        await desk.submit(wang, delivery)
    async with desk.store.read() as tx:
        assert (await basis_of(tx, SPAN), await bought(tx, SPAN, Basis.DELIVERED)) == (Basis.DELIVERED, {other: 30})
