"""Registrations that look like shops nobody ever saw: each is put before the manager once, as a question.

What somebody else saw, what was bought and what a verifier confirmed speak for an outlet, and settle the question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, select

from server.field.ground import Ground
from server.field.quarterly.verification import NOT_COUNTED
from server.field.visits.reading import VISITS, in_person
from server.master.inbox import Matter, bring_up, last_brought, listed, settle_matter
from server.master.standing import members, standing_outlets
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.invented import Known, Sign, signs_of
from sync.policies.archive import INVENTED_DAYS, INVENTED_SIGNS
from sync.positions import Position, distance_m
from sync.records import Review, Source

__all__ = ["INVENTED", "ask_about_invented"]

INVENTED = "invented"
_OUTLETS, _FINDINGS, _VERIFICATIONS = TYPED["outlet"], TYPED["finding"], TYPED["verification"]
_NEAR_M = 10.0
_AT_ONCE = 10_000
"""Outlets that one query names: databases take some tens of thousands of values."""
_SAID = {
    Sign.NO_SURE_VISIT: ("登记人没有无疑点的拜访", "no undoubted visit by who registered it"),
    Sign.NO_PHOTO: ("没有照片", "no photo"),
    Sign.NO_CONTACT: ("没有联系人", "no contact"),
    Sign.SHARED_POSITION: ("与另一家终端位置相同", "another outlet stands at the same place"),
    Sign.UNKNOWN_THERE: ("核实时未得到确认", "a verification did not confirm it"),
}


async def ask_about_invented(tx: Tx, ground: Ground) -> frozenset[str]:
    """Ask about what is new, settle what is explained. Some queries for each ten thousand; changes no scope."""
    after, least = ground.policies.of(INVENTED_DAYS), ground.policies.of(INVENTED_SIGNS)
    columns = (*(_OUTLETS.c[one] for one in ("id", "name", "position", "registered_by", "registered_at")),)
    by_reps = (_OUTLETS.c.registered_by.is_not(None), _OUTLETS.c.source == Source.SWEEP)
    wanted = standing_outlets(*columns).where(*by_reps, _OUTLETS.c.review != Review.REFUSED)
    rows = (await tx.execute(wanted)).all()
    shared, known = await _shared(tx, rows), dict[UUID, Known]()
    for at in range(0, len(rows), _AT_ONCE):
        known |= await _known(tx, rows[at : at + _AT_ONCE], shared, ground)
    asked = await last_brought(tx, INVENTED)
    still_open = {one.matter.about for one in await listed(tx, kind=INVENTED)}
    for row in rows:
        signs = signs_of(known[row.id], after=after, least=least)
        if signs and row.id not in asked:
            await bring_up(tx, _matter(row, signs), ground.sources)
        elif not signs and row.id in still_open:
            await settle_matter(tx, INVENTED, row.id, "已有依据 · something speaks for it", ground.sources)
    for one in still_open - known.keys():
        await settle_matter(tx, INVENTED, one, "已关闭、合并或未通过 · it stands no more", ground.sources)
    return frozenset()


def _matter(row: Row[Any], signs: Iterable[Sign]) -> Matter:
    zh, en = ("、".join(_SAID[one][0] for one in signs), ", ".join(_SAID[one][1] for one in signs))
    return Matter(
        INVENTED,
        row.id,
        f"Is there such a shop as {row.name}? Nobody else has seen it and nothing was bought; {en}. Have it looked at.",
        f"“{row.name}”是否真有其店？没有其他人见过，也没有进货；{zh}。请派人核实。",
        row.registered_by,
    )


async def _known(tx: Tx, rows: Collection[Row[Any]], shared: Collection[UUID], ground: Ground) -> dict[UUID, Known]:
    together = await members(tx, [row.id for row in rows])
    of = {one: end for end, each in together.items() for one in each}
    registrar = {row.id: row.registered_by for row in rows}
    own, other = await _sure(tx, of, registrar)
    said = await _verified(tx, of)
    bought = await _named(tx, of, TYPED["order"], TYPED["delivery"])
    photos, contacts = await _named(tx, of, TYPED["photo"]), await _contacts(tx, of)
    return {
        row.id: Known(
            _age(row.registered_at, ground), row.id in own, row.id in other, row.id in bought, (row.id, True) in said,
            (row.id, False) in said, row.id in photos, row.id in contacts, row.id in shared,
        )
        for row in rows
    }  # fmt: skip


def _age(registered_at: int | None, ground: Ground) -> int:
    made: date = ground.day_of(registered_at or 0)
    return (ground.today - made).days


async def _sure(tx: Tx, of: dict[UUID, UUID], registrar: dict[UUID, UUID]) -> tuple[set[UUID], set[UUID]]:
    """Outlets with an undoubted visit in person by who registered them, and by somebody else."""
    doubtful = select(_FINDINGS.c.about).where(_FINDINGS.c.state == "doubtful")
    wanted = in_person(VISITS.c.outlet, VISITS.c.staff).where(VISITS.c.outlet.in_(of), VISITS.c.id.not_in(doubtful))
    own: set[UUID] = set()
    other: set[UUID] = set()
    for row in await tx.execute(wanted):
        end = of[row.outlet]
        (own if row.staff == registrar[end] else other).add(end)
    return own, other


async def _verified(tx: Tx, of: dict[UUID, UUID]) -> set[tuple[UUID, bool]]:
    against = select(_FINDINGS.c.about).where(_FINDINGS.c.state == NOT_COUNTED)
    amended = select(_VERIFICATIONS.c.amends).where(_VERIFICATIONS.c.amends.is_not(None))
    wanted = select(_VERIFICATIONS.c.outlet, _VERIFICATIONS.c.confirmed).where(_VERIFICATIONS.c.outlet.in_(of))
    counting = (_VERIFICATIONS.c.id.not_in(against), _VERIFICATIONS.c.id.not_in(amended))
    rows = await tx.execute(wanted.where(*counting))
    return {(of[row.outlet], bool(row.confirmed)) for row in rows}


async def _named(tx: Tx, of: dict[UUID, UUID], *tables: Table) -> set[UUID]:
    """The outlets that a record of one of these tables names."""
    found: set[UUID] = set()
    for table in tables:
        wanted: Select[Any] = select(table.c.outlet).where(table.c.outlet.in_(of)).distinct()
        found |= {of[one] for one in (await tx.execute(wanted)).scalars()}
    return found


async def _contacts(tx: Tx, of: dict[UUID, UUID]) -> set[UUID]:
    table = TYPED["contact"]
    wanted = select(table.c.outlet).where(table.c.outlet.in_(of), table.c.active).distinct()
    return {of[one] for one in (await tx.execute(wanted)).scalars()}


async def _shared(tx: Tx, rows: Collection[Row[Any]]) -> set[UUID]:
    """Those that stand within ten metres of another."""
    placed = await tx.execute(
        standing_outlets(_OUTLETS.c.id, _OUTLETS.c.position).where(_OUTLETS.c.position.is_not(None))
    )
    cells: dict[tuple[int, int], list[tuple[UUID, Position]]] = {}
    for row in placed:
        if row.position is not None:
            at = Position(**row.position)
            cells.setdefault(_cell(at), []).append((row.id, at))
    found = set()
    for row in rows:
        if row.position is None:
            continue
        here = Position(**row.position)
        lat, lon = _cell(here)
        beside = [one for y in (-1, 0, 1) for x in (-1, 0, 1) for one in cells.get((lat + y, lon + x), ())]
        if any(one != row.id and distance_m(here, there) <= _NEAR_M for one, there in beside):
            found.add(row.id)
    return found


def _cell(at: Position) -> tuple[int, int]:
    return int(at.lat * 5_000), int(at.lon * 5_000)
