"""One row of a plan while it is carried out, and how the server hands operations in for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from server.departure.departures_file import Planned
from server.identity import staff
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.store import Tx
from server.master.write import Applied, apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.operations import Act, Operation, changes_of

__all__ = ["Came", "Turn", "follower", "hand_in", "operation"]


class Turn(msgspec.Struct, frozen=True):
    """One row that has its turn: whose departure, when it was planned (server milliseconds), and the company's zone."""

    leaver: UUID
    planned_at: int
    planned: Planned
    sources: Sources
    zone: str


class Came(msgspec.Struct, frozen=True):
    """What one transaction for a row came to: the scopes in which somebody should look, whether more is left to do,
    and what the journal says of it.
    """

    changed: frozenset[str] = frozenset()
    more: bool = False
    kind: str = ""
    body: dict[str, Any] = {}
    scope: str = ""


async def follower(tx: Tx, successor: UUID | None) -> UUID | None:
    """The successor, their row locked, unless that person has left as well in the meantime."""
    person = None if successor is None else await staff.lock(tx, successor)
    return person.id if person is not None and person.is_active else None


def operation(
    turn: Turn, act: Act, collection: str, record: UUID, scope: str | None = None, **fields: Any
) -> Operation:
    """An operation of a rule, of now."""
    now = turn.sources.now()
    moment = Moment("rule", now, now)
    return Operation(turn.sources.new_id(), act, collection, record, 0, moment, scope, changes_of(**fields))


async def hand_in(tx: Tx, turn: Turn, operations: list[Operation]) -> Applied:
    """Hand operations to the write path as the server's. What is noted of the leaver afterwards stands in a scope that
    is locked by then.
    """
    now = turn.sources.now()
    handed = [Submission(number, encode(one), Bounds(now, now, now), one) for number, one in enumerate(operations, 1)]
    actor = Actor(turn.sources.random(16), Rights(Authority.SERVER), scopes.staff(turn.leaver))
    return await apply(tx, actor, handed, Batch(now, turn.sources.random))
