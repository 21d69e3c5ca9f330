"""Quarterly verification (季度核实): each archive is confirmed by a named verifier who is not its rep.

What a verifier hands in counts or does not, and they are told. What the outlet says is otherwise goes to a manager, who
accepts it field by field; then it goes through the one write path as the manager's word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select

from server.field.arrived import Arrived
from server.field.findings import Found, tell
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.field.tasks import Wanted, drop, give
from server.identity import staff, territories
from server.identity.rosters import Team, teams
from server.identity.staff import Person, Role
from server.master.actors import Authority
from server.master.inbox import Matter, bring_up, listed, settle_matter
from server.master.meta import read_identity
from server.master.scoping import lock_places, names
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync.business.quarters import before, is_ending, last_of, quarter_of
from sync.errors import Refusal
from sync.operations import Act
from sync.policies.archive import VERIFY_WARNING
from sync.records import Reason, Review, Verification
from sync.scopes import ScopeKind, parse_scope

__all__ = [
    "COUNTED",
    "DIFFERENCE",
    "NOT_COUNTED",
    "Progress",
    "accept_differences",
    "is_counted",
    "judge",
    "progress",
    "refuse_differences",
    "remind",
    "verified_in",
    "why_not",
]

COUNTED, NOT_COUNTED = "counted", "not_counted"
DIFFERENCE = "verification_difference"
"""The kind of the matter about what an outlet says is otherwise."""
TASK = "verification"
_VERIFIERS = frozenset({Role.ARCHIVIST, Role.MANAGER, Role.DEALER})
_VERIFICATIONS, _OUTLETS = TYPED["verification"], TYPED["outlet"]


class Progress(msgspec.Struct, frozen=True):
    """How far a territory is with one quarter: outlets to verify, and those of them that are missing."""

    territory: UUID
    name: str
    wanted: int
    missing: tuple[UUID, ...]


def why_not(verifier: Person | None, team: Team) -> str | None:
    """Why a verification by somebody does not count; None where it does. Without a person it was made at a desk."""
    if verifier is None:
        return None
    if verifier.role not in _VERIFIERS:
        return "role"
    if verifier.id == team.owner or verifier.id in team.partners or verifier.id in team.service:
        return "own_outlet"
    return None


async def judge(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Look at verifications: whether each counts, and what an outlet says is otherwise."""
    people = await staff.find_all(tx, {one.arrival.staff for one in arrived if one.arrival.staff is not None})
    of = await _territories_of(tx, {one.record.outlet for one in arrived if isinstance(one.record, Verification)})
    rosters, found = await teams(tx), []
    for one in arrived:
        record = one.record
        if not isinstance(record, Verification):
            continue
        by = one.arrival.staff
        place = of.get(record.outlet)
        team = rosters.get(place, Team()) if place is not None else Team()
        is_early = record.quarter > quarter_of(ground.day_of(one.arrival.latest))
        why = "early" if is_early else why_not(people.get(by) if by is not None else None, team)
        if by is not None:
            reasons = (Reason(why),) if why is not None else ()
            state = NOT_COUNTED if why is not None else COUNTED
            found.append(Found(by, record.id, "verification", state, record.outlet, reasons))
        if record.differences:
            await _ask(tx, record, by, ground.sources)
    return await tell(tx, ground.sources, found)


async def _ask(tx: Tx, record: Verification, by: UUID | None, sources: Sources) -> None:
    fields = "、".join(one.field for one in record.differences)
    en = f"An outlet says that its archive is wrong in {fields} ({record.quarter}): `saojie verify show {record.id}`."
    zh = f"终端核实时指出档案有误（{fields}，{record.quarter}）：saojie verify show {record.id}。"
    await bring_up(tx, Matter(DIFFERENCE, record.id, en, zh, by), sources)


async def _territories_of(tx: Tx, outlets: Collection[UUID]) -> dict[UUID, UUID]:
    rows = (await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.scope).where(_OUTLETS.c.id.in_(outlets)))).all()
    named = await names(tx, {row.scope for row in rows})
    found = {row.id: parse_scope(named[row.scope]) for row in rows}
    return {
        one: place.of
        for one, place in found.items()
        if place is not None and place.of is not None and place.kind is ScopeKind.TERRITORY
    }


async def is_counted(tx: Tx, verification: UUID) -> bool:
    """Whether a verification that was looked at counts."""
    of = TYPED["finding"]
    against = select(of.c.id).where(of.c.about == verification, of.c.state == NOT_COUNTED)
    return (await tx.execute(against.limit(1))).first() is None


async def verified_in(tx: Tx, quarters: Collection[str]) -> dict[UUID, set[str]]:
    """The quarters among these in which each outlet was verified so that it counts; merged outlets as one."""
    findings, of = TYPED["finding"], _VERIFICATIONS
    against = select(findings.c.about).where(findings.c.state == NOT_COUNTED)
    amended = select(of.c.amends).where(of.c.amends.is_not(None))
    wanted = select(of.c.outlet, of.c.quarter).where(
        of.c.quarter.in_(list(quarters)), of.c.id.not_in(against), of.c.id.not_in(amended)
    )
    into, found = await survivors(tx), defaultdict[UUID, set[str]](set)
    for row in await tx.execute(wanted):
        found[into.get(row.outlet, row.outlet)].add(row.quarter)
    return dict(found)


