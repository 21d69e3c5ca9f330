"""Early signs: what somebody did in the last week, against their own habit. Questions for a manager, never verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from uuid import UUID

import msgspec

from sync.policies import Policies
from sync.policies.trade import SIGN_LEAST, SIGN_TIMES

__all__ = ["Counts", "Kind", "Known", "Sign", "signs_of"]


class Kind(StrEnum):
    """What is counted."""

    EXPORTS = "exports"
    OPENINGS = "openings"
    REFUSED = "refused"
    LATE = "late"
    REGISTRATIONS = "registrations"
    INCIDENTS = "incidents"
    VISITS = "visits"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return _NAMES[self][0]

    @property
    def en(self) -> str:
        """In English."""
        return _NAMES[self][1]


_NAMES = {
    Kind.EXPORTS: ("导出", "exports"),
    Kind.OPENINGS: ("查看联系人", "openings of contacts"),
    Kind.REFUSED: ("被拒操作", "refused operations"),
    Kind.LATE: ("迟交的操作", "operations handed in late"),
    Kind.REGISTRATIONS: ("登记", "registrations"),
    Kind.INCIDENTS: ("违规事件", "incidents"),
    Kind.VISITS: ("拜访", "visits"),
}

_EVERYDAY = frozenset({Kind.OPENINGS, Kind.REGISTRATIONS, Kind.LATE})


class Counts(msgspec.Struct, frozen=True):
    """How often by person: in the last 7 days, and in the 21 days before."""

    week: Mapping[UUID, int] = {}
    before: Mapping[UUID, int] = {}

    @classmethod
    def of(cls, week: Iterable[UUID], before: Iterable[UUID]) -> Counts:
        """Counts of single events by who they are of."""
        return cls(Counter(week), Counter(before))


class Sign(msgspec.Struct, frozen=True):
    """One sign: `week` in the last 7 days, against `before` in the 21 days before those."""

    staff: UUID
    kind: Kind
    week: int
    before: int


class Known(msgspec.Struct, frozen=True):
    """What a habit is read with: working days of the 7 and of the 21 days, and who came within them all."""

    week_days: int = 7
    before_days: int = 21
    newcomers: frozenset[UUID] = frozenset()


_USUAL = Known()


def signs_of(counts: Mapping[Kind, Counts], policies: Policies, known: Known = _USUAL) -> list[Sign]:
    """What is asked about, by person and kind. Visits are held against the habit by working days; of a newcomer
    everyday work is no sign.
    """
    least, times = policies.of(SIGN_LEAST), policies.of(SIGN_TIMES)
    found = []
    for kind, one in counts.items():
        for person in one.week.keys() | one.before.keys():
            week, before = one.week.get(person, 0), one.before.get(person, 0)
            if kind is Kind.VISITS:
                usual = before * known.week_days
                is_sign = 0 < usual >= max(least, times * week) * known.before_days
            else:
                is_sign = week >= least and 3 * week >= times * before
                is_sign &= kind not in _EVERYDAY or person not in known.newcomers
            if is_sign:
                found.append(Sign(person, kind, week, before))
    return sorted(found, key=lambda one: (one.staff, one.kind))
