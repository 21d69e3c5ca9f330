"""The registry of settings: defaults that can be read, exact keys, and a text that does not fit is as good as none."""

from __future__ import annotations

from typing import Any

import pytest

from sync.policies import SETTINGS, Policies, Setting, Unfit, fitting
from sync.policies.archive import REQUIRED
from sync.policies.pool import POOL_RETURN
from sync.policies.trade import REWARD_BUILD
from sync.policies.work import VISIT_DAYS, VISIT_FENCE

CLASSES = frozenset({"hotel_a", "grocery"})


@pytest.mark.parametrize("one", SETTINGS.values(), ids=lambda one: one.key)
def test_a_default_is_a_text_that_the_setting_takes(one: Setting[Any]) -> None:
    """And every setting says what it means in both languages."""
    one.read(one.default)
    assert one.zh
    assert one.en
    assert len(one.key) <= 40


def test_what_the_company_sets_holds_over_the_default() -> None:
    """And only for its own key."""
    policies = Policies({"visit_fence": " 350 "})
    assert (policies.of(VISIT_FENCE), policies.of(VISIT_DAYS["A"])) == (350, 7)
    assert (policies.is_set(VISIT_FENCE), policies.is_set(VISIT_DAYS["A"])) == (True, False)


@pytest.mark.parametrize("text", ["", "-1", "0", "٣", "1.5", "1000001"])
def test_a_text_that_does_not_fit_is_as_good_as_none(text: str) -> None:
    """A phone works on with the default, whatever stands in a policy."""
    assert Policies({"visit_fence": text}).of(VISIT_FENCE) == 200
    with pytest.raises(Unfit):
        VISIT_FENCE.read(text)


def test_the_most_exact_key_holds() -> None:
    """Class and grade, then the class, then the key alone."""
    policies = Policies({"reward_build": "1", "reward_build_hotel_a": "2", "reward_build_hotel_a_A": "3"})
    assert [policies.of(REWARD_BUILD, "hotel_a", grade) for grade in "AB"] == [3, 2]
    assert policies.of(REWARD_BUILD, "grocery", "A") == 1
    assert Policies({"required_grocery": "name"}).of(REQUIRED, "grocery") == ("name",)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("visit_days_B", "visit_days_B"),
        ("required_grocery", "required"),
        ("reward_keep_hotel_a_C", "reward_keep"),
        ("reward_keep_hotel_a", "reward_keep"),
        ("reward_keep_hotel_b", None),
        ("reward_keep_hotel_a_D", None),
        ("required_grocery_A", None),
        ("visit_fence_grocery", None),
        ("nothing", None),
    ],
)
def test_a_key_belongs_to_a_setting(key: str, found: str | None) -> None:
    """With a class or a grade only where the setting takes one, and only a class that there is."""
    setting = fitting(key, CLASSES)
    assert (setting.key if setting else None) == found


def test_a_switch_and_a_list_take_only_their_words() -> None:
    """On or off; fields that there are."""
    assert (Policies().of(POOL_RETURN), Policies({"pool_return": "on"}).of(POOL_RETURN)) == (False, True)
    with pytest.raises(Unfit, match="on or off"):
        POOL_RETURN.read("yes")
    with pytest.raises(Unfit, match="there is no colour"):
        REQUIRED.read("name,colour")
