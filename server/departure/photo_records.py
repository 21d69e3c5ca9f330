"""Photos that were handed in, and the records that describe them: in the archive, in quarantine, or nowhere yet.

A photo becomes readable in the archive when a record of its own person stands there and names its digest: at once, or
when the record's operation is accepted. Until then, and where it is refused, it stays as it came. Doing this twice
changes nothing, so it is done whenever one of the two may have come, and again from time to time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, update

from server.departure.drain import UNREADABLE
from server.departure.means import Means
from server.departure.sealed import unsealed_photo
from server.master.departures import handed_photos, quarantine
from server.master.journal import Note, note
from server.master.people import photo_files
from server.master.photos import PhotoFiles, digest_of
from server.master.scoping import open_scope
from server.master.store import Tx
from server.master.tables import feed, records
from server.master.upserts import upsert
from server.ports import Sources
from sync import scopes
from sync.changes import read_changes
from sync.codec import unpack
from sync.errors import Refusal
from sync.operations import Act, read_operation
from sync.records import COLLECTIONS, Photo

__all__ = ["HandedPhoto", "PhotoState", "archive", "listed", "note_read", "read_photo"]


class PhotoState(StrEnum):
    """What has become of a photo that was handed in."""

    LOST = "lost"
    """The phone's file was gone."""
    ARRIVING = "arriving"
    """Not all bytes are here."""
    UNREADABLE = "unreadable"
    """No key opens it: damaged, or sealed to somebody else. It is kept as it came."""
    ARCHIVED = "archived"
    """It is in the archive."""
    NO_RECORD = "no_record"
    """No record describes it, yet."""
    OTHER = "other"
    """The record describes another picture."""
    REFUSED = "refused"
    """The record's operation was refused; the photo is kept whole."""
    WAITING = "waiting"
    """The record's operation waits in quarantine."""


class HandedPhoto(msgspec.Struct, frozen=True):
    """One photo that was handed in; times in server milliseconds. `item` is its record's operation in quarantine."""

    photo: UUID
    device: UUID
    staff: UUID
    size: int
    received: int
    state: PhotoState
    begun_at: int
    finished_at: int | None
    item: UUID | None


class _Described(msgspec.Struct, frozen=True):
    """What an operation in quarantine says of a photo."""

    item: UUID
    state: str
    digest: str


async def listed(tx: Tx, *, staff: UUID | None = None) -> list[HandedPhoto]:
    """The photos that were handed in, the oldest first; of one person."""
    wanted, rows = select(handed_photos), select(quarantine)
    if staff is not None:
        wanted = wanted.where(handed_photos.c.staff == staff.bytes)
        rows = rows.where(quarantine.c.staff == staff.bytes)
    found = (await tx.execute(wanted.order_by(handed_photos.c.begun_at, handed_photos.c.photo))).all()
    described = _described((await tx.execute(rows)).all()) if found else {}
    return [_listed(row, described.get((bytes(row.device), bytes(row.photo)))) for row in found]


def _described(rows: Sequence[Row[Any]]) -> dict[tuple[bytes, bytes], _Described]:
    """What quarantine says of photos, by device and photo."""
    found: dict[tuple[bytes, bytes], _Described] = {}
    for row in rows:
        operation = read_operation(bytes(row.body)) if row.state != UNREADABLE else None
        if operation is None or operation.collection != "photo" or operation.act is not Act.CREATE:
            continue
        try:
            digest = read_changes(COLLECTIONS["photo"], bytes(operation.changes)).get("digest", "")
        except Refusal:
            digest = ""
        found[bytes(row.device), operation.record.bytes] = _Described(UUID(bytes=bytes(row.id)), row.state, digest)
    return found


def _listed(row: Row[Any], described: _Described | None) -> HandedPhoto:
    return HandedPhoto(
        photo=UUID(bytes=bytes(row.photo)),
        device=UUID(bytes=bytes(row.device)),
        staff=UUID(bytes=bytes(row.staff)),
        size=row.size,
        received=row.received,
        state=_state(row, described),
        begun_at=row.begun_at,
        finished_at=row.finished_at,
        item=described.item if described else None,
    )


