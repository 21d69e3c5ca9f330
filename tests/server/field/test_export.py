"""Exports: what is asked for and nothing else, in the journal, and safe to open."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from server.field.defaults import add_default_classes
from server.field.export import HEADINGS, Chosen, export_outlets, write_list
from server.field.imports import import_list
from server.field.intake.normalise import ListSettings
from server.field.intake.prepare import prepare
from server.identity import staff, territories
from server.identity.staff import Role
from server.master.store import Store
from server.master.tables import journal_bodies
from server.ports import Sources
from sync.codec import decode
from sync.positions import Position
from sync.records import Cooperation, CreditTerms, Grade, OutletStatus, Review
from tests.server.desk import Desk


@pytest.fixture
async def desk(store: Store) -> Desk:
    """A company on each of the two databases."""
    return await Desk(store).open()


def sources(desk: Desk) -> Sources:
    """The desk's clock and randomness."""
    return Sources(lambda: desk.now, desk.random.randbytes)


async def two_territories(desk: Desk) -> tuple[territories.Territory, territories.Territory]:
    """甲 and 乙, with one outlet each."""
    async with desk.store.write() as tx:
        one = await territories.add_territory(tx, "甲", None, sources(desk))
        other = await territories.add_territory(tx, "乙", None, sources(desk))
    await desk.register(
        desk.manager(), one.id, "老张烟酒", code="A1", phone="+8613800000000", position=Position(39.9, 116.4),
        cooperation=Cooperation("2020-01-01", 3, "月结"), credit=CreditTerms(500_000, 30),
    )  # fmt: skip
    await desk.register(desk.manager(), other.id, "福顺超市")
    return one, other


async def test_only_what_was_asked_for_leaves(desk: Desk) -> None:
    """One territory is one territory; without a name it is all of them."""
    one, _ = await two_territories(desk)
    lines = await export_outlets(desk.store, sources(desk), Chosen((one.id,)))
    assert [line[HEADINGS.index("店名")] for line in lines] == ["老张烟酒"]
    assert len(await export_outlets(desk.store, sources(desk))) == 2


async def test_a_line_says_what_the_archive_says(desk: Desk) -> None:
    """Money in major units, position in WGS-84, the territory by name."""
    one, _ = await two_territories(desk)
    (line,) = await export_outlets(desk.store, sources(desk), Chosen((one.id,)))
    said = dict(zip(HEADINGS, line, strict=True))
    assert (said["客户编码"], said["纬度"], said["坐标系"], said["片区"]) == ("A1", "39.9", "WGS84", "甲")
    assert (said["信用额度(元)"], said["账期(天)"], said["合作起始"], said["合作级别"]) == (
        "5000.00",
        "30",
        "2020-01-01",
        "3",
    )


async def test_every_export_is_in_the_journal(desk: Desk) -> None:
    """How much left, and who took it."""
    one, _ = await two_territories(desk)
    await export_outlets(desk.store, sources(desk), Chosen((one.id,)), desk.wang)
    async with desk.store.read() as tx:
        bodies = [decode(bytes(row.body), list) for row in await tx.execute(journal_bodies.select())]
    (event,) = [body[1] for body in bodies if body[0] == "exported"]
    assert (event["lines"], event["by"], event["territories"]) == (1, desk.wang.bytes, [one.id.bytes])


DANGEROUS = ("=1+1", "@x", "+cmd", "-cmd", "\t=1")
PLAIN = ("+8613800000000", "-5", "老张", "", "=")


def test_a_csv_cell_is_no_formula(tmp_path: Path) -> None:
    """A spreadsheet program that opens the list runs nothing that a shop's name says."""
    path = tmp_path / "out.csv"
    write_list([DANGEROUS, PLAIN], path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        _, dangerous, plain = csv.reader(file)
    assert dangerous == [f"'{text}" for text in DANGEROUS]
    assert tuple(plain) == PLAIN


def test_a_cell_of_a_workbook_is_text(tmp_path: Path) -> None:
    """Codes keep their zeros, phones their digits, and nothing is a formula."""
    path = tmp_path / "out.xlsx"
    write_list([("0012", "=1+1", "+8613800000000")], path)
    row = load_workbook(path).worksheets[0][2]
    assert [(cell.value, cell.data_type) for cell in row[:3]] == [("0012", "s"), ("=1+1", "s"), ("+8613800000000", "s")]


async def test_a_list_holds_what_was_chosen(desk: Desk) -> None:
    """By class, grade, status, review, and the rep who owns the territory; the journal says by what."""
    one, other = await two_territories(desk)
    manager = desk.manager()
    await desk.register(manager, one.id, "酒楼", outlet_class="hotel_a", grade="A", status="buyer", review="approved")
    async with desk.store.write() as tx:
        rep = (await staff.add(tx, "王强", Role.REP, sources(desk))).id
        await territories.assign(tx, other.id, rep, sources(desk))

    async def names(chosen: Chosen) -> list[str]:
        lines = await export_outlets(desk.store, sources(desk), chosen)
        return [line[HEADINGS.index("店名")] for line in lines]

    assert await names(Chosen(grade=Grade.A)) == ["酒楼"]
    assert await names(Chosen(outlet_class="hotel_a", status=OutletStatus.BUYER)) == ["酒楼"]
    assert await names(Chosen((one.id,), review=Review.PENDING)) == ["老张烟酒"]
    assert await names(Chosen(owner=rep)) == ["福顺超市"]
    assert await names(Chosen((one.id,), owner=rep)) == []


async def test_a_page_stands_alone_and_takes_nobody_at_their_word(desk: Desk, tmp_path: Path) -> None:
    """What people wrote is text; nothing is fetched."""
    async with desk.store.write() as tx:
        one = await territories.add_territory(tx, "甲", None, sources(desk))
    await desk.register(desk.manager(), one.id, "<img src=x>老张", status="prospect")
    write_list(await export_outlets(desk.store, sources(desk)), tmp_path / "list.html")
    page = (tmp_path / "list.html").read_text("utf-8")
    assert "&lt;img src=x&gt;老张" in page
    assert "有意向" in page
    assert not [one for one in ("<img", "<script", 'src="', "href=", "http") if one in page.replace("http-equiv", "")]


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
async def test_a_list_that_is_read_back_in_changes_nothing(desk: Desk, tmp_path: Path, suffix: str) -> None:
    """Each row is known again as it stands, whatever its status."""
    async with desk.store.write() as tx:
        one = await territories.add_territory(tx, "甲", None, sources(desk))
        await add_default_classes(tx, sources(desk))
    for number, status in enumerate(OutletStatus):
        await desk.register(
            desk.manager(), one.id, f"第{number}家烟酒店", code=f"A{number}", status=status,
            outlet_class="tobacco_liquor", position=Position(39.9 + number / 100, 116.4),
            phone=f"+861380000000{number}", review="approved",
        )  # fmt: skip
    file = tmp_path / f"list.{suffix}"
    lines = await export_outlets(desk.store, sources(desk))
    write_list(lines, file)
    done = await import_list(desk.store, prepare(file, ListSettings()), sources(desk))
    assert (done.tally.imported, done.tally.updated, done.tally.rejected) == (0, 0, 0)
    assert await export_outlets(desk.store, sources(desk)) == lines
