"""Photos: attached to a record, kept sealed, sent by a queue of their own that can stop and go on at any byte.

The photo's record is an ordinary operation; its bytes follow when the server has that. Orders, leases and text never
wait for them. Bytes that have arrived stay for the rep to see, as long as the budget allows.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import UUID

import msgspec

from client_sdk import vault
from client_sdk.errors import InvalidInput, NoNetwork, NotFound
from client_sdk.exchange.conversation import Conversation, Refused
from client_sdk.exchange.sealed_photos import SealedPhotos
from client_sdk.exchange.tus import CHUNK, VERSION, Turns, chunk_at, offset_of
from client_sdk.given import paged
from client_sdk.images import prepared
from client_sdk.photo_queue import PhotoQueue, QueuedPhoto
from client_sdk.ports import Reply, Unreachable
from client_sdk.settings import may_send_photos
from client_sdk.writing import Desk
from sync.machine import State
from sync.records import Outlet, Photo

__all__ = ["BUDGET", "Photos", "Upload"]

WAITS_FOR_WIFI = "waits_for_wifi"
_WITHOUT_RECORD = frozenset({"not_found", "wrong_digest"})
BUDGET = 64 * 1024 * 1024
"""So many bytes of photos that have arrived are kept for the rep to see."""


class Upload(msgspec.Struct, frozen=True):
    """What came of sending photos: how many arrived, how many wait, and a code that says why: `done` for none,
    `waits_for_wifi` where the settings have them wait.
    """

    ended: str
    sent: int
    waiting: int


class _Held(Exception):
    """Raised in the middle of a photo when it may go no further on this network."""


class Photos:
    """`replica.photos`. `current` is the photo that is being sent."""

    def __init__(self, desk: Desk, conversation: Conversation) -> None:
        self._desk = desk
        self._device = desk.device
        self._queue = PhotoQueue(desk.device)
        self._conversation = conversation
        self._sealed = SealedPhotos(desk.device, conversation)
        self.current: UUID | None = None

    def prepare(self, data: bytes) -> bytes:
        """A picture as a camera makes it, as small as it is sent: for a draft that waits for its record, which
        `attach` takes then. Nothing is stored. Raises InvalidInput for what is no picture.
        """
        return prepared(data).data

    def attach(self, record: UUID, data: bytes, caption: str = "", *, kind: str = "") -> Photo:
        """Attach a photo to a visit, an outlet or another record of an outlet; durable on return.

        `data` is a picture as a camera makes it, `kind` what it shows: a registration asks for a `front`. Raises
        InvalidInput, NotFound, StorageFull.
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
                "kind": kind,
            }
            return self._keep(fields, picture.data)

    def of(self, record: UUID, page: int = 0, *, size: int | None = None) -> list[Photo]:
        """The photos of a record, newest first, page by page from 0."""
        with self._device.serving() as replica:
            about = replica.rows.shown(record.bytes)
        outlet = record if isinstance(about, Outlet) else getattr(about, "outlet", None)
        found = self._desk.all(Photo, outlet) if outlet else []
        return paged([one for one in found if one.of == record], page, size)

    def load(self, photo: UUID) -> bytes:
        """A photo's JPEG bytes, from this phone or else from the server. Raises NotFound, NoNetwork, and WrongThread
        where it would have to wait for the server on a thread that must not.
        """
        with self._device.serving():
            self._desk.get(Photo, photo)
            queued = self._queue.find(photo)
            local = self._read(queued) if queued else None
        if local is not None:
            return local
        self._device.threads.check_network()
        return self._fetch(photo)

    def upload(self, budget: int = BUDGET, *, anyway: bool = False) -> Upload:
        """Send what waits, each photo from where it stopped; then keep to the budget. No network is an answer. One that
        is refused has its turn again, after the others. Where the settings have photos wait for Wi-Fi they do, also in
        the middle of one, unless they are to go `anyway`. Raises WrongThread where nothing may wait for a network.
        """
        self._device.threads.check_network()
        sent, ended = 0, "done"
        for photo in self._waiting():
            try:
                sent += self._send_current(photo, anyway=anyway)
            except _Held:
                ended = WAITS_FOR_WIFI
                break
            except Unreachable:
                ended = "no_network"
                break
            except Refused as refused:
                ended = refused.code
                if refused.asks_to_wait:
                    break
        with self._device.lock:
            if self._device.state() is State.OPEN:
                self._tidy(budget)
            return Upload(ended, sent, self._device.photos_pending())

    # ---- keeping --------------------------------------------------------

    def _keep(self, fields: dict[str, Any], data: bytes) -> Photo:
        """The file first, then the operation and its place in the queue, in one transaction."""
        outbox, ports = self._device.outbox, self._device.ports
        ports.disk.make_directory(self._device.places.photos)

        def beside(photo: UUID, place: int, box: int) -> None:
            sealed = vault.close(outbox.sure_key(box), data, photo.bytes, ports.random)
            ports.disk.write(self._queue.path(photo), sealed)
            outbox.file.run(
                "INSERT INTO photo(id, box, seq, size, stored) VALUES(?, ?, ?, ?, ?)",
                (photo.bytes, box, place, len(data), self._device.now()),
            )

        return self._desk.create(Photo, fields, beside=beside)

    def _read(self, queued: QueuedPhoto) -> bytes | None:
        key = self._device.outbox.key_of(queued.box)
        path = self._queue.path(queued.id)
        if key is None or not path.exists():
            return None
        try:
            return vault.open_box(key, path.read_bytes(), queued.id.bytes)
        except vault.Unopened:
            return None

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
                disk.remove(self._queue.path(UUID(bytes=name)))
                with file.transaction(durable=False):
                    file.run("DELETE FROM photo WHERE id=?", (name,))
        named = {UUID(bytes=row[0]).hex for row in file.run("SELECT id FROM photo")}
        if self._device.places.photos.is_dir():
            for path in self._device.places.photos.iterdir():
                if path.name not in named:
                    disk.remove(path)

    # ---- sending --------------------------------------------------------

    def _waiting(self) -> list[QueuedPhoto]:
        """Photos whose record the server has and whose bytes it has not, the oldest first."""
        with self._device.lock:
            if self._device.state() is not State.OPEN:
                return []
            self._device.replica()
            return self._queue.described()

    def _send_current(self, photo: QueuedPhoto, *, anyway: bool) -> bool:
        """Send one photo, and let it be seen meanwhile that it is the one. Raises _Held, and as `_send` does."""
        self._check_held(anyway=anyway)
        try:
            self._show(photo.id)
            return self._send(photo, anyway=anyway)
        finally:
            self._show(None)

    def _show(self, photo: UUID | None) -> None:
        self.current = photo
        self._device.news.tell()

    def _check_held(self, *, anyway: bool) -> None:
        if not anyway and not may_send_photos(self._device):
            raise _Held

    def _send(self, photo: QueuedPhoto, *, anyway: bool) -> bool:
        """Send one photo, sealed where this phone cannot read it any more, or where its record is not to be found (it
        was refused, or the outlet is another's by now): the company keeps it. False for one that is lost.
        """
        with self._device.lock:
            data = self._read(photo)
        if data is None:
            return self._sealed.send(photo)
        try:
            self._send_open(photo, data, anyway=anyway)
        except Refused as refused:
            if refused.code not in _WITHOUT_RECORD:
                raise
            return self._sealed.send(photo)
        with self._device.lock:
            self._queue.acknowledge(photo)
        return True

    def _send_open(self, photo: QueuedPhoto, data: bytes, *, anyway: bool) -> None:
        turns = Turns()
        at = self._resumed(photo) if photo.sent else self._begun(photo)
        while at < photo.size:
            self._check_held(anyway=anyway)
            try:
                at = turns.after(at, offset_of(self._append(photo, at, data[at : at + CHUNK])))
            except Refused as refused:
                turns.again(refused)
                at = self._resumed(photo)
            with self._device.lock:
                self._queue.note_sent(photo, at)

    def _begun(self, photo: QueuedPhoto) -> int:
        named = base64.b64encode(str(photo.id).encode()).decode()
        headers = VERSION | {"Upload-Length": str(photo.size), "Upload-Metadata": f"record {named}"}
        self._conversation.ask("POST", "/photos", b"", headers)
        return 0

    def _resumed(self, photo: QueuedPhoto) -> int:
        return offset_of(self._conversation.ask("HEAD", f"/photos/{photo.id}", b"", VERSION))

    def _append(self, photo: QueuedPhoto, at: int, chunk: bytes) -> Reply:
        return self._conversation.ask("PATCH", f"/photos/{photo.id}", chunk, chunk_at(at))

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
