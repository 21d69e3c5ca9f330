"""Codes of outlets that are given without a network: blocks kept for people, and a look at each code that comes in.

Blocks are dealt under one lock, from a number that only grows, past every code that an outlet has. An outlet with a
code that was not its registrar's to give, or that another outlet has, is kept without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from server.field.arrived import Arrived
from server.field.findings import Found, tell
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.field.policies import policies_of
from server.identity.staff import PersonStatus, Role, find_all
from server.master.actors import Authority
from server.master.arrivals import arrivals
from server.master.inbox import Matter, bring_up
from server.master.people import rosters
from server.master.people import staff as people
from server.master.scoping import numbers
from server.master.store import Store, Tx
from server.master.tables import meta
from server.master.typed import TYPED
from server.master.upserts import insert_new
from sync import scopes
from sync.business.codes import code_of, codes_of, free_run, is_kept, unused
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.policies.archive import CODE_BLOCK, CODE_LOW, CODE_PREFIX
from sync.records import CodeBlock, Outlet, Reason

__all__ = ["CODE_REFUSED", "deal", "deal_all", "deal_codes", "look"]

CODE_REFUSED = "code_refused"
"""The state of the finding, and the kind of the matter, about a code that was taken off an outlet."""
_OUTLETS, _BLOCKS = TYPED["outlet"], TYPED["code_block"]
_LOCK = "code_blocks"
_NEWEST = 2
_AHEAD = 10
"""So many blocks' worth of numbers is looked at for a block that is free."""
_AT_ONCE = 10_000
_WHO = (Role.REP, Role.SERVICE)


async def deal_all(tx: Tx, ground: Ground) -> frozenset[str]:
    """Give everybody who runs low the next block; the scopes that changed."""
    return await deal(tx, ground, None)


async def deal(tx: Tx, ground: Ground, among: Collection[UUID] | None) -> frozenset[str]:
    """Give those of these people (None: of all) who register outlets and have fewer than `code_low` codes left the
    next block; the scopes that changed.
    """
    ids = await _registrars(tx, among)
    if not ids:
        return frozenset()
    await _lock(tx)
    asked = []
    for person in await _short(tx, await _blocks(tx, ids), ids, ground.policies.of(CODE_LOW)):
        first, last = await _next(tx, ground)
        fields = {"prefix": _prefix(ground), "first": first, "last": last}
        asked.append(Asked("code_block", fields, scope=scopes.staff(person)))
    applied = await carry_out(tx, ground.sources, asked)
    if any(one.code is OutcomeCode.REFUSED for one in applied.outcomes):
        raise ValueError(f"a block of codes was refused: {applied.outcomes}")
    return applied.changed


async def deal_codes(store: Store, ground: Ground, person: UUID) -> None:
    """Give somebody whose phone was just enrolled the codes that they lack, before it syncs for the first time."""

    async def work(tx: Tx) -> None:
        await deal(tx, replace(ground, policies=await policies_of(tx)), {person})

    await store.transact(work)


def _prefix(ground: Ground) -> str:
    return ground.policies.of(CODE_PREFIX)


async def _registrars(tx: Tx, among: Collection[UUID] | None) -> list[UUID]:
    """People at work who have a place on a roster in which outlets are registered, in the order of their ids."""
    joined = rosters.join(people, people.c.id == rosters.c.staff)
    wanted = select(rosters.c.staff).select_from(joined).distinct()
    wanted = wanted.where(rosters.c.role.in_(_WHO), people.c.status == PersonStatus.ACTIVE)
    if among is not None:
        wanted = wanted.where(rosters.c.staff.in_([one.bytes for one in among]))
    return sorted(UUID(bytes=bytes(one)) for one in (await tx.execute(wanted)).scalars())


async def _lock(tx: Tx) -> None:
    """One dealer at a time, on whatever machine."""
    await insert_new(tx, meta, [{"key": _LOCK, "value": (1).to_bytes(8, "big")}])
    await tx.execute(select(meta.c.key).where(meta.c.key == _LOCK).with_for_update())


async def _short(tx: Tx, held: dict[UUID, list[CodeBlock]], ids: Sequence[UUID], low: int) -> Sequence[UUID]:
    """Those of these people who have fewer than `low` codes left. Their older blocks are used up as a rule: they are
    looked at where the newest leave too few.
    """
    for newest in (_NEWEST, None):
        some = {one: sorted(held[one], key=lambda block: -block.first)[:newest] for one in ids}
        taken = await _taken(tx, [code for blocks in some.values() for block in blocks for code in codes_of(block)])
        ids = [one for one in ids if sum(1 for _ in unused(some[one], taken)) < low]
    return ids