def _state(row: Row[Any], described: _Described | None) -> PhotoState:
    if row.finished_at is None:
        return PhotoState.ARRIVING if row.lost_at is None else PhotoState.LOST
    if row.digest is None:
        return PhotoState.UNREADABLE
    if row.archived_at is not None:
        return PhotoState.ARCHIVED
    if described is None:
        return PhotoState.NO_RECORD
    if described.digest != row.digest:
        return PhotoState.OTHER
    return PhotoState.REFUSED if described.state == "refused" else PhotoState.WAITING


async def read_photo(means: Means, tx: Tx, photo: HandedPhoto) -> bytes | None:
    """The bytes of a photo that was handed in, for whoever decides on it; None where they cannot be read."""
    one = (handed_photos.c.device == photo.device.bytes) & (handed_photos.c.photo == photo.photo.bytes)
    row = (await tx.execute(select(handed_photos).where(one))).one_or_none()
    return None if row is None else await asyncio.to_thread(_opened, row, means)


async def note_read(tx: Tx, photo: HandedPhoto, sources: Sources) -> None:
    """Note in the journal that somebody looked at a photo that was handed in."""
    scope = scopes.staff(photo.staff)
    await open_scope(tx, scope)
    body = {"photo": photo.photo, "device": photo.device, "state": photo.state}
    await note(tx, [Note(scope, "photo_looked_at", body)], sources.now(), sources.random)


def _opened(row: Row[Any], means: Means) -> bytes | None:
    photo = UUID(bytes=bytes(row.photo))
    path: Path | None = means.photos.handed_in(UUID(bytes=bytes(row.device))).whole(photo)
    return unsealed_photo(bytes(row.key), means.keys.openings.values(), photo, path.read_bytes()) if path else None


# ---- into the archive ----------------------------------------------------------------------------------------------


async def archive(means: Means, device: UUID | None = None) -> int:
    """Put photos whose record stands in the archive there too; of one device. How many there were."""
    async with means.store.read() as tx:
        ready = await _ready(tx, device)
    for row in ready:
        await _archive(means, row)
    return len(ready)


async def _ready(tx: Tx, device: UUID | None) -> list[Row[Any]]:
    """Photos that are here whole, and described by a record of the same person in the archive."""
    stands = (feed.c.scope == records.c.scope) & (feed.c.record == records.c.record)
    joined = handed_photos.join(records, records.c.record == handed_photos.c.photo).join(feed, stands)
    wanted = select(handed_photos, feed.c.packed).select_from(joined)
    wanted = wanted.where(handed_photos.c.digest.is_not(None), handed_photos.c.archived_at.is_(None))
    if device is not None:
        wanted = wanted.where(handed_photos.c.device == device.bytes)
    return [row for row in await tx.execute(wanted.order_by(handed_photos.c.begun_at)) if _describes(row)]


def _describes(row: Row[Any]) -> bool:
    record = unpack(bytes(row.packed)) if row.packed is not None else None
    if not isinstance(record, Photo) or record.staff is None:
        return False
    return (record.staff.bytes, record.digest) == (bytes(row.staff), row.digest)


async def _archive(means: Means, row: Row[Any]) -> None:
    """The file first, then what the store says of it: whoever finds a record finds its bytes."""
    data = await asyncio.to_thread(_opened, row, means)
    if data is None or digest_of(data) != row.digest:
        return
    await asyncio.to_thread(_write, means.photos, UUID(bytes=bytes(row.photo)), data)
    await means.store.transact(partial(_note_archived, means=means, row=row, size=len(data)))


def _write(files: PhotoFiles, photo: UUID, data: bytes) -> None:
    with files.held(photo):
        if files.whole(photo) is None:
            files.append(photo, 0, data)
            files.keep(photo)


async def _note_archived(tx: Tx, means: Means, row: Row[Any], size: int) -> None:
    now, photo = means.sources.now(), bytes(row.photo)
    is_it = (handed_photos.c.device == row.device) & (handed_photos.c.photo == photo)
    still = update(handed_photos).where(is_it, handed_photos.c.archived_at.is_(None)).values(archived_at=now)
    if (await tx.execute(still)).rowcount == 0:
        return
    file = {"photo": photo, "device": bytes(row.device), "size": size, "received": size}
    await upsert(tx, photo_files, [file | {"begun_at": row.begun_at, "finished_at": now}])
    scope = scopes.staff(UUID(bytes=bytes(row.staff)))
    await open_scope(tx, scope)
    body = {"photo": photo, "device": bytes(row.device), "digest": row.digest}
    await note(tx, [Note(scope, "photo_archived", body)], now, means.sources.random)
