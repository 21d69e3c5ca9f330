"""Who this store belongs to, and which epoch of its history it is in."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import insert, select, update

from server.master.scoping import open_scope
from server.master.store import Tx
from server.master.tables import meta
from sync.scopes import COMPANY

__all__ = ["EPOCH_BYTES", "Identity", "begin_epoch", "found", "read_identity"]

EPOCH_BYTES = 8


class Identity(msgspec.Struct, frozen=True):
    """The company, and the epoch that every cursor and digest of this store carries."""

    company: UUID
    company_name: str
    epoch: bytes


async def found(tx: Tx, name: str, company: UUID, epoch: bytes) -> None:
    """Set a new store up for a company: its identity, its first epoch, its company scope."""
    rows = {"company": company.bytes, "company_name": name.encode(), "epoch": epoch}
    await tx.execute(insert(meta), [{"key": key, "value": value} for key, value in rows.items()])
    await open_scope(tx, COMPANY)


async def read_identity(tx: Tx) -> Identity:
    """The identity of a store that has been set up. Raises LookupError for one that has not."""
    rows = {row.key: bytes(row.value) for row in await tx.execute(select(meta))}
    if "company" not in rows:
        raise LookupError("this store has not been set up; run `saojie init`")
    return Identity(UUID(bytes=rows["company"]), rows["company_name"].decode(), rows["epoch"])


async def begin_epoch(tx: Tx, epoch: bytes) -> None:
    """Begin a new epoch. The digests of all scopes have to be taken again: see `audit.take_digests`."""
    await tx.execute(update(meta).where(meta.c.key == "epoch").values(value=epoch))
