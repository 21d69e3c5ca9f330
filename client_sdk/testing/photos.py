"""Photos, as the server in memory takes and gives them: in pieces, and sealed from a phone that may not open them."""

from __future__ import annotations

import base64
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from client_sdk.ports import Reply, Request
from client_sdk.testing.company import Company, PhoneOfStaff
from client_sdk.testing.denied import Denied
from sync.codec import decode
from sync.messages import SealedPhoto
from sync.records import Photo

__all__ = ["Photos", "take_photo", "take_sealed_photo"]

Photos = dict[UUID, bytearray]
"""What was uploaded, by the id of its record."""


def take_photo(photos: Photos, company: Company, device: PhoneOfStaff, request: Request) -> Reply:
    """Answer a request under /photos: a beginning, a piece, how far it is, or the photo. Raises Denied."""
    if request.path == "/photos":
        return _begun(photos, company, device, request)
    photo = _record(company, device, UUID(request.path.rsplit("/", 1)[-1]))
    held = photos.setdefault(photo.id, bytearray())
    if request.method == "GET":
        return Reply(200, {}, bytes(held))
    if request.method == "PATCH":
        _add(held, device, request)
    return Reply(204 if request.method == "PATCH" else 200, {"upload-offset": str(len(held))})


def take_sealed_photo(photos: Photos, company: Company, device: PhoneOfStaff, request: Request) -> Reply:
    """Answer a request under /photos/sealed: a beginning, or a piece; what is whole is opened. Raises Denied."""
    if request.method == "POST":
        told = decode(request.body, SealedPhoto)
        if not told.size:
            device.lost.add(told.photo)
            return Reply(201, {"upload-offset": "0"})
        _, held = device.sealed.setdefault(told.photo, (told, bytearray()))
        return Reply(201, {"upload-offset": str(len(held))})
    told, held = device.sealed[UUID(request.path.rsplit("/", 1)[-1])]
    _add(held, device, request)
    if len(held) == told.size:
        device.photos[told.photo] = opened = _opened(company, told, bytes(held))
        if opened and told.photo in company.master.records:
            photos[told.photo] = bytearray(opened)
    return Reply(204, {"upload-offset": str(len(held))})


def _begun(photos: Photos, company: Company, device: PhoneOfStaff, request: Request) -> Reply:
    named = request.headers["Upload-Metadata"].removeprefix("record ")
    photo = _record(company, device, UUID(base64.b64decode(named).decode()))
    if int(request.headers["Upload-Length"]) != photo.size:
        raise Denied("bad_value", device)
    photos.setdefault(photo.id, bytearray())
    return Reply(201, {"location": f"/photos/{photo.id}"})


def _add(held: bytearray, device: PhoneOfStaff, request: Request) -> None:
    if int(request.headers["Upload-Offset"]) != len(held):
        raise Denied("wrong_offset", device)
    held += request.body


def _opened(company: Company, told: SealedPhoto, body: bytes) -> bytes:
    """The photo; nothing where it does not open."""
    try:
        return AESGCM(company.unsealed(told.key)).decrypt(body[:12], body[12:], told.photo.bytes)
    except InvalidTag:
        return b""


def _record(company: Company, device: PhoneOfStaff, photo: UUID) -> Photo:
    held = company.master.records.get(photo)
    granted = company.granted(company.staff[device.staff])
    if held is None or not isinstance(held.record, Photo) or held.scope not in granted:
        raise Denied("not_found", device)
    return held.record
