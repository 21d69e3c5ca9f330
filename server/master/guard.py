"""Mass changes become proposed while they happen: the rule. Pure; the counters beside it are in `habits`.

Counted are changes that take something away: another phone, name or position over one that was there, and a status
that goes back or lapses. Filling in what was empty is not counted, nor is registering. Within any day a person may make
so many of one kind, or a number of times what they usually make in a day, whichever is more; the rest is for a
manager to decide. Closing is always proposed; many closings are brought up like the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sync.changes import Changes
from sync.clock import Bounds
from sync.records import Collection, Record
from sync.records.outlet import OutletStatus
from sync.rules import Merge, Writer

__all__ = ["DAY_H", "HOUR_MS", "KEPT_H", "USUAL_D", "GuardSetting", "Watch", "counted"]

HOUR_MS = 3_600_000
DAY_H = 24
USUAL_D = 30
"""What is usual is what a person made in a day over so many days before the last one."""
_SPREAD_D = 7
"""Changes whose time is only bounded are spread over this many days at most: a lease does not last longer offline."""
KEPT_H = (USUAL_D + _SPREAD_D + 1) * DAY_H
"""Counters older than this are of no use."""

CLOSING = "closing"
_ONWARD = (OutletStatus.USES_CATEGORY, OutletStatus.PROSPECT, OutletStatus.BUYER)


class GuardSetting(msgspec.Struct, frozen=True):
    """How many changes of one kind a person may make in a day: `least`, or `times` what is usual for them."""

    least: int = 20
    times: int = 5

    def most(self, usual: float) -> int:
        """The most in a day for somebody who usually makes `usual` a day."""
        return max(self.least, int(self.times * usual))


def counted(one: Collection, record: Record, changes: Changes) -> Iterator[tuple[str, str]]:
    """The fields of an edit that count, each with its kind, as the record stands before it. Phones of outlets and of
    contacts are one kind; closing is a kind apart from other statuses.
    """
    for name, value in changes.items():
        rule, stood = one.rule(name), getattr(record, name)
        if not rule.matters or rule.write is not Writer.REP or rule.merge is not Merge.LATEST:
            continue
        if stood is None or stood in ("", value):
            continue
        if rule.is_only_proposed(value):
            yield name, CLOSING
        elif _takes_away(stood, value):
            yield name, name


def _takes_away(stood: Any, value: Any) -> bool:
    if not isinstance(stood, OutletStatus):
        return True
    return value not in _ONWARD or (stood in _ONWARD and _ONWARD.index(value) < _ONWARD.index(stood))


@dataclass
class Watch:
    """One person's counters while a batch is decided: `counts` by kind and hour since 1970, as they were before it.

    `added` is what the batch adds, `held` what of it was held back, by kind.
    """

    setting: GuardSetting
    now: int
    counts: Mapping[tuple[str, int], int]
    added: dict[tuple[str, int], int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    _most: dict[str, int] = field(default_factory=dict)

    def place(self, kind: str, bounds: Bounds) -> int | None:
        """The hour to which a change of this kind is counted; None where there is no room, so that it is proposed.

        A change whose time is not known exactly gets the emptiest day on which it can have been made.
        """
        if kind not in self._most:
            self._most[kind] = self.setting.most(self._usual(kind))
        most = self._most[kind]
        hours = [hour for hour in self._hours(bounds) if self._in_day(kind, hour) < most]
        return min(hours, key=lambda hour: self._in_day(kind, hour), default=None)

    def take(self, places: Iterable[tuple[str, int | None]]) -> None:
        """An edit was done: each kind that had room counts to its hour. What was held back does not become usual."""
        for kind, hour in places:
            if hour is None:
                self.held[kind] = self.held.get(kind, 0) + 1
            else:
                self.added[kind, hour] = self.added.get((kind, hour), 0) + 1

    def _hours(self, bounds: Bounds) -> list[int]:
        last = min(bounds.latest, self.now) // HOUR_MS
        first = max(min(bounds.earliest // HOUR_MS, last), last - (_SPREAD_D - 1) * DAY_H)
        return list(range(last, first - 1, -DAY_H))

    def _in_day(self, kind: str, hour: int) -> int:
        hours = range(hour - DAY_H + 1, hour + 1)
        return sum(self.counts.get((kind, one), 0) + self.added.get((kind, one), 0) for one in hours)

    def _usual(self, kind: str) -> float:
        """What this person made in a day before the last one; what a batch adds is never usual."""
        end = self.now // HOUR_MS - DAY_H
        start = end - USUAL_D * DAY_H
        made = sum(number for (name, hour), number in self.counts.items() if name == kind and start < hour <= end)
        return made / USUAL_D
