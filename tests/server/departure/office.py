"""A company with people, territories and phones in a real store, and short ways to let somebody leave."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from sqlalchemy import insert, select

from server.departure.contact import Heard, hear
from server.departure.cutoff import offboard
from server.departure.departures_file import Departure, DeparturesFile
from server.departure.means import Means
from server.departure.orders import orders_for
from server.identity import devices, enrolment, staff, territories
from server.identity.devices import Device
from server.identity.keys import create_keys
from server.identity.locks import FileLocks
from server.live.announce import Announcer
from server.master import meta
from server.master.people import holdings, outboxes, tellings
from server.master.scoping import numbers
from server.master.store import Store
from server.master.tables import journal_bodies
from server.ports import Sources
from sync import scopes
from sync.clock import Moment, Stamp
from sync.codec import decode, encode
from sync.enrolment import EnrolRequest
from sync.ids import new_id
from sync.messages import Sealed, SealedRow, SyncRequest
from sync.operations import START_HASH, Act, Operation, chain, changes_of
from sync.outbox import Told
from sync.signing import Kind, Signed, fingerprint, message_of
from sync.statements import Receipt, ReceiptStage

EPOCH = b"epoch-01"


@dataclass
class Clock:
    """Time that moves when a test says so."""

    ms: int = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms

    def tick(self, ms: int = 1000) -> None:
        """Let time pass."""
        self.ms += ms


@dataclass
class Phone:
    """A phone as the server sees it: a key, an outbox that is not handed in yet, and what it can say of itself."""

    id: UUID
    staff: UUID
    key: ec.EllipticCurvePrivateKey
    opening_key: bytes
    clock: Clock
    rng: random.Random
    outbox: bytes = b""
    bodies: list[bytes] = field(default_factory=list)
    boot: str = "boot-1"

    def __post_init__(self) -> None:
        self.outbox = self.outbox or self.rng.randbytes(16)
        self.outbox_key = self.rng.randbytes(32)

    @property
    def moment(self) -> Moment:
        """Now, in the phone's own terms."""
        return Moment(self.boot, self.clock.ms - 1_700_000_000_000, self.clock.ms)

    def hashes(self) -> list[bytes]:
        """The running hash before the first operation and after each."""
        found = [START_HASH]
        for body in self.bodies:
            found.append(chain(found[-1], body))
        return found

    def write(self, act: Act, collection: str, record: UUID, scope: str | None = None, **fields: Any) -> UUID:
        """Put an operation into the outbox and say its id."""
        operation = Operation(
            new_id(self.clock.ms, self.rng.randbytes(10)), act, collection, record, 0, self.moment, scope,
            changes_of(**fields),
        )  # fmt: skip
        self.bodies.append(encode(operation))
        return operation.id

    def register(self, territory: UUID, name: str) -> UUID:
        """Register an outlet offline and say its id."""
        record = new_id(self.clock.ms, self.rng.randbytes(10))
        self.write(Act.CREATE, "outlet", record, scopes.territory(territory), name=name)
        return record

    def told(self, acknowledged: int = 0) -> Told:
        """What this phone says of its outbox when it knows `acknowledged`."""
        hashes = self.hashes()
        return Told(self.outbox, acknowledged, hashes[acknowledged], len(self.bodies), hashes[-1])

    def sealed(self, first: int = 1, last: int | None = None) -> Sealed:
        """Rows of the outbox that the phone can no longer read."""
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
        opening = X25519PublicKey.from_public_bytes(self.opening_key)
        key = suite.encrypt(self.outbox_key, opening, info=b"saojie/outbox")
        hashes = self.hashes()
        wanted = range(first, (last or len(self.bodies)) + 1)
        return Sealed(self.outbox, key, tuple(SealedRow(one, hashes[one], self._row(one)) for one in wanted))

    def _row(self, number: int) -> bytes:
        nonce = self.rng.randbytes(12)
        aad = self.outbox + number.to_bytes(8, "big")
        return nonce + AESGCM(self.outbox_key).encrypt(nonce, self.bodies[number - 1], aad)

    def receipt(self, order: UUID, stage: ReceiptStage, device: UUID | None = None) -> Signed:
        """A receipt, signed by this phone's key."""
        return self.sign(encode(Receipt(order, device or self.id, stage, self.moment)))

    def sign(self, body: bytes) -> Signed:
        """Any body, signed as a receipt by this phone's key."""
        signature = self.key.sign(message_of(Kind.RECEIPT, body), ec.ECDSA(hashes.SHA256()))
        return Signed(Kind.RECEIPT, body, fingerprint(public_der(self.key)), signature)

    def request(self, **parts: Any) -> SyncRequest:
        """A request with these parts."""
        return SyncRequest(1, 1, EPOCH, self.moment, **parts)


def public_der(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A device key's public half as it is enrolled."""
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, kind)


