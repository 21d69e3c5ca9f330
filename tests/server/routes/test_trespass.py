"""Over HTTP, with a device's own key and token: whatever it asks for, says or signs, nothing of others changes.

The whole store is looked at before and after, every table row by row, and the photos' files with it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from msgspec.json import encode as encode_json

from server.identity.staff import Person
from sync import frames, scopes
from sync.clock import Moment
from sync.codec import encode
from sync.cursors import Cursor
from sync.messages import Sealed, SealedPhoto, SealedRow
from sync.operations import Act
from sync.outbox import Told
from sync.signing import Kind, Signed, fingerprint
from sync.statements import EvictionReceipt, Receipt, ReceiptStage, WipeOrder
from tests.server.routes.house import House, Phone
from tests.server.routes.wire import Wire
from tests.server.trespass import ACTIVE, AFTER_AN_ORDER, Reach, reach_of, trespasses
from tests.server.whole import Picture, whole

BYTES = b"\xff\xd8\xff" + Random(3).randbytes(900)
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
ADMIN = ("/staff", "/devices", "/devices/lost", "/rosters", "/orders", "/wipes", "/quarantine", "/inbox", "/journal")
ROUNDS = 120


@dataclass
class Town:
    """Wang in the east with the phone that trespasses; Li in the west with a phone that works and one that is lost."""

    house: House
    wang: Person
    li: Person
    east: UUID
    west: UUID
    mine: Phone
    theirs: Phone
    lost: Phone
    shop: UUID
    photo: UUID
    order: UUID

    @property
    def writable(self) -> list[str]:
        """Where Wang's phone may write."""
        east = scopes.territory(self.east)
        return [east, scopes.private_of(east), scopes.staff(self.wang.id)]

    async def reach(self) -> tuple[Picture, Reach]:
        """The store, and what in it is the phone's own."""
        picture = await whole(self.house.store)
        return picture, reach_of(picture, self.mine.device, self.writable)

    def files(self) -> dict[str, bytes]:
        """All photos' files."""
        folder = self.house.settings.home / "photos"
        found = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
        return {str(path.relative_to(folder)): Path(path).read_bytes() for path in found}


@pytest.fixture
async def town(house: House) -> Town:
    """Everybody has synced; a photo of Li's is half here."""
    wang, li = await house.person("王"), await house.person("李")
    east, west = await house.territory("东", wang), await house.territory("西", li)
    desk = house.desk
    await desk.register(desk.manager(), east.id)
    shop = await desk.register(desk.manager(), west.id)
    mine, theirs, lost = await house.phone(wang), await house.phone(li), await house.phone(li)
    digest, photo = hashlib.blake2b(BYTES, digest_size=32).hexdigest(), desk.id()
    taken = desk.operation(Act.CREATE, "photo", photo, of=shop.bytes, outlet=shop.bytes, digest=digest, size=len(BYTES))
    for phone in (mine, lost):
        await phone.sync()
    await theirs.sync(taken)
    for sent in (uploading(theirs, photo), appending(theirs, photo, 0, BYTES[:500])):
        assert (await answered(house, sent)).status in {201, 204}
    await house.lose(lost)
    (row,) = (await whole(house.store))["wipe_orders"].values()
    return Town(house, wang, li, east.id, west.id, mine, theirs, lost, shop, photo, UUID(bytes=row["id"]))


Sent = tuple[str, str, dict[str, str], bytes]
"""Method, path, headers, body."""


def uploading(phone: Phone, photo: UUID) -> Sent:
    """Begin an upload."""
    named = base64.b64encode(str(photo).encode()).decode()
    told = {"Upload-Length": str(len(BYTES)), "Upload-Metadata": f"record {named}"}
    return "POST", "/photos", phone.bearer() | TUS | told, b""


def appending(phone: Phone, photo: UUID, offset: int, chunk: bytes) -> Sent:
    """Append to an upload."""
    return "PATCH", f"/photos/{photo}", phone.bearer() | TUS | {"Upload-Offset": str(offset)}, chunk


async def answered(house: House, sent: Sent) -> Wire:
    """Send a request and wait for its end. The clock goes on, so that no budget is spent."""
    wire = Wire(house.app, *sent)
    await wire.ended(30)
    house.desk.now += 2_000
    return wire


def signed(phone: Phone, kind: Kind, statement: Any) -> Signed:
    """A statement that a phone signs with its own key, whatever it says."""
    body = encode(statement)
    return Signed(kind, body, fingerprint(phone.key.public), phone.key.sign(kind, body))


