"""Difference in differences, in plain arithmetic. Pure.

Outlets of a departure are held against outlets of the same class and grade in other territories, over the same days
before and after. What the comparable ones did (all of them together: so many percent more or less than before) is what
was to be expected here too; what is less than that is put down to the departure. Outlets differ in size, so the
comparison is by proportion and not by amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

__all__ = ["Compared", "Figures", "Group", "Unit", "compare"]


class Figures(msgspec.Struct, frozen=True):
    """An amount before and after."""

    before: int = 0
    after: int = 0

    def plus(self, other: Figures) -> Figures:
        """Both together."""
        return Figures(self.before + other.before, self.after + other.after)


class Unit(msgspec.Struct, frozen=True):
    """One outlet with what it bought, and how often it was visited."""

    outlet: UUID
    name: str
    grade: str
    outlet_class: str
    bought: Figures
    visits: Figures

    @property
    def kind(self) -> tuple[str, str]:
        """What it is compared within: class and grade."""
        return self.outlet_class, self.grade


class Group(msgspec.Struct, frozen=True):
    """Outlets of one class and grade: ours, and so many `comparable` ones elsewhere. `expected` is what ours would have
    bought had they gone the way of the comparable ones.
    """

    outlet_class: str
    grade: str
    outlets: int
    comparable: int
    ours: Figures
    theirs: Figures
    expected: int


class Loss(msgspec.Struct, frozen=True):
    """An outlet that bought far less than was to be expected."""

    outlet: UUID
    name: str
    grade: str
    bought: Figures
    expected: int


class Compared(msgspec.Struct, frozen=True):
    """What a comparison came to. `effect` is what was bought less what was to be expected (negative: lost); the same
    for visits. `alone` counts outlets that had nothing to be compared with: these are held against themselves.
    """

    groups: tuple[Group, ...]
    bought: Figures
    expected: int
    visits: Figures
    expected_visits: int
    losses: tuple[Loss, ...]
    alone: int

    @property
    def effect(self) -> int:
        """What was bought beyond what was to be expected; negative for a loss."""
        return self.bought.after - self.expected

    @property
    def percent(self) -> int | None:
        """The effect in percent of what was to be expected; None where that is nothing."""
        return _share(100 * self.effect, self.expected) if self.expected > 0 else None


def compare(ours: Sequence[Unit], others: Iterable[Unit], loss: int) -> Compared:
    """Hold `ours` against `others`. An outlet that bought more than `loss` percent less than was to be expected is a
    loss.
    """
    mine, theirs = _by_kind(ours), _by_kind(others)
    groups, losses = [], []
    visits, expected_visits, alone = Figures(), 0, 0
    for kind in sorted(mine):
        elsewhere = theirs.get(kind, [])
        bought = _total(one.bought for one in elsewhere)
        seen = _total(one.visits for one in elsewhere)
        expected = {one.outlet: _expected(one.bought.before, bought) for one in mine[kind]}
        ours_here = _total(one.bought for one in mine[kind])
        groups.append(Group(*kind, len(mine[kind]), len(elsewhere), ours_here, bought, sum(expected.values())))
        losses += [_loss(one, expected[one.outlet]) for one in mine[kind] if _is_loss(one, expected[one.outlet], loss)]
        here = _total(one.visits for one in mine[kind])
        visits, expected_visits = visits.plus(here), expected_visits + _expected(here.before, seen)
        alone += len(mine[kind]) if bought.before <= 0 else 0
    losses.sort(key=lambda one: (one.bought.after - one.expected, one.name))
    total, hoped = _total(one.ours for one in groups), sum(one.expected for one in groups)
    return Compared(tuple(groups), total, hoped, visits, expected_visits, tuple(losses), alone)


def _by_kind(units: Iterable[Unit]) -> dict[tuple[str, str], list[Unit]]:
    found: dict[tuple[str, str], list[Unit]] = {}
    for one in units:
        found.setdefault(one.kind, []).append(one)
    return found


def _total(figures: Iterable[Figures]) -> Figures:
    total = Figures()
    for one in figures:
        total = total.plus(one)
    return total


def _expected(before: int, theirs: Figures) -> int:
    """What `before` becomes if it goes the way of the comparable ones; itself where there are none to go by."""
    if theirs.before <= 0:
        return max(before, 0)
    return max(_share(before * theirs.after, theirs.before), 0)


def _share(amount: int, whole: int) -> int:
    """A quotient rounded half away from nothing, in whole numbers."""
    sign = -1 if amount < 0 else 1
    return sign * ((abs(amount) * 2 + whole) // (2 * whole))


def _is_loss(one: Unit, expected: int, loss: int) -> bool:
    return expected > 0 and one.bought.after * 100 < expected * (100 - loss)


def _loss(one: Unit, expected: int) -> Loss:
    return Loss(one.outlet, one.name, one.grade, one.bought, expected)
