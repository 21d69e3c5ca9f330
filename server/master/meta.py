"""Who this store belongs to, which epoch of its history it is in, and whether it was moved to another place."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from server.master.plans import small
from server.master.scoping import open_scope
from server.master.store import Tx
from server.master.tables import meta
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.keychain import FIRST
from sync.scopes import COMPANY

__all__ = [
    "EPOCH_BYTES",
    "MOVE",
    "Identity",
    "KeysInUse",
    "Move",
    "StoreMoved",
    "begin_epoch",
    "found",
    "lock_keys",
    "read_identity",
    "refuse_moved",
    "use_keys",
]

EPOCH_BYTES = 8
_KEYS = "keys"
_ALL = small(select(meta))
MOVE = "move"
"""The key of the mark in a store that is being moved, or was."""


class KeysInUse(msgspec.Struct, frozen=True):
    """How many changes of the company's keys are in use, and the hash of the last: a process that has not got exactly
    these must not answer.
    """

    number: int = 0
    last: bytes = FIRST


class Identity(msgspec.Struct, frozen=True):
    """The company, the epoch that every cursor and digest of this store carries, and the keys that are in use."""

    company: UUID
    company_name: str
    epoch: bytes
    keys: KeysInUse = KeysInUse()


class Move(msgspec.Struct, frozen=True):
    """The mark of a move: its own name, where to (a URL without its password), and whether that is settled. Until then
    it can be called off.
    """

    token: bytes
    to: str
    settled: bool = False


class StoreMoved(Refusal):
    """Raised for a store that is being moved or was: nobody is answered from it, not even with what it still holds.

    `told` is for whoever runs the server, English and Chinese; a phone hears nothing of where the store went.
    """

    def __init__(self, move: Move) -> None:
        super().__init__("unavailable", "the store is being moved")
        en, zh = _SETTLED if move.settled else _UNDER_WAY
        self.told = en.format(to=move.to), zh.format(to=move.to)


_SETTLED = (
    "this store was moved to {to} and is never served again: set database_url to where it is",
    "数据库已迁移到 {to}，此处不再提供服务：请将 database_url 指向新位置",
)
_UNDER_WAY = (
    "this store is being moved to {to}: run `saojie migrate-store` again, or call it off with --cancel",
    "数据库正在迁移到 {to}：请重新运行 saojie migrate-store，或用 --cancel 取消",
)


async def found(tx: Tx, name: str, company: UUID, epoch: bytes) -> None:
    """Set a new store up for a company: its identity, its first epoch, its company scope."""
    rows = {"company": company.bytes, "company_name": name.encode(), "epoch": epoch}
    await tx.execute(insert(meta), [{"key": key, "value": value} for key, value in rows.items()])
    await open_scope(tx, COMPANY)


async def read_identity(tx: Tx) -> Identity:
    """The identity of a store that has been set up. Raises LookupError for one that has not, StoreMoved for one that
    is no longer the company's truth.
    """
    return _identity(tuple(map(tuple, await tx.execute(_ALL))))


@lru_cache(8)
def _identity(read: tuple[tuple[str, bytes], ...]) -> Identity:
    rows = dict(read)
    if MOVE in rows:
        raise StoreMoved(decode(rows[MOVE], Move))
    if "company" not in rows:
        raise LookupError("this store has not been set up; run `saojie init`")
    keys = decode(rows[_KEYS], KeysInUse) if _KEYS in rows else KeysInUse()
    return Identity(UUID(bytes=rows["company"]), rows["company_name"].decode(), rows["epoch"], keys)


def refuse_moved(connection: Connection) -> None:
    """Raise StoreMoved for a store that is being moved or was."""
    mark = connection.scalar(select(meta.c.value).where(meta.c.key == MOVE))
    if mark is not None:
        raise StoreMoved(decode(bytes(mark), Move))


async def begin_epoch(tx: Tx, epoch: bytes) -> None:
    """Begin a new epoch. The digests of all scopes have to be taken again: see `epochs.enter_epoch`."""
    await tx.execute(update(meta).where(meta.c.key == "epoch").values(value=epoch))


async def lock_keys(tx: Tx, *, exclusive: bool = False) -> None:
    """Hold which keys are in use until the commit; after persons and devices, before scopes.

    Whoever signs what is kept (a wipe order) holds them shared, whoever changes them exclusively.
    """
    # A row of its own: no cut-off waits for whoever takes turns under the row `company`.
    row = select(meta.c.key).where(meta.c.key == "company_name")
    await tx.execute(row.with_for_update(read=not exclusive))


async def use_keys(tx: Tx, keys: KeysInUse) -> None:
    """These changes of the company's keys are in use from this commit on."""
    await tx.execute(delete(meta).where(meta.c.key == _KEYS))
    await tx.execute(insert(meta).values(key=_KEYS, value=encode(keys)))
