"""What the server does by itself, or a manager at a desk: operations made here and put through the one write path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.scoping import open_scope
from server.master.store import Tx
from server.master.tables import records
from server.master.write import Applied, apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.operations import Act, Operation, changes_of

__all__ = ["Asked", "carry_out"]


class Asked(msgspec.Struct, frozen=True):
    """One change: `fields` of a record of `collection`. A create may leave `record` out, and names the scope where the
    outlet does not say it; a move names where to. An edit is made on the record as it stands.
    """

    collection: str
    fields: dict[str, Any] = {}
    record: UUID | None = None
    act: Act = Act.CREATE
    scope: str | None = None


async def carry_out(
    tx: Tx, sources: Sources, asked: Sequence[Asked], *, by: UUID | None = None, authority: Authority = Authority.SERVER
) -> Applied:
    """Do these changes in order, in this transaction. `by` is the person whose act it is, where it is somebody's.

    A person's scope that is named is opened where it is not there yet. Outcomes are as for any batch: the caller looks
    at those that matter to it.
    """
    for name in sorted({one.scope for one in asked if one.scope is not None and one.scope.startswith("staff/")}):
        await open_scope(tx, name)
    bases = await _revisions(tx, [one.record for one in asked if one.record is not None and one.act is not Act.CREATE])
    handed = [_submission(number, one, bases, sources) for number, one in enumerate(asked, 1)]
    actor = Actor(sources.random(16), Rights(authority), scopes.COMPANY, by)
    return await apply(tx, actor, handed, Batch(sources.now(), sources.random))


async def _revisions(tx: Tx, wanted: Sequence[UUID]) -> dict[UUID, int]:
    columns = select(records.c.record, records.c.revision).where(records.c.record.in_([one.bytes for one in wanted]))
    return {UUID(bytes=bytes(row.record)): row.revision for row in await tx.execute(columns)} if wanted else {}


def _submission(number: int, one: Asked, bases: dict[UUID, int], sources: Sources) -> Submission:
    now, record = sources.now(), one.record or sources.new_id()
    moment = Moment("rule", now, now)
    operation = Operation(
        sources.new_id(), one.act, one.collection, record, bases.get(record, 0), moment, one.scope,
        changes_of(**one.fields),
    )  # fmt: skip
    return Submission(number, encode(operation), Bounds(now, now, now), operation)
