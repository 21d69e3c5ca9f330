"""Before and after: the arithmetic at its edges."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.field.effect.compare import Compared, Figures, Unit, compare


def _unit(
    number: int, before: int, after: int, *, grade: str = "A", kind: str = "hotel", visits: Figures | None = None
) -> Unit:
    return Unit(UUID(int=number), f"shop {number}", grade, kind, Figures(before, after), visits or Figures())


def _compare(ours: list[Unit], others: list[Unit], loss: int = 30) -> Compared:
    return compare(ours, others, loss)


def test_what_comparable_outlets_did_in_proportion_was_to_be_expected_here() -> None:
    """Theirs fell by a fifth; ours had 1000 and should have 800; they have 500, so the departure cost 300."""
    found = _compare([_unit(1, 1000, 500)], [_unit(2, 300, 200), _unit(3, 200, 200)])
    assert (found.expected, found.bought.after, found.effect, found.percent) == (800, 500, -300, -38)
    assert [(one.outlet, one.expected) for one in found.losses] == [(UUID(int=1), 800)]


def test_only_the_same_class_and_grade_is_comparable() -> None:
    """An outlet without any like it is held against itself, and counted as alone."""
    others = [_unit(2, 100, 0, grade="B"), _unit(3, 100, 0, kind="stall")]
    found = _compare([_unit(1, 100, 90)], others)
    assert (found.expected, found.effect, found.alone, found.losses) == (100, -10, 1, ())


@pytest.mark.parametrize(
    ("before", "after", "theirs", "expected", "is_loss"),
    [
        (100, 70, (100, 100), 100, False),
        (100, 69, (100, 100), 100, True),
        (100, 69, (100, 69), 69, False),
        (100, 100, (100, 200), 200, True),
        (0, 0, (100, 100), 0, False),
        (0, 50, (100, 100), 0, False),
        (100, 0, (100, 0), 0, False),
        (100, 100, (0, 50), 100, False),
        (-20, 0, (100, 100), 0, False),
        (3, 1, (2, 1), 2, True),
        (100, -50, (100, 100), 100, True),
    ],
)
def test_losses_at_their_edges(before: int, after: int, theirs: tuple[int, int], expected: int, is_loss: bool) -> None:
    """More than thirty percent below what was to be expected; nothing expected is nothing lost; returns are below."""
    found = _compare([_unit(1, before, after)], [_unit(2, *theirs)])
    assert (found.expected, bool(found.losses)) == (expected, is_loss)


def test_visits_are_compared_the_same_way_and_groups_add_up() -> None:
    """Each class and grade goes its own way."""
    ours = [_unit(1, 100, 80, visits=Figures(10, 2)), _unit(2, 50, 50, grade="C", visits=Figures(4, 4))]
    others = [_unit(3, 10, 11, visits=Figures(10, 10)), _unit(4, 10, 5, grade="C", visits=Figures(2, 1))]
    found = _compare(ours, others)
    assert [(one.grade, one.expected) for one in found.groups] == [("A", 110), ("C", 25)]
    assert (found.bought, found.expected) == (Figures(150, 130), 135)
    assert (found.visits, found.expected_visits) == (Figures(14, 6), 12)


def test_nothing_handed_over_is_nothing_to_compare() -> None:
    """No groups, no effect, no percent."""
    found = _compare([], [_unit(2, 10, 10)])
    assert (found.groups, found.effect, found.percent) == ((), 0, None)
