"""What a registration has to have, and what is told to be missing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from sync.business.registration import missing, missing_of
from sync.policies import Policies
from sync.positions import Position
from sync.records import Outlet

WHOLE: dict[str, Any] = {
    "name": "老张烟酒",
    "outlet_class": "tobacco_liquor",
    "position": Position(39.9, 116.4),
    "phone": "13800000000",
}


@pytest.mark.parametrize("name", ["name", "position", "phone"])
def test_an_empty_field_is_missing(name: str) -> None:
    """Nothing, and nothing between quotes."""
    for empty in (None, ""):
        assert missing(WHOLE | {name: empty}, 0, has_front=True, policies=Policies()) == (name,)


def test_a_class_that_nobody_named_is_missing() -> None:
    """`other` is what an outlet has before somebody says what it is."""
    for none in ("other", "", None):
        assert missing(WHOLE | {"outlet_class": none}, 0, has_front=True, policies=Policies()) == ("outlet_class",)


def test_all_that_is_missing_is_told_in_the_order_of_the_setting() -> None:
    """The phone and the manager read the same list."""
    outlet = Outlet(UUID(int=1), name="老张")
    wanted = ("outlet_class", "position", "phone", "photo")
    assert missing_of(outlet, 0, has_front=False, policies=Policies()) == wanted


def test_a_class_may_ask_for_more() -> None:
    """A hotel needs a contact where the company says so; another class does not."""
    policies = Policies({"required_hotel_a": "name,contact"})
    hotel = WHOLE | {"outlet_class": "hotel_a"}
    assert missing(hotel, 0, has_front=False, policies=policies) == ("contact",)
    assert missing(hotel, 1, has_front=False, policies=policies) == ()
    assert missing(WHOLE, 0, has_front=True, policies=policies) == ()
