"""Today: who is out, what was planned and is done, who is silent, what waits, which wipes hang."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select

from server.console.inbox.kinds import Waiting, waiting
from server.console.viewer import Viewer
from server.departure import orders
from server.departure.orders import Order
from server.field.ground import Ground
from server.field.today import Out, Progress, out_today, places_of, progress_of
from server.identity import staff
from server.identity.staff import Person, Role
from server.master.people import devices
from server.master.people import staff as people
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.messages import Standing
from sync.records import TaskStatus

__all__ = ["Duty", "Hanging", "Silent", "Today", "Worker", "today_page"]

PAGE = 10
"""So many people are shown at once: what is planned for each is counted over all their outlets."""
SILENT_AFTER_MS = 24 * 3_600_000
_SHOWN = 8
_DUTIES = 30
_TASKS = TYPED["task"]


class Worker(msgspec.Struct, frozen=True):
    """One rep: how the day goes, when a phone of theirs was heard of last (server milliseconds)."""

    person: UUID
    name: str
    out: Out | None
    heard_at: int | None
    progress: Progress


class Silent(msgspec.Struct, frozen=True):
    """A phone that was not heard of for a day."""

    device: UUID
    person: UUID
    name: str
    model: str
    heard_at: int | None
    pending: int


class Hanging(msgspec.Struct, frozen=True):
    """An order of a wipe that nobody has confirmed for long, or that was contradicted."""

    order: Order
    name: str
    grade: int


class Duty(msgspec.Struct, frozen=True):
    """An open task of the viewer's own; `due` a day."""

    title: str
    due: str | None
    is_late: bool


class Today(msgspec.Struct, frozen=True):
    """The page. `reps` counts all, `out` those who are out, `visits` all of today; `workers` are one page of the reps,
    those who are out first; `behind` is where the next page begins. Others than managers have `waiting` and `duties`.
    """

    day: str
    waiting: tuple[Waiting, ...]
    duties: tuple[Duty, ...] = ()
    reps: int = 0
    out: int = 0
    visits: int = 0
    workers: tuple[Worker, ...] = ()
    behind: int | None = None
    silent: tuple[Silent, ...] = ()
    silent_count: int = 0
    hanging: tuple[Hanging, ...] = ()


async def today_page(
    tx: Tx, viewer: Viewer, ground: Ground, *, begins: int = 0, only: str = "", hangs_after: int
) -> Today:
    """How the day goes; `only` is `out` or `in`, `begins` the first of the reps that is shown, and an order of a wipe
    hangs `hangs_after` milliseconds after it was issued. Some queries, however many people there are.
    """
    role = viewer.person.role
    page = Today(str(ground.today), tuple(one for one in await waiting(tx, role, viewer.now) if one.count))
    page = msgspec.structs.replace(page, duties=await _duties(tx, viewer.person, str(ground.today)))
    if not viewer.is_manager:
        return page
    everybody = await staff.everybody(tx)
    names = {one.id: one.name for one in everybody}
    reps = [one for one in everybody if one.is_active and one.role is Role.REP]
    out = await out_today(tx, ground, [one.id for one in reps])
    wanted = [one for one in reps if not only or (one.id in out) is (only == "out")]
    ordered = sorted(
        wanted, key=lambda one: (one.id not in out, -out[one.id].last_at if one.id in out else 0, one.name)
    )
    silent, count = await _silent(tx, viewer.now, names)
    return msgspec.structs.replace(
        page,
        reps=len(reps),
        out=len(out),
        visits=sum(one.visits for one in out.values()),
        workers=await _workers(tx, ground, ordered[begins : begins + PAGE], out),
        behind=begins + PAGE if len(ordered) > begins + PAGE else None,
        silent=silent,
        silent_count=count,
        hanging=await _hanging(tx, viewer.now, hangs_after, names),
    )


async def _workers(tx: Tx, ground: Ground, shown: list[Person], out: dict[UUID, Out]) -> tuple[Worker, ...]:
    ids = [one.id for one in shown]
    heard = select(devices.c.staff, func.max(devices.c.last_contact)).where(
        devices.c.staff.in_([one.bytes for one in ids]), devices.c.standing != Standing.DEPARTED
    )
    contacts = {UUID(bytes=bytes(row[0])): row[1] for row in await tx.execute(heard.group_by(devices.c.staff))}
    progress = await progress_of(tx, ground, await places_of(tx, ids))
    return tuple(Worker(one.id, one.name, out.get(one.id), contacts.get(one.id), progress[one.id]) for one in shown)


def _is_silent(now: int) -> ColumnElement[bool]:
    works = select(people.c.id).where(people.c.status != staff.PersonStatus.DEPARTED)
    heard = func.coalesce(devices.c.last_contact, devices.c.enrolled_at)
    return and_(devices.c.standing == Standing.ACTIVE, heard < now - SILENT_AFTER_MS, devices.c.staff.in_(works))


async def _silent(tx: Tx, now: int, names: dict[UUID, str]) -> tuple[tuple[Silent, ...], int]:
    count = (await tx.execute(select(func.count()).select_from(devices).where(_is_silent(now)))).scalar_one()
    heard = func.coalesce(devices.c.last_contact, devices.c.enrolled_at)
    columns = (devices.c.id, devices.c.staff, devices.c.model, devices.c.last_contact, devices.c.pending)
    wanted = select(*columns).where(_is_silent(now)).order_by(heard, devices.c.id).limit(_SHOWN)
    found = [_quiet(row, names) for row in await tx.execute(wanted)]
    return tuple(found), int(count)


def _quiet(row: Any, names: dict[UUID, str]) -> Silent:
    person = UUID(bytes=bytes(row.staff))
    name = names.get(person, "—")
    return Silent(UUID(bytes=bytes(row.id)), person, name, row.model, row.last_contact, row.pending or 0)


async def _hanging(tx: Tx, now: int, after: int, names: dict[UUID, str]) -> tuple[Hanging, ...]:
    found = await orders.listed(tx, open_only=True)
    late = [one for one in found if one.contradicted_at is not None or now - one.issued_at >= after]
    return tuple(Hanging(one, names.get(one.staff, "—"), one.grade(now)) for one in late)


async def _duties(tx: Tx, person: Person, today: str) -> tuple[Duty, ...]:
    """What the viewer has to do, the first that is due first."""
    number = (await numbers(tx, [scopes.staff(person.id)])).get(scopes.staff(person.id))
    if number is None:
        return ()
    is_open = or_(_TASKS.c.status == TaskStatus.OPEN, _TASKS.c.status == TaskStatus.STARTED)
    wanted = select(_TASKS.c.title, _TASKS.c.due).where(_TASKS.c.scope == number, is_open)
    rows = await tx.execute(wanted.order_by(func.coalesce(_TASKS.c.due, "9999"), _TASKS.c.id).limit(_DUTIES))
    return tuple(Duty(row.title, row.due, bool(row.due and row.due < today)) for row in rows)
