"""Checks of the store against itself: digests taken again from the feed, the feed against the typed tables, the
journal's chain. They find faults; they change nothing but the digests of a new epoch.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import LargeBinary, func, select

from server.master.chain_check import check_chains
from server.master.flaws import Flaws
from server.master.meta import read_identity
from server.master.scoping import ScopeState, lock_scopes, save_scopes
from server.master.store import Tx
from server.master.tables import feed, records, scopes
from server.master.typed import TYPED
from sync import digest
from sync.codec import DecodeError, peek
from sync.records import COLLECTIONS

__all__ = ["Fault", "audit", "take_digests"]

_MOST = 1000
"""So many records that are out of place are named."""
_BEGINS = 24
"""Bytes in which a packed record names its collection and its id."""
_FIRST = func.substr(feed.c.packed, 1, _BEGINS, type_=LargeBinary)


class Fault(msgspec.Struct, frozen=True):
    """Something in the store that is not as it was written: where, and what, in English and Chinese."""

    scope: str
    what: str
    zh: str


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
            faults.append(
                Fault(
                    state.name,
                    f"the feed has {count} records and another digest than the scope's row",
                    f"数据流有 {count} 条记录，摘要与范围记录不符",
                )
            )
        last = select(func.max(feed.c.version)).where(feed.c.scope == state.no)
        if ((await tx.execute(last)).scalar_one() or 0) > state.head:
            faults.append(
                Fault(state.name, f"the feed goes beyond the head, {state.head}", f"数据流超出了版本头 {state.head}")
            )
    return faults + await _chain_faults(tx) + await _place_faults(tx) + await _typed_faults(tx)


async def _chain_faults(tx: Tx) -> list[Fault]:
    flaws = Flaws()
    await check_chains(tx, flaws)
    return [
        Fault(one.scope, f"journal entry {one.position}: {one.en}", f"日志第 {one.position} 条：{one.zh}")
        for one in flaws
    ]


async def _place_faults(tx: Tx) -> list[Fault]:
    """Each record stands whole in the feed of the scope where it is, at its revision, and nowhere else."""
    is_whole = feed.c.packed.is_not(None)
    is_here = records.c.gone.is_(False) & (records.c.scope == feed.c.scope) & (records.c.revision == feed.c.revision)
    joined = feed.outerjoin(records, (records.c.record == feed.c.record) & is_here)
    lost = select(feed.c.record, feed.c.scope).select_from(joined).where(is_whole, records.c.record.is_(None))
    faults = [
        Fault(
            "",
            f"the feed of scope {row.scope} has {UUID(bytes=bytes(row.record))}, which is not there",
            f"范围 {row.scope} 的数据流中有不属于那里的记录 {UUID(bytes=bytes(row.record))}",
        )
        for row in await tx.execute(lost.order_by(feed.c.scope, feed.c.version).limit(_MOST))
    ]
    whole = (await tx.execute(select(func.count()).select_from(feed).where(is_whole))).scalar_one()
    held = (await tx.execute(select(func.count()).select_from(records).where(records.c.gone.is_(False)))).scalar_one()
    if held == whole:
        return faults
    return [*faults, Fault("", f"{held} records, {whole} in the feed", f"记录 {held} 条，数据流中 {whole} 条")]


async def _typed_faults(tx: Tx) -> list[Fault]:
    """The typed tables have what the feed has, one collection after the other."""
    faults = []
    for name, table in TYPED.items():
        tag = COLLECTIONS[name].tag
        wanted = select(feed.c.record, feed.c.scope, feed.c.revision, _FIRST.label("begins"))
        here = (records.c.record == feed.c.record) & (records.c.tag == tag)
        held = set()
        async for row in await tx.stream(wanted.join(records, here).where(feed.c.packed.is_not(None))):
            named = _named(bytes(row.begins), tag)
            held.add((named or bytes(row.record), row.scope, row.revision))
        rows, twice = set(), 0
        async for row in await tx.stream(select(*table.c[:3])):
            one = (row.id, row.scope, row.revision)
            twice += one in rows
            rows.add(one)
        if rows != held or twice:
            faults.append(_differing(table.name, len(rows ^ held) + twice))
    return faults


def _named(begins: bytes, tag: int) -> UUID | None:
    """The id that packed bytes name; None where they are no record of that collection."""
    try:
        one, record = peek(begins)
    except DecodeError:
        return None
    return UUID(bytes=record) if one.tag == tag else None


def _differing(table: str, count: int) -> Fault:
    en = f"{count} rows of {table} are not as the feed has them"
    return Fault("", en, f"{table} 有 {count} 行与数据流不符")
