"""What makes a visit doubtful: every reason on its edge."""

from __future__ import annotations

from math import cos, pi, radians
from uuid import UUID

import pytest
from msgspec.structs import replace

from sync.business.visits import Call, Limits, clock_off, doubts, reach_ms
from sync.clock import Bounds
from sync.policies import Policies
from sync.positions import Datum, Position, distance_m, from_wgs84
from sync.records import Reason

SHOP = Position(29.55, 106.57, 20)
NEXT, HERE = UUID(int=2), UUID(int=1)
NOON = 1_793_000_000_000
LIMITS = Limits.of(Policies())
METRE = 180 / (pi * 6_371_008.8)
"""Degrees of latitude."""


def away(metres: float, accuracy: float | None = None, east: float = 0) -> Position:
    """So many metres north of the shop."""
    lon = SHOP.lon + east * METRE / cos(radians(SHOP.lat))
    return Position(SHOP.lat + metres * METRE, lon, accuracy)


def call(position: Position | None = SHOP, **fields: object) -> Call:
    """A visit at noon."""
    return replace(Call(HERE, UUID(int=9), NOON, 600, position), **fields)


def reasons(one: Call, shop: Position | None = SHOP, before: Call | None = None) -> list[str]:
    """The codes of what is doubtful."""
    return [each.code for each in doubts(one, shop, before, LIMITS)]


def test_a_plain_visit_is_verified() -> None:
    """At the shop, ten minutes, after another one next door."""
    assert reasons(call()) == []
    assert reasons(call(), before=replace(call(), visit=NEXT, at=NOON - 3_600_000)) == []


def test_without_a_position_there_is_doubt_only_where_the_outlet_has_one() -> None:
    """Nothing can be held against it otherwise."""
    assert reasons(call(None)) == ["no_position"]
    assert reasons(call(None), None) == reasons(call(), None) == []


@pytest.mark.parametrize(("metres", "accuracy", "found"), [(219.9, None, []), (220.1, None, ["far"]), (250, 30, [])])
def test_far_is_beyond_the_fence_and_both_accuracies(metres: float, accuracy: float, found: list[str]) -> None:
    """The shop's own accuracy is 20 m."""
    assert reasons(call(away(metres, accuracy))) == found


def test_exactly_on_the_fence_is_near() -> None:
    """To the last bit of the distance."""
    there = away(0, east=200)
    limits = replace(LIMITS, fence=0)
    exactly = distance_m(there, SHOP)
    assert doubts(call(replace(there, accuracy=exactly)), replace(SHOP, accuracy=None), None, limits) == ()
    short = replace(there, accuracy=exactly - 1e-6)
    assert [one.code for one in doubts(call(short), replace(SHOP, accuracy=None), None, limits)] == ["far"]


def test_what_was_measured_is_never_shown_as_what_is_allowed() -> None:
    """Rounded up, the allowance down."""
    (one,) = doubts(call(away(250.7, 30.5)), SHOP, None, LIMITS)
    assert (one.code, one.found, one.allowed) == ("far", 251, 250)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_another_datum_is_told_as_that(datum: Datum) -> None:
    """Numbers of one datum that were taken for another, either way round, at the visit or at the outlet."""
    numbers = from_wgs84(SHOP, datum)
    misread = Position(numbers.lat, numbers.lon, 10)
    assert distance_m(misread, SHOP) > 250
    assert reasons(call(misread)) == ["datum"]
    assert reasons(call(SHOP), misread) == ["datum"]
    assert reasons(call(away(2000))) == ["far"]


def test_outside_the_mainland_there_is_no_other_datum() -> None:
    """All three have the same numbers there."""
    hong_kong = Position(22.28, 114.17, 10)
    assert reasons(call(Position(22.29, 114.17, 10)), hong_kong) == ["far"]


@pytest.mark.parametrize(("off", "found"), [(None, []), (600_000, []), (-600_000, []), (600_001, ["clock"])])
def test_a_clock_that_was_off(off: int | None, found: list[str]) -> None:
    """More than ten minutes, either way; one that is not known raises no doubt."""
    assert reasons(call(off=off)) == found
    assert reasons(call(off=-off if off else None)) == found


def test_a_clock_is_off_by_what_is_proven() -> None:
    """After a reboot the time is a bound, and the clock is only wrong outside of it."""
    assert clock_off(1_000, Bounds(5_000, 5_000, 5_000)) == 4_000
    assert clock_off(9_000, Bounds(5_000, 5_000, 5_000)) == 4_000
    assert clock_off(6_000, Bounds(5_000, 8_000, 7_000)) == 0
    assert clock_off(4_000, Bounds(5_000, 8_000, 7_000)) == 1_000
    assert clock_off(9_500, Bounds(5_000, 8_000, 7_000)) == 1_500


def test_too_fast_from_the_visit_before() -> None:
    """From its end to this start, less both accuracies; exactly at the speed is not too fast."""
    start = replace(call(away(0, 30)), visit=NEXT, at=NOON - 600_000 - 300_000)
    there = away(10_000, 50)
    shop = replace(there, accuracy=None)
    allowed = (distance_m(start.position or SHOP, there) - 80) * 3600 / 120
    assert start.ended_at == NOON - 300_000
    edge = int(allowed)
    assert reasons(replace(call(there), at=start.ended_at + edge + 1), shop, start) == []
    (one,) = doubts(replace(call(there), at=start.ended_at + edge - 1), shop, start, LIMITS)
    assert one == Reason("speed", 121, 120)
    across_midnight = replace(call(there), at=start.ended_at + 60_000)
    assert reasons(across_midnight, shop, start) == ["speed"]


def test_before_the_visit_before_has_ended_no_way_is_possible_but_a_short_one() -> None:
    """What is told has no speed then; within the fence it is no journey."""
    before = replace(call(away(0)), visit=NEXT, at=NOON - 60_000)
    far, near = away(500), away(150)
    assert doubts(call(far), replace(far, accuracy=None), before, LIMITS) == (Reason("speed", None, 120),)
    assert reasons(call(near), SHOP, before) == []
    assert reasons(call(far), far, replace(before, position=None)) == []
    assert reasons(call(far), far, replace(before, position=away(0, 600))) == []


@pytest.mark.parametrize(("seconds", "found"), [(None, []), (180, []), (179, ["short"]), (0, ["short"])])
def test_too_short(seconds: int | None, found: list[str]) -> None:
    """Only where a duration is given."""
    assert reasons(call(duration_s=seconds)) == found


def test_all_reasons_stand_beside_each_other() -> None:
    """In the order of the page, each with its figures."""
    before = replace(call(away(50_000)), visit=NEXT, at=NOON - 700_000)
    one = call(away(900), mock=True, off=-700_000, duration_s=5)
    found = doubts(one, SHOP, before, LIMITS)
    assert [each.code for each in found] == ["far", "mock", "clock", "speed", "short"]
    assert (found[2].found, found[2].allowed, found[4].found) == (12, 10, 5)


def test_what_lies_further_back_than_the_reach_raises_no_doubt() -> None:
    """Half round the earth at 120 km/h takes a week."""
    assert 6.9 < reach_ms(LIMITS) / 86_400_000 < 7.0
    other_side = Position(-SHOP.lat, SHOP.lon - 180)
    before = replace(call(other_side), visit=NEXT, at=NOON - 600_000 - reach_ms(LIMITS))
    assert reasons(call(), SHOP, before) == []
