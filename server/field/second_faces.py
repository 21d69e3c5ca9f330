"""Key outlets have more than one face: where only few people are in contact with one, a colleague is asked to be next.

The faces of this rule are seen by the customer: who visited (companions too), took an order, or reported a contact.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.ground import Ground
from server.field.tasks import Wanted, finish, give, holders
from server.field.watching.dependence import SECOND_FACE, second_face
from server.identity.rosters import Team, teams
from server.identity.staff import PersonStatus, everybody
from server.master.decoys import no_decoys
from server.master.scoping import names
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync.policies.work import FACES_DAYS, FACES_OF_KEY
from sync.records import Grade, OutletStatus, Review
from sync.scopes import ScopeKind, parse_scope

__all__ = ["KeyOutlet", "faces_seen", "key_outlets", "propose_faces"]

_DAY_MS = 86_400_000
_MOST = 5
"""So many open tasks of this kind a person has at most."""
_OUTLETS = TYPED["outlet"]
_SEEN = (("visit", "started_at"), ("order", "taken_at"), ("contact_report", "at"))


class KeyOutlet(msgspec.Struct, frozen=True):
    """A key outlet of a territory, and the people who are in contact with it."""

    id: UUID
    name: str
    territory: UUID
    is_prospect: bool
    faces: frozenset[UUID]


async def key_outlets(tx: Tx, ground: Ground) -> list[KeyOutlet]:
    """The standing key outlets of territories, prospects first, with their faces."""
    columns = (_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.scope, _OUTLETS.c.status)
    wanted = select(*columns).where(stands(), _OUTLETS.c.grade == Grade.A, _OUTLETS.c.review != Review.REFUSED)
    rows = (await tx.execute(wanted.order_by(_OUTLETS.c.name, _OUTLETS.c.id))).all()
    places = {no: parse_scope(name) for no, name in (await names(tx, {row.scope for row in rows})).items()}
    of = {no: one.of for no, one in places.items() if one is not None and one.kind is ScopeKind.TERRITORY}
    faces = await faces_seen(tx, ground.sources.now() - ground.policies.of(FACES_DAYS) * _DAY_MS)
    found = [
        KeyOutlet(row.id, row.name, place, row.status == OutletStatus.PROSPECT, frozenset(faces.get(row.id, ())))
        for row in rows
        if (place := of.get(row.scope)) is not None
    ]
    return sorted(found, key=lambda one: not one.is_prospect)


async def faces_seen(tx: Tx, since: int) -> dict[UUID, set[UUID]]:
    """Who of those who still work here was in contact with each outlet since then (server ms), merged ones as one."""
    here = {one.id for one in await everybody(tx) if one.status is not PersonStatus.DEPARTED}
    into, faces = await survivors(tx), defaultdict[UUID, set[UUID]](set)
    for name, when in _SEEN:
        table = TYPED[name]
        columns = [table.c.outlet, table.c.staff, *([table.c.companions] if "companions" in table.c else [])]
        rows = await tx.execute(select(*columns).where(table.c[when] >= since, no_decoys(table.c.scope)))
        for row in rows:
            faces[into.get(row.outlet, row.outlet)] |= here.intersection(_people(row))
    return faces


def _people(row: Any) -> Iterable[UUID]:
    if row.staff is not None:
        yield row.staff
    yield from map(UUID, getattr(row, "companions", None) or ())


async def propose_faces(tx: Tx, ground: Ground) -> frozenset[str]:
    """Give a second face its task at each key outlet that has too few, and close those where there are enough now."""
    least = ground.policies.of(FACES_OF_KEY)
    found, rosters = await key_outlets(tx, ground), await teams(tx)
    enough = [one.id for one in found if len(one.faces) >= least]
    note = "已有足够的联系人 · there are enough faces now"
    changed = await finish(tx, ground.sources, SECOND_FACE, enough, note)
    held = await holders(tx, SECOND_FACE)
    load, wanted = Counter(held.values()), []
    for one in found:
        team = rosters.get(one.territory, Team())
        if not 0 < len(one.faces) < least or held.get(one.id) in team.everybody - one.faces:
            continue
        who = second_face(one.faces, team, load, _MOST)
        if who is not None:
            load[who] += 1
            wanted.append((who, _task(one)))
    return changed | (await give(tx, ground.sources, wanted))[1]


def _task(one: KeyOutlet) -> Wanted:
    note = "重点终端须有不止一人联系：由同事陪同上门认识客户 · Let a colleague introduce you to this key outlet."
    return Wanted(SECOND_FACE, one.id, f"第二联系人 Second face · {one.name}", note)