@dataclass
class Office:
    """Two territories; Wang works in both, Li in neither; each has a phone when a test enrols one."""

    store: Store
    home: Path
    clock: Clock = field(default_factory=Clock)
    rng: random.Random = field(default_factory=lambda: random.Random(20261123))

    def __post_init__(self) -> None:
        self.sources = Sources(self.clock, self.rng.randbytes)
        self.keys = create_keys(self.home / "keys", self.rng.randbytes)
        self.locks = FileLocks(self.home / "locks")
        self.announcer = Announcer()

    @property
    def file(self) -> DeparturesFile:
        """The departures file, opened anew as another process would."""
        return DeparturesFile(self.home / "departures.log", self.keys)

    @property
    def means(self) -> Means:
        """What a departure is carried out with."""
        return Means(self.store, self.locks, self.keys, self.file, self.announcer, self.sources)

    async def open(self) -> Office:
        """Set the company up."""
        async with self.store.write() as tx:
            self.company = self.sources.new_id()
            await meta.found(tx, "测试公司", self.company, EPOCH)
            self.wang = (await staff.add(tx, "王芳", staff.Role.REP, self.sources)).id
            self.li = (await staff.add(tx, "李强", staff.Role.REP, self.sources)).id
            self.east = (await territories.add_territory(tx, "城东", None, self.sources)).id
            self.west = (await territories.add_territory(tx, "城西", None, self.sources)).id
            await territories.assign(tx, self.east, self.wang, self.sources, private=True)
            await territories.assign(tx, self.west, self.wang, self.sources)
        return self

    async def enrol(self, person: UUID) -> Phone:
        """Enrol a phone for a person, confirmed."""
        async with self.store.write() as tx:
            issued = await enrolment.issue(tx, person, self.sources, lifetime=900_000, confirm=False)
        phone = await self.redeem(issued.code.text)
        await self._give(phone.id, person)
        return phone

    async def redeem(self, code: str) -> Phone:
        """Enrol a phone with a code. Raises Refusal."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = key.sign(message_of(Kind.ENROLMENT, code.encode()), ec.ECDSA(hashes.SHA256()))
        device = await enrolment.redeem(
            self.store, EnrolRequest(code, public_der(key).hex(), signed.hex()), self.sources
        )
        return Phone(device.id, device.staff, key, self.keys.opening_public, self.clock, self.rng)

    def other_opening_key(self) -> bytes:
        """The opening key of some other company."""
        return X25519PrivateKey.from_private_bytes(self.rng.randbytes(32)).public_key().public_bytes_raw()

    async def leaver(self) -> UUID:
        """Somebody who has left without ever having had a phone."""
        async with self.store.write() as tx:
            person = await staff.add(tx, "赵敏", staff.Role.REP, self.sources)
        await offboard(self.means, person.id, "left")
        return person.id

    async def journal(self) -> list[tuple[str, Any]]:
        """Kind and body of all events in the journal, operations left out."""
        bodies = [decode(row["body"], list) for row in await self.rows(journal_bodies)]
        return [(body[0], body[1]) for body in bodies if body[0] != "operation"]

    async def _give(self, device: UUID, person: UUID) -> None:
        """Let the device hold what its person's roster gives."""
        names = [scopes.territory(self.east), scopes.territory(self.west), scopes.staff(person)]
        async with self.store.write() as tx:
            found = await numbers(tx, names)
            now = self.clock()
            rows = [
                {"device": device.bytes, "scope": one, "first_at": now, "last_at": now, "version": 0}
                for one in found.values()
            ]
            await tx.execute(insert(holdings), rows)

    async def tell(self, phone: Phone, number: int, acknowledged: int = 0) -> None:
        """Let the server know of the phone's outbox up to `number`, as an exchange leaves it."""
        hashes_ = phone.hashes()
        box = {
            "id": phone.outbox,
            "device": phone.id.bytes,
            "acknowledged": acknowledged,
            "hash": hashes_[acknowledged],
            "last": number,
            "last_hash": hashes_[number],
            "stamp": encode(Stamp(0)),
            "begun_at": self.clock(),
        }
        async with self.store.write() as tx:
            await tx.execute(insert(outboxes).values(box))
            said = {"outbox": phone.outbox, "number": number, "hash": hashes_[number], "at": self.clock()}
            await tx.execute(insert(tellings).values(said))

    async def device(self, phone: Phone) -> Device:
        """The phone's device row."""
        async with self.store.read() as tx:
            found = await devices.find(tx, phone.id)
        assert found is not None
        return found

    async def orders(self, phone: Phone) -> tuple[Signed, ...]:
        """What stands in front of every answer to the phone."""
        async with self.store.read() as tx:
            return await orders_for(tx, phone.id)

    def receipt(self, phone: Phone, departure: Departure, stage: ReceiptStage) -> Signed:
        """The phone's receipt for its own order of a departure."""
        (order,) = (one.order for one in departure.devices if one.device == phone.id)
        return phone.receipt(order, stage)

    async def hear(self, phone: Phone, request: SyncRequest | None = None) -> Heard:
        """Hear a request of a phone in a transaction of its own."""
        device = await self.device(phone)
        async with self.store.write() as tx:
            return await hear(tx, device, request or phone.request(), self.keys, self.clock(), self.sources)

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        """All rows of a table, in the order of its key."""
        async with self.store.read() as tx:
            found = await tx.execute(select(table).order_by(*table.primary_key))
            return [dict(row._mapping) for row in found]
