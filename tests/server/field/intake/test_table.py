"""Whatever program wrote the list, the same table comes out; whatever is wrong with it is said with a code."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from server.field.intake import grid, workbook
from server.field.intake.reasons import IntakeError
from server.field.intake.table import read_table, sheets_in
from tests.builders.fixed_workbook import parts_of
from tests.builders.lists import csv_file, csv_text, xlsx_file

HEAD = ("店名", "地址", "电话")
ROWS = [HEAD, ("老张烟酒", "云澜区鼓楼街1号", "15400000001"), ("福顺超市", "云澜区鼓楼街3号, 后门", "")]


def _workbook_bytes() -> bytes:
    book = Workbook()
    for row in ROWS:
        book.worksheets[0].append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOK = _workbook_bytes()


def refused(path: Path, sheet: str | None = None) -> str:
    """The code with which a file is refused."""
    with pytest.raises(IntakeError) as caught:
        read_table(path, sheet)
    assert caught.value.reason.zh
    assert caught.value.reason.en
    return caught.value.code


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16", "gb18030"])
def test_a_text_file_reads_the_same_in_every_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    """Spreadsheet programs write lists in many ways; what is in them stays the same."""
    path = tmp_path / "list.csv"
    path.write_bytes(csv_text(ROWS, delimiter).encode(encoding))
    table = read_table(path)
    assert table.header == HEAD
    assert [row.cells for row in table.rows] == ROWS[1:]
    assert (table.kind, table.encoding, table.delimiter) == ("csv", encoding, delimiter)


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    """Text in Windows-1252 decodes as GB18030 by accident; the accident is seen."""
    rows = [("name", "address", "phone"), ("Käpylän Kahvila", "Mäkelänkatu 5", ""), ("Sörnäinen", "Hämeentie 1", "")]
    table = read_table(csv_file(tmp_path, rows, "cp1252"))
    assert table.encoding == "cp1252"
    assert table.rows[0].cells[0] == "Käpylän Kahvila"


def test_a_workbook_reads_like_the_text_file(tmp_path: Path) -> None:
    """Numbers, days and times come out as a person would write them; error values are nothing."""
    moment = datetime.fromisoformat("2024-03-05 08:30")
    values = ("老张烟酒", 15400000001.0, 28.69, date(2024, 3, 5), moment, time(22, 0), True, "#N/A", None)
    path = xlsx_file(tmp_path, [("店名", "电话", "纬度", "合作起始", "时间", "关门", "有效", "备注", "空"), values])
    expected = ("老张烟酒", "15400000001", "28.69", "2024-03-05", "2024-03-05 08:30", "22:00", "TRUE", "", "")
    assert read_table(path).rows[0].cells == expected


def test_titles_above_the_headings_are_stepped_over(tmp_path: Path) -> None:
    """The row of headings is found under titles, dates and blank rows; row numbers are the spreadsheet's."""
    rows = [("云澜商贸客户名称一览表", "", ""), ("制表：档案室", "", "2026-11-01"), ("", "", ""), *ROWS]
    for path in (csv_file(tmp_path, rows), xlsx_file(tmp_path, rows, merged=["A1:C1"])):
        table = read_table(path)
        assert (table.header, table.header_row) == (HEAD, 4)
        assert [row.number for row in table.rows] == [5, 6]


def test_unknown_headings_are_still_the_first_full_row_of_words(tmp_path: Path) -> None:
    """Where no heading is known, the fullest row without numbers above the data is taken."""
    rows = [
        ("某某表", "", ""),
        ("甲列", "乙列", "丙列"),
        ("老张烟酒", "28.69", "115.86"),
        ("福顺超市", "28.70", "115.87"),
    ]
    assert read_table(csv_file(tmp_path, rows)).header == ("甲列", "乙列", "丙列")


def test_merged_cells_stand_for_all_the_rows_they_cover(tmp_path: Path) -> None:
    """One cell merged over three rows is what all three say."""
    rows = [
        ("片区", *HEAD),
        ("城东片区", *ROWS[1]),
        ("", "福顺超市", "", ""),
        ("", "鑫源酒店", "", ""),
        ("城西片区", "旺旺", "", ""),
    ]
    table = read_table(xlsx_file(tmp_path, rows, merged=["A2:A4"]))
    assert [row.cells[0] for row in table.rows] == ["城东片区", "城东片区", "城东片区", "城西片区"]


def test_headings_in_two_rows_become_one(tmp_path: Path) -> None:
    """Under 联系人 stand 姓名 and 电话; beside it 店名 takes both rows."""
    rows = [("店名", "联系人", "", "地址"), ("", "姓名", "电话", ""), ("老张烟酒", "张三", "15400000001", "鼓楼街1号")]
    table = read_table(xlsx_file(tmp_path, rows, merged=["A1:A2", "B1:C1", "D1:D2"]))
    assert table.header == ("店名", "姓名", "电话", "地址")
    assert [row.number for row in table.rows] == [3]


