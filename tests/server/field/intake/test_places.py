"""Positions come out in WGS-84, whatever datum, order and spelling they were written in."""

from __future__ import annotations

import pytest

from server.field.intake.places import number_in, pair_in, read_datum, read_pair, read_place
from sync.positions import Datum, Position, distance_m, from_wgs84
from tests.builders.lists import HOME


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_each_datum_comes_out_at_the_same_place(datum: Datum) -> None:
    """A shop registered from a shifted map stands where it stands."""
    there = from_wgs84(HOME, datum)
    place, reasons = read_place(repr(there.lat), repr(there.lon), datum)
    assert place is not None
    assert place.datum == "wgs84"
    assert distance_m(place, HOME) < 0.001
    assert reasons == ()


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("28.69", 28.69),
        ("28.69°N", 28.69),
        ("S 33.5", -33.5),
        ("-33.5", -33.5),
        ("39°54'15\"", 39.904167),
        ("116度24分27秒", 116.4075),
        ("北纬", None),
        ("28.69.1", None),
        ("", None),
    ],
)
def test_degrees_are_read_in_the_usual_spellings(text: str, degrees: float | None) -> None:
    """Decimal, with a hemisphere, or in sixtieths; anything else is no number."""
    assert number_in(text) == (degrees if degrees is None else pytest.approx(degrees, abs=1e-6))


@pytest.mark.parametrize("heading", ["经纬度", "坐标", "position", "latlon"])
@pytest.mark.parametrize("cell", ["28.690000,115.860000", "115.860000, 28.690000", "115.86，28.69", "(28.69 115.86)"])
def test_one_cell_with_both_is_read_in_either_order(cell: str, heading: str) -> None:
    """Beyond 90 degrees a longitude shows by itself."""
    assert read_pair(cell, heading, "wgs84")[0] == HOME


def test_where_both_could_be_either_the_heading_decides() -> None:
    """经纬度 says longitude first; otherwise latitude is first."""
    assert read_pair("60.17,24.94", "position", "wgs84")[0] == Position(60.17, 24.94)
    assert read_pair("24.94,60.17", "经纬度", "wgs84")[0] == Position(60.17, 24.94)
    assert pair_in("60.17") is None


@pytest.mark.parametrize(
    ("lat", "lon", "code", "place"),
    [
        ("115.86", "28.69", "position_swapped", HOME),
        ("0", "0", "position_zero", None),
        ("28.69", "", "position_half", None),
        ("", "115.86", "position_half", None),
        ("286.9", "1158.6", "position_impossible", None),
        ("28.69", "400", "position_impossible", None),
        ("路口", "115.86", "position_unreadable", None),
    ],
)
def test_what_is_wrong_with_a_position_is_told(lat: str, lon: str, code: str, place: Position | None) -> None:
    """Swapped beyond doubt is put right; what is half, zero or impossible is left out or sent back."""
    found, reasons = read_place(lat, lon, "wgs84")
    assert found == place
    assert [reason.code for reason in reasons] == [code]


def test_no_position_is_no_fault() -> None:
    """Many lists have none."""
    assert read_place("", "", "wgs84") == (None, ())


@pytest.mark.parametrize(
    ("cell", "datum"),
    [
        ("", "gcj02"),
        ("WGS-84", "wgs84"),
        ("GCJ02", "gcj02"),
        ("高德", "gcj02"),
        ("火星坐标", "gcj02"),
        ("百度", "bd09"),
        ("BD-09", "bd09"),
        ("北京54", None),
    ],
)
def test_a_datum_goes_by_many_names(cell: str, datum: Datum | None) -> None:
    """An empty cell takes the default; a datum that nobody knows is not taken for another."""
    assert read_datum(cell, "gcj02") == datum
