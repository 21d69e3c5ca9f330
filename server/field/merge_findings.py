"""Reps hear it when an outlet that is theirs is merged into another, and when the two are parted again."""

from __future__ import annotations

from uuid import UUID

from server.field.findings import Found, tell
from server.identity import staff
from server.identity.rosters import Team, teams
from server.master.merges import Merge
from server.master.store import Tx
from server.ports import Sources
from sync.records import Outlet
from sync.scopes import ScopeKind, parse_scope

__all__ = ["MERGED", "PARTED", "tell_merged", "tell_parted"]

MERGED, PARTED = "merged", "parted"
_NOTE = 1000


async def tell_merged(tx: Tx, sources: Sources, made: Merge, gone: Outlet, survivor: Outlet, to: str) -> frozenset[str]:
    """Tell who registered the outlet that went, and who owns its territory; the scopes that changed. What stands for
    it, in the scope `to`, is named to those alone who work there.
    """
    there = (await _team(tx, to)).everybody
    found = [
        _found(one, gone, MERGED, f"→ {survivor.name}：{made.reason}" if one in there else made.reason)
        for one in await _whose(tx, gone, made.came_from, made.by)
    ]
    return await tell(tx, sources, found)


async def tell_parted(
    tx: Tx, sources: Sources, gone: Outlet, at: str, reason: str, by: UUID | None
) -> frozenset[str]:  # fmt: skip
    """Tell the same people that the outlet stands for itself again, in the scope `at`; the scopes that changed."""
    return await tell(tx, sources, [_found(one, gone, PARTED, reason) for one in await _whose(tx, gone, at, by)])


def _found(person: UUID, outlet: Outlet, state: str, text: str) -> Found:
    return Found(person, outlet.id, "outlet", state, outlet.id, note=f"{outlet.name} {text}"[:_NOTE])


async def _whose(tx: Tx, outlet: Outlet, scope: str, by: UUID | None) -> list[UUID]:
    """Those who work here, without whoever does it."""
    active = {one.id for one in await staff.everybody(tx) if one.is_active}
    wanted = dict.fromkeys((outlet.registered_by, (await _team(tx, scope)).owner))
    return [one for one in wanted if one is not None and one in active and one != by]


async def _team(tx: Tx, scope: str) -> Team:
    """The people of a territory; nobody where the scope is a pool."""
    place = parse_scope(scope)
    if place is None or place.kind is not ScopeKind.TERRITORY or place.of is None:
        return Team()
    return (await teams(tx, [place.of])).get(place.of, Team())
