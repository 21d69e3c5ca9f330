"""What the company put into an outlet, and what it dealt there: visits with their hours, orders, deliveries, payments.

Counted from the journal, each record once; one that was amended counts as its amendment. Money is in minor units (分).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec

from server.departure.evidence.history import Trace

__all__ = ["Dealings", "dealings_at"]

_COUNTED = ("visit", "order", "delivery", "payment", "photo")


class Dealings(msgspec.Struct):
    """What was done at one outlet, and at those that were merged into it at the date (`merged`). `by_person` counts the
    visits of the person concerned, `seconds` those that visits say they took; `first_at` and `last_at` are of any of
    it, server milliseconds, 0 for nothing.
    """

    outlet: UUID
    visits: int = 0
    by_person: int = 0
    seconds: int = 0
    photos: int = 0
    orders: int = 0
    deliveries: int = 0
    payments: int = 0
    delivered: int = 0
    paid: int = 0
    first_at: int = 0
    last_at: int = 0
    merged: set[UUID] = msgspec.field(default_factory=set)

    def cost(self, an_hour: int) -> int:
        """What the hours cost at so much an hour, both in minor units."""
        return self.seconds * an_hour // 3600

    def take(self, trace: Trace, person: UUID) -> None:
        """Count one record."""
        when = min(each.happened for values in trace.values.values() for each in values)
        self.first_at = min(self.first_at or when, when)
        self.last_at = max(self.last_at, when)
        match trace.collection.name:
            case "visit":
                self.visits += 1
                self.by_person += any(each.staff == person for each in trace.values["outlet"])
                self.seconds += int(_said(trace, "duration_s") or 0)
            case "photo":
                self.photos += 1
            case "order":
                self.orders += 1
            case "delivery":
                self.deliveries += 1
                self.delivered += sum(
                    int(line[1]) * int(line[2]) for line in _said(trace, "lines") or () if len(line) > 2
                )
            case _:
                self.payments += 1
                self.paid += int(_said(trace, "amount") or 0)


def _said(trace: Trace, field: str) -> Any:
    values = trace.values.get(field, ())
    return values[-1].value if values else None


def dealings_at(traces: Iterable[Trace], person: UUID, as_of: int, into: Mapping[UUID, UUID]) -> list[Dealings]:
    """The dealings at every outlet that has any, up to `as_of`, by outlet; `into` leads from one that was merged to the
    one that stands for it.
    """
    counted = [one for one in traces if _counts(one, as_of)]
    replaced = set(_replaced(counted))
    found: dict[UUID, Dealings] = {}
    for one in counted:
        if one.outlet is not None and one.record not in replaced:
            outlet = into.get(one.outlet, one.outlet)
            dealings = found.setdefault(outlet, Dealings(outlet))
            dealings.take(one, person)
            dealings.merged |= {one.outlet} - {outlet}
    return [found[outlet] for outlet in sorted(found)]


def _counts(trace: Trace, as_of: int) -> bool:
    made = trace.values.get("outlet", ())
    return trace.collection.name in _COUNTED and bool(made) and made[0].at <= as_of


def _replaced(traces: Iterable[Trace]) -> Iterator[UUID]:
    for one in traces:
        amends = _said(one, "amends")
        if amends is not None:
            yield UUID(bytes=bytes(amends))