def test_headings_repeated_on_every_printed_page_are_no_rows(tmp_path: Path) -> None:
    """A list made for printing repeats its headings; blank rows are none either."""
    table = read_table(csv_file(tmp_path, [*ROWS, HEAD, ("", "", ""), ("鑫源酒店", "", "")]))
    assert [row.cells[0] for row in table.rows] == ["老张烟酒", "福顺超市", "鑫源酒店"]


def test_a_sheet_is_the_first_with_something_in_it_or_the_one_named(tmp_path: Path) -> None:
    """Empty and hidden sheets are passed over; a name that is not there is an error."""
    book = Workbook()
    book.worksheets[0].title = "空"
    for title, hidden in (("草稿", True), ("客户", False), ("别的", False)):
        page = book.create_sheet(title)
        page.append(("店名", "地址"))
        page.append((title, "一号"))
        page.sheet_state = "hidden" if hidden else "visible"
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert read_table(path).sheet == "客户"
    assert read_table(path, "别的").rows[0].cells == ("别的", "一号")
    assert refused(path, "没有") == "no_sheet"
    assert sheets_in(path.read_bytes()) == ("空", "客户", "别的")


def test_cells_with_line_breaks_and_quotes_stay_whole(tmp_path: Path) -> None:
    """A line break inside quotes is part of the cell, and the row after it keeps its number."""
    path = csv_file(tmp_path, [HEAD, ('老张"烟酒"', "一号\n后门", ""), ("福顺", "二号", "")])
    rows = read_table(path).rows
    assert rows[0].cells[:2] == ('老张"烟酒"', "一号\n后门")
    assert rows[1].number == 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"  \r\n", "file_empty"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "old_workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "encrypted_workbook"),
        (b"%PDF-1.7", "unsupported_kind"),
        ("\ufeff<html><table>".encode(), "unsupported_kind"),
        (b"PK\x03\x04 mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "unsupported_kind"),
        (b"PK\x03\x04 nothing more", "broken_workbook"),
        (b"\x00\x01\x02\x03", "unknown_encoding"),
        ('店名,地址\n"老张,一号\n福顺,二号\n'.encode(), "broken_quotes"),
        ("店名,地址\n".encode(), "no_rows"),
        (b"28.1,115.2\n28.3,115.4\n", "no_header"),
        (("店名,地址\n老张," + "长" * 33_000 + "\n").encode(), "cell_too_long"),
        (("店名" + ",x" * 300 + "\n老张\n").encode(), "too_many_columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, data: bytes, code: str) -> None:
    """Each fault has its own code, whatever the file is called."""
    path = tmp_path / "list.xlsx"
    path.write_bytes(data)
    assert refused(path) == code


def test_missing_and_oversized_files_are_refused_unread(tmp_path: Path) -> None:
    """A path that is wrong or a folder, and a file beyond the limit, never get into memory."""
    assert refused(tmp_path / "none.csv") == "file_missing"
    assert refused(tmp_path) == "file_unreadable"
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(grid.MAX_BYTES + 1)
    assert refused(large) == "file_too_large"


def test_more_rows_than_the_limit_are_refused(tmp_path: Path) -> None:
    """The limit on rows holds for rows with something in them."""
    path = tmp_path / "list.csv"
    path.write_text("店名\n" + "老张\n" * grid.MAX_ROWS, encoding="utf-8")
    assert refused(path) == "too_many_rows"


def test_a_decompression_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    """A workbook whose parts say that they unpack to more than the limit is not opened."""
    data = bytearray(WORKBOOK)
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (workbook.MAX_UNPACKED + 1).to_bytes(4, "little")
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(data)
    assert refused(path) == "file_too_large"


PARTS = parts_of(WORKBOOK)


@given(cut=st.integers(0, len(WORKBOOK)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_workbook_cut_short_never_gives_a_traceback(tmp_path: Path, cut: int) -> None:
    """Half a download is refused by a code; nothing else comes out."""
    _read_or_refuse(tmp_path / "cut.xlsx", WORKBOOK[:cut])


@given(
    part=st.integers(0, len(PARTS) - 1),
    start=st.integers(0, 2000),
    gone=st.integers(0, 40),
    put=st.binary(max_size=12)
    | st.sampled_from([b"<row>", b"</c>", b'r="ZZZ9"', b't="s"', b"<v>9999</v>", b'ref="A1:XFD1048576"']),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_workbook_wrong_inside_never_gives_a_traceback(
    tmp_path: Path, part: int, start: int, gone: int, put: bytes
) -> None:
    """With any stretch of any part taken out or replaced, a workbook is read or refused by a code."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        for at, (name, data) in enumerate(PARTS):
            first = start % (len(data) + 1)
            parts.writestr(name, data[:first] + put + data[first + gone :] if at == part else data)
    _read_or_refuse(tmp_path / "wrong.xlsx", out.getvalue())


def _read_or_refuse(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        read_table(path)
    except IntakeError as error:
        assert error.reason.en  # noqa: PT017


@given(data=st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    """No bytes at all make the reader fail in another way than by a code."""
    _read_or_refuse(tmp_path / "any.csv", data)
