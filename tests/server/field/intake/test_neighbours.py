"""The index finds whom a comparison of all with all would find, at a cost that follows the list's length."""

from __future__ import annotations

import random

import pytest

from server.field.intake.neighbours import Neighbours
from server.field.likeness import Portrait, alike, portrait
from sync.positions import Position
from tests.builders.lists import HOME, north_of


def town(seed: int, size: int, middle: Position) -> list[Portrait]:
    """Shops with few names, strewn over a square so that many are near one another."""
    rng = random.Random(seed)
    side = 0.004
    made = []
    for _ in range(size):
        place = Position(
            middle.lat + rng.random() * side, middle.lon + rng.random() * side * 2, rng.choice([None, 20, 90])
        )
        phones = [f"+86154000000{rng.randrange(20):02}"] if rng.random() < 0.5 else []
        made.append(
            portrait(rng.choice(("老张烟酒", "老章烟酒", "福顺超市")), phones, place if rng.random() < 0.9 else None)
        )
    return made


@pytest.mark.parametrize(
    "middle", [HOME, Position(0, 0), Position(60.17, 24.94), Position(-33.5, -70.6), Position(69.9, 27)]
)
def test_the_index_finds_all_that_are_alike(middle: Position) -> None:
    """North and south, near the equator and beyond the arctic circle: the cells miss nobody within reach."""
    shops = town(11, 120, middle)
    index = Neighbours()
    for at, shop in enumerate(shops):
        expected = {other for other in range(at) if alike(shop, shops[other])}
        assert {number for number, _ in index.find(shop)} == expected
        index.add(shop)


def test_certain_ones_come_first_and_then_the_nearest() -> None:
    """Who looks at the first few sees the best."""
    index = Neighbours()
    for name, metres in (("老章烟酒", 5), ("老张烟酒", 50), ("老张烟酒", 20)):
        index.add(portrait(name, (), north_of(HOME, metres)))
    assert [number for number, _ in index.find(portrait("老张烟酒", (), HOME))] == [2, 1, 0]


def test_a_list_on_one_spot_costs_no_square() -> None:
    """Where all shops have the dealer's own door and number, each is compared with a few, and namesakes are found."""
    index = Neighbours()
    for at in range(3000):
        index.add(portrait(f"{chr(0x4E00 + at)}记", ["+8615400000001"], HOME))
    assert len(index._candidates(portrait("福顺超市", ["+8615400000001"], HOME))) <= 120
    late = portrait(f"{chr(0x4E00 + 2999)}记", (), HOME)
    assert any(how.certain for _, how in index.find(late))
