"""Photos' bytes: authorised by the photo's record, kept in files, on the disk before a byte counts as received.

An upload goes on from where it stopped. It is finished only when the bytes have the digest that the record names;
bytes that do not are thrown away and the upload begins again. Nobody hears of a photo whose record is not theirs.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import select, update

from server.files import keep_names
from server.master.people import photo_files
from server.master.persist import insert_new
from server.master.store import Store, Tx
from server.master.tables import feed, records, scopes
from sync.codec import unpack
from sync.errors import Refusal
from sync.records import Photo

__all__ = ["CHUNK", "PhotoFiles", "Uploader", "find_photo"]

CHUNK = 1 << 20
"""The most bytes that one request may append."""
_DIGEST_BYTES = 32


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


class PhotoFiles:
    """The files under `folder`: `<photo>.part` while a photo arrives, `<photo>.photo` when it is whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, photo: UUID, kind: str) -> Path:
        return self._folder / photo.hex[-2:] / f"{photo.hex}.{kind}"

    def whole(self, photo: UUID) -> Path | None:
        """The file of a photo that has arrived; None for one that has not."""
        path = self._path(photo, "photo")
        return path if path.exists() else None

    def arrived(self, photo: UUID) -> int:
        """How many bytes of a photo that is not whole are there."""
        try:
            return self._path(photo, "part").stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def held(self, photo: UUID) -> Iterator[None]:
        """Keep other uploads of the same photo out. Raises Refusal where one is going on."""
        path = self._path(photo, "part")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
            if self.whole(photo) is not None:
                path.with_suffix(".lock").unlink(missing_ok=True)
        except BlockingIOError as error:
            raise Refusal("busy", "this photo is being uploaded by another request") from error
        finally:
            os.close(handle)

    def append(self, photo: UUID, offset: int, chunk: bytes) -> None:
        """Write a chunk behind the first `offset` bytes, and wait for the disk."""
        path = self._path(photo, "part")
        is_new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(handle, offset)
            os.pwrite(handle, chunk, offset)
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            keep_names(path.parent)

    def finish(self, photo: UUID, digest: str) -> bool:
        """Make a part whole where it has this BLAKE2b-32 (hexadecimal); throw it away and say False where not."""
        path = self._path(photo, "part")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES))
        if found.hexdigest() == digest:
            path.replace(self._path(photo, "photo"))
        else:
            path.unlink()
        keep_names(path.parent)
        return found.hexdigest() == digest


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
