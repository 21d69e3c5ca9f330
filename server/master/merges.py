"""Which outlets were merged into which, from where, and what was undone of it. No row is ever deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, Index, LargeBinary, Row, String, Table, Text, insert, select, text, update

from server.master.store import Tx
from server.master.tables import METADATA

__all__ = ["Merge", "close", "find", "keep", "listed", "merges"]

_ID = LargeBinary(16)

merges = Table(
    "merges",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("gone", _ID, nullable=False),
    Column("survivor", _ID, nullable=False, index=True),
    Column("came_from", String(120), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", _ID),
    Column("reason", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("before", LargeBinary, nullable=False),
    Column("undone_at", BigInteger),
    Column("undone_by", _ID),
    Column("undone_reason", Text),
    Index(
        "ix_merges_standing", "gone", unique=True,
        sqlite_where=text("undone_at IS NULL"), postgresql_where=text("undone_at IS NULL"),
    ),
)  # fmt: skip


class Merge(msgspec.Struct, frozen=True):
    """One merge: `gone` was merged into `survivor` and stood in the scope `came_from` before; times in server ms.

    `before` holds, packed, what the survivor had in the fields that it took over, at its `revision` after that.
    """

    id: UUID
    gone: UUID
    survivor: UUID
    came_from: str
    at: int
    by: UUID | None
    reason: str
    revision: int
    before: bytes
    undone_at: int | None = None
    undone_by: UUID | None = None
    undone_reason: str | None = None


_IDS = ("id", "gone", "survivor", "by", "undone_by")


async def keep(tx: Tx, merge: Merge) -> None:
    """Keep that two were merged."""
    values = msgspec.structs.asdict(merge)
    ids = {name: one.bytes for name in _IDS if (one := values[name]) is not None}
    await tx.execute(insert(merges).values({**values, **ids}))


async def find(tx: Tx, gone: UUID) -> Merge | None:
    """The merge in which an outlet went and that stands, locked; None where there is none."""
    wanted = select(merges).where(merges.c.gone == gone.bytes, merges.c.undone_at.is_(None)).with_for_update()
    row = (await tx.execute(wanted)).first()
    return _merge(row) if row is not None else None


async def listed(tx: Tx, *, everything: bool = False) -> Sequence[Merge]:
    """The merges that stand, or all that ever were, the newest first."""
    wanted = select(merges).order_by(merges.c.at.desc(), merges.c.id)
    wanted = wanted if everything else wanted.where(merges.c.undone_at.is_(None))
    return [_merge(row) for row in await tx.execute(wanted)]


async def close(tx: Tx, merge: UUID, now: int, by: UUID | None, reason: str) -> None:
    """A merge was undone."""
    values = {"undone_at": now, "undone_by": by.bytes if by else None, "undone_reason": reason}
    await tx.execute(update(merges).where(merges.c.id == merge.bytes).values(values))


def _merge(row: Row[Any]) -> Merge:
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row's columns
    ids = {name: UUID(bytes=bytes(values[name])) for name in _IDS if values[name] is not None}
    return Merge(**{**values, **ids, "before": bytes(values["before"])})
