"""Photos: attached to a record, kept sealed, sent by a queue of their own that can stop and go on at any byte.

The photo's record is an ordinary operation; its bytes follow when the server has that. Orders, leases and text never
wait for them. Bytes that have arrived stay for the rep to see, as long as the budget allows.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from client_sdk import vault
from client_sdk.errors import InvalidInput, NoNetwork, NotFound
from client_sdk.exchange.conversation import Conversation, Refused
from client_sdk.images import prepared
from client_sdk.ports import Reply, Unreachable
from client_sdk.writing import Desk
from sync.machine import State
from sync.records import Outlet, Photo

__all__ = ["BUDGET", "Photos", "Upload"]

BUDGET = 64 * 1024 * 1024
"""So many bytes of photos that have arrived are kept for the rep to see."""
CHUNK = 256 * 1024
"""So many bytes go in one request: what a weak link loses with a broken connection."""
_VERSION = {"Tus-Resumable": "1.0.0"}


class Upload(msgspec.Struct, frozen=True):
    """What came of sending photos: how many arrived, how many wait, and a code that says why (`done` for none)."""

    ended: str
    sent: int
    waiting: int


class _Queued(msgspec.Struct, frozen=True):
    id: UUID
    box: int
    size: int
    sent: int


class Photos:
    """`replica.photos`."""

    def __init__(self, desk: Desk, conversation: Conversation) -> None:
        self._desk = desk
        self._device = desk.device
        self._conversation = conversation

    def attach(self, record: UUID, data: bytes, caption: str = "") -> Photo:
        """Attach a photo to a visit, an outlet or another record of an outlet; durable on return.

        `data` is a picture as a camera makes it. Raises InvalidInput, NotFound, StorageFull.
        """
        picture = prepared(data)
        with self._device.serving() as replica:
            self._desk.look(replica)
            about = replica.rows.shown(record.bytes)
            if about is None:
                raise NotFound(str(record))
            outlet = about.id if isinstance(about, Outlet) else getattr(about, "outlet", None)
            if not isinstance(outlet, UUID):
                raise InvalidInput("bad_value", "record", "a photo belongs to an outlet or to what was done at one")
            fields = {
                "of": record,
                "outlet": outlet,
                "digest": hashlib.blake2b(picture.data, digest_size=32).hexdigest(),
                "size": len(picture.data),
                "width": picture.width,
                "height": picture.height,
                "caption": caption,
            }
            return self._keep(fields, picture.data)

    def of(self, record: UUID) -> list[Photo]:
        """The photos of a record, newest first."""
        with self._device.serving() as replica:
            about = replica.rows.shown(record.bytes)
        outlet = record if isinstance(about, Outlet) else getattr(about, "outlet", None)
        return [one for one in self._desk.all(Photo, outlet) if one.of == record] if outlet else []

    def load(self, photo: UUID) -> bytes:
        """A photo's JPEG bytes, from this phone or else from the server. Raises NotFound, NoNetwork."""
        with self._device.serving():
            self._desk.get(Photo, photo)
            queued = self._queued(photo)
            local = self._read(queued) if queued else None
        return local if local is not None else self._fetch(photo)

    def upload(self, budget: int = BUDGET) -> Upload:
        """Send what waits, each photo from where it stopped; then keep to the budget. No network is an answer."""
        sent, ended = 0, "done"
        try:
            for photo in self._waiting():
                sent += self._send(photo)
        except Unreachable:
            ended = "no_network"
        except Refused as refused:
            ended = refused.code
        with self._device.lock:
            if self._device.state() is State.OPEN:
                self._tidy(budget)
            return Upload(ended, sent, self._device.photos_pending())

    # ---- keeping --------------------------------------------------------

    def _path(self, photo: UUID) -> Path:
        return self._device.places.photos / photo.hex

    def _keep(self, fields: dict[str, Any], data: bytes) -> Photo:
        """The file first, then the operation and its place in the queue, in one transaction."""
        outbox, ports = self._device.outbox, self._device.ports
        ports.disk.make_directory(self._device.places.photos)

        def beside(photo: UUID, place: int, box: int) -> None:
            sealed = vault.close(outbox.sure_key(box), data, photo.bytes, ports.random)
            ports.disk.write(self._path(photo), sealed)
            outbox.file.run(
                "INSERT INTO photo(id, box, seq, size, stored) VALUES(?, ?, ?, ?, ?)",
                (photo.bytes, box, place, len(data), self._device.now()),
            )

        return self._desk.create(Photo, fields, beside=beside)

    def _read(self, queued: _Queued) -> bytes | None:
        key = self._device.outbox.key_of(queued.box)
        path = self._path(queued.id)
        if key is None or not path.exists():
            return None
        try:
            return vault.open_box(key, path.read_bytes(), queued.id.bytes)
        except vault.Unopened:
            return None

    def _queued(self, photo: UUID) -> _Queued | None:
        row = self._device.outbox.file.one("SELECT id, box, size, sent FROM photo WHERE id=?", (photo.bytes,))
        return _Queued(UUID(bytes=row[0]), *row[1:]) if row else None

    def _tidy(self, budget: int) -> None:
        """Remove files that nothing names, photos of records that are gone, and the oldest beyond the budget."""
        file, disk = self._device.outbox.file, self._device.ports.disk
        replica = self._device.replica()
        rows = file.run("SELECT id, size FROM photo WHERE acknowledged IS NOT NULL ORDER BY stored DESC")
        held = replica.rows.among(row[0] for row in rows)
        total = 0
        for name, size in rows:
            total += size
            if total > budget or name not in held:
                disk.remove(self._path(UUID(bytes=name)))
                file.run("DELETE FROM photo WHERE id=?", (name,))
        named = {UUID(bytes=row[0]).hex for row in file.run("SELECT id FROM photo")}
        if self._device.places.photos.is_dir():
            for path in self._device.places.photos.iterdir():
                if path.name not in named:
                    disk.remove(path)

    # ---- sending --------------------------------------------------------

    def _waiting(self) -> list[_Queued]:
        """Photos whose record the server has and whose bytes it has not, the oldest first."""
        with self._device.lock:
            if self._device.state() is not State.OPEN:
                return []
            self._device.replica()
            sql = """SELECT p.id, p.box, p.size, p.sent FROM photo p LEFT JOIN item i ON i.seq = p.seq
                WHERE p.acknowledged IS NULL AND (i.seq IS NULL OR i.acknowledged IS NOT NULL) ORDER BY p.stored"""
            rows = self._device.outbox.file.run(sql)
            return [_Queued(UUID(bytes=row[0]), *row[1:]) for row in rows]

    def _send(self, photo: _Queued) -> bool:
        """Send one photo; False for one that this phone cannot read any more."""
        with self._device.lock:
            data = self._read(photo)
        if data is None:
            return False
        at = self._resumed(photo) if photo.sent else self._begun(photo)
        while at < photo.size:
            try:
                reply = self._append(photo, at, data[at : at + CHUNK])
            except Refused as refused:
                if refused.code != "wrong_offset":
                    raise
                at = self._resumed(photo)
                continue
            at = _offset(reply)
            self._note(photo, at)
        self._note(photo, photo.size)
        return True

    def _begun(self, photo: _Queued) -> int:
        named = base64.b64encode(str(photo.id).encode()).decode()
        headers = _VERSION | {"Upload-Length": str(photo.size), "Upload-Metadata": f"record {named}"}
        self._conversation.ask("POST", "/photos", b"", headers)
        return 0

    def _resumed(self, photo: _Queued) -> int:
        return _offset(self._conversation.ask("HEAD", f"/photos/{photo.id}", b"", _VERSION))

    def _append(self, photo: _Queued, at: int, chunk: bytes) -> Reply:
        headers = _VERSION | {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        return self._conversation.ask("PATCH", f"/photos/{photo.id}", chunk, headers)

    def _note(self, photo: _Queued, sent: int) -> None:
        with self._device.lock:
            is_whole = sent >= photo.size
            done = self._device.now() if is_whole else None
            file = self._device.outbox.file
            file.run("UPDATE photo SET sent=?, acknowledged=? WHERE id=?", (sent, done, photo.id.bytes))

    def _fetch(self, photo: UUID) -> bytes:
        try:
            reply = self._conversation.ask("GET", f"/photos/{photo}")
        except Unreachable as error:
            raise NoNetwork("photo") from error
        except Refused as error:
            raise NotFound(f"photo {photo}: {error.code}") from error
        if not reply.whole:
            raise NoNetwork("photo")
        return reply.body


def _offset(reply: Reply) -> int:
    text = reply.headers.get("upload-offset", "")
    if not text.isdigit():
        raise Refused("internal", "no Upload-Offset in the answer")
    return int(text)
