"""Before an outlet is registered, the phone shows which it may be: near and alike ones, and teasers of the pool."""

from __future__ import annotations

import time

import pytest

from client_sdk.errors import AlikeOutlets
from client_sdk.testing.world import HERE, World
from sync.business.likeness import Why
from sync.positions import Position
from sync.records import Teaser

NEXT_DOOR = Position(HERE.lat + 0.0002, HERE.lon)
FAR = Position(HERE.lat + 0.05, HERE.lon)


def test_near_and_alike_ones_are_shown_and_have_to_be_looked_at(world: World) -> None:
    """By name without its legal suffix, by sound, by phone however it is spaced; and nothing is stored meanwhile."""
    shop = world.outlet("老张烟酒", phone="138 0000-0001")
    world.outlet("好再来超市")
    replica = world.phone()
    cases = (
        ("老张烟酒有限公司", NEXT_DOOR, "", Why.SAME_NAME_NEAR),
        ("老章烟酒", NEXT_DOOR, "", Why.SAME_SOUND_NEAR),
        ("别的名字", NEXT_DOOR, "+86 13800000001", Why.SAME_PHONE_NEAR),
        ("老张烟酒", None, "13800000001", Why.SAME_NAME_PHONE),
    )
    for name, place, phone, why in cases:
        found = replica.outlets.alike(name, position=place, phone=phone)
        assert [(one.record.id, one.why) for one in found] == [(shop.id, why)]
        with pytest.raises(AlikeOutlets) as held:
            replica.outlets.register(name=name, position=place, phone=phone)
        assert held.value.found == tuple(found)
    assert replica.status().pending == 0
    assert replica.outlets.alike("老张烟酒", position=FAR) == []
    made = replica.outlets.register(name="老张烟酒", position=NEXT_DOOR, is_other=[shop.id])
    with pytest.raises(AlikeOutlets) as held:
        replica.outlets.register(name="老张烟酒", position=NEXT_DOOR, is_other=[shop.id])
    assert [one.record.id for one in held.value.found] == [made.id]
    replica.outlets.register(name="老张烟酒", position=NEXT_DOOR, confirmed=True)


def test_it_is_quick_over_ten_thousand_outlets(world: World) -> None:
    """What is asked at each registration costs a rep no wait."""
    for number in range(10_000):
        place = Position(HERE.lat + number % 100 * 0.0005, HERE.lon + number // 100 * 0.0005)
        world.outlet(f"{chr(0x4E00 + number)}记烟酒", position=place, phone=f"139{number:08}")
    replica = world.phone()
    replica.outlets.alike("老张", position=HERE)
    began = time.process_time()
    found = replica.outlets.alike("一记烟酒", position=HERE, phone="13900000000")
    assert time.process_time() - began < 0.2
    assert found[0].why is Why.SAME_NAME_NEAR


def test_a_teaser_at_the_place_is_to_be_claimed(world: World) -> None:
    """The pool's outlet has no name on the phone: its place alone makes somebody look, and saying no is enough."""
    near = Teaser(world.company.new_id(), world.company.new_id(), "tobacco_liquor", "朝阳", HERE)
    world.put(near, Teaser(world.company.new_id(), world.company.new_id(), "tobacco_liquor", "朝阳", FAR))
    replica = world.phone()
    with pytest.raises(AlikeOutlets) as held:
        replica.outlets.register(name="新店", position=NEXT_DOOR)
    assert [(one.record.id, one.why) for one in held.value.found] == [(near.id, None)]
    replica.outlets.register(name="新店", position=NEXT_DOOR, is_other=[near.id])
