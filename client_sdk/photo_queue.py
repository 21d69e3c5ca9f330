"""Photos whose bytes the server has not got: rows of `outbox.db`, each with a sealed file beside it.

A photo's bytes are acknowledged when the server has them all, or has heard that they are lost.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import msgspec

from client_sdk.device import Device

__all__ = ["PhotoQueue", "QueuedPhoto"]

_COLUMNS = "p.id, p.box, p.size, p.sent"


class QueuedPhoto(msgspec.Struct, frozen=True):
    """One photo: its id, the box under whose key it is sealed, its size in bytes when open, how many were sent."""

    id: UUID
    box: int
    size: int
    sent: int


class PhotoQueue:
    """The queue of one device. The device's lock is held by the caller."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def path(self, photo: UUID) -> Path:
        """Where the sealed file of a photo stands."""
        return self._device.places.photos / photo.hex

    def find(self, photo: UUID) -> QueuedPhoto | None:
        """The row of a photo; None where there is none."""
        return next(iter(self._rows("WHERE p.id=?", photo.bytes)), None)

    def described(self) -> list[QueuedPhoto]:
        """Photos that wait and whose record the server has, the oldest first."""
        return self._rows(
            """LEFT JOIN item i ON i.seq = p.seq
            WHERE p.acknowledged IS NULL AND (i.seq IS NULL OR i.acknowledged IS NOT NULL) ORDER BY p.stored"""
        )

    def waiting(self) -> list[QueuedPhoto]:
        """All photos that wait, the oldest first."""
        return self._rows("WHERE p.acknowledged IS NULL ORDER BY p.stored")

    def size_and_sent(self) -> tuple[int, int]:
        """Of the photos that wait: how many bytes there are, and how many of them were sent."""
        sql = "SELECT coalesce(sum(size), 0), coalesce(sum(min(sent, size)), 0) FROM photo WHERE acknowledged IS NULL"
        size, sent = self._device.outbox.file.one(sql)
        return size, sent

    def is_waiting(self, photo: UUID) -> bool:
        """Whether a photo still waits."""
        sql = "SELECT 1 FROM photo WHERE id=? AND acknowledged IS NULL"
        return self._device.outbox.file.one(sql, (photo.bytes,)) is not None

    def note_sent(self, photo: QueuedPhoto, sent: int) -> None:
        """So many bytes were sent, and not all."""
        file = self._device.outbox.file
        with file.transaction(durable=False):
            file.run("UPDATE photo SET sent=? WHERE id=?", (sent, photo.id.bytes))

    def acknowledge(self, photo: QueuedPhoto) -> None:
        """The server has the photo, or knows that it is lost."""
        file = self._device.outbox.file
        with file.transaction():
            file.run("UPDATE photo SET sent=size, acknowledged=? WHERE id=?", (self._device.now(), photo.id.bytes))

    def sealed_key(self, box: int) -> tuple[bytes, bytes]:
        """The outbox id of a box, and its key sealed to the company."""
        row = self._device.outbox.file.one("SELECT id, sealed FROM box WHERE ordinal=?", (box,))
        return row[0], row[1]

    def _rows(self, which: str, *values: bytes) -> list[QueuedPhoto]:
        rows = self._device.outbox.file.run(f"SELECT {_COLUMNS} FROM photo p {which}", values)  # noqa: S608
        return [QueuedPhoto(UUID(bytes=row[0]), *row[1:]) for row in rows]
