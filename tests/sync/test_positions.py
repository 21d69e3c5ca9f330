"""Positions keep their datum, shift only in the mainland, and come back to where they were."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sync.mainland import is_mainland
from sync.positions import Datum, Position, distance_m, from_wgs84, to_wgs84

SHIFTED: tuple[Datum, ...] = ("gcj02", "bd09")

# Pairs published with github.com/googollee/eviltransform: WGS-84, then GCJ-02.
PUBLISHED = {
    "shanghai": (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    "shenzhen": (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    "beijing": (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
}

MAINLAND = {
    "tiananmen": (39.9042, 116.4074),
    "shenzhen_luohu": (22.5345, 114.115),
    "shenzhen_shekou": (22.48, 113.913),
    "shenzhen_yantian": (22.568, 114.272),
    "zhuhai_gongbei": (22.22, 113.55),
    "zhuhai_hengqin": (22.13, 113.535),
    "xiamen": (24.48, 118.09),
    "dandong": (40.13, 124.39),
    "kashgar": (39.47, 75.98),
    "mohe": (53.48, 122.37),
    "sanya": (18.25, 109.5),
    "zhoushan": (30.0, 122.2),
}

ELSEWHERE = {
    "hong_kong_central": (22.28, 114.158),
    "hong_kong_sheung_shui": (22.502, 114.128),
    "hong_kong_airport": (22.308, 113.918),
    "macao": (22.193, 113.54),
    "macao_taipa": (22.157, 113.557),
    "taipei": (25.03, 121.56),
    "kaohsiung": (22.62, 120.3),
    "kinmen": (24.44, 118.32),
    "seoul": (37.5665, 126.978),
    "pyongyang": (39.03, 125.75),
    "vladivostok": (43.115, 131.885),
    "hanoi": (21.03, 105.85),
    "kathmandu": (27.71, 85.32),
    "almaty": (43.24, 76.9),
    "helsinki": (60.1699, 24.9384),
    "tokyo": (35.68, 139.77),
}


@pytest.mark.parametrize("place", PUBLISHED)
def test_gcj02_agrees_with_published_pairs(place: str) -> None:
    """Ours is the same GCJ-02 as everybody's, to a millimetre."""
    lat, lon, gcj_lat, gcj_lon = PUBLISHED[place]
    shifted = from_wgs84(Position(lat, lon), "gcj02")
    assert shifted.lat == pytest.approx(gcj_lat, abs=1e-8)
    assert shifted.lon == pytest.approx(gcj_lon, abs=1e-8)


@pytest.mark.parametrize("datum", SHIFTED)
@given(lat=st.floats(18, 53.5), lon=st.floats(73.7, 134.7))
def test_a_round_trip_ends_within_a_tenth_of_a_millimetre(datum: Datum, lat: float, lon: float) -> None:
    """To GCJ-02 or BD-09 and back moves no position in the mainland by more than 0.0001 m."""
    assume(is_mainland(lat, lon))
    start = Position(lat, lon)
    assert distance_m(to_wgs84(from_wgs84(start, datum)), start) < 1e-4


@pytest.mark.parametrize("datum", SHIFTED)
@pytest.mark.parametrize("place", MAINLAND)
def test_mainland_positions_shift_by_50_to_1500_metres(place: str, datum: Datum) -> None:
    """A shifted map is off by more than a geofence, so the datum must be carried."""
    lat, lon = MAINLAND[place]
    numbers = from_wgs84(Position(lat, lon), datum)
    assert 50 < distance_m(Position(numbers.lat, numbers.lon), Position(lat, lon)) < 1500


@pytest.mark.parametrize("datum", SHIFTED)
@pytest.mark.parametrize("place", ELSEWHERE)
def test_positions_elsewhere_are_never_shifted(place: str, datum: Datum) -> None:
    """Hong Kong, Macao, Taiwan and the neighbours keep their numbers in both directions."""
    lat, lon = ELSEWHERE[place]
    assert from_wgs84(Position(lat, lon), datum) == Position(lat, lon, None, datum)
    assert to_wgs84(Position(lat, lon, None, datum)) == Position(lat, lon)


def test_accuracy_travels_with_a_position() -> None:
    """A change of datum leaves the accuracy as it was measured."""
    there = from_wgs84(Position(39.9, 116.4, 12.5), "bd09")
    assert there.accuracy == 12.5
    assert to_wgs84(there).accuracy == 12.5


def test_only_wgs84_is_taken_as_wgs84() -> None:
    """A position in another datum is not shifted a second time."""
    with pytest.raises(ValueError, match="gcj02"):
        from_wgs84(Position(39.9, 116.4, datum="gcj02"), "bd09")


def test_distance_compares_places_and_not_numbers() -> None:
    """The same place in two datums is at no distance; one degree of latitude is 111.2 km."""
    here = Position(39.9042, 116.4074)
    assert distance_m(here, from_wgs84(here, "gcj02")) < 1e-4
    assert distance_m(Position(60, 25), Position(61, 25)) == pytest.approx(111_195, abs=1)
    assert distance_m(Position(60, 25), Position(60, 25)) == 0


@pytest.mark.parametrize(
    "bad", [[91.0, 0.0], [0.0, 181.0], [math.nan, 0.0], [0.0, math.inf], [0.0, 0.0, -1.0], [0.0, 0.0, None, "mars"]]
)
def test_an_impossible_position_is_refused_at_decoding(bad: list[object]) -> None:
    """Degrees out of range, not-a-number and unknown datums never get in."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(bad), type=Position)
