"""Teasers of the pool's outlets: each follows its outlet in the transaction that changes it, whoever makes the change.

A teaser is worked out from its outlet and never asked for by itself, as the stock on an outlet is; its id is worked out
from the outlet's.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from server.master.scoping import ScopeState
from server.master.working import Held, Working
from sync.business.pool import is_shown, teaser_id, teaser_of
from sync.clock import Stamp
from sync.merge import Mark, Marks, made
from sync.records import COLLECTIONS, Outlet
from sync.scopes import ScopeKind, parse_scope, teasers

__all__ = ["follow", "teaser_ids", "teaser_scopes"]


def teaser_scopes(wanted: Iterable[str]) -> set[str]:
    """The scopes of the teasers of those pools that are among these scopes."""
    found = (parse_scope(one) for one in wanted)
    return {teasers(one.of) for one in found if one is not None and one.kind is ScopeKind.POOL and one.of is not None}


def teaser_ids(records: Iterable[bytes]) -> set[bytes]:
    """The ids of the teasers that these records would have."""
    return {teaser_id(UUID(bytes=one)).bytes for one in records}


def follow(work: Working, stamp: Stamp) -> None:
    """Make, change or remove the teasers of the outlets that a batch changed."""
    for outlet in [one for one in work.held.values() if one.collection.name == "outlet" and one.is_changed]:
        _follow(work, outlet, stamp)


def _follow(work: Working, outlet: Held, stamp: Stamp) -> None:
    teaser = teaser_id(UUID(bytes=outlet.id)).bytes
    if teaser in work.out_of_reach:
        return
    place, held = _place(work, outlet), work.held.get(teaser)
    if place is None or not isinstance(outlet.record, Outlet) or not is_shown(outlet.record):
        if held is not None and held.record is not None:
            held.become(None)
        return
    wanted = teaser_of(outlet.record)
    if held is None:
        marks = made(stamp)
        work.add(Held(COLLECTIONS["teaser"], wanted, wanted.id.bytes, place.no, 1, marks, is_changed=True))
    elif held.record != wanted or held.scope != place.no:
        held.scope = place.no
        held.become(wanted, Marks(Mark(held.revision + 1, stamp)))


def _place(work: Working, outlet: Held) -> ScopeState | None:
    scope = work.scopes.get(outlet.scope)
    found = teaser_scopes([scope.name]) if scope is not None else set()
    return next((work.by_name[one] for one in found if one in work.by_name), None)
