"""Where outlets are, since when and how they came, read from the journal's bodies alone.

A note beside a move says that the pool's rule made it, or undid it; both name the move's operation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.own_acts import Asked, carry_out
from server.master.actors import Authority
from server.master.journal import Change, Note, note
from server.master.scoping import names
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, records, with_body
from server.ports import Sources
from sync.business.pool import Stay, Step, stay_of, switched_on
from sync.codec import decode
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.policies.pool import POOL_RETURN
from sync.records import COLLECTIONS

__all__ = ["Going", "Moved", "Read", "on_since", "read_of", "send", "stays_of", "steps_of"]

_AT_ONCE = 500
_OPERATION = b"\xa9operation"
RULE = "rule"


class Read(msgspec.Struct, frozen=True):
    """One body of the journal about an outlet: when it was written, in which scope's chain, and the bytes."""

    at: int
    scope: str
    body: bytes


def _change(body: bytes) -> Change | None:
    """The change of an operation; None for an event. An array of up to 15 has a head of one byte."""
    return decode(body, Change) if body[1 : 1 + len(_OPERATION)] == _OPERATION else None


def steps_of(bodies: Iterable[Read]) -> list[Step]:
    """The steps of one outlet that the bodies of its journal tell."""
    moves: dict[UUID, Step] = {}
    said: dict[UUID, tuple[str, dict[str, Any]]] = {}
    for one in bodies:
        change = _change(one.body)
        if change is None:
            kind, body, *_ = msgspec.msgpack.decode(one.body)
            if isinstance(body, dict) and "move" in body:
                said[UUID(bytes=body["move"])] = (kind, body)
        elif (step := _step(one, change)) is not None and change.operation is not None:
            moves[change.operation.id] = step
    return [_told(step, *said.get(move, ("", {}))) for move, step in moves.items()]


def _step(one: Read, change: Change) -> Step | None:
    operation = change.operation
    if operation is None or operation.collection != "outlet" or change.outcome.code is OutcomeCode.REFUSED:
        return None
    if operation.act is Act.CREATE:
        return Step(one.at, operation.scope or one.scope)
    return Step(one.at, operation.scope or "", change.came_from) if operation.act is Act.MOVE else None


def _told(step: Step, kind: str, body: dict[str, Any]) -> Step:
    holder = body.get("holder")
    return msgspec.structs.replace(
        step,
        by_rule=kind == "pool_returned" and body.get("why") == RULE,
        restored=kind == "pool_restored",
        holder=UUID(bytes=holder) if holder else None,
    )


async def read_of(tx: Tx, of: Sequence[UUID]) -> dict[UUID, list[Read]]:
    """The bodies of the journal about each of these records, some hundred records at a time."""
    found, known = defaultdict[UUID, list[Read]](list), dict[int, str]()
    columns = (journal_bodies.c.record, journal_bodies.c.scope, journal_bodies.c.body, journal.c.at)
    joined = select(*columns).select_from(journal_bodies.join(journal, with_body))
    for first in range(0, len(of), _AT_ONCE):
        meant = journal_bodies.c.record.in_([one.bytes for one in of[first : first + _AT_ONCE]])
        rows = (await tx.execute(joined.where(meant))).all()
        known |= await names(tx, {row.scope for row in rows} - known.keys())
        for row in rows:
            found[UUID(bytes=bytes(row.record))].append(Read(row.at, known[row.scope], bytes(row.body)))
    return found


async def stays_of(tx: Tx, outlets: Sequence[UUID]) -> dict[UUID, Stay]:
    """Where each of these outlets is, by the journal."""
    read = await read_of(tx, outlets)
    stays = {one: stay_of(steps_of(bodies)) for one, bodies in read.items()}
    return {one: stay for one, stay in stays.items() if stay is not None}


async def on_since(tx: Tx) -> int | None:
    """Since when outlets return by the rule, by the journal of the company's settings; None where they do not."""
    wanted = select(records.c.record).where(records.c.tag == COLLECTIONS["policy"].tag)
    policies = [UUID(bytes=bytes(one)) for one in (await tx.execute(wanted)).scalars()]
    values: list[tuple[int, bool]] = []
    for bodies in (await read_of(tx, policies)).values():
        values += _switches(bodies)
    return switched_on(values)


def _switches(bodies: Iterable[Read]) -> list[tuple[int, bool]]:
    found, is_it = list[tuple[int, bool]](), False
    for one in bodies:
        change = _change(one.body)
        if change is None or change.operation is None or change.outcome.code is OutcomeCode.REFUSED:
            continue
        said: dict[str, Any] = msgspec.msgpack.decode(change.operation.changes)
        is_it = is_it or said.get("key") == POOL_RETURN.key
        if change.operation.act is Act.REMOVE or "value" in said:
            found.append((one.at, said.get("value") == "on"))
    return found if is_it else []


# ---- moving ----------------------------------------------------------------------------------------------------------


class Going(msgspec.Struct, frozen=True):
    """One outlet that goes to `scope`, and what the journal says of it: an event of `kind` with a body."""

    outlet: UUID
    scope: str
    kind: str
    body: dict[str, Any] = {}


class Moved(msgspec.Struct, frozen=True):
    """Which outlets moved, which could not be and why, and the scopes that changed."""

    moved: tuple[UUID, ...] = ()
    refused: dict[UUID, str] = {}
    changed: frozenset[str] = frozenset()


async def send(
    tx: Tx, sources: Sources, going: Sequence[Going], by: UUID | None = None, also: Sequence[Asked] = ()
) -> Moved:
    """Move outlets by the server's act, or a person's, with an event beside each move; `also` is done with them."""
    moves = [Asked("outlet", {}, one.outlet, Act.MOVE, one.scope) for one in going]
    applied = await carry_out(tx, sources, [*moves, *also], by=by, authority=Authority.SERVER)
    done, notes, refused = list[UUID](), list[Note](), dict[UUID, str]()
    for one, outcome in zip(going, applied.outcomes, strict=False):
        if outcome.code is OutcomeCode.REFUSED or outcome.operation is None:
            refused[one.outlet] = outcome.reason
            continue
        done.append(one.outlet)
        body = {"move": outcome.operation.bytes, "by": by.bytes if by else None} | one.body
        notes.append(Note(one.scope, one.kind, body, one.outlet))
    await note(tx, notes, sources.now(), sources.random)
    return Moved(tuple(done), refused, applied.changed)
