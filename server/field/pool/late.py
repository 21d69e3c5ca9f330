"""A visit that was made before the pool's rule took its outlet away, and arrives after: the return is undone.

It is looked at before work is applied that a phone hands in, or that is taken out of the quarantine, so the visit and
whatever came with it (orders, payments, photos, edits) are then applied as usual. Where the visit's time may lie on
either side, all of it becomes dead letters and a manager is asked; where a person moved the outlet, or somebody has it
by now, nothing is done here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field import dead_letters
from server.field.pool.stays import Going, Moved, send, stays_of
from server.identity import staff
from server.master.actors import Rights, Submission
from server.master.among import among
from server.master.inbox import Matter, bring_up, listed, settle_matter
from server.master.plans import small
from server.master.scoping import lock_scopes
from server.master.standing import resolved
from server.master.store import Store, Tx
from server.master.tables import operations, records, scopes
from server.master.working import merged_into
from server.ports import Sources
from server.times import DEFAULT_ZONE
from sync.business.pool import Late, Stay, judge_late
from sync.clock import Bounds
from sync.errors import Refusal
from sync.operations import Act

__all__ = ["KIND", "TakenIn", "accept_late", "bring_back", "refuse_late", "said_of"]

KIND = "late_visit"
"""The kind of the inbox's matter; it is about the outlet."""
_AT_ONCE = 500
_NAMES = {
    "outlet": "终端修改", "contact": "联系人", "contact_private": "私人资料", "visit": "拜访", "order": "订单",
    "delivery": "送货", "payment": "收款", "photo": "照片", "contact_report": "洽谈记录", "occasion": "红白喜事",
    "gift": "礼品",
}  # fmt: skip


class TakenIn(msgspec.Struct, frozen=True):
    """What came of a manager's word: how many operations of each collection were taken in, which letters were refused
    again and why (they stay open), and the scopes that changed.
    """

    taken: dict[str, int]
    refused: dict[str, str]
    changed: frozenset[str]


async def bring_back(
    tx: Tx, sources: Sources, person: UUID, rights: Rights, handed: Sequence[Submission]
) -> frozenset[str]:
    """Undo the returns that the visits among `handed` were made before; the scopes that changed."""
    visits = await _of_standing(tx, _visits(handed))
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
            await _ask(tx, sources, outlet, person, _with_it(handed, outlet))
    return (await send(tx, sources, going)).changed if going else frozenset()


def _visits(handed: Sequence[Submission]) -> dict[UUID, list[Submission]]:
    found = defaultdict[UUID, list[Submission]](list)
    for one in handed:
        operation = one.operation
        if operation is not None and operation.collection == "visit" and operation.act is Act.CREATE:
            outlet = one.changes.get("outlet") if one.changes is not None else _named(operation.changes)
            if outlet is not None:
                found[outlet].append(one)
    return found


async def _of_standing(tx: Tx, visits: dict[UUID, list[Submission]]) -> dict[UUID, list[Submission]]:
    """The visits by the outlet that stands for the one that they name: it is what the rule returned."""
    roots, found = await resolved(tx, visits) if visits else {}, defaultdict[UUID, list[Submission]](list)
    for outlet, each in visits.items():
        found[roots[outlet]] += each
    return found


def _named(changes: msgspec.Raw) -> UUID | None:
    """The outlet that a visit names; None where it cannot be read, which is refused later."""
    try:
        value: Any = msgspec.msgpack.decode(changes).get("outlet")
        return UUID(bytes=value) if isinstance(value, bytes) else UUID(value)
    except (msgspec.DecodeError, AttributeError, TypeError, ValueError):
        return None


_POOLED = small(
    select(records.c.record, scopes.c.name)
    .join(scopes, scopes.c.no == records.c.scope)
    .where(among(records.c.record), records.c.gone.is_(False), scopes.c.name.like("pool/%"))
)


async def _pooled(tx: Tx, outlets: Sequence[UUID]) -> dict[UUID, str]:
    """Those of the outlets that are in a pool, with the pool's scope."""
    rows = await tx.execute(_POOLED, {"ids": [one.bytes for one in outlets]})
    return {UUID(bytes=bytes(row.record)): row.name for row in rows}


async def _new(tx: Tx, visits: dict[UUID, list[Submission]]) -> dict[UUID, list[Submission]]:
    """Without what was handed in before: what is repeated was known when the rule decided."""
    ids = {one.operation.id.bytes for each in visits.values() for one in each if one.operation is not None}
    rows = await tx.execute(select(operations.c.operation).where(among(operations.c.operation)), {"ids": ids})
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


def _with_it(handed: Sequence[Submission], outlet: UUID) -> Counter[str]:
    """What was handed in that names the outlet, by collection."""
    made = (one.operation for one in handed if one.operation is not None)
    return Counter(one.collection for one in made if outlet in (one.record, _named(one.changes)))


