"""Photos as a phone of the office's tests has them: a record in the outbox, and a sealed file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.departure.photo_records import HandedPhoto, listed
from server.departure.photos import HandIns
from server.master.photos import digest_of
from sync.ids import new_id
from sync.messages import SealedPhoto
from sync.operations import Act
from tests.server.departure.office import Office, Phone

__all__ = ["Picture", "begin", "hand_in", "photos", "taken"]


@dataclass
class Picture:
    """A photo on a phone: its id, its bytes, and the file that lies sealed on the phone."""

    id: UUID
    data: bytes
    file: bytes
    key: bytes
    outbox: bytes

    def told(self, phone: Phone, size: int | None = None) -> SealedPhoto:
        """How the phone begins to hand it in."""
        return SealedPhoto(self.id, self.outbox, self.key, len(self.file) if size is None else size, phone.moment)


def taken(phone: Phone, outlet: UUID, size: int = 1000, **changed: Any) -> Picture:
    """Take a photo of an outlet: its record goes into the outbox."""
    photo = new_id(phone.clock.ms, phone.rng.randbytes(10))
    data, nonce = phone.rng.randbytes(size), phone.rng.randbytes(12)
    fields: dict[str, Any] = {
        "of": outlet.bytes,
        "outlet": outlet.bytes,
        "digest": digest_of(data),
        "size": size,
    } | changed
    phone.write(Act.CREATE, "photo", photo, **fields)
    file = nonce + AESGCM(phone.outbox_key).encrypt(nonce, data, photo.bytes)
    return Picture(photo, data, file, phone.sealed().key, phone.outbox)


async def begin(office: Office, phone: Phone, picture: Picture, size: int | None = None) -> int:
    """Begin to hand a photo in, or say with size 0 that it is lost; how many bytes the server has."""
    return await HandIns(office.means).begin(await office.device(phone), picture.told(phone, size))


async def hand_in(office: Office, phone: Phone, picture: Picture, chunk: int = 1 << 20) -> None:
    """Hand a whole photo in."""
    at, device = await begin(office, phone, picture), await office.device(phone)
    while at < len(picture.file):
        at = await HandIns(office.means).append(device, picture.id, at, picture.file[at : at + chunk])


async def photos(office: Office) -> list[HandedPhoto]:
    """The photos that were handed in."""
    async with office.store.read() as tx:
        return await listed(tx)
