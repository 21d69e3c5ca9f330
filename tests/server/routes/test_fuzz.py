"""Whatever bytes and headers come: a coded refusal or an answer, never a 500, and nothing changes by accident."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from server.master.audit import audit
from sync import frames
from sync.codec import encode
from sync.errors import ERRORS
from tests.server.routes.house import House, Phone, zstd
from tests.server.routes.wire import Wire

ROUNDS = 250
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
PATHS = ("/sync", "/enrol", "/live", "/photos", "/photos/x", "/healthz", "/nothing", "/schema/openapi.json")
METHODS = ("GET", "POST", "PATCH", "HEAD", "PUT", "DELETE", "OPTIONS", "BREW", "")
NAMES = (
    "authorization", "saojie-device", "saojie-proof", "saojie-challenge", "content-type", "content-encoding",
    "content-length", "accept-encoding", "tus-resumable", "upload-offset", "upload-length", "upload-metadata",
    "cookie", "transfer-encoding", "range", "x-\xff",
)  # fmt: skip
VALUES = (
    "", " ", "Bearer", "Bearer a.b.c", "Bearer \xff\xfe", "bearer " + "A" * 5000, "-1", "0", "9" * 40, "1e5", "\x00",
    "application/json", "application/json;charset=utf-16", frames.MEDIA_TYPE, "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded", "gzip", "zstd", "br, gzip;q=0", "1.0.0", "record AAAA", "record \xff",
    "00000000-0000-0000-0000-000000000000", "deadbeef", "zz", "=?utf-8?b?eA==?=", "a=b; c=d", "bytes=0-99999999999",
)  # fmt: skip


def some_bytes(random: Random) -> bytes:
    """A body of some kind, most of them nearly right."""
    makers: tuple[Callable[[], bytes], ...] = (
        bytes,
        lambda: random.randbytes(random.randrange(2000)),
        lambda: json.dumps(some_value(random, 3)).encode(),
        lambda: b"R" + random.randbytes(54),
        lambda: framed(encode(some_value(random, 3))),
        lambda: framed(random.randbytes(300)),
        lambda: b"[" * random.randrange(20_000),
        lambda: framed(b"\x91" * random.randrange(20_000)),
    )
    return random.choice(makers)()


def framed(body: bytes) -> bytes:
    """Bytes in a request's frame."""
    pressed = zstd.compress(body)
    return b"R" + len(pressed).to_bytes(4, "big") + pressed


def some_value(random: Random, depth: int) -> Any:
    """A value of some shape."""
    kind = random.randrange(9 if depth else 6)
    plain = (
        None,
        True,
        random.randrange(-(1 << 63), 1 << 64),
        random.random() * 1e300,
        "扫\x00街" * random.randrange(9),
    )
    if kind < 5:
        return plain[kind]
    if kind == 5:
        return random.choice(["protocol", "epoch", "outbox", "ffffffff", "\ud800"[:0]])
    if kind == 6:
        return [some_value(random, depth - 1) for _ in range(random.randrange(16))]
    names = ("protocol", "schema", "epoch", "moment", "outbox", "operations", "code", "public_key", "signature", "x")
    return {random.choice(names): some_value(random, depth - 1) for _ in range(random.randrange(8))}


def spoilt(random: Random, request: bytes) -> bytes:
    """A right request with something wrong in its middle: cut, flipped, doubled."""
    plain = bytearray(zstd.decompress(request[5:]))
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(plain))
        match random.randrange(3):
            case 0:
                plain[at] = random.randrange(256)
            case 1:
                del plain[at:]
                plain = plain or bytearray(b"\x90")
            case 2:
                plain[at:at] = plain[at : at + 10]
    return framed(bytes(plain))


def check(wire: Wire) -> None:
    """Nothing but answers and coded refusals."""
    assert wire.status < 500, wire.body
    if wire.status >= 400 and wire.body:
        assert json.loads(wire.body)["code"] in ERRORS


async def unheard(house: House) -> None:
    """Nothing failed, and the store is sound."""
    assert [one for one in house.lines() if one["event"] == "failed"] == []
    async with house.store.read() as tx:
        assert await audit(tx) == []


@pytest.mark.parametrize("seed", range(3))
async def test_any_headers_and_any_body_from_anybody(house: House, seed: int) -> None:
    """Strangers with every method, path, header and body."""
    random = Random(seed)
    for _ in range(ROUNDS):
        headers = {random.choice(NAMES): random.choice(VALUES) for _ in range(random.randrange(6))}
        wire = Wire(house.app, random.choice(METHODS), random.choice(PATHS), headers, some_bytes(random))
        await wire.ended(30)
        check(wire)
        house.desk.now += 10_000
    await unheard(house)


@pytest.mark.parametrize("seed", range(3))
async def test_any_headers_from_a_device(house: House, seed: int) -> None:
    """An authenticated device with every method and path, photos among them."""
    random = Random(seed)
    phone = await house.phone()
    for _ in range(ROUNDS):
        headers = phone.bearer() | {random.choice(NAMES[1:]): random.choice(VALUES) for _ in range(random.randrange(6))}
        path = random.choice(["/photos", f"/photos/{phone.device}", "/sync"])
        wire = Wire(house.app, random.choice(METHODS), path, headers | TUS, some_bytes(random))
        await wire.ended(30)
        check(wire)
        house.desk.now += 1000
    await unheard(house)


@pytest.mark.parametrize("seed", range(3))
async def test_any_body_from_a_device(house: House, seed: int) -> None:
    """An authenticated device with bodies of every kind, compact and JSON; afterwards it syncs as ever."""
    random = Random(seed)
    person = await house.person()
    await house.territory("东", person)
    phone = await house.phone(person)
    for _ in range(ROUNDS):
        media_type = random.choice([frames.MEDIA_TYPE, "application/json"])
        headers = phone.bearer() | {"Content-Type": media_type}
        wire = Wire(house.app, "POST", "/sync", headers, some_bytes(random))
        await wire.ended(30)
        check(wire)
        house.desk.now += 1000
    await unheard(house)
    assert (await phone.sync()).tail is not None


@pytest.mark.parametrize("seed", range(3))
async def test_right_requests_with_something_spoilt(house: House, seed: int) -> None:
    """One bit flipped, one part doubled, the end cut off: refused by code or served, never a fault of ours."""
    random = Random(seed)
    person = await house.person()
    territory = await house.territory("东", person)
    await house.desk.register(house.desk.manager(), territory.id)
    phone: Phone = await house.phone(person)
    right = frames.write_request(
        phone.request(wants={f"territory/{territory.id}": (bytes(16),)}, sums={"company": b""})
    )
    for _ in range(ROUNDS):
        headers = phone.bearer() | {"Content-Type": frames.MEDIA_TYPE}
        wire = Wire(house.app, "POST", "/sync", headers, spoilt(random, right))
        await wire.ended(30)
        check(wire)
        house.desk.now += 1000
    await unheard(house)
