"""Money, days, classes, grades and statuses are read as dealers write them, or not at all."""

from __future__ import annotations

import pytest

from server.field.intake.values import read_credit_days, read_day, read_money
from server.field.intake.words import CLASSES, is_nothing, read_class, read_grade, read_level, read_status


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("5000", 500_000),
        ("5,000元", 500_000),
        ("¥5000.50", 500_050),
        ("1.5万", 1_500_000),
        ("３千", 300_000),
        ("0", 0),
        ("五千左右", None),
        ("-5", None),
        ("0.001", None),
        ("1e400", None),
        ("NaN", None),
        ("万", None),
    ],
)
def test_money_is_whole_minor_units_or_nothing(cell: str, minor: int | None) -> None:
    """No amount is rounded, guessed or below nothing."""
    assert read_money(cell, 2) == minor


def test_a_currency_without_minor_units_is_a_setting() -> None:
    """5000 yen are 5000."""
    assert read_money("5000", 0) == 5000


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("2024年3月", "2024-03-01"),
        ("2024", "2024-01-01"),
        ("20240305", "2024-03-05"),
        ("5.3.2024", "2024-03-05"),
        ("2024-03-05 08:30", "2024-03-05"),
        ("45356", "2024-03-05"),
        ("2024-02-30", None),
        ("去年", None),
    ],
)
def test_days_are_read_in_the_usual_spellings(cell: str, day: str | None) -> None:
    """A month or a year alone is its first day; a spreadsheet's day number is a day."""
    assert read_day(cell) == day


@pytest.mark.parametrize(
    ("cell", "days"), [("30", 30), ("45天", 45), ("月结", 30), ("现结", 0), ("400", None), ("看情况", None)]
)
def test_credit_days_are_at_most_a_year(cell: str, days: int | None) -> None:
    """月结 is a month, 现结 is at once."""
    assert read_credit_days(cell) == days


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("名烟名酒店", "tobacco_liquor"),
        ("A类酒店", "hotel_a"),
        ("酒店（B类）", "hotel_b"),
        ("hotel", "hotel_b"),
        ("食杂店", "grocery"),
        ("大排档/夜宵", "food_stall"),
        ("连锁超市", "supermarket"),
        ("便利店", "convenience"),
        ("kiosk", "convenience"),
        ("fast_food", "restaurant"),
        ("pub", "bar"),
        ("cafe", "cafe"),
        ("hotel_a", "hotel_a"),
        ("deli; supermarket", "supermarket"),
        ("hairdresser", None),
    ],
)
def test_classes_go_by_dealers_and_map_makers_words(cell: str, code: str | None) -> None:
    """Chinese, English and our own codes."""
    assert read_class(cell) == code


def test_every_class_is_read_from_its_own_code() -> None:
    """A list exported with codes comes back in."""
    assert [read_class(code) for code in CLASSES] == list(CLASSES)


def test_a_company_s_own_words_go_first() -> None:
    """What a company calls a class is a setting."""
    assert read_class("烟酒店", {"烟酒店": "grocery"}) == "grocery"
    assert read_class("特渠", {"特渠": "other"}) == "other"


@pytest.mark.parametrize(
    ("cell", "grade"),
    [
        ("A", "A"),
        ("b级", "B"),
        ("C类客户", "C"),
        ("甲", "A"),
        ("重点客户", "A"),
        ("★★★", "B"),
        ("★★★★★", "A"),
        ("D", None),
    ],
)
def test_grades_are_a_b_c(cell: str, grade: str | None) -> None:
    """Letters, 甲乙丙, stars and words."""
    assert read_grade(cell) == grade


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("已采购", "buyer"),
        ("有意向", "prospect"),
        ("正在使用", "uses_category"),
        ("流失客户", "lapsed"),
        ("停业", "closed"),
        ("随便", None),
    ],
)
def test_statuses_are_the_design_s_five(cell: str, status: str | None) -> None:
    """已采购、有意向、正在使用, and how it ends."""
    assert read_status(cell) == status


@pytest.mark.parametrize(("cell", "level"), [("3", 3), ("三级", 3), ("L2", 2), ("12", None), ("核心", None)])
def test_levels_are_one_digit(cell: str, level: int | None) -> None:
    """0 to 9, in digits or characters."""
    assert read_level(cell) == level


def test_nothing_is_said_in_many_ways() -> None:
    """无, - and n/a are empty cells; a name is not."""
    assert all(is_nothing(cell) for cell in ("", " ", "无", "-", "N/A", "暂无"))
    assert not is_nothing("无名小店")
