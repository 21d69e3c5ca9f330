"""The epochs that a store knows of: so that a machine whose departures file has another one can tell lost history from
an epoch that began on another machine.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from server.master.audit import take_digests
from server.master.meta import EPOCH_BYTES, begin_epoch
from server.master.store import Tx
from server.master.tables import meta

__all__ = ["enter_epoch", "known_epochs", "learn_epochs"]

_KEY = "epochs"


async def known_epochs(tx: Tx) -> tuple[bytes, ...]:
    """All epochs that the store knows of in the order in which it heard of them, the one that it is in last."""
    rows = {row.key: bytes(row.value) for row in await tx.execute(select(meta).where(meta.c.key.in_([_KEY, "epoch"])))}
    listed, current = rows.get(_KEY, b""), rows["epoch"]
    before = [listed[at : at + EPOCH_BYTES] for at in range(0, len(listed), EPOCH_BYTES)]
    return (*(one for one in before if one != current), current)


async def learn_epochs(tx: Tx, epochs: Iterable[bytes]) -> None:
    """Know these epochs too, besides the one that the store is in."""
    known = dict.fromkeys([*await known_epochs(tx), *epochs])
    await tx.execute(delete(meta).where(meta.c.key == _KEY))
    await tx.execute(insert(meta).values(key=_KEY, value=b"".join(known)))


async def enter_epoch(tx: Tx, epoch: bytes) -> None:
    """Begin a new epoch, know it, and take the digests of all scopes again, which it is part of."""
    await begin_epoch(tx, epoch)
    await learn_epochs(tx, [epoch])
    await take_digests(tx)
