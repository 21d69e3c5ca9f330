"""Joint visits: the logs of two that are one visit; and whether what a rep registered had its first visit by two, which
its approval waits for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import select

from server.field.ground import Ground
from server.field.visits.reading import Within, logs_at
from server.identity.staff import Role
from server.master.actors import Authority
from server.master.people import staff
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.joint import Log, joint_pairs
from sync.policies.work import FIRST_VISIT_BY_TWO, JOINT_MINUTES

__all__ = ["joint_state", "logs_of", "pairs_of"]

_REPS = frozenset(one.value for one in Role if one.authority is Authority.REP)


async def joint_state(tx: Tx, outlets: Collection[UUID], ground: Ground) -> dict[UUID, bool | None]:
    """For each outlet whether its joint visit was made: True or False, None where it needs none, being no rep's
    registration or the rule being off. Visits to what was merged into it count.
    """
    state: dict[UUID, bool | None] = dict.fromkeys(outlets)
    needing = await _registered_by_reps(tx, outlets) if ground.policies.of(FIRST_VISIT_BY_TWO) else set()
    if not needing:
        return state
    into = await survivors(tx)
    made = {first.outlet for first, _ in pairs_of(await logs_of(tx, needing, into), ground)}
    return state | {one: into.get(one, one) in made for one in needing}


async def logs_of(
    tx: Tx, outlets: Collection[UUID], into: Mapping[UUID, UUID], within: Within | None = None
) -> list[Log]:
    """The visits in person at these outlets and at what is one with them (those that began in this time only), each at
    the outlet that stands for it; `into` are the survivors of merged outlets.
    """
    ends = {into.get(one, one) for one in outlets}
    logs = await logs_at(tx, [*ends, *(one for one, end in into.items() if end in ends)], within)
    return [replace(one, outlet=into.get(one.outlet, one.outlet)) for one in logs]


def pairs_of(logs: Collection[Log], ground: Ground) -> list[tuple[Log, Log]]:
    """Those that are joint visits, by the company's minutes."""
    return joint_pairs(logs, ground.policies.of(JOINT_MINUTES))


async def _registered_by_reps(tx: Tx, outlets: Collection[UUID]) -> set[UUID]:
    table = TYPED["outlet"]
    wanted = select(table.c.id, table.c.registered_by).where(table.c.id.in_(outlets))
    by = {row.id: row.registered_by for row in await tx.execute(wanted) if row.registered_by is not None}
    reps = select(staff.c.id).where(staff.c.id.in_({one.bytes for one in by.values()}), staff.c.role.in_(_REPS))
    are = {UUID(bytes=bytes(one)) for one in (await tx.execute(reps)).scalars()}
    return {one for one, person in by.items() if person in are}
