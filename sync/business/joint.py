"""Joint visits (联合拜访): the logs of two people that are one visit, as section 5 of `docs/rules.md` says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

import msgspec

__all__ = ["Log", "joint_pairs"]

_MINUTE_MS = 60_000


class Log(msgspec.Struct, frozen=True):
    """One visit in person as the pairing reads it; it began at `at`, server milliseconds."""

    visit: UUID
    outlet: UUID
    staff: UUID
    at: int
    companions: frozenset[UUID]


def joint_pairs(logs: Iterable[Log], minutes: int) -> list[tuple[Log, Log]]:
    """The logs that are one joint visit: two of different people at one outlet, each naming the other as companion,
    begun at most so many minutes apart. A log is in one pair at most: those that began closest to each other.
    """
    at_outlets: dict[UUID, list[Log]] = defaultdict(list)
    for one in logs:
        at_outlets[one.outlet].append(one)
    found: list[tuple[Log, Log]] = []
    for there in at_outlets.values():
        found += _paired(sorted(there, key=lambda one: (one.at, one.visit)), minutes * _MINUTE_MS)
    return found


def _paired(logs: list[Log], most: int) -> list[tuple[Log, Log]]:
    """`logs` of one outlet in the order of time."""
    fitting = []
    for at, first in enumerate(logs):
        for second in logs[at + 1 :]:
            if second.at - first.at > most:
                break
            if first.staff in second.companions and second.staff in first.companions and first.staff != second.staff:
                fitting.append((first, second))
    taken: set[UUID] = set()
    found = []
    for first, second in sorted(fitting, key=lambda one: (one[1].at - one[0].at, one[0].at, one[0].visit)):
        if not taken & {first.visit, second.visit}:
            taken |= {first.visit, second.visit}
            found.append((first, second))
    return found
