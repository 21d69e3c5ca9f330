"""Which logs are one joint visit, on the edges."""

from __future__ import annotations

from uuid import UUID

import pytest

from sync.business.joint import Log, joint_pairs

SHOP, OTHER = UUID(int=1), UUID(int=2)
WANG, LI, ZHAO = (UUID(int=number) for number in (11, 12, 13))
MINUTE = 60_000


def log(number: int, staff: UUID, at: int, *companions: UUID, outlet: UUID = SHOP) -> Log:
    """One visit, `at` minutes after the epoch."""
    return Log(UUID(int=100 + number), outlet, staff, at * MINUTE, frozenset(companions))


def paired(*logs: Log, minutes: int = 30) -> list[tuple[int, int]]:
    """The numbers of the logs of each pair."""
    return [(one.visit.int - 100, other.visit.int - 100) for one, other in joint_pairs(logs, minutes)]


@pytest.mark.parametrize(("apart", "found"), [(0, [(1, 2)]), (30, [(1, 2)]), (31, [])])
def test_two_logs_within_the_minutes_are_one_visit(apart: int, found: list[tuple[int, int]]) -> None:
    """Exactly so many minutes apart is within; across midnight nothing is special."""
    midnight = 1440 * 20_000
    logs = [log(1, WANG, midnight - 10, LI), log(2, LI, midnight - 10 + apart, WANG)]
    assert paired(*logs) == paired(*reversed(logs)) == found


def test_each_names_the_other_at_the_same_outlet() -> None:
    """One-sided, of one person, or next door is none."""
    assert paired(log(1, WANG, 0, LI), log(2, LI, 5)) == []
    assert paired(log(1, WANG, 0, WANG), log(2, WANG, 5, WANG)) == []
    assert paired(log(1, WANG, 0, LI), log(2, LI, 5, WANG, outlet=OTHER)) == []
    assert paired(log(1, WANG, 0, LI, ZHAO), log(2, LI, 5, WANG, ZHAO)) == [(1, 2)]


def test_a_log_is_in_one_pair_with_the_one_that_began_closest() -> None:
    """Three who went together are one pair and one log beside it; somebody who logs twice is not paired twice."""
    assert paired(log(1, WANG, 0, LI, ZHAO), log(2, LI, 9, WANG, ZHAO), log(3, ZHAO, 12, LI, WANG)) == [(2, 3)]
    assert paired(log(1, WANG, 0, LI), log(2, LI, 4, WANG), log(3, LI, 20, WANG)) == [(1, 2)]
    assert paired(log(1, WANG, 0, LI), log(2, LI, 4, WANG), log(3, WANG, 100, LI), log(4, LI, 101, WANG)) == [
        (3, 4),
        (1, 2),
    ]