async def _ask(tx: Tx, sources: Sources, outlet: UUID, person: UUID, work: Mapping[str, int]) -> None:
    told = said_of(work)
    en = (
        f"A visit to the outlet {outlet}, which the rule returned to the pool, may have been made before: its time is "
        f"not proved. `saojie pool late accept` undoes the return and takes in what waits with it ({told[1]})"
    )
    zh = (
        f"终端 {outlet} 已按规则退回公海，一次拜访可能在此之前，时间无法证明。"
        f"saojie pool late accept 可撤销退回，并采纳随之未入库的内容（{told[0]}）"
    )
    await bring_up(tx, Matter(KIND, outlet, en, zh, person), sources)


def said_of(work: Mapping[str, int]) -> tuple[str, str]:
    """Numbers of operations by collection, in Chinese and English."""
    found = sorted(work.items())
    zh = "、".join(f"{_NAMES.get(name, name)} {count}" for name, count in found)
    return zh, ", ".join(f"{name} {count}" for name, count in found)


async def accept_late(
    store: Store, sources: Sources, outlet: UUID, by: UUID | None = None, zone: str = DEFAULT_ZONE
) -> TakenIn:
    """Undo a return on a manager's word, and hand in again what was refused for it: the visit, and all else that was
    done at the outlet. Who was asked about may do so though they have left the territory, or the company, since; others
    with the rights that they have. Raises Refusal where the rule did not return the outlet, or somebody has it by now.
    """

    async def undo(tx: Tx) -> tuple[Moved, str]:
        await staff.check_manager(tx, by, "late visits")
        pooled = await _pooled(tx, [outlet])
        await lock_scopes(tx, set(pooled.values()))
        stay = (await stays_of(tx, [outlet])).get(outlet)
        if stay is None or not stay.step.by_rule or stay.scope not in pooled.values():
            raise Refusal("bad_value", f"the outlet {outlet} is not where the rule returned it")
        moved = await send(tx, sources, [_restored(outlet, stay, ())], by)
        if not moved.moved:
            raise Refusal("bad_value", f"the outlet {outlet} cannot go back: {moved.refused.get(outlet)}")
        return moved, stay.step.came_from or ""

    moved, back = await store.transact(undo)
    async with store.read() as tx:
        whose = {one.matter.staff for one in await listed(tx, kind=KIND) if one.matter.about == outlet}
        letters = await _about(tx, outlet)
    taken, refused = Counter[str](), dict[str, str]()
    for letter in letters:
        also = frozenset({back}) if letter.staff in whose else frozenset[str]()
        try:
            await dead_letters.replay(store, sources, letter.id, by, zone, also)
        except Refusal as refusal:
            refused[str(letter.id)] = f"{refusal.code}: {refusal.detail}"
        else:
            taken[letter.operation.collection if letter.operation else ""] += 1

    async def settled(tx: Tx) -> None:
        how = f"accepted: {said_of(taken)[1]}" + (f"; refused again: {len(refused)}" if refused else "")
        await settle_matter(tx, KIND, outlet, how, sources, by)

    await store.transact(settled)
    return TakenIn(dict(taken), refused, moved.changed | {back})


async def _about(tx: Tx, outlet: UUID) -> list[dead_letters.DeadLetter]:
    """The open letters that were refused because the outlet was not there: of the outlet itself or one that was merged
    into it, of what names it, of what stands at it, and of what these would have made.
    """
    letters = [one for one in await dead_letters.listed(tx) if one.reason == "record_unknown"]
    family = {UUID(bytes=bytes(one)) for one in (await tx.execute(merged_into([outlet.bytes]))).scalars()}
    ids = sorted({one.operation.record.bytes for one in letters if one.operation is not None})
    there = set(family)
    for at in range(0, len(ids), _AT_ONCE):
        some = records.c.record.in_(ids[at : at + _AT_ONCE])
        stand = select(records.c.record).where(some, records.c.outlet.in_([one.bytes for one in family]))
        there |= {UUID(bytes=bytes(one)) for one in (await tx.execute(stand)).scalars()}
    found = []
    for letter in letters:
        operation = letter.operation
        if operation is not None and (operation.record in there or _named(operation.changes) in family):
            there.add(operation.record)
            found.append(letter)
    return found


async def refuse_late(tx: Tx, sources: Sources, outlet: UUID, reason: str, by: UUID | None = None) -> bool:
    """Leave the outlet in the pool, with a reason; False where nothing was asked."""
    await staff.check_manager(tx, by, "late visits")
    if not reason.strip():
        raise Refusal("bad_value", "refusing takes a reason")
    return await settle_matter(tx, KIND, outlet, f"refused: {reason.strip()}", sources, by)
