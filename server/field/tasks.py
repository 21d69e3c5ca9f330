"""Tasks that the server gives to people, each once: what somebody has open of the same kind at an outlet is not given
again, nor what they ever had for the same day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.master.scoping import lock_scopes, names, numbers
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from sync.policies.work import TASK_DAYS
from sync.records import TaskStatus
from sync.scopes import ScopeKind, parse_scope

__all__ = ["Wanted", "clear_old", "day_of", "drop", "drop_at", "finish", "give", "holders"]

_TITLE = 120
_AT_ONCE = 2000
_OPEN = (TaskStatus.OPEN, TaskStatus.STARTED)


_Key = tuple[UUID, str, UUID | None, UUID | None, str]


class Wanted(msgspec.Struct, frozen=True):
    """A task, mostly about an outlet, before it is somebody's: `due` a day, `about` a record, `companions` people.

    One that `is_of_day` is another one on each day: what is open from an earlier day does not stand in its way.
    """

    kind: str
    outlet: UUID | None
    title: str
    notes: str = ""
    due: str | None = None
    about: UUID | None = None
    companions: tuple[UUID, ...] = ()
    is_of_day: bool = False


def day_of(ms: int, zone: str) -> date:
    """The calendar day of a server time in the company's time zone."""
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).date()


async def give(tx: Tx, sources: Sources, wanted: Sequence[tuple[UUID, Wanted]]) -> tuple[int, frozenset[str]]:
    """Give tasks to people, by the server's own act. How many were new, and the scopes that changed. Of two who give
    at once the second knows what the first gave.
    """
    await lock_scopes(tx, {scopes.staff(person) for person, _ in wanted})
    known = await _known(tx, wanted)
    fresh = []
    for person, one in wanted:
        same = {_due(person, one)} if one.is_of_day else {_open(person, one), _due(person, one)}
        if not known & same:
            fresh.append((person, one))
            known |= {_due(person, one)} if one.due else set()
    if not fresh:
        return 0, frozenset()
    applied = await carry_out(tx, sources, [_asked(person, one) for person, one in fresh])
    return len(fresh), applied.changed


def _open(person: UUID, one: Any) -> _Key:
    """What tells an open task from others: somebody has one of a kind at an outlet about a record."""
    return person, one.kind, one.outlet, one.about, ""


def _due(person: UUID, one: Any) -> _Key:
    """What tells a task of a day from others, whatever has become of it: a birthday comes once a year."""
    return person, one.kind, one.outlet, one.about, one.due or "-"


def _asked(person: UUID, one: Wanted) -> Asked:
    fields = {name: getattr(one, name) for name in ("kind", "outlet", "notes", "due", "about", "companions")}
    return Asked("task", {"title": one.title[:_TITLE], **fields}, scope=scopes.staff(person))


async def _known(tx: Tx, wanted: Sequence[tuple[UUID, Wanted]]) -> set[_Key]:
    """The tasks of these kinds that these people have open, and those for one of these days that they ever had."""
    table = TYPED["task"]
    named = {scopes.staff(person): person for person, _ in wanted}
    whose = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    columns = (table.c.scope, table.c.kind, table.c.outlet, table.c.about, table.c.due, table.c.status)
    of_day = table.c.due.in_({one.due for _, one in wanted if one.due})
    meant = table.c.kind.in_({one.kind for _, one in wanted}) & (table.c.status.in_(_OPEN) | of_day)
    rows = (await tx.execute(select(*columns).where(table.c.scope.in_(whose), meant))).all()
    still = {_open(whose[row.scope], row) for row in rows if row.status in _OPEN}
    return still | {_due(whose[row.scope], row) for row in rows if row.due}


async def holders(tx: Tx, kind: str) -> dict[UUID, UUID]:
    """Who has an open task of a kind, by its outlet."""
    table = TYPED["task"]
    wanted = select(table.c.outlet, table.c.scope).where(table.c.kind == kind, table.c.status.in_(_OPEN))
    rows = (await tx.execute(wanted.where(table.c.outlet.is_not(None)).order_by(table.c.id))).all()
    places = {no: parse_scope(name) for no, name in (await names(tx, {row.scope for row in rows})).items()}
    people = {no: place.of for no, place in places.items() if place is not None and place.kind is ScopeKind.STAFF}
    return {row.outlet: person for row in rows if (person := people.get(row.scope)) is not None}


async def finish(
    tx: Tx, sources: Sources, kind: str, outlets: Collection[UUID], answer: str, *, due: str | None = None
) -> frozenset[str]:
    """Close open tasks of a kind at outlets (with `due`, those of that day) where what they ask for has been done; the
    scopes that changed.
    """
    table, done = TYPED["task"], set(outlets)
    wanted = select(table.c.id, table.c.outlet).where(table.c.kind == kind, table.c.status.in_(_OPEN))
    if due is not None:
        wanted = wanted.where(table.c.due == due)
    fields = {"status": TaskStatus.DONE, "answer": answer}
    asked = [Asked("task", fields, row.id, Act.EDIT) for row in await tx.execute(wanted) if row.outlet in done]
    return (await carry_out(tx, sources, asked)).changed


async def drop_at(tx: Tx, sources: Sources, outlet: UUID, kinds: Collection[str]) -> frozenset[str]:
    """Drop the open tasks of these kinds at an outlet that stands no more; the scopes that changed."""
    table = TYPED["task"]
    still = table.c.kind.in_(kinds) & table.c.status.in_(_OPEN)
    rows = await tx.execute(select(table.c.id).where(table.c.outlet == outlet, still))
    asked = [Asked("task", {"status": TaskStatus.DROPPED}, one, Act.EDIT) for one in rows.scalars()]
    return (await carry_out(tx, sources, asked)).changed


async def drop(
    tx: Tx,
    sources: Sources,
    kind: str,
    about: Collection[UUID],
    *,
    due: str | None = None,
    but: Collection[tuple[UUID, str]] = (),
) -> frozenset[str]:
    """Drop open tasks of a kind about records (with `due`, those of that day; not those `but` names by record and day)
    for which there is no ground any more; the scopes that changed.
    """
    table, gone = TYPED["task"], set(about)
    columns = (table.c.id, table.c.about, table.c.due)
    wanted = select(*columns).where(table.c.kind == kind, table.c.status.in_(_OPEN))
    if due is not None:
        wanted = wanted.where(table.c.due == due)
    asked = [
        Asked("task", {"status": TaskStatus.DROPPED}, row.id, Act.EDIT)
        for row in await tx.execute(wanted)
        if row.about in gone and (row.about, row.due) not in but
    ]
    return (await carry_out(tx, sources, asked)).changed


async def clear_old(tx: Tx, ground: Ground) -> frozenset[str]:
    """Remove what was done or dropped and due longer ago than `task_days`, some thousands a night: a person's scope
    would grow by it for ever. The scopes that changed.
    """
    table = TYPED["task"]
    until = str(ground.today - timedelta(days=ground.policies.of(TASK_DAYS)))
    old = select(table.c.id).where(table.c.due < until, table.c.status.not_in(_OPEN))
    found = (await tx.execute(old.order_by(table.c.due, table.c.id).limit(_AT_ONCE))).scalars().all()
    return (await carry_out(tx, ground.sources, [Asked("task", {}, one, Act.REMOVE) for one in found])).changed
