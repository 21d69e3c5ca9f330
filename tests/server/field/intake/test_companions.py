"""Staff, territories and products are read from the sheets that dealers keep them in, as far as they are there."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

from server.field.intake.companions import Companions, read_companions
from tests.builders.lists import csv_file


def test_sheets_are_known_by_name_and_columns_by_heading(tmp_path: Path) -> None:
    """Chinese or English; a person in two territories is in both."""
    book = Workbook()
    book.worksheets[0].append(("店名", "地址"))
    pages: dict[str, list[tuple[str, ...]]] = {
        "人员/Staff": [
            ("姓名", "手机", "角色", "负责片区", "分工"),
            ("周海波", "15400000001", "业务员", "城东、城西", "协作"),
        ],
        "Territories": [("Name", "Area"), ("East", "Main street"), ("Pool", "")],
        "产品": [("产品编码", "产品名称", "单价(元)"), ("SKU-1", "特曲", "68.5"), ("", "没有编码", "1")],
    }
    for title, rows in pages.items():
        page = book.create_sheet(title.replace("/", " "))
        for row in rows:
            page.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    found = read_companions(path)
    person = found.staff[0]
    assert (person.name, person.phone, person.role) == ("周海波", "+8615400000001", "rep")
    assert (person.territories, person.part) == (("城东", "城西"), "partner")
    assert [(area.name, area.pool) for area in found.territories] == [("East", False), ("Pool", True)]
    assert [(product.code, product.price) for product in found.products] == [("SKU-1", 6850)]


def test_a_file_without_such_sheets_has_no_companions(tmp_path: Path) -> None:
    """A plain list is only a list; an empty sheet lists nobody."""
    assert read_companions(csv_file(tmp_path, [("店名",), ("老张",)])) == Companions()
    book = Workbook()
    book.create_sheet("人员")
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert read_companions(path) == Companions()
