"""The dealer's books brought in again: after a merge, by two people at once; nothing is counted twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

from server.field.books import Booked, import_book, map_book
from server.field.credit.accounts import account
from server.field.intake.book_headings import BOOKS
from server.field.intake.table import read_table
from server.field.merging import merge, undo
from server.field.own_acts import Asked
from sync import scopes
from tests.server.field.credit.firm import Firm

HEAD = "日期,客户编码,单号,品名,数量,单价\n"
ROWS = "2027-01-05,K1,D-1,白酒,2,100\n2027-01-06,K1,,白酒,1,100\n2027-01-06,K2,,白酒,1,100\n"
PAID = "日期,客户编码,流水号,金额,收款账户\n2027-01-07,K1,P-1,50,公司账户\n2027-01-07,K1,,20,公司账户\n"


async def brought(firm: Firm, path: Path, text: str, kind: str = "deliveries") -> Booked:
    """A file of the books, taken in."""
    file = path / f"{kind}.csv"
    file.write_text(HEAD + text if kind == "deliveries" else text, "utf-8")
    table = read_table(file, None, BOOKS[kind])
    return await import_book(firm.store, firm.ground, kind, table, map_book(table, kind), by=firm.manager)


async def shops(firm: Firm) -> tuple[UUID, UUID]:
    """Two outlets and a product."""
    await firm.act(Asked("product", {"code": "SKU-1", "name": "白酒"}, scope=scopes.COMPANY))
    return await firm.outlet("老张烟酒", code="K1"), await firm.outlet("章记烟酒", code="K2")


async def owes(firm: Firm, outlet: UUID) -> int:
    """The balance of an outlet, minor units."""
    async with firm.store.read() as tx:
        return (await account(tx, outlet)).balance


async def test_the_same_rows_after_a_merge_are_the_same_deliveries(firm: Firm, tmp_path: Path) -> None:
    """Books go on naming the outlet by the code it had, and go on listing what they listed."""
    gone, stays = await shops(firm)
    await brought(firm, tmp_path, ROWS)
    await brought(firm, tmp_path, PAID, "payments")
    async with firm.store.write() as tx:
        done = await merge(tx, firm.sources, gone, stays, reason="同一家店", by=firm.dealer)
    again = await brought(firm, tmp_path, ROWS)
    paid = await brought(firm, tmp_path, PAID, "payments")
    assert (again.imported, again.amended, again.duplicates) == (0, 0, 3)
    assert (paid.imported, paid.amended, paid.duplicates) == (0, 0, 2)
    assert await owes(firm, stays) == 40_000 - 7_000
    mended = await brought(firm, tmp_path, ROWS.replace("D-1,白酒,2", "D-1,白酒,3"))
    assert (mended.imported, mended.amended, mended.duplicates) == (0, 1, 2)
    assert await owes(firm, stays) == 50_000 - 7_000
    async with firm.store.write() as tx:
        await undo(tx, firm.sources, gone, reason="两家店", by=firm.dealer)
    again = await brought(firm, tmp_path, ROWS.replace("D-1,白酒,2", "D-1,白酒,3"))
    assert (again.imported, again.amended, again.duplicates, bool(done.changed)) == (0, 0, 3, True)
    assert (await owes(firm, gone), await owes(firm, stays)) == (40_000 - 7_000, 10_000)


async def test_a_file_that_two_bring_in_at_once_is_in_once(firm: Firm, tmp_path: Path) -> None:
    """Whoever comes second finds it there."""
    _, other = await shops(firm)
    first, second = await asyncio.gather(brought(firm, tmp_path, ROWS), brought(firm, tmp_path, ROWS))
    assert sorted([first.imported, second.imported]) == [0, 3]
    assert sorted([first.duplicates, second.duplicates]) == [0, 3]
    assert await owes(firm, other) == 10_000
