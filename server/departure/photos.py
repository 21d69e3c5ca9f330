"""Photos that their phone can no longer read itself: handed in sealed, from where the last piece stopped, kept whole.

A departed device hands them in under its own order, an active one whose replica was erased under its own name. They
are kept as they came, apart for each device, so that nobody hears of anybody else's. What a photo has to do with the
archive is settled in `photo_records`. One that is lost is noted by id, and holds nothing up.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from server.departure.means import Means
from server.departure.orders import Order, contradict, listed
from server.departure.photo_records import archive
from server.departure.receipts import is_after_final
from server.departure.sealed import unsealed_photo
from server.identity.devices import Device
from server.master.departures import handed_photos
from server.master.journal import Note, note
from server.master.photos import PhotoFiles, digest_of
from server.master.scoping import open_scope
from server.master.store import Tx
from sync import scopes
from sync.errors import Refusal
from sync.messages import SealedPhoto

__all__ = ["MOST_BYTES", "MOST_PHOTOS", "HandIns"]

MOST_PHOTOS = 5_000
"""So many photos are taken from one device."""
MOST_BYTES = 4 << 30
"""And so many bytes."""


@dataclass(frozen=True, slots=True)
class HandIns:
    """Takes sealed photos in, piece by piece. Each device has its own, and is told of no other's."""

    means: Means

    async def begin(self, device: Device, told: SealedPhoto) -> int:
        """Begin to take a photo in, or hear that it is lost; how many of its bytes are here. Raises Refusal."""
        return await self.means.store.transact(partial(self._begin, device=device, told=told))

    async def append(self, device: Device, photo: UUID, offset: int, chunk: bytes) -> int:
        """Append a chunk at `offset`, durable when this returns; how many bytes are here. Raises Refusal."""
        files = self._files(device)
        async with self.means.store.read() as tx:
            if await _find(tx, device, photo) is None:
                raise Refusal("not_found", "no such photo")
        with files.held(photo):
            async with self.means.store.read() as tx:
                row = await _find(tx, device, photo)
            received = _received(row, files, photo)
            if offset != received:
                raise Refusal("wrong_offset", f"{received} bytes are here")
            if offset + len(chunk) > row.size:
                raise Refusal("too_large", f"{row.size} bytes were announced")
            if not chunk:
                return received
            await asyncio.to_thread(files.append, photo, offset, chunk)
            received += len(chunk)
            if received == row.size:
                await self._finish(device, row, files)
            else:
                await self.means.store.transact(partial(_save, device=device, photo=photo, received=received))
        if received == row.size:
            await archive(self.means, device.id)
        return received

    def _files(self, device: Device) -> PhotoFiles:
        return self.means.photos.handed_in(device.id)

    async def _begin(self, tx: Tx, device: Device, told: SealedPhoto) -> int:
        now = self.means.sources.now()
        orders = await listed(tx, device=device.id)
        await self._check_contradicted(tx, device, orders, told)
        row = await _find(tx, device, told.photo)
        if row is not None and row.finished_at is not None:
            return told.size
        if row is None:
            await _check_room(tx, device, told)
            order = orders[-1].id.bytes if orders else None
            fresh = {"device": device.id.bytes, "photo": told.photo.bytes, "staff": device.staff.bytes, "order": order}
            await tx.execute(
                insert(handed_photos).values(fresh | {"key": told.key, "size": told.size, "begun_at": now})
            )
        elif told.size and (row.size, bytes(row.key)) != (told.size, told.key):
            await _check_room(tx, device, told)
            again = {"key": told.key, "size": told.size, "received": 0, "lost_at": None}
            await tx.execute(update(handed_photos).where(*_one(device, told.photo)).values(again))
        if not told.size:
            await self._lose(tx, device, told.photo, is_new=row is None or row.lost_at is None)
            return 0
        return _received(await _find(tx, device, told.photo), self._files(device), told.photo)

    async def _lose(self, tx: Tx, device: Device, photo: UUID, *, is_new: bool) -> None:
        """The file is gone on the phone. What is here of it stays here."""
        if is_new:
            now = self.means.sources.now()
            await tx.execute(update(handed_photos).where(*_one(device, photo)).values(lost_at=now))
            await self._note(tx, device, "photo_lost", {"photo": photo})

    async def _check_contradicted(self, tx: Tx, device: Device, orders: list[Order], told: SealedPhoto) -> None:
        against = [one for one in orders if await is_after_final(tx, one, told.moment)]
        await contradict(tx, [one.id for one in against], self.means.sources.now())
        for one in against:
            if one.contradicted_at is None:
                await self._note(tx, device, "wipe_contradicted", {"order": one.id})

    async def _finish(self, device: Device, row: Row[Any], files: PhotoFiles) -> None:
        """All bytes are here: they are kept as they came, with the digest of what is in them."""
        photo = UUID(bytes=bytes(row.photo))
        await asyncio.to_thread(files.keep, photo)
        digest = await asyncio.to_thread(self._digest, bytes(row.key), photo, files)

        async def work(tx: Tx) -> None:
            done = {"received": row.size, "finished_at": self.means.sources.now(), "digest": digest, "lost_at": None}
            await tx.execute(update(handed_photos).where(*_one(device, photo)).values(done))
            await self._note(tx, device, "photo_handed_in", {"photo": photo, "digest": digest or ""})

        await self.means.store.transact(work)

    def _digest(self, key: bytes, photo: UUID, files: PhotoFiles) -> str | None:
        path = files.whole(photo)
        data = unsealed_photo(key, self.means.keys.openings.values(), photo, path.read_bytes()) if path else None
        return None if data is None else digest_of(data)

    async def _note(self, tx: Tx, device: Device, kind: str, body: dict[str, Any]) -> None:
        scope = scopes.staff(device.staff)
        await open_scope(tx, scope)
        told = Note(scope, kind, body | {"device": device.id})
        await note(tx, [told], self.means.sources.now(), self.means.sources.random)


def _one(device: Device, photo: UUID) -> tuple[Any, ...]:
    return handed_photos.c.device == device.id.bytes, handed_photos.c.photo == photo.bytes


async def _find(tx: Tx, device: Device, photo: UUID) -> Any:
    return (await tx.execute(select(handed_photos).where(*_one(device, photo)))).one_or_none()


def _received(row: Any, files: PhotoFiles, photo: UUID) -> int:
    """How many bytes are here: what the store counts and the disk has."""
    if row.finished_at is not None:
        return int(row.size)
    return min(int(row.received), files.arrived(photo), row.size - 1) if row.size else 0


async def _save(tx: Tx, device: Device, photo: UUID, received: int) -> None:
    await tx.execute(update(handed_photos).where(*_one(device, photo)).values(received=received))


async def _check_room(tx: Tx, device: Device, told: SealedPhoto) -> None:
    """Bound what one device can put here, besides what it said of this photo before. Raises Refusal."""
    counted = select(func.count(), func.coalesce(func.sum(handed_photos.c.size), 0))
    others = (handed_photos.c.device == device.id.bytes) & (handed_photos.c.photo != told.photo.bytes)
    count, total = (await tx.execute(counted.where(others))).one()
    if count >= MOST_PHOTOS or total + told.size > MOST_BYTES:
        raise Refusal("too_large", "no more photos are taken from this device")
