"""What phones hand in of how they are, for support: the newest of each are kept, and nothing of any customer."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import delete, select

from server.master.people import diagnostics
from server.master.store import Tx
from server.master.upserts import upsert
from sync.codec import DecodeError
from sync.diagnostics import MOST_BYTES, Diagnostics, as_text, read_diagnostics
from sync.errors import Refusal

__all__ = ["KEPT", "Kept", "diagnostics_of", "keep"]

KEPT = 5
"""So many of each device; the oldest go."""


class Kept(msgspec.Struct, frozen=True):
    """One pack, and when it came (server ms)."""

    at: int
    told: Diagnostics

    @property
    def text(self) -> str:
        """As people read it, in both languages."""
        return as_text(self.told)


async def keep(tx: Tx, device: UUID, body: bytes, now: int) -> None:
    """Keep a pack, as JSON, of this device: what has a field, under the device's own id. Raises Refusal."""
    if len(body) > MOST_BYTES:
        raise Refusal("too_large", f"more than {MOST_BYTES} bytes")
    try:
        told = msgspec.structs.replace(read_diagnostics(body), device=device)
    except DecodeError as error:
        raise Refusal("bad_request", str(error)) from error
    row = {"device": device.bytes, "at": now, "told": msgspec.json.encode(told)}
    await upsert(tx, diagnostics, [row])
    mine = diagnostics.c.device == device.bytes
    newest = select(diagnostics.c.at).where(mine).order_by(diagnostics.c.at.desc()).limit(KEPT)
    held = [at for (at,) in await tx.execute(newest)]
    await tx.execute(delete(diagnostics).where(mine, diagnostics.c.at < held[-1]))


async def diagnostics_of(tx: Tx, device: UUID) -> list[Kept]:
    """What is kept of a device, the newest first."""
    held = select(diagnostics.c.at, diagnostics.c.told).where(diagnostics.c.device == device.bytes)
    rows = await tx.execute(held.order_by(diagnostics.c.at.desc()))
    return [Kept(row.at, read_diagnostics(bytes(row.told))) for row in rows]
