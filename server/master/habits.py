"""What people usually change: counters by person, kind of field and hour, moved in the transaction of the changes.

They are of use for a month and a week, and go after that. Only what took effect is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, delete, select

from server.master.actors import Actor, Authority, Batch
from server.master.drafts import Draft, Ready
from server.master.guard import HOUR_MS, KEPT_H, Watch, counted
from server.master.store import Tx
from server.master.tables import METADATA
from server.master.upserts import insert_into
from server.master.working import Working
from sync.clock import Bounds
from sync.operations import Act

__all__ = ["Places", "habits", "judged", "keep_habits", "watch_of"]

habits = Table(
    "habits",
    METADATA,
    Column("staff", LargeBinary(16), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("hour", BigInteger, primary_key=True, autoincrement=False),
    Column("made", Integer, nullable=False),
)

Places = dict[str, tuple[str, int | None]]
"""For each field of an edit that counts: its kind, and the hour that it is counted to, None where it is held back."""


async def watch_of(tx: Tx, actor: Actor, drafts: Iterable[Draft], batch: Batch) -> Watch | None:
    """The counters of the person whose batch this is, read under the lock of their scope; None where nobody watches:
    for who decides, without a setting, or where nothing is edited.
    """
    if batch.guard is None or actor.staff is None or actor.rights.authority is not Authority.REP:
        return None
    if not any(one.ready is not None and one.ready.operation.act is Act.EDIT for one in drafts):
        return None
    since = batch.now // HOUR_MS - KEPT_H
    wanted = select(habits).where(habits.c.staff == actor.staff.bytes, habits.c.hour > since)
    return Watch(batch.guard, batch.now, {(row.kind, row.hour): row.made for row in await tx.execute(wanted)})


def judged(watch: Watch | None, work: Working, ready: Ready, bounds: Bounds) -> Places:
    """Where the fields of an edit count, as the record stands now in the batch."""
    if watch is None or ready.operation.act is not Act.EDIT:
        return {}
    held = work.end_of(ready.operation.record.bytes)
    if held is None or held.record is None or held.collection is not ready.collection:
        return {}
    found = counted(held.collection, held.record, ready.changes)
    return {name: (kind, watch.place(kind, bounds)) for name, kind in found}


async def keep_habits(tx: Tx, staff: UUID, watch: Watch) -> None:
    """Write what a batch added, and let go of what is too old to be of use."""
    if not watch.added:
        return
    rows = [{"staff": staff.bytes, "kind": kind, "hour": hour, "made": n} for (kind, hour), n in watch.added.items()]
    insert = insert_into(tx, habits)
    added = {"made": habits.c.made + insert.excluded.made}
    keys = [column.name for column in habits.primary_key]
    await tx.execute(insert.on_conflict_do_update(index_elements=keys, set_=added), rows)
    too_old = watch.now // HOUR_MS - KEPT_H
    await tx.execute(delete(habits).where(habits.c.staff == staff.bytes, habits.c.hour <= too_old))