def at(town: Town) -> Moment:
    """Now."""
    return Moment("boot", town.house.desk.now, town.house.desk.now)


def statements(town: Town, random: Random) -> tuple[Signed, ...]:
    """Receipts of orders and of evictions that are another device's, in one's own name and in the other's."""
    who = random.choice([town.mine.device, town.theirs.device, town.lost.device])
    order, stage = random.choice([town.order, town.house.desk.id()]), random.choice(list(ReceiptStage))
    receipt = Receipt(order, who, stage, at(town))
    gone = EvictionReceipt(town.house.desk.id(), town.theirs.device, scopes.territory(town.west), 1, 9, at(town))
    command = WipeOrder(order, UUID(town.mine.told["company"]), town.theirs.device, "left", 1)
    kind = random.choice([Kind.RECEIPT, Kind.RECEIPT, *Kind])
    return (
        signed(town.mine, kind, receipt),
        signed(town.mine, Kind.EVICTION, gone),
        signed(town.mine, Kind.WIPE_ORDER, command),
        Signed(Kind.RECEIPT, encode(receipt), fingerprint(town.lost.key.public), random.randbytes(70)),
    )


def exchange(town: Town, random: Random) -> Sent:
    """A sync with everything in it that is not this device's."""
    phone, other = town.mine, town.theirs
    west = scopes.territory(town.west)
    box = random.choice([None, Told(other.key.public[-16:], 0, bytes(16), 1, random.randbytes(16))])
    sealed = Sealed(other.key.public[-16:], random.randbytes(80), (SealedRow(1, bytes(16), random.randbytes(40)),))
    given = phone.request(
        receipts=statements(town, random),
        outbox=box,
        cursors={west: Cursor(random.choice([0, 1, 9]), random.randbytes(8))},
        digests={west: random.randbytes(16)},
        wants={west: (town.shop.bytes,), scopes.staff(town.li.id): (town.photo.bytes,)},
        sums={west: b""},
        sealed=random.choice([None, sealed]),
        witness=random.choice([b"", random.randbytes(90), encode(statements(town, random)[0])]),
        lease=random.choice([0, 1, 1 << 52]),
    )
    headers = phone.bearer() | {"Content-Type": frames.MEDIA_TYPE}
    if random.random() < 0.3:
        headers = random.choice(impostures(town))
    return "POST", "/sync", headers | {"Content-Type": frames.MEDIA_TYPE}, frames.write_request(given)


def impostures(town: Town) -> list[dict[str, str]]:
    """Headers that call oneself another device."""
    mine, theirs = town.mine, town.theirs
    named = {"Saojie-Device": str(theirs.device)}
    challenge = theirs.told["challenge"]
    return [
        mine.bearer() | named,
        mine.proof() | named,
        mine.proof(challenge=challenge) | named,
        named | {"Saojie-Challenge": challenge, "Saojie-Proof": mine.key.sign(Kind.REQUEST, b"x").hex()},
    ]


def photos(town: Town, random: Random) -> Sent:
    """Another's photo, or what is none, in every way that there is."""
    photo = random.choice([town.photo, town.photo, town.shop, town.li.id, town.order, town.house.desk.id()])
    method = random.choice(["GET", "HEAD", "PUT", "DELETE"])
    headers = town.mine.bearer() if random.random() < 0.7 else random.choice(impostures(town))
    return random.choice(
        [
            uploading(town.mine, photo),
            appending(town.mine, photo, random.choice([0, 500, 499]), BYTES[500:]),
            (method, f"/photos/{photo}", headers | TUS, b""),
            ("PATCH", f"/photos/{photo}", headers | TUS | {"Upload-Offset": "500"}, BYTES[500:]),
        ]
    )


def sealed(town: Town, random: Random) -> Sent:
    """A photo handed in as what one can no longer read: one's own id, another's, whatever is said of it."""
    photo = random.choice([town.photo, town.shop, town.order, UUID(int=random.getrandbits(20))])
    outbox = random.choice([town.mine, town.theirs]).key.public[-16:]
    told = SealedPhoto(photo, outbox, random.randbytes(80), random.choice([0, 40, 900]), at(town))
    headers = town.mine.bearer() if random.random() < 0.8 else random.choice(impostures(town))
    begin = TUS | headers | {"Content-Type": frames.MEDIA_TYPE}
    append = TUS | headers | {"Upload-Offset": random.choice(["0", "20", "500"])}
    chunk = random.randbytes(random.choice([20, 40]))
    return random.choice(
        [("POST", "/photos/sealed", begin, encode(told)), ("PATCH", f"/photos/sealed/{photo}", append, chunk)]
    )


