"""Phones as people write them, compared without a table of the world's numbers."""

from __future__ import annotations

import pytest

from sync.business.phones import numbers_in


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("138-0000-0000", "+86 138 0000 0000"),
        ("１３８００００００００", "008613800000000"),
        ("0571-88888888", "+86 0571 8888 8888"),
        ("(0571)88888888", "0086 571 8888 8888"),
        ("0571-88888888-801", "0571 88888888"),
        ("0571-88888888转801", "57188888888"),
        ("+358 (0)40 1234567", "00358 40 123 4567"),
        ("+1 (415) 555-0123", "0014155550123"),
    ],
)
def test_one_number_in_two_spellings_is_one(one: str, other: str) -> None:
    """With or without country, trunk zero, extension; in any width."""
    assert numbers_in(one) == numbers_in(other) != frozenset()


@pytest.mark.parametrize("between", [" ", "、", "/", "，", "; ", " 或 "])
def test_two_numbers_in_one_field_are_two(between: str) -> None:
    """Whatever stands between them."""
    found = numbers_in(f"13800000000{between}0571-88888888")
    assert found == {"13800000000", "57188888888"}


@pytest.mark.parametrize("text", ["", "无", "8801", "微信同号"])
def test_what_is_no_number_is_none(text: str) -> None:
    """Fewer than seven digits are nobody's."""
    assert numbers_in(text) == frozenset()
