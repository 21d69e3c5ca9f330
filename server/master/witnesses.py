"""Checkpoints that phones bring back and that this store does not have: proof that it was restored or rewritten.

Only the company can have signed them. Each is kept whole, noted in the journal once, and put before the manager.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, Column, LargeBinary, Table, func, insert, select

from server.master import inbox
from server.master.checkpoints import body_hash, newest, numbered
from server.master.inbox import Matter
from server.master.journal import Note, note
from server.master.meta import read_identity
from server.master.store import Tx
from server.master.tables import METADATA
from server.master.turns import one_at_a_time
from server.ports import Sources
from sync.codec import DecodeError, decode, encode
from sync.scopes import COMPANY
from sync.signing import Kind, Signed, opened, verified_company
from sync.statements import Checkpoint

__all__ = [
    "REWRITTEN",
    "Strange",
    "brought",
    "keep_strange",
    "strange",
    "strange_checkpoints",
    "strange_count",
    "unexplained",
]

REWRITTEN = "journal_rewritten"
"""The kind of the journal's entry and of the inbox's item."""

strange_checkpoints = Table(
    "strange_checkpoints",
    METADATA,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("device", LargeBinary(16), nullable=False),
    Column("at", BigInteger, nullable=False),
)


class Strange(msgspec.Struct, frozen=True):
    """A checkpoint that the company signed and this store does not have under its number."""

    signed: Signed
    said: Checkpoint

    @property
    def hash(self) -> bytes:
        """What it is known by: the hash of its body."""
        return body_hash(self.signed.body)


def brought(witness: bytes) -> Signed | None:
    """The checkpoint that a phone brings back; None where it brings none that can be read."""
    try:
        return decode(witness, Signed) if witness else None
    except DecodeError:
        return None


async def strange(tx: Tx, witness: bytes, pinned: Collection[bytes]) -> Strange | None:
    """What a phone brings back, if the company signed it, this store does not have it, and has not kept it yet."""
    signed = brought(witness)
    if signed is None:
        return None
    try:
        found = Strange(signed, opened(signed, Checkpoint))
    except DecodeError:
        return None
    ours = await numbered(tx, found.said.number)
    # What stands here word for word needs no signature: nearly every witness is that, in every request of a phone.
    if ours is not None and ours.signed.body == signed.body:
        return None
    if not verified_company(signed, Kind.CHECKPOINT, pinned):
        return None
    is_ours = found.said.company == (await read_identity(tx)).company
    return found if is_ours and not await _is_known(tx, found) else None


async def _is_known(tx: Tx, found: Strange) -> bool:
    known = select(strange_checkpoints.c.hash).where(strange_checkpoints.c.hash == found.hash)
    return (await tx.execute(known)).first() is not None


async def keep_strange(tx: Tx, found: Strange, device: UUID, sources: Sources) -> bool:
    """Keep it, put it before the manager and into the journal; False where another process has done so."""
    now = sources.now()
    row = {"hash": found.hash, "number": found.said.number, "device": device.bytes, "at": now}
    await one_at_a_time(tx)
    if await _is_known(tx, found):
        return False
    await tx.execute(insert(strange_checkpoints).values(**row, signed=encode(found.signed)))
    last, company = await newest(tx), (await read_identity(tx)).company
    number, ours = found.said.number, last.said.number if last else 0
    await inbox.bring_up(
        tx,
        Matter(
            REWRITTEN,
            company,
            f"A phone brought checkpoint {number}, which the company signed and this store (at {ours}) does not have: "
            "it was restored from a backup, or rewritten. Find out which.",
            f"有手机交回本公司签过的第 {number} 号检查点，而本库（现为第 {ours} 号）没有："
            "数据库曾从备份恢复，或被改写。请查明原因。",
        ),
        sources,
    )
    body = {"number": number, "hash": found.hash, "ours": ours, "device": device}
    await note(tx, [Note(COMPANY, REWRITTEN, body)], now, sources.random)
    return True


async def strange_count(tx: Tx) -> int:
    """How many such checkpoints have come."""
    return int((await tx.execute(select(func.count()).select_from(strange_checkpoints))).scalar_one())


async def unexplained(tx: Tx) -> list[int]:
    """The numbers of those that came since somebody last settled the matter with a word on it."""
    settled = await inbox.listed(tx, kind=REWRITTEN, is_open=False)
    since = max((one.settled_at or 0 for one in settled), default=0)
    of = strange_checkpoints
    return list((await tx.execute(select(of.c.number).where(of.c.at > since).order_by(of.c.number))).scalars())
