"""Who answers for a territory, by its roster."""

from __future__ import annotations

from uuid import UUID

import msgspec

from server.identity.rosters import Team, team_of
from server.identity.staff import Role
from server.identity.territories import Place

PLACE = UUID(int=9)


def place(number: int, role: Role, *, private: bool = False, until: int | None = None) -> Place:
    """The place of person `number`, who came at that time."""
    return Place(PLACE, UUID(int=number), role, private, number, until)


def test_the_owner_is_the_rep_with_the_private_part_who_is_there_the_longest() -> None:
    """Others are partners, service people have a part of their own, and nobody else is either."""
    roster = [
        place(1, Role.MANAGER, private=True),
        place(2, Role.REP),
        place(3, Role.REP, private=True),
        place(4, Role.REP, private=True),
        place(5, Role.SERVICE),
        place(6, Role.ARCHIVIST),
    ]
    team = team_of(reversed(roster))
    assert team == Team(UUID(int=3), (UUID(int=4), UUID(int=2)), (UUID(int=5),), (UUID(int=1), UUID(int=6)))
    assert team.everybody == {one.staff for one in roster}


def test_where_nobody_has_the_private_part_the_longest_there_owns() -> None:
    """Temporary help owns nothing."""
    roster = [place(1, Role.REP, private=True, until=99), place(2, Role.REP), place(3, Role.REP)]
    assert team_of(roster) == Team(UUID(int=2), (UUID(int=3),))
    assert team_of([]) == Team()
    assert team_of([msgspec.structs.replace(roster[0], role=Role.SERVICE, until=None)]).owner is None