async def _next(tx: Tx, ground: Ground) -> tuple[int, int]:
    """The next block: numbers that were never kept for anybody and that no outlet has."""
    start = int.from_bytes((await tx.execute(select(meta.c.value).where(meta.c.key == _LOCK))).scalar_one(), "big")
    size, prefix = ground.policies.of(CODE_BLOCK), _prefix(ground)
    while True:
        ahead = {code_of(prefix, number): number for number in range(start, start + _AHEAD * size)}
        first = free_run(start, size, [ahead[code] for code in await _taken(tx, list(ahead))])
        if first + size <= start + len(ahead):
            break
        start = first
    after = (first + size).to_bytes(8, "big")
    await tx.execute(meta.update().where(meta.c.key == _LOCK).values(value=after))
    return first, first + size - 1


async def _blocks(tx: Tx, ids: Collection[UUID]) -> dict[UUID, list[CodeBlock]]:
    named = {scopes.staff(one): one for one in ids}
    whose = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    found: dict[UUID, list[CodeBlock]] = defaultdict(list)
    for row in await tx.execute(select(_BLOCKS).where(_BLOCKS.c.scope.in_(whose))):
        found[whose[row.scope]].append(CodeBlock(row.id, row.prefix, row.first, row.last))
    return found


async def _taken(tx: Tx, codes: Sequence[str]) -> set[str]:
    """Which of these codes outlets have, decoys too."""
    found = set[str]()
    for at in range(0, len(codes), _AT_ONCE):
        wanted = select(_OUTLETS.c.code).where(_OUTLETS.c.code.in_(codes[at : at + _AT_ONCE]))
        found |= set((await tx.execute(wanted)).scalars())
    return found


async def look(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Check the codes that came with registrations, and give who runs low the next block; the scopes that changed."""
    fresh = [one for one in arrived if one.arrival.act is Act.CREATE and one.arrival.staff is not None]
    if not fresh:
        return frozenset()
    await _lock(tx)
    changed = await _check(tx, [one for one in fresh if _code(one)], ground)
    return changed | await deal(tx, ground, {one.arrival.staff for one in fresh if one.arrival.staff})


async def _check(tx: Tx, coded: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    if not coded:
        return frozenset()
    who = {one.arrival.staff for one in coded if one.arrival.staff}
    blocks, people, others = await _blocks(tx, who), await find_all(tx, who), await _others(tx, coded)
    deciding = {one.id for one in people.values() if one.role.authority is not Authority.REP}
    wrong: list[tuple[Arrived, str]] = []
    for one in coded:
        code, person = _code(one), one.arrival.staff
        if person not in deciding and (person is None or not is_kept(code, blocks[person])):
            wrong.append((one, "not_kept"))
        elif others[code] - {one.record.id}:
            wrong.append((one, "taken"))
        others[code].add(one.record.id)
    asked = [Asked("outlet", {"code": ""}, one.record.id, Act.EDIT) for one, _ in wrong]
    changed = (await carry_out(tx, ground.sources, asked)).changed if asked else frozenset[str]()
    for one, why in wrong:
        await _bring_up(tx, one, why, ground)
    return changed | await tell(tx, ground.sources, [_found(one, why) for one, why in wrong])


def _code(one: Arrived) -> str:
    return one.record.code if isinstance(one.record, Outlet) else ""


async def _others(tx: Tx, coded: Sequence[Arrived]) -> dict[str, set[UUID]]:
    """The outlets that have these codes already; those that are still to be looked at come later."""
    rows = await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.code).where(_OUTLETS.c.code.in_({*map(_code, coded)})))
    found: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        found[row.code].add(row.id)
    ids = [one.bytes for those in found.values() for one in those]
    unseen = select(arrivals.c.record).where(arrivals.c.record.in_(ids), arrivals.c.act == Act.CREATE)
    later = {UUID(bytes=bytes(one)) for one in (await tx.execute(unseen)).scalars()}
    return defaultdict(set, {code: those - later for code, those in found.items()})


def _found(one: Arrived, why: str) -> Found:
    person = one.arrival.staff or UUID(int=0)
    return Found(person, one.record.id, "outlet", CODE_REFUSED, one.record.id, (Reason(why),), _code(one))


async def _bring_up(tx: Tx, one: Arrived, why: str, ground: Ground) -> None:
    name, code = getattr(one.record, "name", ""), _code(one)
    en = "another outlet has it" if why == "taken" else "it was not kept for whoever registered the outlet"
    zh = "已为其他终端所用" if why == "taken" else "不在登记人的预留编码之内"
    matter = Matter(
        CODE_REFUSED, one.record.id,
        f"The code {code} was taken off the new outlet {name}: {en}. Give it another.",
        f"新登记终端“{name}”的编码 {code} 已取消：{zh}，请另行编码。", one.arrival.staff,
    )  # fmt: skip
    await bring_up(tx, matter, ground.sources)
