"""What on this phone may be the outlet that somebody is about to register: near and alike outlets, and teasers.

The rules are the server's (`sync.business.likeness`); only who can be alike at all is compared.
"""

from __future__ import annotations

from client_sdk.alike import Lookalike
from client_sdk.local.around import around
from client_sdk.local.index import Filter
from client_sdk.local.opened import OpenReplica
from client_sdk.local.pinyin import syllables
from sync.business.likeness import NEAR, Portrait, alike, portrait
from sync.business.phones import numbers_in
from sync.positions import Position, distance_m, to_wgs84
from sync.records import COLLECTIONS, Outlet, OutletStatus, Teaser

__all__ = ["lookalikes"]

_SLACK = 60.0
"""So much of a position's accuracy counts, in metres."""
_BLOCK = 80.0
"""A teaser's position is good to a block: so many metres off at most."""


def lookalikes(
    replica: OpenReplica, name: str, position: Position | None, phone: str, outlet_class: str = ""
) -> list[Lookalike]:
    """Outlets that may be the one of this name, place and phone, then teasers at the place (of the class, where it is
    known); the surest first.
    """
    mine = portrait(name, syllables, numbers_in(phone), position)
    here = to_wgs84(position) if position is not None else None
    found = []
    for outlet in _candidates(replica, here, mine):
        theirs = portrait(outlet.name, syllables, numbers_in(outlet.phone), outlet.position)
        how = alike(mine, theirs)
        if how is not None:
            found.append((not how.certain, how.distance or 0.0, Lookalike(outlet, how.distance, how.why)))
    listed = [one for _, _, one in sorted(found, key=lambda one: (*one[:2], one[2].record.id))]
    return listed + (_teasers(replica, here, outlet_class) if here is not None else [])


def _candidates(replica: OpenReplica, here: Position | None, mine: Portrait) -> list[Outlet]:
    numbers = {number for one in sorted(mine.phones) for number in replica.index.with_digits(one)}
    if here is not None:
        numbers |= {place.id for place in around(replica.index, here, NEAR + 2 * _SLACK, Filter())}
    shown = replica.rows.shown_by_number(sorted(numbers))
    return [one for one in shown if isinstance(one, Outlet) and one.status != OutletStatus.CLOSED]


def _teasers(replica: OpenReplica, here: Position, outlet_class: str) -> list[Lookalike]:
    slack = min(here.accuracy or 0.0, _SLACK)
    found = []
    for one in replica.rows.shown_of(COLLECTIONS["teaser"].tag):
        if isinstance(one, Teaser) and one.position is not None and outlet_class in {"", one.outlet_class}:
            metres = distance_m(here, to_wgs84(one.position))
            if metres <= NEAR + slack + _BLOCK:
                found.append(Lookalike(one, metres, None))
    return sorted(found, key=lambda one: (one.metres or 0.0, one.record.id))
