"""Finding outlets: near a position, by text of any length, by pinyin and its initials, by who works there."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import msgspec
import pypinyin
import pytest

from client_sdk.errors import InvalidInput
from client_sdk.local.pinyin import _Source, initials, syllables
from client_sdk.outlets import OnlyFields
from client_sdk.replica import Replica
from client_sdk.testing.world import HERE, World
from sync.positions import Position, distance_m, from_wgs84
from sync.records import Grade


def names(replica: Replica, text: str, **only: Unpack[OnlyFields]) -> set[str]:
    """The names of the outlets that a search finds."""
    return {one.name for one in replica.outlets.search(text, **only)}


@pytest.fixture
def phone(world: World) -> Replica:
    """A phone with some outlets."""
    shop = world.outlet("老张烟酒行", address="建设路12号", phone="13811112222", code="K-001", grade=Grade.A)
    world.outlet("兴隆百货超市", address="东街", phone="13822223333")
    world.outlet("ＡＢＣ便利店", address="Mannerheimintie 1")
    world.outlet("吕记大排档", outlet_class="food_stall")
    world.contact(shop, "王掌柜", "13733334444")
    return world.phone()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("烟酒", {"老张烟酒行"}),
        ("烟", {"老张烟酒行"}),
        ("张烟酒行", {"老张烟酒行"}),
        ("建设路", {"老张烟酒行"}),
        ("2222", {"老张烟酒行", "兴隆百货超市"}),
        ("k-001", {"老张烟酒行"}),
        ("zhangyan", {"老张烟酒行"}),
        ("lzyj", {"老张烟酒行"}),
        ("LZYJ", {"老张烟酒行"}),
        ("xlbh", {"兴隆百货超市"}),
        ("lvji", {"吕记大排档"}),
        ("abc", {"ＡＢＣ便利店"}),
        ("mannerheim", {"ＡＢＣ便利店"}),
        ("王掌柜", {"老张烟酒行"}),
        ("3344", {"老张烟酒行"}),
        ("老张 建设", {"老张烟酒行"}),
        ("老张 东街", set()),
        ("没有的店", set()),
        ("%", set()),
        ("'", set()),
    ],
)
def test_text_of_any_length_in_any_place_is_found(phone: Replica, text: str, found: set[str]) -> None:
    """Name, address, phone, code, pinyin, initials, contact; every word has to be there."""
    assert names(phone, text) == found


def test_every_reading_of_the_table_is_found() -> None:
    """And of a character that it does not have, none."""
    path = Path(pypinyin.__file__).with_name("pinyin_dict.json")
    readings = msgspec.json.decode(path.read_bytes(), type=dict[int, str])
    source = _Source()
    assert {one: source.reading(one) for one in readings} == readings
    assert len(readings) > 40_000
    others = set(range(0x2E80, max(readings) + 100)) - readings.keys()
    assert {source.reading(one) for one in sorted(others)[::50]} == {""}


def test_an_empty_search_lists_by_name(phone: Replica) -> None:
    """In the order of pinyin, as a phone book."""
    found = [one.name for one in phone.outlets.search("")]
    assert found == ["ＡＢＣ便利店", "老张烟酒行", "吕记大排档", "兴隆百货超市"]
    assert [one.name for one in phone.outlets.list(1, size=3)] == ["兴隆百货超市"]


def test_a_search_can_be_narrowed(phone: Replica) -> None:
    """By grade, class and status; another word is no filter."""
    assert names(phone, "", grade="A") == {"老张烟酒行"}
    assert names(phone, "店", grade="A") == set()
    assert names(phone, "", outlet_class="food_stall") == {"吕记大排档"}
    with pytest.raises(InvalidInput):
        phone.outlets.search("", colour="red")  # type: ignore[call-arg]


def test_a_name_that_begins_with_the_text_comes_first(world: World) -> None:
    """What stands earlier in the text matters more; contacts come last."""
    world.outlet("烟酒张")
    shop = world.outlet("别的店")
    world.outlet("小张烟酒")
    world.contact(shop, "张三")
    replica = world.phone()
    assert [one.name for one in replica.outlets.search("张")] == ["小张烟酒", "烟酒张", "别的店"]


def test_what_is_changed_offline_is_found_by_what_it_is_now(phone: Replica) -> None:
    """A new name is found at once, the old one no more."""
    (shop,) = phone.outlets.search("老张")
    phone.outlets.update(shop.id, name="新掌柜烟酒")
    assert names(phone, "老张") == set()
    assert names(phone, "新掌柜") == names(phone, "xzgyj") == {"新掌柜烟酒"}


def test_near_is_exact_and_nearest_first(world: World) -> None:
    """Inside the circle, not the box; in order of distance."""
    for number in range(40):
        angle = Position(HERE.lat + (number % 7 - 3) * 0.0011, HERE.lon + (number % 11 - 5) * 0.0013)
        world.outlet(f"店{number}", position=angle)
    world.outlet("没有位置的店", position=None)
    replica = world.phone()
    found = replica.outlets.near(HERE, within=300, size=100)
    expected = {
        one.name for one in replica.outlets.list(size=100) if one.position and distance_m(HERE, one.position) <= 300
    }
    assert {one.outlet.name for one in found} == expected
    assert [one.metres for one in found] == sorted(one.metres for one in found)
    assert len(replica.outlets.near(HERE, within=300, size=3)) == 3


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (Position(0, 179.9999), Position(0, -179.9999)),
        (Position(89.9999, 0), Position(89.9999, 180)),
        (Position(-89.99, -90), Position(-89.99, 90)),
        (Position(60, 0.001), Position(60, -0.001)),
    ],
)
def test_near_works_across_the_edges_of_the_map(world: World, here: Position, there: Position) -> None:
    """The 180th meridian and the poles are no walls."""
    world.outlet("边上的店", position=there)
    replica = world.phone()
    metres = distance_m(here, there)
    assert [one.outlet.name for one in replica.outlets.near(here, within=metres + 1)] == ["边上的店"]
    assert replica.outlets.near(here, within=metres - 1) == []


def test_near_takes_a_position_of_any_datum(world: World) -> None:
    """A GCJ-02 position of a map means the same place."""
    world.outlet("老张烟酒")
    replica = world.phone()
    assert len(replica.outlets.near(from_wgs84(HERE, "gcj02"), within=5)) == 1


def test_pinyin_reads_each_character_by_its_first_reading() -> None:
    """Without tone, ü as v, what is not Chinese as it is."""
    assert syllables("绿女 Abc 12号") == "lvnvAbc12hao"
    assert initials("绿女 Abc 12号") == "lnAbc12h"
    assert syllables("重庆") == "zhongqing"
