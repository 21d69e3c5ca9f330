"""Sweeps on their edges: which points are kept, what was found, which streets, how much is covered."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from sync.business.sweeps import Coverage, coverage, encloses, figures, keeps, thinned, unwalked
from sync.policies import Policies
from sync.positions import Position
from sync.records import Corner, Seen, Sighting, TrackPoint

ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
HERE = TrackPoint(28.69, 115.86, 0)
METRE = 1 / 111_195


@pytest.mark.parametrize(
    ("metres", "accuracy", "kept"),
    [(9, None, False), (10.5, None, True), (15, 20.0, False), (21, 20.0, True), (500, 50.0, True), (500, 51.0, False)],
)
def test_a_point_is_kept_if_it_is_accurate_and_far_enough(metres: float, accuracy: float | None, kept: bool) -> None:
    """By ten metres and its own accuracy, and never worse than fifty."""
    fix = Position(HERE.lat + metres * METRE, HERE.lon, accuracy)
    assert keeps(HERE, fix, Policies()) is kept
    assert keeps(None, fix, Policies()) is (accuracy != 51.0)


def test_a_long_track_is_thinned_and_keeps_its_ends() -> None:
    """Every second point goes until it fits."""
    track = [TrackPoint(0, 0, number) for number in range(1001)]
    kept = thinned(track, 300)
    assert len(kept) <= 300
    assert (kept[0], kept[-1]) == (track[0], track[-1])
    assert thinned(track, 5000) == tuple(track)


def test_a_sweep_counts_different_outlets() -> None:
    """One that was seen and then visited is one; shops per hour are found and closed ones, in tenths."""
    sightings = [
        Sighting(ONE, Seen.SEEN), Sighting(ONE, Seen.VISITED), Sighting(TWO, Seen.NEW), Sighting(THREE, Seen.CLOSED),
        Sighting(UUID(int=4), Seen.NOT_FOUND),
    ]  # fmt: skip
    found = figures(sightings, 3600, [ONE, ONE])
    assert (found.found, found.new, found.closed, found.missing, found.changed, found.per_hour) == (2, 1, 1, 1, 1, 30)
    assert figures(sightings, 0).per_hour is None
    assert figures([Sighting(ONE, Seen.SEEN)], 7200).per_hour == 5


def test_a_street_is_walked_if_one_of_its_outlets_was_sighted() -> None:
    """And only streets with outlets count."""
    addresses = {ONE: "朝阳路1号", TWO: "朝阳路2号", THREE: "柳巷3号"}
    assert unwalked(addresses, {TWO}) == ["柳巷"]
    assert unwalked(addresses, set()) == ["朝阳路", "柳巷"]


def test_an_area_encloses_what_lies_in_it() -> None:
    """A drawn one its inside; one that was not drawn everything."""
    square = [Corner(0, 0), Corner(0, 2), Corner(2, 2), Corner(2, 0)]
    assert [encloses(square, lat, 1) for lat in (1, 3, -1)] == [True, False, False]
    assert encloses([], 50, 50)


def test_coverage_is_the_percent_that_was_seen_in_time() -> None:
    """92 days, the day itself included; what comes later does not count yet."""
    day = date(2026, 10, 31)
    seen = {ONE: date(2026, 8, 1), TWO: date(2026, 7, 31), THREE: day}
    assert coverage([ONE, TWO, THREE], seen, day, Policies()) == Coverage(67, (TWO,))
    assert coverage([], seen, day, Policies()) == Coverage(None, ())
    assert coverage([THREE], {THREE: date(2026, 11, 1)}, day, Policies()).percent == 0