def waking(town: Town, random: Random) -> Sent:
    """Where to be woken, and to be woken no more, in one's own name and in another's."""
    headers = town.mine.bearer() if random.random() < 0.5 else random.choice(impostures(town))
    body = encode_json({"address": random.choice(["https://push.example/x", "http://127.0.0.1/", str(town.order)])})
    return random.choice(["GET", "PUT", "DELETE"]), "/wake", headers | {"Content-Type": "application/json"}, body


def diagnosing(town: Town, random: Random) -> Sent:
    """How a phone is, told in one's own name and in another's, of one's own phone and of another."""
    of = random.choice([town.mine.device, town.theirs.device])
    body = encode_json(
        {"device": str(of), "at": 1, "sdk": "x", "protocol": 1, "schema": 4, "keystore": str(town.order)}
    )
    headers = town.mine.bearer() if random.random() < 0.7 else random.choice(impostures(town))
    return "POST", "/diagnostics", headers | {"Content-Type": "application/json"}, body


def admin(town: Town, random: Random) -> Sent:
    """Paths that a desk might have, and enrolling again."""
    path = random.choice([*ADMIN, f"/devices/{town.theirs.device}", f"/staff/{town.li.id}", "/enrol"])
    body = random.choice([b"{}", b'{"standing":"active","role":"manager"}', encode({"standing": "active"})])
    headers = town.mine.bearer() | {"Content-Type": "application/json"}
    return random.choice(["POST", "PUT", "PATCH", "DELETE", "GET"]), path, headers, body


@pytest.mark.parametrize("seed", range(3))
async def test_a_device_changes_nothing_of_others_whatever_it_sends(town: Town, seed: int) -> None:
    """Receipts of others' orders, others' photos, another's name, a desk's paths: all of it leaves no trace."""
    random = Random(seed)
    before, files = await whole(town.house.store), town.files()
    assert len(files) >= 1
    for _ in range(ROUNDS):
        sent = random.choice([exchange, exchange, photos, sealed, waking, diagnosing, admin])(town, random)
        wire = await answered(town.house, sent)
        assert wire.status < 500, wire.body
        # A page of the console sends whoever has no session to sign in.
        is_refused = wire.status >= 400 or wire.status == 303
        assert is_refused or sent[1].startswith(("/sync", "/wake", "/diagnostics", "/photos/sealed")), sent
    after, reach = await town.reach()
    assert trespasses(before, after, reach, ACTIVE) == []
    assert files.items() <= town.files().items()
    assert (await town.theirs.sync()).tail is not None
    assert (await answered(town.house, appending(town.theirs, town.photo, 500, BYTES[500:]))).status == 204


@pytest.mark.parametrize("seed", range(2))
async def test_a_departed_device_changes_no_order_but_its_own(town: Town, seed: int) -> None:
    """Its receipts move its own order; those that it signs about another's, or in another's name, move none."""
    random = Random(seed)
    await town.house.lose(town.mine)
    before, files = await whole(town.house.store), town.files()
    for _ in range(ROUNDS // 2):
        wire = await answered(
            town.house, random.choice([exchange, photos, sealed, waking, diagnosing, admin])(town, random)
        )
        assert wire.status < 500, wire.body
    after = await whole(town.house.store)
    reach = reach_of(after, town.mine.device, [scopes.staff(town.wang.id)])
    assert trespasses(before, after, reach, AFTER_AN_ORDER) == []
    assert after["wipe_orders"][(repr(town.order.bytes),)] == before["wipe_orders"][(repr(town.order.bytes),)]
    assert after["receipts"] == before["receipts"]
    assert files.items() <= town.files().items()


async def test_the_same_receipt_moves_the_order_of_the_device_that_signs_it(town: Town) -> None:
    """What stops the receipts above is whose they are, and nothing else about them."""
    receipt = signed(town.lost, Kind.RECEIPT, Receipt(town.order, town.lost.device, ReceiptStage.TOLD, at(town)))
    await town.lost.sync(receipts=(receipt,))
    (row,) = (await whole(town.house.store))["wipe_orders"].values()
    assert (row["state"], row["told_at"] is not None) == ("told", True)
