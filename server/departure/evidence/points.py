"""The secret points as of a date: which values the company claims as its trade secret, one by one.

A point is a value about a customer that is neither public nor visible from the street, collected by staff or from the
company's own lists, and standing at that date. What a shop is called and where it stands is not claimed by itself; that
the company knows all of them together with their points, class by class and street by street, is one more point.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from uuid import UUID

import msgspec

from server.departure.evidence.groups import Group, group_of
from server.departure.evidence.history import Trace, Value
from server.departure.evidence.origins import Origin, origins_of

__all__ = ["Point", "points_of", "values_of"]

_CLAIMED = frozenset({Origin.COLLECTED, Origin.LISTED})
_RECORDS = frozenset({"outlet", "contact", "contact_private"})
_LINKS = frozenset({"outlet", "contact", "main_contact", "review"})
"""Fields that tie records together or track an approval: no knowledge of a customer by themselves."""


class Point(msgspec.Struct, frozen=True):
    """One value that is claimed, or (`value` None) the compilation of a scope with the number of its outlets."""

    record: UUID | None
    collection: str
    outlet: UUID | None
    scope: str
    group: Group
    field: str
    origin: Origin
    value: Value | None
    outlets: int = 0


def values_of(traces: Iterable[Trace], registers: Collection[str]) -> Iterator[tuple[Trace, Value, Origin]]:
    """Every value of every outlet, contact and private part, with where it came from."""
    for trace in traces:
        if trace.collection.name in _RECORDS:
            yield from ((trace, value, origin) for value, origin in origins_of(trace, registers))


def points_of(
    traces: Collection[Trace], registers: Collection[str], as_of: int, into: Mapping[UUID, UUID] = MappingProxyType({})
) -> list[Point]:
    """The points as of a date (server milliseconds), by scope and record; the compilations come first. `into` leads
    from an outlet that was merged to the one under which it is told.
    """
    standing: dict[tuple[UUID, str], tuple[Trace, Value, Origin]] = {}
    for trace, value, origin in values_of(traces, registers):
        if value.at <= as_of:
            standing[trace.record, value.field] = (trace, value, origin)
    points = [point for each in standing.values() if (point := _point(*each, as_of, into)) is not None]
    return [
        *_compilations(points),
        *sorted(points, key=lambda one: (one.scope, str(one.outlet), str(one.record), one.field)),
    ]


def _point(trace: Trace, value: Value, origin: Origin, as_of: int, into: Mapping[UUID, UUID]) -> Point | None:
    group = group_of(trace.collection.name, value.field)
    scope = next((one.scope for one in reversed(trace.stays) if one.since <= as_of < (one.until or as_of + 1)), None)
    is_nothing = value.value in (None, "", [], {}) or value.field in _LINKS
    if scope is None or is_nothing or origin not in _CLAIMED or group.is_observable or not group.is_of_customers:
        return None
    outlet = trace.record if trace.collection.name == "outlet" else trace.outlet
    outlet = into.get(outlet, outlet) if outlet is not None else None
    return Point(trace.record, trace.collection.name, outlet, scope, group, value.field, origin, value)


def _compilations(points: Iterable[Point]) -> Iterator[Point]:
    """For each scope: the outlets of which more than the place is known, taken together."""
    by_scope: dict[str, set[UUID]] = {}
    for one in points:
        if one.outlet is not None:
            by_scope.setdefault(one.scope, set()).add(one.outlet)
    for scope, outlets in sorted(by_scope.items()):
        yield Point(None, "", None, scope, Group.PLACE, "", Origin.COLLECTED, None, len(outlets))
