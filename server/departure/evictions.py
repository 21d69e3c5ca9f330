"""Evictions: what a device holds, what was taken away from it, and its own receipts for that.

That a device was told to drop a scope stands beside what it was given. A receipt is a claim by the device's key that
it did, and is called that; a claim about a scope that was never told of is kept like any other, and proves no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.identity.devices import Device
from server.master.decoys import no_decoys
from server.master.departures import eviction_receipts
from server.master.journal import Note, note
from server.master.people import holdings
from server.master.scoping import open_scope
from server.master.store import Tx
from server.master.tables import scopes as scope_rows
from server.master.upserts import insert_new
from server.ports import Sources
from sync import scopes
from sync.codec import encode
from sync.scopes import parse_scope
from sync.signing import Kind, Signed, opened, verified_device
from sync.statements import EvictionReceipt

__all__ = ["Claimed", "Holding", "claims_of", "holdings_of", "take_claims"]

_TOLD = b"evicted"


class Holding(msgspec.Struct, frozen=True):
    """One scope that a device was given, up to a version; times in server milliseconds. `evicted_at` is when the device
    was told to drop it.
    """

    scope: str
    first_at: int
    last_at: int
    version: int
    evicted_at: int | None


class Claimed(msgspec.Struct, frozen=True):
    """What a device claims to have dropped: where its cursor stood, how many records it removed, when it was heard."""

    id: UUID
    scope: str
    version: int
    rows: int
    received_at: int


async def take_claims(tx: Tx, device: Device, receipts: Iterable[Signed], sources: Sources) -> tuple[bytes, ...]:
    """Keep the receipts of evictions that hold, each once; how the answer names those that are kept."""
    claims = {one.id: (one, signed) for signed in receipts if (one := _verified(device, signed)) is not None}
    if not claims:
        return ()
    wanted = select(eviction_receipts.c.id, eviction_receipts.c.device)
    found = await tx.execute(wanted.where(eviction_receipts.c.id.in_([one.bytes for one in claims])))
    known = {UUID(bytes=bytes(row.id)): bytes(row.device) for row in found}
    now = sources.now()
    fresh = [one for name, one in claims.items() if name not in known]
    await insert_new(tx, eviction_receipts, [_row(device, claim, signed, now) for claim, signed in fresh])
    if fresh:
        scope = scopes.staff(device.staff)
        await open_scope(tx, scope)
        notes = [Note(scope, "eviction_receipt", {"device": device.id, "receipt": claim}) for claim, _ in fresh]
        await note(tx, notes, now, sources.random)
    return tuple(one.bytes + _TOLD for one in claims if known.get(one, device.id.bytes) == device.id.bytes)


def _verified(device: Device, signed: Signed) -> EvictionReceipt | None:
    if not verified_device(signed, Kind.EVICTION, device.public_key):
        return None
    try:
        claim = opened(signed, EvictionReceipt)
    except msgspec.DecodeError:
        return None
    return claim if claim.device == device.id and parse_scope(claim.scope) else None


def _row(device: Device, claim: EvictionReceipt, signed: Signed, now: int) -> dict[str, object]:
    return {
        "id": claim.id.bytes,
        "device": device.id.bytes,
        "scope": claim.scope,
        "version": claim.version,
        "rows": claim.rows,
        "received_at": now,
        "signed": encode(signed),
    }


async def holdings_of(tx: Tx, device: UUID) -> list[Holding]:
    """What a device was given, scope by scope, and what it was told to drop."""
    wanted = select(holdings, scope_rows.c.name).join_from(holdings, scope_rows, scope_rows.c.no == holdings.c.scope)
    rows = await tx.execute(
        wanted.where(holdings.c.device == device.bytes, no_decoys(holdings.c.scope)).order_by(scope_rows.c.name)
    )
    return [Holding(row.name, row.first_at, row.last_at, row.version, row.evicted_at) for row in rows]


async def claims_of(tx: Tx, device: UUID) -> list[Claimed]:
    """The receipts of evictions of a device, the oldest first."""
    wanted = select(eviction_receipts).where(eviction_receipts.c.device == device.bytes)
    rows = await tx.execute(wanted.order_by(eviction_receipts.c.received_at, eviction_receipts.c.id))
    return [Claimed(UUID(bytes=bytes(row.id)), row.scope, row.version, row.rows, row.received_at) for row in rows]
