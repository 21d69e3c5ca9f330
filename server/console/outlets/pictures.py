"""The bytes of an outlet's photos, whole or small enough for a page of many."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageOps
from sqlalchemy import select

from server.console.outlets.archive import family_of
from server.master.photos import PhotoFiles
from server.master.store import Tx
from server.master.typed import TYPED
from sync.errors import Refusal

__all__ = ["SMALL", "photo_at", "small"]

SMALL = 320
"""A small photo is at most so many pixels wide and high."""
_MOST_PIXELS = 100_000_000
_JPEG_QUALITY = 75


async def photo_at(tx: Tx, files: PhotoFiles, outlet: UUID, photo: UUID) -> tuple[Path, str]:
    """The file of a photo of an outlet, and the digest of its bytes. Raises Refusal for one of another outlet, and for
    one that has not arrived.
    """
    table = TYPED["photo"]
    family = await family_of(tx, outlet)
    wanted = select(table.c.digest).where(table.c.id == photo, table.c.outlet.in_(family))
    digest = (await tx.execute(wanted)).scalar_one_or_none()
    path = files.whole(photo) if digest is not None else None
    if digest is None or path is None:
        raise Refusal("not_found", f"there is no photo {photo} of this outlet, or it has not arrived")
    return path, digest


def small(path: Path) -> bytes:
    """A photo as a small JPEG, without what the camera wrote into it. Raises Refusal for bytes that are no picture, or
    one that is larger than any phone's.
    """
    try:
        with Image.open(path) as whole:
            if whole.width * whole.height > _MOST_PIXELS:
                raise Refusal("too_large", "this photo has too many pixels to be shown")
            whole.draft("RGB", (SMALL, SMALL))
            turned = ImageOps.exif_transpose(whole).convert("RGB")
            turned.thumbnail((SMALL, SMALL))
            made = BytesIO()
            turned.save(made, "JPEG", quality=_JPEG_QUALITY)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refusal("not_found", "these bytes are no picture") from error
    return made.getvalue()
