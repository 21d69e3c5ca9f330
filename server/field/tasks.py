"""Tasks that the server gives to people, each once: what somebody has open of the same kind at an outlet is not given
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.scoping import numbers, open_scope
from server.master.store import Tx
from server.master.typed import TYPED
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.operations import Act, Operation, changes_of
from sync.records import TaskStatus

__all__ = ["Wanted", "day_of", "give"]

_TITLE = 120
_OPEN = (TaskStatus.OPEN, TaskStatus.STARTED)


class Wanted(msgspec.Struct, frozen=True):
    """A task about an outlet, before it is somebody's."""

    kind: str
    outlet: UUID
    title: str
    notes: str = ""


def day_of(ms: int, zone: str) -> date:
    """The calendar day of a server time in the company's time zone."""
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).date()


async def give(tx: Tx, sources: Sources, wanted: Sequence[tuple[UUID, Wanted]]) -> tuple[int, frozenset[str]]:
    """Give tasks to people, by the server's own act. How many were new, and the scopes that changed."""
    known = await _known(tx, {person for person, _ in wanted})
    fresh = [(person, one) for person, one in wanted if (person, one.kind, one.outlet) not in known]
    if not fresh:
        return 0, frozenset()
    for person in sorted({person for person, _ in fresh}):
        await open_scope(tx, scopes.staff(person))
    now = sources.now()
    handed = [_submission(number, person, one, sources) for number, (person, one) in enumerate(fresh, 1)]
    actor = Actor(sources.random(16), Rights(Authority.SERVER), scopes.COMPANY)
    applied = await apply(tx, actor, handed, Batch(now, sources.random))
    return len(fresh), applied.changed


async def _known(tx: Tx, people: set[UUID]) -> set[tuple[UUID, str, UUID]]:
    """Which tasks these people have open: whose, of what kind, at which outlet."""
    table = TYPED["task"]
    named = {scopes.staff(one): one for one in people}
    whose = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    wanted = select(table.c.scope, table.c.kind, table.c.outlet).where(table.c.outlet.is_not(None))
    rows = await tx.execute(wanted.where(table.c.scope.in_(whose), table.c.status.in_(_OPEN)))
    return {(whose[row.scope], row.kind, row.outlet) for row in rows}


def _submission(number: int, person: UUID, one: Wanted, sources: Sources) -> Submission:
    now = sources.now()
    fields = {"title": one.title[:_TITLE], "kind": one.kind, "outlet": one.outlet, "notes": one.notes}
    operation = Operation(
        sources.new_id(), Act.CREATE, "task", sources.new_id(), 0, Moment("rule", now, now), scopes.staff(person),
        changes_of(**fields),
    )  # fmt: skip
    return Submission(number, encode(operation), Bounds(now, now, now), operation)
