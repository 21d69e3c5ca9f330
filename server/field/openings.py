"""The nightly rule of openings: what phones counted leaves the feed after a month. The journal keeps it.

A phone has no use for its own old counts, and a person's scope would grow by them for ever. They go by operations like
everything else, so that every phone hears of it and digests agree.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from sqlalchemy import select

from server.field.tasks import day_of
from server.live.announce import Announcer
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.store import Store, Tx
from server.master.turns import latest, take_turn
from server.master.typed import TYPED
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.operations import Act, Operation, changes_of

__all__ = ["KEPT_DAYS", "clear_if_due", "clear_openings"]

KEPT_DAYS = 30
_AT_ONCE = 500


async def clear_if_due(store: Store, sources: Sources, announcer: Announcer, zone: str, hour: int) -> int:
    """Clear once a day, after `hour` o'clock, in one process; how many went."""

    async def turn(tx: Tx) -> bool:
        now = sources.now()
        return await take_turn(tx, "openings", latest(now, hour), now)

    return await clear_openings(store, sources, announcer, zone) if await store.transact(turn) else 0


async def clear_openings(store: Store, sources: Sources, announcer: Announcer, zone: str) -> int:
    """Remove openings of days that are more than a month ago in the company's time zone; how many went."""
    before = (day_of(sources.now(), zone) - timedelta(days=KEPT_DAYS)).isoformat()
    total = 0
    while True:
        count, changed = await store.transact(partial(_clear, sources=sources, before=before))
        announcer.announce(changed)
        total += count
        if count < _AT_ONCE:
            return total


async def _clear(tx: Tx, sources: Sources, before: str) -> tuple[int, frozenset[str]]:
    table = TYPED["opening"]
    wanted = select(table.c.id).where(table.c.day < before).order_by(table.c.day, table.c.id).limit(_AT_ONCE)
    found = (await tx.execute(wanted)).scalars().all()
    if not found:
        return 0, frozenset()
    now = sources.now()
    moment, bounds = Moment("rule", now, now), Bounds(now, now, now)
    handed: list[Submission] = []
    for number, record in enumerate(found, 1):
        operation = Operation(sources.new_id(), Act.REMOVE, "opening", record, 0, moment, None, changes_of())
        handed.append(Submission(number, encode(operation), bounds, operation))
    actor = Actor(sources.random(16), Rights(Authority.SERVER), scopes.COMPANY)
    applied = await apply(tx, actor, handed, Batch(now, sources.random))
    return len(found), applied.changed