async def progress(tx: Tx, quarter: str) -> list[Progress]:
    """How far each territory is: its standing approved outlets, and those that nobody verified in the quarter."""
    done = await verified_in(tx, [quarter])
    wanted = select(_OUTLETS.c.id, _OUTLETS.c.scope).where(stands(), _OUTLETS.c.review == Review.APPROVED)
    rows = (await tx.execute(wanted.order_by(_OUTLETS.c.id))).all()
    named = await names(tx, {row.scope for row in rows})
    by_place: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        place = parse_scope(named[row.scope])
        if place is not None and place.of is not None and place.kind is ScopeKind.TERRITORY:
            by_place[place.of].append(row.id)
    return [
        Progress(one.id, one.name, len(mine), tuple(each for each in mine if each not in done))
        for one in await territories.all_territories(tx)
        if (mine := by_place.get(one.id, []))
    ]


async def remind(tx: Tx, ground: Ground) -> frozenset[str]:
    """In a quarter's last days: a task for the archivists about each territory with outlets that nobody verified. It
    goes when none is missing any more, and with the next quarter's.
    """
    quarter = quarter_of(ground.today)
    found = await progress(tx, quarter)
    due, last = str(last_of(quarter)), str(last_of(before(quarter)))
    complete = [one.territory for one in found if not one.missing]
    changed = await drop(tx, ground.sources, TASK, complete, due=due)
    if not is_ending(ground.today, ground.policies.of(VERIFY_WARNING)):
        return changed
    changed |= await drop(tx, ground.sources, TASK, [one.territory for one in found], due=last)
    missing = [one for one in found if one.missing]
    people = [one.id for one in await staff.everybody(tx) if one.is_active and one.role is Role.ARCHIVIST]
    await _say_nobody(tx, quarter, 0 if people else sum(len(one.missing) for one in missing), ground.sources)
    wanted = [(who, _task(one, quarter, due)) for who in people for one in missing]
    return changed | (await give(tx, ground.sources, wanted))[1]


async def _say_nobody(tx: Tx, quarter: str, count: int, sources: Sources) -> None:
    company = (await read_identity(tx)).company
    if not count:
        await settle_matter(tx, "verification_nobody", company, "有人负责核实 · somebody verifies", sources)
        return
    en = f"{count} outlets are not verified in {quarter}, and nobody has the role archivist: `saojie verify status`."
    zh = f"{quarter} 尚有 {count} 家终端未核实，且没有档案员：saojie verify status。"
    await bring_up(tx, Matter("verification_nobody", company, en, zh), sources)


def _task(one: Progress, quarter: str, due: str) -> Wanted:
    title = f"{quarter} 核实 Verify · {one.name} · {len(one.missing)}"
    return Wanted(TASK, None, title, due=due, about=one.territory, is_of_day=True)


async def _record(tx: Tx, verification: UUID) -> Row[Any]:
    row = (await tx.execute(select(_VERIFICATIONS).where(_VERIFICATIONS.c.id == verification))).first()
    if row is None:
        raise Refusal("not_found", f"there is no verification {verification}")
    return row


async def _check_open(tx: Tx, verification: UUID) -> None:
    """Of two who decide at once the second reads what the first did. Raises Refusal where it is decided."""
    await lock_places(tx, [verification])
    settled = await listed(tx, kind=DIFFERENCE, is_open=False)
    if verification in {one.matter.about for one in settled}:
        raise Refusal("record_exists", f"the differences of {verification} are decided already")


async def accept_differences(
    tx: Tx, verification: UUID, sources: Sources, *, by: UUID, fields: Collection[str] = ()
) -> frozenset[str]:
    """Take over what the outlet says is otherwise (the named fields, or all), as the manager's word; the scopes that
    changed. Raises Refusal for what is no text of an outlet: that is edited by hand.
    """
    row = await _record(tx, verification)
    said = {one["field"]: one["found"] for one in row.differences}
    found = {name: value for name, value in said.items() if not fields or name in fields}
    if not found:
        raise Refusal("not_found", f"the verification {verification} names no such difference")
    await _check_open(tx, verification)
    one = (await survivors(tx)).get(row.outlet, row.outlet)
    done = await carry_out(tx, sources, [Asked("outlet", found, one, Act.EDIT)], by=by, authority=Authority.MANAGER)
    failed = next((each for each in done.outcomes if each.reason), None)
    if failed is not None:
        raise Refusal("bad_value", f"it cannot be taken over as it is ({failed.detail}); edit the outlet instead")
    await settle_matter(tx, DIFFERENCE, verification, f"accepted {', '.join(sorted(found))}", sources, by)
    return done.changed


async def refuse_differences(tx: Tx, verification: UUID, reason: str, sources: Sources, *, by: UUID) -> None:
    """Leave the archive as it is, with a reason. Raises Refusal where there is no such verification, or no reason."""
    await _record(tx, verification)
    if not reason.strip():
        raise Refusal("bad_value", "refusing takes a reason")
    await _check_open(tx, verification)
    await settle_matter(tx, DIFFERENCE, verification, reason, sources, by)
