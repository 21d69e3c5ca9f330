"""What makes a visit doubtful: reasons with what was measured and what is allowed (section 5 of `docs/rules.md`).

A reason is a signal, never a verdict. Distances are metres, times milliseconds.
"""

from __future__ import annotations

from math import ceil
from typing import get_args
from uuid import UUID

import msgspec

from sync.clock import Bounds
from sync.policies import Policies
from sync.policies.work import VISIT_CLOCK, VISIT_FENCE, VISIT_SHORTEST, VISIT_SPEED
from sync.positions import Datum, Position, distance_m, from_wgs84, to_wgs84
from sync.records import Reason
from sync.records.base import MOST_PIECES

__all__ = ["Call", "Limits", "clock_off", "doubts", "reach_ms"]

_MINUTE_MS = 60_000
_HALF_ROUND_M = 20_016_000
"""No two places on earth are further apart."""
_DATUMS: tuple[Datum, ...] = get_args(Datum)


class Call(msgspec.Struct, frozen=True):
    """A visit in person as the rule reads it: it began `at`, server milliseconds; `off` is how far the phone's clock
    was off at least, None where that is not known.
    """

    visit: UUID
    outlet: UUID
    at: int
    duration_s: int | None = None
    position: Position | None = None
    mock: bool = False
    off: int | None = None

    @property
    def ended_at(self) -> int:
        """When it ended, as far as is known."""
        return self.at + (self.duration_s or 0) * 1000


class Limits(msgspec.Struct, frozen=True):
    """What is allowed: metres, minutes, kilometres an hour, seconds."""

    fence: int = 200
    clock: int = 10
    speed: int = 120
    shortest: int = 180

    @staticmethod
    def of(policies: Policies) -> Limits:
        """As the company has set them."""
        settings = (VISIT_FENCE, VISIT_CLOCK, VISIT_SPEED, VISIT_SHORTEST)
        return Limits(*(policies.of(one) for one in settings))


def clock_off(claimed: int, bounds: Bounds) -> int:
    """By how much a clock was off that said `claimed` when it was some time in `bounds`: what is proven, at least."""
    return max(bounds.earliest - claimed, claimed - bounds.latest, 0)


def reach_ms(limits: Limits) -> int:
    """How long it takes, at the speed that is allowed, to get anywhere: what lies further back raises no doubt."""
    return ceil(_HALF_ROUND_M * 3600 / limits.speed)


def doubts(call: Call, shop: Position | None, before: Call | None, limits: Limits) -> tuple[Reason, ...]:
    """The reasons of doubt for a visit to an outlet at `shop`; none: it is verified. `before` is the person's last
    visit in person that has a position.
    """
    found = (
        _place(call, shop, limits.fence),
        Reason("mock") if call.mock else None,
        _clock(call.off, limits.clock),
        _speed(call, before, limits),
        _short(call.duration_s, limits.shortest),
    )
    return tuple(one for one in found if one is not None)


def _place(call: Call, shop: Position | None, fence: int) -> Reason | None:
    if shop is None:
        return None
    if call.position is None:
        return Reason("no_position")
    away, allowed = distance_m(call.position, shop), fence + _blur(call.position, shop)
    if away <= allowed:
        return None
    is_misread = any(distance_m(other, shop) <= allowed for other in _other_readings(call.position))
    return Reason("datum" if is_misread else "far", _up(away), int(allowed))


def _other_readings(position: Position) -> list[Position]:
    """Where a position lies if its numbers came in one datum and were taken for another."""
    here, found = to_wgs84(position), []
    for taken in _DATUMS:
        numbers = from_wgs84(here, taken)
        found += [to_wgs84(Position(numbers.lat, numbers.lon, datum=meant)) for meant in _DATUMS if meant != taken]
    return found


def _blur(*positions: Position) -> float:
    return sum(one.accuracy or 0.0 for one in positions)


def _clock(off: int | None, minutes: int) -> Reason | None:
    if off is None or abs(off) <= minutes * _MINUTE_MS:
        return None
    return Reason("clock", _up(abs(off) / _MINUTE_MS), minutes)


def _speed(call: Call, before: Call | None, limits: Limits) -> Reason | None:
    if before is None or before.position is None or call.position is None:
        return None
    away = distance_m(before.position, call.position)
    sure, took = away - _blur(before.position, call.position), max(call.at - before.ended_at, 0)
    if away <= limits.fence or sure * 3600 <= limits.speed * took:
        return None
    return Reason("speed", _up(sure * 3600 / took) if took else None, limits.speed)


def _short(duration_s: int | None, shortest: int) -> Reason | None:
    return Reason("short", duration_s, shortest) if duration_s is not None and duration_s < shortest else None


def _up(measured: float) -> int:
    """Rounded up, so that what was measured is never shown as what is allowed."""
    return min(ceil(measured), MOST_PIECES)
