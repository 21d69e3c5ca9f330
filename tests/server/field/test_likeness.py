"""The same shop twice is found; a chain a street apart is two shops; what is unsure is a question."""

from __future__ import annotations

import pytest

from server.field.likeness import WHY, Alike, Why, alike, portrait, unlike
from sync.positions import Position, from_wgs84
from tests.builders.lists import HOME, north_of

MOBILE, OTHER = "+8615400000001", "+8615400000002"


def look(
    name: str,
    metres: float | None,
    mine: str = "老张烟酒",
    phones: tuple[str, ...] = (),
    my_phones: tuple[str, ...] = (),
) -> Alike | None:
    """Compare `mine` at home with `name` so many metres away (None: without a position)."""
    place = None if metres is None else north_of(HOME, metres)
    return alike(portrait(mine, my_phones, HOME), portrait(name, phones, place))


@pytest.mark.parametrize("name", ["老张烟酒", "老张烟酒有限公司", "老张 烟酒"])
def test_one_name_at_one_place_is_one_outlet(name: str) -> None:
    """Within 60 m the same name is certain, however it is written."""
    found = look(name, 55)
    assert found is not None
    assert (found.why, found.certain) == (Why.SAME_NAME_NEAR, True)
    assert found.distance == pytest.approx(55, abs=0.1)


def test_a_chain_a_street_apart_is_two_outlets() -> None:
    """Beyond 60 m the same name alone says nothing."""
    assert look("老张烟酒", 70) is None


def test_two_phones_at_one_place_are_a_question() -> None:
    """Two branches in one shopping centre have one name and two phones: a person decides."""
    found = look("老张烟酒", 40, phones=(MOBILE,), my_phones=(OTHER,))
    assert found is not None
    assert (found.why, found.certain) == (Why.SAME_NAME_OTHER_PHONE, False)


@pytest.mark.parametrize(("metres", "certain"), [(None, True), (250, True), (900, False)])
def test_name_and_phone_together_count_further(metres: float | None, certain: bool) -> None:
    """Certain within a street or without a position; within what a wrong datum moves, a question."""
    found = look("老张烟酒", metres, phones=(MOBILE,), my_phones=(MOBILE,))
    assert found is not None
    assert (found.why, found.certain) == (Why.SAME_NAME_PHONE, certain)


def test_a_chain_with_one_number_across_town_is_not_asked_about() -> None:
    """Chains print one number on all their doors."""
    assert look("老张烟酒", 2000, phones=(MOBILE,), my_phones=(MOBILE,)) is None


@pytest.mark.parametrize(
    ("name", "phones", "why"),
    [
        ("老章烟酒", (), Why.SAME_SOUND_NEAR),
        ("老张超市", (), Why.ALIKE_NAME_NEAR),
        ("福顺饭店", (MOBILE,), Why.SAME_PHONE_NEAR),
    ],
)
def test_what_only_looks_alike_near_by_is_a_question(name: str, phones: tuple[str, ...], why: Why) -> None:
    """Same sound, same core or same phone near by is asked about and never certain."""
    found = look(name, 30, phones=phones, my_phones=phones)
    assert found is not None
    assert (found.why, found.certain) == (why, False)


@pytest.mark.parametrize("name", ["老王烟酒", "福顺烟酒", "好又多超市"])
def test_neighbours_in_one_trade_are_not_alike(name: str) -> None:
    """The trade's words do not make two shops one."""
    assert look(name, 10) is None


def test_each_position_brings_its_accuracy() -> None:
    """Two phones with 30 m each may be 120 m apart at one door; a wild accuracy counts for 60 m and no more."""

    def near(metres: float, accuracy: float) -> bool:
        there = north_of(HOME, metres)
        one, other = Position(HOME.lat, HOME.lon, accuracy), Position(there.lat, there.lon, accuracy)
        return alike(portrait("老张烟酒", (), one), portrait("老张烟酒", (), other)) is not None

    assert near(110, 30)
    assert not near(130, 30)
    assert not near(200, 5000)


def test_the_datum_is_taken_out_before_places_are_compared() -> None:
    """One shop written in GCJ-02 and in WGS-84 is one shop."""
    found = alike(portrait("老张烟酒", (), HOME), portrait("老张烟酒", (), from_wgs84(HOME, "gcj02")))
    assert found is not None
    assert found.distance == pytest.approx(0, abs=0.01)


def test_who_claims_one_code_may_be_renamed_but_not_moved() -> None:
    """Another name at the same door is the same outlet; another name elsewhere is another one."""
    mine = portrait("老张烟酒", (MOBILE,), HOME)
    assert not unlike(mine, portrait("福顺超市", (OTHER,), north_of(HOME, 20)))
    assert not unlike(mine, portrait("老张烟酒行", (OTHER,), north_of(HOME, 5000)))
    assert not unlike(mine, portrait("福顺超市", (MOBILE,), north_of(HOME, 5000)))
    assert unlike(mine, portrait("福顺超市", (OTHER,), north_of(HOME, 5000)))


def test_every_reason_has_its_words() -> None:
    """Each reason can be told in both languages."""
    assert set(WHY) == set(Why)
    assert all(zh and en for zh, en in WHY.values())
