"""What work came to, against what the oracle knows: who might do it where, and which of two edits stands."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.journal import Change
from server.master.merges import listed
from server.master.store import Tx
from server.master.tables import journal, journal_bodies
from server.master.tables import scopes as scope_rows
from server.master.typed import TYPED
from sync.codec import decode
from sync.outcomes import OutcomeCode
from sync.scopes import ScopeKind, parse_scope
from tests.simulation.phone import Phone, Promise
from tests.simulation.world import Place, World

__all__ = ["beside_survivors", "done_outside", "overwritten"]

_OPERATION = b"\xa9operation"
_SURE_MS = 1_000


class _Deed(msgspec.Struct, frozen=True):
    """What a rep did: in which scope, when by the server's clock."""

    scope: str
    at: int
    change: Change


async def _deeds(tx: Tx) -> list[_Deed]:
    """What reps asked for and what took effect, as the journal has it."""
    columns = (scope_rows.c.name, journal.c.at, journal_bodies.c.body)
    here = (journal.c.scope == journal_bodies.c.scope) & (journal.c.position == journal_bodies.c.position)
    joined = select(*columns).join_from(journal, journal_bodies, here)
    rows = await tx.execute(joined.join(scope_rows, scope_rows.c.no == journal.c.scope))
    read = [_Deed(row.name, row.at, decode(bytes(row.body), Change)) for row in rows if _is_operation(bytes(row.body))]
    return [one for one in read if one.change.authority == "rep" and one.change.outcome.code is not OutcomeCode.REFUSED]


def _is_operation(body: bytes) -> bool:
    return body[1 : 1 + len(_OPERATION)] == _OPERATION


async def done_outside(tx: Tx, places: list[Place], gone: set[UUID]) -> list[str]:
    """What reps did in territories that they did not hold then; what a manager took out of quarantine is left out."""
    found = []
    for one in await _deeds(tx):
        scope, person = parse_scope(one.scope), one.change.staff
        is_there = scope is not None and scope.kind is ScopeKind.TERRITORY and person not in gone
        if scope is not None and is_there and not _held(places, scope.of, person, one.at):
            found.append(f"{person} worked in {one.scope}, which was not theirs then")
    return found


async def beside_survivors(tx: Tx) -> list[str]:
    """Outlets that were merged and do not stand where the one stands that they were merged into, or that were edited
    since in its place.
    """
    table = TYPED["outlet"]
    outlets = {row.id: row for row in await tx.execute(select(table))}
    merged = {one.gone: one.at for one in await listed(tx)}
    edited = {(one.change.operation.record, one.at, bytes(one.change.operation.changes)) for one in await _deeds(tx)
              if one.change.operation is not None}  # fmt: skip
    found = []
    for row in outlets.values():
        survivor = outlets.get(row.merged_into)
        if survivor is not None and survivor.scope != row.scope:
            found.append(f"outlet {row.id} was merged into {survivor.id} and does not stand with it")
        late = [what for record, at, what in edited if record == row.id and at > merged.get(row.id, at)]
        shown = [value for value in (row.notes, row.address) if value and any(value.encode() in one for one in late)]
        found += [f"outlet {row.id} was merged and has {value}, which came later" for value in shown]
    return found


def _held(places: list[Place], territory: UUID | None, person: UUID | None, at: int) -> bool:
    mine = [one for one in places if (one.territory, one.person) == (territory, person)]
    return any(one.since <= at and (one.until is None or at <= one.until) for one in mine)


def overwritten(world: World, applied: set[bytes]) -> list[str]:
    """Fields of outlets in which a later edit did not stand, where the server can know which was the later."""
    if world.was_restored or world.was_merged:
        return []
    rows = world.reads(_fields)
    found = []
    for (record, field), edits in _edits(world, applied).items():
        newest = sorted(edits, key=lambda one: one[1].at)[-2:]
        if len(newest) < 2 or not all(phone.tells_time for phone, _ in edits):  # two that differ
            continue
        is_clear = newest[1][1].at - newest[0][1].at > _SURE_MS
        stands = rows.get(record, {}).get(field)
        if is_clear and stands is not None and stands != newest[1][1].mark:
            found.append(f"outlet {record} has {field} {stands}, not the later {newest[1][1].mark}")
    return found


def _edits(world: World, applied: set[bytes]) -> dict[tuple[UUID, str], list[tuple[Phone, Promise]]]:
    edits: dict[tuple[UUID, str], list[tuple[Phone, Promise]]] = {}
    for phone, one in _all(world):
        if one.field and one.mark.encode() in applied:
            edits.setdefault((one.record, one.field), []).append((phone, one))
    return edits


def _all(world: World) -> Iterator[tuple[Phone, Promise]]:
    return ((phone, one) for phone in world.phones for one in phone.promised)


async def _fields(tx: Tx) -> dict[UUID, dict[str, str]]:
    table = TYPED["outlet"]
    rows = await tx.execute(select(table.c.id, table.c.notes, table.c.address))
    return {row.id: {"notes": row.notes, "address": row.address} for row in rows}
