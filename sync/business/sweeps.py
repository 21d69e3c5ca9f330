"""Sweeps (扫街): which points of a track are kept, what a sweep found, and what of a territory has been covered.

As sections 1 and 2 of `docs/rules.md` say. Degrees are WGS-84.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from sync.business.streets import street_of
from sync.policies import Policies
from sync.policies.work import COVERAGE_DAYS, TRACK_ACCURACY, TRACK_STEP
from sync.positions import Position, distance_m
from sync.records import Corner, Seen, Sighting, TrackPoint

__all__ = [
    "Coverage",
    "SweepFigures",
    "at_survivors",
    "coverage",
    "encloses",
    "figures",
    "keeps",
    "thinned",
    "unwalked",
]

_THERE = frozenset({Seen.SEEN, Seen.VISITED, Seen.NEW})


class SweepFigures(msgspec.Struct, frozen=True):
    """What one sweep came to, in different outlets; `per_hour` in tenths, None where it took no time."""

    found: int
    new: int
    closed: int
    missing: int
    changed: int
    per_hour: int | None


class Coverage(msgspec.Struct, frozen=True):
    """How far a territory is covered: the percent (None without outlets), and the outlets that were not seen."""

    percent: int | None
    unseen: tuple[UUID, ...]


def keeps(last: TrackPoint | None, fix: Position, policies: Policies) -> bool:
    """Whether a point of the track is kept after the last that was: accurate enough, and far enough from it."""
    accuracy = fix.accuracy or 0.0
    if accuracy > policies.of(TRACK_ACCURACY):
        return False
    if last is None:
        return True
    return distance_m(Position(last.lat, last.lon), fix) >= max(policies.of(TRACK_STEP), accuracy)


def thinned(track: Sequence[TrackPoint], most: int) -> tuple[TrackPoint, ...]:
    """A track of at most so many points: every second one goes until it fits; the first and the last stay."""
    points = list(track)
    while len(points) > max(most, 2):
        points = [*points[:-1:2], points[-1]]
    return tuple(points)


def at_survivors(sightings: Iterable[Sighting], into: Mapping[UUID, UUID]) -> list[Sighting]:
    """The sightings with those of merged outlets at the one that stands for each, as `into` says."""
    return [msgspec.structs.replace(one, outlet=into.get(one.outlet, one.outlet)) for one in sightings]


def figures(sightings: Iterable[Sighting], seconds: int, changed: Collection[UUID] = ()) -> SweepFigures:
    """What a sweep came to. `changed` are the outlets that the person edited while it lasted."""
    by: dict[Seen, set[UUID]] = {}
    for one in sightings:
        by.setdefault(one.seen, set()).add(one.outlet)
    found = set().union(*(by.get(one, set()) for one in _THERE))
    closed, counts = by.get(Seen.CLOSED, set()), {seen: len(ids) for seen, ids in by.items()}
    shops = len(found) + len(closed)
    per_hour = (72_000 * shops + seconds) // (2 * seconds) if seconds > 0 else None
    return SweepFigures(
        len(found), counts.get(Seen.NEW, 0), len(closed), counts.get(Seen.NOT_FOUND, 0), len(set(changed)), per_hour
    )


def encloses(area: Sequence[Corner], lat: float, lon: float) -> bool:
    """Whether a place lies in the area that was drawn; everything lies in one that was not (fewer than 3 corners)."""
    if len(area) < 3:
        return True
    inside, before = False, area[-1]
    for corner in area:
        if (corner.lat > lat) != (before.lat > lat):
            across = (before.lon - corner.lon) * (lat - corner.lat) / (before.lat - corner.lat) + corner.lon
            inside ^= lon < across
        before = corner
    return inside


def unwalked(addresses: Mapping[UUID, str], sighted: Collection[UUID]) -> list[str]:
    """The streets on which there are outlets and none of them was sighted, in order. `addresses` are those of the
    standing outlets of the area.
    """
    walked: dict[str, bool] = {}
    for outlet, address in addresses.items():
        if (street := street_of(address)) is not None:
            walked[street] = walked.get(street, False) or outlet in sighted
    return sorted(street for street, is_walked in walked.items() if not is_walked)


def coverage(outlets: Collection[UUID], seen: Mapping[UUID, date], day: date, policies: Policies) -> Coverage:
    """How far these standing outlets are covered on a day. `seen` is the last day of each on which it was sighted
    (other than not found) or visited in person.
    """
    since = day - timedelta(days=policies.of(COVERAGE_DAYS))
    unseen = tuple(sorted(one for one in outlets if not since < seen.get(one, since) <= day))
    total, there = len(outlets), len(outlets) - len(unseen)
    return Coverage((200 * there + total) // (2 * total) if total else None, unseen)
