"""Checkpoints of the journal: signed, numbered roots over the heads of all scopes' chains, ended ones included.

Each names the one before it. Beside it stand the heads that moved since, so that the heads of any checkpoint can be
told, and any stretch of a chain proved against it. A checkpoint is never changed; several processes make one chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Row, String, Table, bindparam, func, insert, select

from server.master.plans import small
from server.master.store import Tx
from server.master.tables import METADATA, scopes
from server.master.turns import one_at_a_time
from sync.codec import decode, encode
from sync.merkle import leaf, root
from sync.signing import Kind, Signed, company_signed
from sync.statements import Checkpoint

__all__ = [
    "FIRST",
    "ChainHead",
    "Taken",
    "body_hash",
    "checkpoint_heads",
    "checkpoints",
    "heads_at",
    "newest",
    "numbered",
    "root_over",
    "take",
]

FIRST = bytes(32)
"""What the first checkpoint names in place of a predecessor."""

checkpoints = Table(
    "checkpoints",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("key", String(40), nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

_SCOPE = ForeignKey("scopes.no", name="fk_checkpoint_heads_scope_scopes")

checkpoint_heads = Table(
    "checkpoint_heads",
    METADATA,
    Column("scope", BigInteger, _SCOPE, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("entries", BigInteger, nullable=False),
    Column("link", LargeBinary(32), nullable=False),
)
"""The heads that moved between a checkpoint and the one before it."""


class ChainHead(msgspec.Struct, frozen=True):
    """Where a scope's chain stands: how many entries it has, and its head (32 bytes)."""

    scope: int
    name: str
    entries: int
    link: bytes


class Taken(msgspec.Struct, frozen=True):
    """A checkpoint on record, signed and as what it says."""

    signed: Signed
    said: Checkpoint


def body_hash(body: bytes) -> bytes:
    """What the next checkpoint names: BLAKE2b-32 of the encoded body."""
    return hashlib.blake2b(body, digest_size=32).digest()


def root_over(heads: Iterable[ChainHead]) -> bytes:
    """The root over heads, whatever order they come in. Databases order names each in their own way."""
    ordered = sorted(heads, key=lambda one: one.name.encode())
    return root([leaf(one.name, one.entries, one.link) for one in ordered])


_NEWEST = small(select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1))
_NUMBERED = small(select(checkpoints).where(checkpoints.c.number == bindparam("number")))


async def newest(tx: Tx) -> Taken | None:
    """The newest checkpoint; None before the first."""
    row = (await tx.execute(_NEWEST)).first()
    return _taken(row) if row is not None else None


async def numbered(tx: Tx, number: int) -> Taken | None:
    """The checkpoint of that number; None where there is none."""
    row = (await tx.execute(_NUMBERED, {"number": number})).first()
    return _taken(row) if row is not None else None


def _taken(row: Row[Any]) -> Taken:
    signed = Signed(Kind.CHECKPOINT, bytes(row.body), row.key, bytes(row.signature))
    return Taken(signed, decode(signed.body, Checkpoint))


async def heads_at(tx: Tx, number: int) -> list[ChainHead]:
    """The heads that checkpoint `number` covers, in the order of their names."""
    of = checkpoint_heads
    last = select(of.c.scope, func.max(of.c.number).label("number")).where(of.c.number <= number).group_by(of.c.scope)
    newest_of = last.subquery()
    joined = of.join(newest_of, (newest_of.c.scope == of.c.scope) & (newest_of.c.number == of.c.number))
    wanted = select(of.c.scope, scopes.c.name, of.c.entries, of.c.link)
    rows = await tx.execute(wanted.select_from(joined.join(scopes, scopes.c.no == of.c.scope)))
    found = [ChainHead(row.scope, row.name, row.entries, bytes(row.link)) for row in rows]
    return sorted(found, key=lambda one: one.name.encode())


async def take(tx: Tx, company: UUID, key: Ed25519PrivateKey, now: int) -> Taken | None:
    """Sign a checkpoint over the journal as it is; None where nothing was written since the last.

    One process at a time: the company's row is locked. The heads are read after that in one statement, which sees
    one committed state of all scopes; what commits later is in the next checkpoint.
    """
    await one_at_a_time(tx)
    before = await newest(tx)
    heads, moved = await _heads(tx)
    if not moved:
        return None
    said = Checkpoint(
        company,
        before.said.number + 1 if before else 1,
        max(now, before.said.at) if before else now,
        body_hash(before.signed.body) if before else FIRST,
        root_over(heads),
        len(heads),
        sum(one.entries for one in heads),
    )
    signed = company_signed(Kind.CHECKPOINT, encode(said), key)
    await _keep(tx, said, signed, moved)
    return Taken(signed, said)


async def _heads(tx: Tx) -> tuple[list[ChainHead], list[ChainHead]]:
    """All scopes' heads, and those of them that moved since the last checkpoint."""
    of = checkpoint_heads
    mine = select(of.c.link).where(of.c.scope == scopes.c.no).order_by(of.c.number.desc()).limit(1)
    wanted = select(scopes.c.no, scopes.c.name, scopes.c.entries, scopes.c.link, mine.scalar_subquery().label("held"))
    heads, moved = [], []
    for row in await tx.execute(wanted):
        head = ChainHead(row.no, row.name, row.entries, bytes(row.link))
        heads.append(head)
        if row.held is None or bytes(row.held) != head.link:
            moved.append(head)
    return heads, moved


async def _keep(tx: Tx, said: Checkpoint, signed: Signed, moved: Sequence[ChainHead]) -> None:
    row = {"body": signed.body, "key": signed.key, "signature": signed.signature}
    await tx.execute(insert(checkpoints).values(number=said.number, at=said.at, **row))
    rows = [{"scope": one.scope, "number": said.number, "entries": one.entries, "link": one.link} for one in moved]
    await tx.execute(insert(checkpoint_heads), rows)
