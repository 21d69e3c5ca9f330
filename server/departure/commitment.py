"""What had been told before: rows of a drained outbox that the running hash already vouched for before the order.

A telling says that at that time the outbox ended at a number with a running hash. The hash proves every operation up
to there, as far back as the links hold; so such rows are *committed*. For all others the sealing time is the phone's
word, and they stay *unproved*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, update

from server.master.departures import quarantine
from server.master.people import tellings
from server.master.store import Tx
from sync.operations import chain

__all__ = ["mark_committed", "proven"]


async def mark_committed(tx: Tx, outbox: bytes, issued_at: int) -> None:
    """Mark the rows of `outbox` in quarantine that tellings from before `issued_at` prove."""
    before = (tellings.c.outbox == outbox) & (tellings.c.at < issued_at)
    told = {row.number: bytes(row.hash) for row in await tx.execute(select(tellings).where(before))}
    if not told:
        return
    columns = select(
        quarantine.c.number, quarantine.c.hash, quarantine.c.previous, quarantine.c.body, quarantine.c.committed
    )
    found = await tx.execute(columns.where(quarantine.c.outbox == outbox, quarantine.c.number <= max(told)))
    numbers = proven({row.number: row for row in found}, told)
    if numbers:
        mine = (quarantine.c.outbox == outbox) & quarantine.c.number.in_(numbers)
        await tx.execute(update(quarantine).where(mine).values(committed=True))


def proven(rows: Mapping[int, Any], told: Mapping[int, bytes]) -> set[int]:
    """Numbers that follow, link by link, from a hash that was told."""
    found: set[int] = set()
    for number, hash_ in told.items():
        found.update(_back_from(rows, number, hash_))
    return found


def _back_from(rows: Mapping[int, Any], number: int, hash_: bytes) -> Iterable[int]:
    while (row := rows.get(number)) is not None and not row.committed and bytes(row.hash) == hash_:
        if row.previous is None or chain(bytes(row.previous), bytes(row.body)) != hash_:
            return
        yield number
        number, hash_ = number - 1, bytes(row.previous)
