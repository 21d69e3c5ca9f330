"""Findings: what a rule or a manager found of somebody's work, told to that person on the phone.

There is one for each record and person; a later finding takes its place, and the journal keeps both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.master.scoping import lock_scopes, numbers
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from sync.policies.work import FINDING_DAYS
from sync.records import Reason

__all__ = ["ACCEPTED", "DECIDED", "UPHELD", "Found", "clear_old", "is_decided", "tell"]

_FINDINGS = TYPED["finding"]
_PASSING = ("visit", "order", "verification", "practice", "outlet")
_LASTING = ("doubtful", "not_counted", "questioned", "proposed")
"""What rules read again, or what is still open: it stays."""
ACCEPTED, UPHELD = "accepted", "upheld"
DECIDED = frozenset({ACCEPTED, UPHELD})
"""The last of a finding's reasons where a manager has decided on it: no rule says otherwise after that."""
_DAY_MS = 86_400_000
_AT_ONCE = 2000


class Found(msgspec.Struct, frozen=True):
    """A finding before it is told: of `about`, a record of `collection`, to the person `staff`."""

    staff: UUID
    about: UUID
    collection: str
    state: str
    outlet: UUID | None = None
    reasons: tuple[Reason, ...] = ()
    note: str = ""


async def tell(tx: Tx, sources: Sources, found: Sequence[Found]) -> frozenset[str]:
    """Tell findings to their people; the scopes that changed. What is told already in these words is not told again,
    and what a manager has decided on is left as it was decided.
    """
    await lock_scopes(tx, {scopes.staff(one.staff) for one in found})
    known = await _known(tx, found)
    asked = []
    for one in found:
        fields = {name: getattr(one, name) for name in ("about", "collection", "state", "outlet", "reasons", "note")}
        held = known.get((one.staff, one.about))
        if held is None:
            fields["at"] = sources.now()
            asked.append(Asked("finding", fields, scope=scopes.staff(one.staff)))
        elif not is_decided(held[2]) and held[1:] != (
            one.state,
            msgspec.to_builtins([msgspec.structs.asdict(each) for each in one.reasons]),
            one.note,
        ):
            fields = {name: fields[name] for name in ("state", "reasons", "note")} | {"at": sources.now()}
            asked.append(Asked("finding", fields, held[0], Act.EDIT))
    return (await carry_out(tx, sources, asked)).changed


def is_decided(reasons: Any) -> bool:
    """Whether these reasons, as the typed table has them, say that a manager has decided."""
    return any(one["code"] in DECIDED for one in reasons or ())


async def clear_old(tx: Tx, ground: Ground) -> frozenset[str]:
    """Remove what was told longer ago than `finding_days`, some thousands a night: a person's scope would grow by it
    for ever. What rules read, and whether there is credit, stays. The scopes that changed.
    """
    until = ground.sources.now() - ground.policies.of(FINDING_DAYS) * _DAY_MS
    passing = _FINDINGS.c.collection.in_(_PASSING) & _FINDINGS.c.state.not_in(_LASTING)
    old = select(_FINDINGS.c.id).where(_FINDINGS.c.at < until, passing)
    found = (await tx.execute(old.order_by(_FINDINGS.c.at, _FINDINGS.c.id).limit(_AT_ONCE))).scalars().all()
    return (await carry_out(tx, ground.sources, [Asked("finding", {}, one, Act.REMOVE) for one in found])).changed


async def _known(tx: Tx, found: Sequence[Found]) -> dict[tuple[UUID, UUID], tuple[UUID, str, Any, str]]:
    named = {scopes.staff(one.staff): one.staff for one in found}
    whose = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    wanted = select(_FINDINGS).where(_FINDINGS.c.scope.in_(whose), _FINDINGS.c.about.in_({one.about for one in found}))
    rows = await tx.execute(wanted)
    return {(whose[row.scope], row.about): (row.id, row.state, row.reasons, row.note) for row in rows}
