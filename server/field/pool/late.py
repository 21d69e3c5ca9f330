"""A visit that was made before the pool's rule took its outlet away, and arrives after: the return is undone.

It is looked at before a push is applied, so the visit and whatever came with it are then applied as usual. Where the
visit's time may lie on either side, its operations become dead letters and a manager is asked; where a person moved the
outlet, or somebody has it by now, nothing is done here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field import dead_letters
from server.field.pool.stays import Going, Moved, send, stays_of
from server.master.actors import Rights, Submission
from server.master.inbox import Matter, bring_up, settle_matter
from server.master.scoping import lock_scopes
from server.master.store import Store, Tx
from server.master.tables import operations, records, scopes
from server.ports import Sources
from sync.business.pool import Late, Stay, judge_late
from sync.clock import Bounds
from sync.errors import Refusal
from sync.operations import Act

__all__ = ["KIND", "accept_late", "bring_back", "refuse_late"]

KIND = "late_visit"
"""The kind of the inbox's matter; it is about the outlet."""


async def bring_back(
    tx: Tx, sources: Sources, person: UUID, rights: Rights, handed: Sequence[Submission]
) -> frozenset[str]:
    """Undo the returns that the visits among `handed` were made before; the scopes that changed."""
    visits = _visits(handed)
    pooled = await _pooled(tx, list(visits)) if visits else {}
    if not pooled:
        return frozenset()
    visits = await _new(tx, {one: visits[one] for one in pooled})
    await lock_scopes(tx, set(pooled.values()))
    stays, going = await stays_of(tx, list(visits)), list[Going]()
    for outlet, stay in stays.items():
        bounds = [one.bounds for one in visits[outlet]]
        if not _is_theirs(stay, rights):
            continue
        late = judge_late(bounds, stay.since)
        if late is Late.BEFORE:
            going.append(_restored(outlet, stay, bounds))
        elif late is Late.MAY_BE:
            await _ask(tx, sources, outlet, person)
    return (await send(tx, sources, going)).changed if going else frozenset()


def _visits(handed: Sequence[Submission]) -> dict[UUID, list[Submission]]:
    found = defaultdict[UUID, list[Submission]](list)
    for one in handed:
        operation = one.operation
        if operation is not None and operation.collection == "visit" and operation.act is Act.CREATE:
            outlet = _named(operation.changes)
            if outlet is not None:
                found[outlet].append(one)
    return found


def _named(changes: msgspec.Raw) -> UUID | None:
    """The outlet that a visit names; None where it cannot be read, which is refused later."""
    try:
        value: Any = msgspec.msgpack.decode(changes).get("outlet")
        return UUID(bytes=value) if isinstance(value, bytes) else UUID(value)
    except (msgspec.DecodeError, AttributeError, TypeError, ValueError):
        return None


async def _pooled(tx: Tx, outlets: Sequence[UUID]) -> dict[UUID, str]:
    """Those of the outlets that are in a pool, with the pool's scope."""
    wanted = select(records.c.record, scopes.c.name).join(scopes, scopes.c.no == records.c.scope)
    is_there = records.c.record.in_([one.bytes for one in outlets]) & records.c.gone.is_(False)
    rows = await tx.execute(wanted.where(is_there, scopes.c.name.like("pool/%")))
    return {UUID(bytes=bytes(row.record)): row.name for row in rows}


async def _new(tx: Tx, visits: dict[UUID, list[Submission]]) -> dict[UUID, list[Submission]]:
    """Without what was handed in before: what is repeated was known when the rule decided."""
    ids = {one.operation.id.bytes for each in visits.values() for one in each if one.operation is not None}
    rows = await tx.execute(select(operations.c.operation).where(operations.c.operation.in_(ids)))
    known = {bytes(one) for one in rows.scalars()}
    fresh = {
        outlet: [one for one in each if one.operation is not None and one.operation.id.bytes not in known]
        for outlet, each in visits.items()
    }
    return {outlet: each for outlet, each in fresh.items() if each}


def _is_theirs(stay: Stay, rights: Rights) -> bool:
    """Whether the rule took the outlet away from these rights, and nobody moved it since."""
    return stay.step.by_rule and stay.step.came_from is not None and rights.covers(stay.step.came_from)


def _restored(outlet: UUID, stay: Stay, bounds: Sequence[Bounds]) -> Going:
    happened = max((one.estimate for one in bounds if one.latest < stay.since), default=None)
    return Going(outlet, stay.step.came_from or "", "pool_restored", {"happened": happened, "returned_at": stay.since})


async def _ask(tx: Tx, sources: Sources, outlet: UUID, person: UUID) -> None:
    en = (
        f"A visit to the outlet {outlet}, which the rule returned to the pool, may have been made before: its time is "
        "not proved. `saojie pool late accept` takes it in and undoes the return"
    )
    zh = f"终端 {outlet} 已按规则退回公海，一次拜访可能在此之前，时间无法证明。saojie pool late accept 可采纳并撤销退回"
    await bring_up(tx, Matter(KIND, outlet, en, zh, person), sources)


async def accept_late(store: Store, sources: Sources, outlet: UUID, by: UUID | None = None) -> Moved:
    """Undo a return on a manager's word, and hand in again what was refused for it. Raises Refusal where the rule did
    not return the outlet, or somebody has it by now.
    """

    async def undo(tx: Tx) -> Moved:
        pooled = await _pooled(tx, [outlet])
        await lock_scopes(tx, set(pooled.values()))
        stay = (await stays_of(tx, [outlet])).get(outlet)
        if stay is None or not stay.step.by_rule or stay.scope not in pooled.values():
            raise Refusal("bad_value", f"the outlet {outlet} is not where the rule returned it")
        return await send(tx, sources, [_restored(outlet, stay, ())], by)

    moved = await store.transact(undo)
    async with store.read() as tx:
        letters = [one for one in await dead_letters.listed(tx) if _is_about(one, outlet)]
    for one in letters:
        await dead_letters.replay(store, sources, one.id, by)

    async def settled(tx: Tx) -> None:
        await settle_matter(tx, KIND, outlet, f"accepted, {len(letters)} operations", sources, by)

    await store.transact(settled)
    return moved


def _is_about(letter: dead_letters.DeadLetter, outlet: UUID) -> bool:
    operation = letter.operation
    if operation is None or letter.reason != "record_unknown":
        return False
    return operation.record == outlet or _named(operation.changes) == outlet


async def refuse_late(tx: Tx, sources: Sources, outlet: UUID, reason: str, by: UUID | None = None) -> bool:
    """Leave the outlet in the pool, with a reason; False where nothing was asked."""
    if not reason.strip():
        raise Refusal("bad_value", "refusing takes a reason")
    return await settle_matter(tx, KIND, outlet, f"refused: {reason.strip()}", sources, by)
