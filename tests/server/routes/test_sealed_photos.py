"""`/photos/sealed` over HTTP: a departed device is heard here, form and sizes are checked, its orders ride along."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sync.clock import Moment
from sync.codec import encode
from sync.frames import MEDIA_TYPE
from sync.messages import SealedPhoto
from tests.server.routes.house import House, Phone

TUS = {"Tus-Resumable": "1.0.0"}
FILE = bytes(range(100))


def told(house: House, size: int = len(FILE)) -> SealedPhoto:
    """A photo of some id."""
    return SealedPhoto(house.desk.id(), bytes(16), b"key", size, Moment("boot", 1, 1))


async def begin(house: House, phone: Phone, body: bytes, media_type: str = MEDIA_TYPE) -> httpx.Response:
    """Begin a hand-in, signed by the device key."""
    headers = phone.proof(body) | TUS | {"Content-Type": media_type}
    return await house.client.post("/photos/sealed", content=body, headers=headers)


async def append(house: House, phone: Phone, photo: object, at: int, chunk: bytes, **more: str) -> httpx.Response:
    """Append a chunk, signed by the device key."""
    sent = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"} | more
    return await house.client.patch(f"/photos/sealed/{photo}", content=chunk, headers=phone.proof(chunk) | TUS | sent)


async def departed(house: House) -> Phone:
    """A phone whose person has left."""
    person = await house.person()
    phone = await house.phone(person)
    await house.offboard(person.id)
    return phone


async def test_a_departed_device_hands_a_photo_in(house: House) -> None:
    """From where it stopped; the answers say how far it is."""
    phone, photo = await departed(house), told(house)
    answer = await begin(house, phone, encode(photo))
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "0")
    answer = await append(house, phone, photo.photo, 0, FILE[:60])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "60")
    assert (await begin(house, phone, encode(photo))).headers["Upload-Offset"] == "60"
    assert (await append(house, phone, photo.photo, 60, FILE[60:])).headers["Upload-Offset"] == "100"


async def test_a_departed_device_is_heard_nowhere_else_under_photos(house: House) -> None:
    """Reading and ordinary uploads are refused, and the refusal brings the order."""
    phone = await departed(house)
    for method, path in (("GET", "/photos/x"), ("HEAD", "/photos/x"), ("PATCH", "/photos/x"), ("POST", "/photos")):
        answer = await house.client.request(method, path, headers=phone.proof() | TUS)
        assert answer.status_code == 403
        if method != "HEAD":
            assert (answer.json()["code"], len(answer.json()["orders"])) == ("departed", 1)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"body": b"\xc1"}, 400, "bad_request"),
        ({"body": b""}, 400, "bad_request"),
        ({"size": 20_000_029}, 400, "bad_request"),
        ({"media_type": "application/json"}, 415, "media_type"),
    ],
)
async def test_a_bad_beginning_is_refused_by_code(
    house: House, changed: dict[str, Any], status: int, code: str
) -> None:
    """Each with its code and the order, none as a fault of ours."""
    phone = await departed(house)
    photo = told(house, changed.pop("size", 10))
    answer = await begin(house, phone, changed.pop("body", encode(photo)), **changed)
    assert (answer.status_code, answer.json()["code"], len(answer.json()["orders"])) == (status, code, 1)


async def test_a_bad_chunk_is_refused_by_code(house: House) -> None:
    """Another offset, too large, another type, a photo that was not begun."""
    phone, photo = await departed(house), told(house)
    await begin(house, phone, encode(photo))
    answers = [
        await append(house, phone, photo.photo, 1, b"x"),
        await append(house, phone, photo.photo, 0, bytes((1 << 20) + 1)),
        await append(house, phone, photo.photo, 0, FILE + b"x"),
        await append(house, phone, photo.photo, 0, b"x", **{"Content-Type": "text/plain"}),
        await append(house, phone, photo.photo, 0, b"x", **{"Tus-Resumable": "0.2.0"}),
        await append(house, phone, house.desk.id(), 0, b"x"),
        await append(house, phone, "no-id", 0, b"x"),
    ]
    assert [one.json()["code"] for one in answers] == [
        "wrong_offset",
        "too_large",
        "too_large",
        "media_type",
        "upload_version",
        "not_found",
        "not_found",
    ]


async def test_nobody_unsigned_suspended_or_unconfirmed_is_heard(house: House) -> None:
    """No byte is taken from them."""
    body = encode(told(house))
    phone, other = await house.phone(), await house.phone(await house.person("李娜"), confirm=True)
    await house.suspend(phone)
    answers = [await begin(house, phone, body), await begin(house, other, body)]
    answers.append(await house.client.post("/photos/sealed", content=body, headers=phone.proof(b"another") | TUS))
    codes = [one.json()["code"] for one in answers]
    assert codes == ["device_suspended", "awaiting_confirmation", "bad_signature"]
