"""The dealer's books: each row is in once, or comes back with what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.server.cli.conftest import Command

OUTLETS = "编码,店名,地址\nK1,老张烟酒,人民路1号\nK2,福顺超市,人民路2号\nK3,福顺超市,建设路9号\n"
DELIVERIES = (
    "送货日期,客户编码,客户名称,单号,产品编码,数量,单价,金额,批号,结算方式\n"
    '2026-10-05,K1,老张烟酒店,D-1,SKU-1,12,"1,050.00元",12600,L1,月结\n'
    "46300,K1,,D-1,SKU-2,3,,100.00,,月结\n"
    "2026年10月6日,,老张烟酒,,SKU-1,-2,1050,,,现结\n"
    "2026年10月6日,,老张烟酒,,SKU-1,-2,1050,,,现结\n"
    "2026-10-05,K9,,D-2,SKU-1,1,1,,,\n"
    "2026-10-05,K2,老张烟酒,D-3,SKU-1,1,1,,,\n"
    "2026-10-05,,福顺超市,D-4,SKU-1,1,1,,,\n"
    "2026-10-05,K1,,D-5,SKU-9,1,1,,,\n"
    "2026-10-05,K1,,D-6,SKU-1,一些,1,,,\n"
    "2099-10-05,K1,,D-7,SKU-1,1,1,,,\n"
    "2026-10-05,K1,,D-8,SKU-1,1,,,,\n"
    "2026-10-05,K1,,D-9,SKU-1,2,10,5000,,\n"
)


@pytest.fixture
def firm(command: Command, tmp_path: Path) -> Command:
    """Three outlets, two of one name, and two products."""
    command.json("territory", "add", "城东")
    book = Workbook()
    rows = [line.split(",") for line in OUTLETS.splitlines()]
    for row in rows:
        book.worksheets[0].append(row)
    sheet = book.create_sheet("产品")
    for row in (["编码", "名称", "单位", "单价"], ["SKU-1", "白酒", "瓶", "100"], ["SKU-2", "香烟", "条", "33.33"]):
        sheet.append(row)
    book.save(tmp_path / "outlets.xlsx")
    command.json("import", tmp_path / "outlets.xlsx", "--set-up")
    return command


def file(tmp_path: Path, text: str, encoding: str = "gb18030") -> Path:
    """A file of the books."""
    path = tmp_path / "books.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_deliveries_of_the_books_are_in_once_and_bad_rows_come_back(firm: Command, tmp_path: Path) -> None:
    """Rows of one reference are one delivery; two rows alike are two; a serial day, amounts as text, returns."""
    path = file(tmp_path, DELIVERIES.replace("46300", "2026-10-05"))
    dry = firm.json("import", path, "--kind", "deliveries", "--dry-run")
    assert (dry["imported"], dry["rejected"], firm.json("statement", "K1")["lines"]) == (4, 8, [])
    done = firm.json("import", path, "--kind", "deliveries", "--rejects", tmp_path / "back.csv")
    assert (done["imported"], done["amended"], done["duplicates"], done["rejected"], done["rows"]) == (4, 0, 0, 8, 12)
    stated = firm.json("statement", "K1")
    amounts = [line["entry"]["amount"] for line in stated["lines"]]
    assert amounts == [12 * 105_000 + 10_000, -2 * 105_000, -2 * 105_000]
    assert stated["lines"][0]["entry"]["on_credit"] is True
    back = (tmp_path / "back.csv").read_text("utf-8-sig")
    for word in ("K9", "不是同一家", "有多家客户", "SKU-9", "一些", "将来", "没有单价", "不符"):
        assert word in back
    again = firm.json("import", path, "--kind", "deliveries")
    assert (again["imported"], again["amended"], again["duplicates"], again["rejected"]) == (0, 0, 4, 8)
    assert firm.json("statement", "K1")["balance"] == stated["balance"]


def test_a_row_that_the_books_correct_amends_what_stands(firm: Command, tmp_path: Path) -> None:
    """Under its reference; nothing is counted twice."""
    text = "日期,客户编码,单号,品名,数量,单价\n2026-10-05,k1,D-1,白酒,12,100\n"
    firm.json("import", file(tmp_path, text), "--kind", "deliveries")
    done = firm.json("import", file(tmp_path, text.replace(",12,", ",10,")), "--kind", "deliveries")
    assert (done["imported"], done["amended"]) == (0, 1)
    done = firm.json("import", file(tmp_path, text.replace(",12,", ",11,")), "--kind", "deliveries")
    assert (done["amended"], firm.json("statement", "K1")["balance"]) == (1, 110_000)


def test_payments_name_their_account_and_a_foreign_one_is_an_incident(firm: Command, tmp_path: Path) -> None:
    """A refund is below 0; a payment without an account comes back."""
    firm.json("policy", "set", "company_accounts", "6222 0201")
    text = (
        '收款日期,客户,流水号,收款金额,收款账户\n2026-10-05,老张烟酒,1,"1,234.50元",62220201\n'
        "2026-10-06,老张烟酒,2,-34.50,6222-0201\n2026-10-07,老张烟酒,3,10,小王微信\n2026-10-07,老张烟酒,4,10,\n"
    )
    done = firm.json("import", file(tmp_path, text, "utf-8"), "--kind", "payments")
    assert (done["imported"], done["rejected"]) == (3, 1)
    assert firm.json("statement", "K1")["balance"] == -121_000
    assert "小王微信" in firm("inbox", "list", "--json").out
    assert firm.json("import", file(tmp_path, text, "utf-8"), "--kind", "payments")["duplicates"] == 3


def test_a_serial_day_of_a_spreadsheet_is_a_day(firm: Command, tmp_path: Path) -> None:
    """46300 is 2026-10-05."""
    text = "日期,客户编码,单号,品名,数量,单价\n46300,K1,D-1,白酒,1,100\n"
    firm.json("import", file(tmp_path, text), "--kind", "deliveries")
    assert [line["entry"]["day"] for line in firm.json("statement", "K1")["lines"]] == ["2026-10-05"]


def test_a_book_without_a_needed_column_is_one_line(firm: Command, tmp_path: Path) -> None:
    """Unless somebody says which it is."""
    path = file(tmp_path, "日期,客户编码,甲,乙\n2026-10-05,K1,10,62220201\n")
    assert firm("import", path, "--kind", "payments", "--json").result["error"] == "no_book_column"
    done = firm.json("import", path, "--kind", "payments", "--map", "甲=amount", "--map", "乙=account")
    assert done["imported"] == 1


@pytest.mark.parametrize(("cell", "asked"), [("月结", 0), ("30天", 0), ("月结60天", 1), ("季结", 1), ("现结", 0)])
def test_a_delivery_on_longer_credit_than_agreed_is_in_and_asked_about(
    firm: Command, tmp_path: Path, cell: str, asked: int
) -> None:
    """By the days that the row says, and once: the same file again asks nothing."""
    person = firm.json("staff", "add", "陈老板", "--role", "dealer")["staff"]
    agree = ("credit", "extend", "K1", "--limit", "9000", "--reason", "老客户", "--by", person, "--days", "30")
    firm.json(*agree)
    text = f"日期,客户编码,单号,品名,数量,单价,结算方式\n2026-10-05,K1,D-1,白酒,2,100,{cell}\n"
    assert firm.json("import", file(tmp_path, text), "--kind", "deliveries", "--dry-run")["credit_beyond"] == asked
    assert "credit_beyond" not in str(firm.json("inbox", "list"))
    done = firm.json("import", file(tmp_path, text), "--kind", "deliveries")
    assert (done["imported"], done["credit_beyond"]) == (1, asked)
    matters = [one["matter"] for one in firm.json("inbox", "list")["items"]]
    said = [one["en"] for one in matters if one["kind"] == "credit_beyond"]
    assert ["老张烟酒 2026-10-05 D-1" in one for one in said] == [True] * asked
    assert firm.json("statement", "K1")["lines"][0]["entry"]["on_credit"] is (cell != "现结")
    assert firm.json("import", file(tmp_path, text), "--kind", "deliveries")["credit_beyond"] == 0


def test_what_was_said_of_columns_once_holds_for_every_file_with_the_same_headings(
    firm: Command, tmp_path: Path
) -> None:
    """Also for the rows that came back; another word takes its place, and a dry run keeps nothing."""
    head, wanted = "何时,客户编码,摘录,件,每件\n", ("--kind", "deliveries")
    said = ("--map", "何时=day", "--map", "摘录=product", "--map", "件=quantity", "--map", "每件=price")
    first = file(tmp_path, head + "2026-10-05,K1,白酒,2,100\n2026-10-06,K1,红酒,2,100\n")
    assert firm.json("import", first, *wanted, *said, "--dry-run")["imported"] == 1
    assert firm("import", first, *wanted).code != 0
    came = firm.json("import", first, *wanted, *said, "--rejects", tmp_path / "back.csv")
    assert (came["imported"], came["rejected"]) == (1, 1)
    mended = (tmp_path / "back.csv").read_text("utf-8-sig").replace("红酒", "香烟", 1)
    assert firm.json("import", file(tmp_path, mended, "utf-8"), *wanted)["imported"] == 1
    assert firm.json("import", file(tmp_path, head + "2026-10-07,K1,白酒,3,100\n"), *wanted)["imported"] == 1
    corrected = ("--map", "摘录=notes", "--map", "件=product", "--map", "每件=quantity")
    again = file(tmp_path, head + "2026-10-08,K1,好酒,白酒,3\n")
    assert "No column" not in firm("import", again, *wanted, *corrected).err
    back = firm("import", file(tmp_path, head + "2026-10-08,K1,好酒,白酒,3\n"), *wanted, "--json").result
    assert (back["imported"], back["rejected"]) == (0, 1)


def test_a_list_of_outlets_is_remembered_in_the_same_way(firm: Command, tmp_path: Path) -> None:
    """The table that is shown says so; a file with other headings is asked about anew."""
    path = tmp_path / "list.csv"
    path.write_text("招牌甲,说法\n万家便利,0571-88880001\n", "utf-8")
    said = ("--map", "招牌甲=name", "--map", "说法=phone", "--territory", "城东")
    assert firm.json("import", path, *said)["imported"] == 1
    path.write_text("招牌甲,说法\n张家小店,0571-88880002\n", "utf-8")
    shown = firm("import", path, "--territory", "城东", "--json")
    assert shown.result["imported"] == 1
    assert shown.err.count("remembered") == 2
    path.write_text("招牌甲,说法,其他\n李家小店,0571-88880003,1\n", "utf-8")
    assert "remembered" not in firm("import", path, "--territory", "城东").err
