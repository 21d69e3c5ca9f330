"""Checks of the store against itself: digests taken again from the feed, the feed against the typed tables, the
journal's chain. They find faults; they change nothing but the digests of a new epoch.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select

from server.master.journal import commit_to, linked
from server.master.meta import read_identity
from server.master.scoping import ScopeState, lock_scopes, save_scopes
from server.master.store import Tx
from server.master.tables import feed, journal, journal_bodies, scopes
from server.master.typed import TYPED
from sync import digest
from sync.codec import peek

__all__ = ["Fault", "audit", "take_digests"]


class Fault(msgspec.Struct, frozen=True):
    """Something in the store that is not as it was written: where, and what."""

    scope: str
    what: str


async def _sum(tx: Tx, no: int, epoch: bytes) -> tuple[int, bytes]:
    columns = select(feed.c.version, feed.c.revision, feed.c.packed)
    rows = await tx.execute(columns.where(feed.c.scope == no, feed.c.packed.is_not(None)))
    hashes = [digest.entry_hash(epoch, row.version, row.revision, bytes(row.packed)) for row in rows]
    return len(hashes), digest.total(hashes)


async def take_digests(tx: Tx) -> None:
    """Take the digests of all scopes again from their feed, as a new epoch needs it."""
    epoch = (await read_identity(tx)).epoch
    numbers = (await tx.execute(select(scopes.c.no))).scalars().all()
    states = await lock_scopes(tx, (), numbers)
    for state in states.values():
        state.count, state.digest = await _sum(tx, state.no, epoch)
    await save_scopes(tx, states.values())


async def audit(tx: Tx) -> list[Fault]:
    """Every fault that can be found; none in a sound store."""
    epoch = (await read_identity(tx)).epoch
    columns = [getattr(scopes.c, field) for field in ScopeState.__slots__]
    faults: list[Fault] = []
    for state in [ScopeState(*row) for row in await tx.execute(select(*columns))]:
        count, total = await _sum(tx, state.no, epoch)
        if (count, total) != (state.count, state.digest):
            faults.append(Fault(state.name, f"the feed has {count} records and another digest than the scope's row"))
        faults.extend(await _chain_faults(tx, state))
    return faults + await _typed_faults(tx)


async def _chain_faults(tx: Tx, state: ScopeState) -> list[Fault]:
    joined = journal.outerjoin(
        journal_bodies,
        (journal_bodies.c.scope == journal.c.scope) & (journal_bodies.c.position == journal.c.position),
    )
    columns = (journal.c.position, journal.c.at, journal.c.commitment, journal.c.link)
    wanted = select(*columns, journal_bodies.c.salt, journal_bodies.c.body).select_from(joined)
    rows = await tx.execute(wanted.where(journal.c.scope == state.no).order_by(journal.c.position))
    link, position = bytes(32), 0
    for row in rows:
        position += 1
        link = linked(link, position, row.at, bytes(row.commitment))
        if row.position != position or bytes(row.link) != link:
            return [Fault(state.name, f"the journal's chain breaks at entry {row.position}")]
        if row.body is not None and commit_to(bytes(row.salt), bytes(row.body)) != bytes(row.commitment):
            return [Fault(state.name, f"the body of journal entry {row.position} was altered")]
    if (position, link) != (state.entries, state.link):
        return [Fault(state.name, f"the journal ends at entry {position}, not {state.entries}")]
    return []


async def _typed_faults(tx: Tx) -> list[Fault]:
    counted: dict[str, int] = {}
    for packed in (await tx.execute(select(feed.c.packed).where(feed.c.packed.is_not(None)))).scalars():
        name = peek(bytes(packed))[0].name
        counted[name] = counted.get(name, 0) + 1
    faults = []
    for name, table in TYPED.items():
        rows = (await tx.execute(select(func.count()).select_from(table))).scalar_one()
        if rows != counted.get(name, 0):
            faults.append(Fault("", f"{table.name} has {rows} rows, the feed {counted.get(name, 0)}"))
    return faults
