"""The newest photos of what is decided on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import desc, select

from server.console.inbox.parts import Hand, Picture
from server.master.store import Tx
from server.master.typed import TYPED

__all__ = ["pictures"]

_PHOTOS = TYPED["photo"]
_MOST = 6


async def pictures(tx: Tx, hand: Hand, outlet: UUID, *, of: UUID | None = None) -> tuple[Picture, ...]:
    """The newest photos at an outlet, or of one record there."""
    wanted = select(_PHOTOS.c.id, _PHOTOS.c.kind, _PHOTOS.c.caption, _PHOTOS.c.taken_at).where(
        _PHOTOS.c.outlet == outlet
    )
    if of is not None:
        wanted = wanted.where(_PHOTOS.c.of == of)
    rows = await tx.execute(wanted.order_by(desc(_PHOTOS.c.id)).limit(_MOST))
    files = hand.means.photos
    return tuple(
        Picture(
            f"/outlets/{outlet}/photos/{row.id}", row.kind, row.caption, row.taken_at, files.whole(row.id) is not None
        )
        for row in rows
    )
