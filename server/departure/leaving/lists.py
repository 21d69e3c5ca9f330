"""The handover list of a territory: for each outlet whoever follows gets a task that says what there is to know, key
outlets first; at key outlets a joint visit, with a manager, introduces them.

Done for some outlets at a time, each with a row of its own, so that a list that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert, select

from server.departure.departures_file import Planned, Step
from server.departure.leaving.knowledge import Known, known_of
from server.departure.leaving.outlets import outlets_of
from server.departure.leaving.rows import Came, Turn, follower, hand_in, operation
from server.departure.leaving.sheet import notes_of
from server.departure.leaving.wanted import answering
from server.departure.recorded import planned_row
from server.identity.staff import Role
from server.identity.territories import roster_of
from server.master.departures import handovers
from server.master.inbox import Matter, bring_up
from server.master.leaving import handover_lists
from server.master.people import staff
from server.master.scoping import open_scope
from server.master.store import Tx
from sync import scopes
from sync.operations import Act, Operation
from sync.records import Grade

__all__ = ["HANDOVER", "JOINT_VISIT", "list_outlets"]

HANDOVER, JOINT_VISIT = "handover", "joint_visit"
_AT_ONCE = 100
_TITLE = 120


class _Heir(msgspec.Struct, frozen=True):
    """Who follows at an outlet, and whether that person holds the private part of its contacts."""

    person: UUID | None = None
    private: bool = False


async def list_outlets(tx: Tx, turn: Turn) -> Came:
    """List some outlets of the row's territory."""
    territory = turn.planned.territory
    if territory is None:
        return Came()
    waiting = await _waiting(tx, turn, territory)
    chosen = waiting[:_AT_ONCE]
    known = await known_of(tx, chosen, turn.leaver)
    moves = await _moves(tx, turn, territory)
    heirs = await _heirs(tx, turn, territory, moves)
    manager = await _manager(tx, turn.leaver)
    tasks, rows = _written(turn, known, heirs, manager)
    for scope in sorted({one.scope for one in tasks if one.scope}):
        await open_scope(tx, scope)
    if rows:
        await tx.execute(insert(handover_lists), rows)
    if len(chosen) == len(waiting):
        await _tell_nobody(tx, turn, territory, heirs[None], {one.outlet for one in moves})
    applied = await hand_in(tx, turn, tasks)
    body = {"territory": territory, "outlets": [one.outlet for one in known], "tasks": len(tasks)}
    return Came(applied.changed, len(chosen) < len(waiting), "handover_listed", body if known else {})


async def _waiting(tx: Tx, turn: Turn, territory: UUID) -> list[UUID]:
    """Outlets that are not on the list yet, key outlets first."""
    listed = select(handover_lists.c.outlet).where(handover_lists.c.handover == turn.planned.id.bytes)
    done = {UUID(bytes=bytes(one)) for one in (await tx.execute(listed)).scalars()}
    return [one.id for one in await outlets_of(tx, [territory]) if one.id not in done]


async def _moves(tx: Tx, turn: Turn, territory: UUID) -> list[Planned]:
    """The rows of the same plan by which outlets leave the territory."""
    wanted = select(handovers).where(
        handovers.c.leaver == turn.leaver.bytes,
        handovers.c.planned_at == turn.planned_at,
        handovers.c.territory == territory.bytes,
        handovers.c.step == Step.MOVE,
    )
    return [planned_row(row) for row in await tx.execute(wanted.order_by(handovers.c.id))]


async def _heirs(tx: Tx, turn: Turn, territory: UUID, moves: Iterable[Planned]) -> dict[UUID | None, _Heir]:
    """Who follows at outlets that have a row of their own, and (None) at all others."""
    heirs = {None: await _here(tx, turn, territory)}
    return heirs | {one.outlet: await _there(tx, turn, one) for one in moves}


async def _here(tx: Tx, turn: Turn, territory: UUID) -> _Heir:
    places = await roster_of(tx, territory)
    person = await follower(tx, turn.planned.successor) or answering(places, turn.leaver)
    return _Heir(person, any(one.private for one in places if one.staff == person))


async def _there(tx: Tx, turn: Turn, moved: Planned) -> _Heir:
    if moved.goes_to is None:
        return _Heir()
    places = await roster_of(tx, moved.goes_to)
    person = answering(places, turn.leaver)
    return _Heir(person, any(one.private for one in places if one.staff == person))


async def _manager(tx: Tx, leaver: UUID) -> UUID | None:
    """Who introduces the successor at key outlets: the manager, or else the dealer, who is there longest."""
    wanted = select(staff.c.id, staff.c.role).where(
        staff.c.role.in_([Role.MANAGER, Role.DEALER]), staff.c.status == "active", staff.c.id != leaver.bytes
    )
    rows = (await tx.execute(wanted.order_by(staff.c.joined_at, staff.c.id))).all()
    ranked = sorted(rows, key=lambda row: row.role != Role.MANAGER)
    return UUID(bytes=bytes(ranked[0].id)) if ranked else None


def _written(
    turn: Turn, known: Sequence[Known], heirs: dict[UUID | None, _Heir], manager: UUID | None
) -> tuple[list[Operation], list[dict[str, Any]]]:
    """The tasks of these outlets, and the rows that say that they were listed."""
    tasks: list[Operation] = []
    rows: list[dict[str, Any]] = []
    for one in known:
        heir = heirs.get(one.outlet, heirs[None])
        task = None
        if heir.person is not None:
            notes = notes_of(one, turn.zone, with_care=heir.private)
            task = _task(turn, heir.person, one, HANDOVER, "接手 Take over", notes)
            tasks += [task, *_joint_visits(turn, one, heir.person, manager)]
        rows.append({
            "handover": turn.planned.id.bytes,
            "outlet": one.outlet.bytes,
            "successor": heir.person.bytes if heir.person else None,
            "task": task.record.bytes if task else None,
            "at": turn.sources.now(),
        })  # fmt: skip
    return tasks, rows


def _joint_visits(turn: Turn, known: Known, person: UUID, manager: UUID | None) -> list[Operation]:
    if known.grade != Grade.A:
        return []
    together = dict.fromkeys(one for one in (person, manager) if one is not None)
    said = "新负责人与经理一同上门。 Whoever follows and a manager call together."
    return [_task(turn, one, known, JOINT_VISIT, "联合拜访 Joint visit", said) for one in together]


def _task(turn: Turn, person: UUID, known: Known, kind: str, what: str, notes: str) -> Operation:
    title = f"{known.grade} · {what} · {known.name}"[:_TITLE]
    fields = {"title": title, "kind": kind, "outlet": known.outlet, "notes": notes}
    return operation(turn, Act.CREATE, "task", turn.sources.new_id(), scopes.staff(person), **fields)


async def _tell_nobody(tx: Tx, turn: Turn, territory: UUID, heir: _Heir, moved: set[UUID | None]) -> None:
    """Outlets that stay in the territory and that nobody follows at are a matter."""
    if heir.person is not None or None in moved:
        return
    left = [one for one in await outlets_of(tx, [territory]) if one.id not in moved]
    if not left:
        return
    keys = sum(one.is_key for one in left)
    en = f"{len(left)} outlets ({keys} key outlets) have nobody since a departure: put somebody on the roster"
    zh = f"{len(left)} 家终端（重点 {keys} 家）在离职后无人负责：请安排接手人"
    await bring_up(tx, Matter("outlets_without_owner", territory, en, zh, turn.leaver), turn.sources)
