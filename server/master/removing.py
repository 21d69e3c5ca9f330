"""Taking people out of the archive: contacts, private parts and what phones were told of refused work on them.

Everything goes through the one write path, so it goes from phones too. Outlets stay: what was sold and visited there
is the company's own history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import select

from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.departures import handed_photos
from server.master.erasing import Erased, check_holds, erase
from server.master.photos import PhotoFiles
from server.master.store import Store, Tx
from server.master.tables import records
from server.master.typed import TYPED
from server.master.write import Applied, apply
from server.ports import Sources
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.errors import Refusal
from sync.operations import Act, Operation, changes_of
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, by_tag
from sync.scopes import COMPANY

__all__ = ["carry_out", "remove"]

_STAYS = frozenset({"outlet", "task"})
"""What is no person's: unless the order is on that very record, it stays."""
_TOLD = "refused"
_TASK = "task"
_GONE = "个人信息已按要求删除 · Personal data was removed by order"
"""What stands in the notes of a task that told of somebody."""


async def carry_out(
    store: Store, photos: PhotoFiles, record: UUID, reason: str, by: UUID, sources: Sources, *, keep: bool
) -> tuple[Erased, frozenset[str]]:
    """Carry out an order on a record: take it out of the archive unless it is to be kept, then remove what is kept of
    it. What was removed, and the scopes that changed. Raises HeldError before anything is done; Refusal.

    Two transactions: an order that stopped between them is given again, and finishes.
    """

    async def take_out(tx: Tx) -> tuple[Applied, list[UUID]]:
        ids = await check_holds(tx, record)
        pictures = [] if keep else await _photos(tx, ids)
        return await remove(tx, ids, by, sources, told_only=keep), pictures

    if not reason.strip():
        raise Refusal("bad_value", "removing personal data takes a reason")
    applied, pictures = await store.transact(take_out)
    for one in pictures:
        await asyncio.to_thread(photos.remove, one)
    return await store.transact(partial(erase, record=record, reason=reason, by=by, sources=sources)), applied.changed


async def remove(tx: Tx, ids: Collection[bytes], by: UUID, sources: Sources, *, told_only: bool) -> Applied:
    """Remove records by id, outlets excepted, and what phones were told of refused work on any of them. Tasks about
    one of them go as well; of one that only tells of them, the notes go.

    With `told_only` the records themselves stay. Raises Refusal where one cannot be removed.
    """
    wanted = await _told_of(tx, ids)
    tasks = [] if told_only else await _tasks(tx, list(ids)[1:])
    if not told_only:
        wanted += await _standing(tx, list(ids))
    now = sources.now()
    moment, bounds = Moment("rule", now, now), Bounds(now, now, now)
    actor = Actor(sources.random(16), Rights(Authority.SERVER), COMPANY, by)
    silent = changes_of(notes=_GONE)
    work = [
        *(Operation(sources.new_id(), Act.REMOVE, name, UUID(bytes=record), 0, moment) for name, record in wanted),
        *(
            Operation(sources.new_id(), Act.EDIT, _TASK, UUID(bytes=record), base, moment, None, silent)
            for record, base in tasks
        ),
    ]
    handed = [Submission(number, encode(one), bounds, one) for number, one in enumerate(work, 1)]
    applied = await apply(tx, actor, handed, Batch(now, sources.random))
    for outcome in applied.outcomes:
        if outcome.code is OutcomeCode.REFUSED and outcome.reason != "record_gone":
            raise Refusal(outcome.reason, outcome.detail)
    return applied


async def _photos(tx: Tx, ids: Collection[bytes]) -> list[UUID]:
    """Photos among these, also ones whose record waits in quarantine."""
    tag = COLLECTIONS["photo"].tag
    wanted = select(records.c.record).where(records.c.record.in_(list(ids)), records.c.tag == tag)
    handed = select(handed_photos.c.photo).where(handed_photos.c.photo.in_(list(ids)))
    return [UUID(bytes=bytes(one)) for one in (await tx.execute(wanted.union(handed))).scalars()]


async def _standing(tx: Tx, ids: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """What still stands of these records and goes, private parts first: each is named by its collection."""
    wanted = select(records.c.record, records.c.tag).where(records.c.record.in_(list(ids)), records.c.gone.is_(False))
    found = [(by_tag(row.tag), bytes(row.record)) for row in await tx.execute(wanted.order_by(records.c.tag.desc()))]
    going = {ids[0], *await _tasks_about(tx, ids)}
    return [
        (one.name, record)
        for one, record in found
        if one is not None and (one.name not in _STAYS or (one.name == _TASK and record in going))
    ]


async def _tasks_about(tx: Tx, ids: Sequence[bytes]) -> set[bytes]:
    table = TYPED[_TASK]
    wanted = select(table.c.id).where(table.c.about.in_([UUID(bytes=one) for one in ids]))
    return {one.bytes for one in (await tx.execute(wanted)).scalars()}


async def _tasks(tx: Tx, ids: Collection[bytes]) -> list[tuple[bytes, int]]:
    """The tasks among these records that still say something, each with its revision."""
    table = TYPED[_TASK]
    wanted = select(table.c.id, table.c.revision).where(table.c.id.in_([UUID(bytes=one) for one in ids]))
    rows = await tx.execute(wanted.where(table.c.notes.is_not(None), table.c.notes.not_in(["", _GONE])))
    return [(row.id.bytes, row.revision) for row in rows]


async def _told_of(tx: Tx, ids: Collection[bytes]) -> list[tuple[str, bytes]]:
    table = TYPED[_TOLD]
    wanted = select(table.c.id).where(table.c.record.in_([UUID(bytes=one) for one in ids]))
    return [(_TOLD, one.bytes) for one in (await tx.execute(wanted)).scalars()]
