"""What each device was given, by scope and photo: written before the answer leaves, and never deleted.

`holdings` has a row for each scope as it is now; what a row said before it is overwritten is kept in `past_holdings`
once a day and at each eviction, so that what a device is given all day costs one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from server.exchange.pull import Given
from server.master.evidence import past_holdings, photo_readings
from server.master.people import holdings
from server.master.plans import small
from server.master.scoping import numbers
from server.master.store import Store, Tx
from server.master.upserts import insert_new, upsert
from sync.scopes import parse_scope

__all__ = ["give", "give_photo", "take_away"]

_DAY_MS = 86_400_000
_HELD = small(
    select(holdings).where(
        holdings.c.device == bindparam("device"), holdings.c.scope.in_(bindparam("scopes", expanding=True))
    )
)


async def give(tx: Tx, device: bytes, given: Sequence[Given], now: int) -> None:
    """Note that a device is given records of these scopes."""
    if not given:
        return
    asked = {"device": device, "scopes": [one.scope for one in given]}
    before = {row.scope: row for row in await tx.execute(_HELD, asked)}
    await _keep(tx, [row for row in before.values() if row.evicted_at is None and _day(row.last_at) < _day(now)])
    await upsert(tx, holdings, [_given(device, one, before.get(one.scope), now) for one in given])


def _given(device: bytes, one: Given, old: Row[Any] | None, now: int) -> dict[str, Any]:
    """The row of a scope. After an eviction a new period begins."""
    goes_on = old is not None and old.evicted_at is None
    return {
        "device": device,
        "scope": one.scope,
        "first_at": old.first_at if old is not None and goes_on else now,
        "last_at": now,
        "version": max(one.version, old.version) if old is not None and goes_on else one.version,
        "evicted_at": None,
    }


async def take_away(tx: Tx, device: bytes, scopes: Sequence[str], now: int) -> None:
    """Note that a device was told to drop these scopes. It may have named some that never were."""
    if not scopes:
        return
    gone = list((await numbers(tx, [one for one in scopes if parse_scope(one)])).values())
    mine = (holdings.c.device == device) & holdings.c.scope.in_(gone) & holdings.c.evicted_at.is_(None)
    await _keep(tx, await tx.execute(update(holdings).where(mine).values(evicted_at=now).returning(holdings)))


async def _keep(tx: Tx, rows: Iterable[Row[Any]]) -> None:
    """Keep rows as they are now, before they are overwritten."""
    kept = [{column.name: getattr(row, column.name) for column in past_holdings.c} for row in rows]
    await insert_new(tx, past_holdings, kept)


async def give_photo(store: Store, device: bytes, photo: bytes, size: int, now: int) -> None:
    """Note that a device is given a photo's bytes. The first time on a day is written, others are only looked up."""
    row = {"device": device, "photo": photo, "day": _day(now), "at": now, "size": size}
    keys = (column for column in photo_readings.primary_key)
    known = select(photo_readings.c.at).where(*(column == row[column.name] for column in keys))
    async with store.read() as tx:
        if (await tx.execute(known)).first() is not None:
            return
    await store.transact(lambda tx: insert_new(tx, photo_readings, [row]))


def _day(ms: int) -> int:
    return ms // _DAY_MS
