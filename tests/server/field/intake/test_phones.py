"""Phones are kept as written and read where they can be; digits are never invented."""

from __future__ import annotations

import pytest

from server.field.intake.drafts import Phone
from server.field.intake.phones import likely_region, phone_text, read_phones


@pytest.mark.parametrize(
    "written",
    [
        "13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "１３８００００００００",
        "+86 138 0000 0000",
        "0086 13800000000",
        "86-13800000000",
        "13800000000.0",
        "1.3800000000E+10",
        "手机：13800000000",
        "13800000000(张三)",
    ],
)
def test_one_mobile_in_many_spellings_is_one_number(written: str) -> None:
    """However it is written, and whatever a spreadsheet program made of it."""
    phones, reasons = read_phones(written, "CN")
    assert [phone.e164 for phone in phones] == ["+8613800000000"]
    assert reasons == ()


@pytest.mark.parametrize(
    ("written", "region", "e164"),
    [
        ("0791-8888 1234", "CN", "+8679188881234"),
        ("0731-88886666转801", "CN", "+8673188886666"),
        ("0731-88886666-801", "CN", "+8673188886666"),
        ("400-820-8820", "CN", "+864008208820"),
        ("+852 2345 6789", "CN", "+85223456789"),
        ("0505010611", "FI", "+358505010611"),
        ("09 42893930", "FI", "+358942893930"),
        ("+358 09 121 3978", "FI", "+35891213978"),
        ("+ 358 45 1350152", "FI", "+358451350152"),
    ],
)
def test_other_numbers_are_read_by_their_country(written: str, region: str, e164: str) -> None:
    """Land lines, extensions, service numbers, and numbers from elsewhere."""
    assert [phone.e164 for phone in read_phones(written, region)[0]] == [e164]


@pytest.mark.parametrize("between", ["/", "、", ";", "；", ",", " ", "\n", " 或 ", "|"])
def test_several_numbers_in_one_cell_are_several(between: str) -> None:
    """Each is kept once."""
    phones, reasons = read_phones(f"13800000000{between}13900000000{between}13800000000", "CN")
    assert [phone.e164 for phone in phones] == ["+8613800000000", "+8613900000000"]
    assert reasons == ()


@pytest.mark.parametrize(
    ("written", "code", "kept"),
    [
        ("1.38E+10", "phone_rounded", True),
        ("12345678901", "phone_unreadable", True),
        ("1380000000", "phone_unreadable", True),
        ("88886666", "phone_unreadable", True),
        ("https://www.example.org/1234567", "phone_not_one", False),
        ("老板不给", "phone_not_one", False),
        ("12", "phone_not_one", False),
    ],
)
def test_what_cannot_be_read_is_told_and_never_guessed(written: str, code: str, kept: bool) -> None:
    """Digits that somebody could still dial are kept as written; what is no number is left out."""
    phones, reasons = read_phones(written, "CN")
    assert [reason.code for reason in reasons] == [code]
    assert phones == ((Phone(written, None),) if kept else ())


@pytest.mark.parametrize("nothing", ["", " ", "-", "无", "暂无", "n/a", "0"])
def test_saying_nothing_is_no_fault(nothing: str) -> None:
    """Dealers fill empty cells in many ways."""
    assert read_phones(nothing, "CN") == ((), ())


def test_every_mainland_mobile_range_is_taken() -> None:
    """New ranges open faster than any table of them is renewed."""
    for head in range(13, 20):
        assert read_phones(f"{head}400000001", "CN")[0][0].e164 == f"+86{head}400000001"


def test_the_country_of_most_numbers_with_a_plus_goes_for_the_rest() -> None:
    """A list whose numbers say +358 is Finnish, whatever the company's setting; a few are not enough."""
    finnish = ["+358 9 632 223", "+358 40 505 4390", "+35896122100", "+358 9 694 9361", "+358 9 626 447"]
    assert likely_region([*finnish, "0505010611"]) == "FI"
    assert likely_region(["+358 9 632 223", "13800000000"]) is None
    assert likely_region([*finnish, *["+86 13800000000"] * 5]) is None


def test_phones_become_one_field_of_a_record() -> None:
    """E.164 first of all, as written where there is nothing else, and never longer than the field."""
    assert phone_text([Phone("138 0000 0000", "+8613800000000"), Phone("88886666")]) == "+8613800000000; 88886666"
    many = [Phone(str(at), f"+86138000{at:05}") for at in range(40)]
    assert len(phone_text(many)) <= 200
    assert phone_text([]) == ""
