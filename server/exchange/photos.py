"""Uploads of photos: authorised by the photo's record, on the disk before a byte counts as received.

An upload goes on from where it stopped. It is finished only when the bytes have the digest that the record names;
bytes that do not are thrown away and the upload begins again. Nobody hears of a photo whose record is not theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from server.master.people import photo_files
from server.master.photos import PhotoFiles
from server.master.store import Store, Tx
from server.master.tables import feed, records, scopes
from server.master.upserts import insert_new
from sync.codec import unpack
from sync.errors import Refusal
from sync.records import Photo

__all__ = ["Uploader", "find_photo"]


async def find_photo(tx: Tx, photo: UUID, granted: Collection[str]) -> Photo:
    """The record of a photo that stands in one of the granted scopes. Raises Refusal for any other."""
    stands = (feed.c.scope == records.c.scope) & (feed.c.record == records.c.record)
    joined = records.join(feed, stands).join(scopes, scopes.c.no == records.c.scope)
    wanted = select(feed.c.packed, scopes.c.name).select_from(joined).where(records.c.record == photo.bytes)
    row = (await tx.execute(wanted)).one_or_none()
    if row is None or row.packed is None or row.name not in granted:
        raise Refusal("not_found", "no such photo")
    record = unpack(bytes(row.packed))
    if not isinstance(record, Photo):
        raise Refusal("not_found", "no such photo")
    return record


class Upload(msgspec.Struct, frozen=True):
    """How far a photo has arrived."""

    size: int
    received: int

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there, and is what its record describes."""
        return self.received == self.size


class Uploader:
    """Takes photos in, chunk by chunk."""

    def __init__(self, store: Store, files: PhotoFiles) -> None:
        self._store = store
        self._files = files

    async def progress(self, photo: Photo) -> Upload:
        """How far a photo has arrived: what the store counts and the disk has."""
        if self._files.whole(photo.id) is not None:
            return Upload(photo.size, photo.size)
        async with self._store.read() as tx:
            counted = select(photo_files.c.received).where(photo_files.c.photo == photo.id.bytes)
            received = (await tx.execute(counted)).scalar_one_or_none() or 0
        return Upload(photo.size, min(received, self._files.arrived(photo.id), photo.size - 1))

    async def begin(self, photo: Photo, device: UUID, now: int) -> Upload:
        """Note that a device begins to upload a photo; nothing changes where it has begun."""
        so_far = await self.progress(photo)
        if not so_far.received:
            await self._save(photo, device, 0, now)
        return so_far

    async def append(self, photo: Photo, device: UUID, offset: int, chunk: bytes, now: int) -> Upload:
        """Append a chunk at `offset`, durable when this returns. Raises Refusal."""
        with self._files.held(photo.id):
            so_far = await self.progress(photo)
            if offset != so_far.received:
                raise Refusal("wrong_offset", f"{so_far.received} bytes are here")
            if offset + len(chunk) > photo.size:
                raise Refusal("too_large", f"the record says {photo.size} bytes")
            if not chunk:
                return so_far
            await asyncio.to_thread(self._files.append, photo.id, offset, chunk)
            received = offset + len(chunk)
            if received == photo.size and not await asyncio.to_thread(self._files.finish, photo.id, photo.digest):
                await self._save(photo, device, 0, now)
                raise Refusal("wrong_digest")
            await self._save(photo, device, received, now)
            return Upload(photo.size, received)

    async def _save(self, photo: Photo, device: UUID, received: int, now: int) -> None:
        row = {"received": received, "finished_at": now if received == photo.size else None}
        begun = {"photo": photo.id.bytes, "device": device.bytes, "size": photo.size, "begun_at": now}

        async def work(tx: Tx) -> None:
            await insert_new(tx, photo_files, [row | begun])
            await tx.execute(update(photo_files).where(photo_files.c.photo == photo.id.bytes).values(row))

        await self._store.transact(work)
