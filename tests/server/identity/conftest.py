"""A company in a store with a movable clock, and devices with real keys."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.identity import devices, enrolment, staff
from server.identity.codes import Code
from server.identity.devices import Device
from server.identity.staff import Person, Role
from server.master import meta
from server.master.store import Store
from server.ports import Sources
from sync.enrolment import EnrolRequest
from sync.ids import new_id
from sync.signing import Kind, message_of

EPOCH = b"epoch-01"
MINUTE = 60_000


class PhoneKey:
    """A device key, as a phone's hardware has it."""

    def __init__(self, curve: ec.EllipticCurve | None = None) -> None:
        self.key = ec.generate_private_key(curve or ec.SECP256R1())

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, kind: Kind, body: bytes) -> bytes:
        return self.key.sign(message_of(kind, body), ec.ECDSA(hashes.SHA256()))

    def request(self, code: Code) -> EnrolRequest:
        signature = self.sign(Kind.ENROLMENT, code.text.encode())
        return EnrolRequest(code.shown.lower(), self.public.hex(), signature.hex(), "Pixel 6a")


@dataclass
class Office:
    """The company, its store, and time that stands still until a test moves it."""

    store: Store
    company: UUID
    now: int = 1_800_000_000_000

    def __post_init__(self) -> None:
        self.random = Random(20261101)
        self.sources = Sources(lambda: self.now, self.random.randbytes)

    async def person(self, name: str = "王伟", role: Role = Role.REP) -> Person:
        async with self.store.write() as tx:
            return await staff.add(tx, name, role, self.sources)

    async def code(self, person: Person, *, confirm: bool = True) -> Code:
        async with self.store.write() as tx:
            lifetime = 15 * MINUTE
            issued = await enrolment.issue(tx, person.id, self.sources, lifetime=lifetime, confirm=confirm)
        return issued.code

    async def device(self, person: Person, *, key: PhoneKey | None = None, confirm: bool = False) -> Device:
        code = await self.code(person, confirm=confirm)
        return await enrolment.redeem(self.store, (key or PhoneKey()).request(code), self.sources)

    async def read(self, device: Device) -> Device:
        async with self.store.read() as tx:
            found = await devices.find(tx, device.id)
        assert found is not None
        return found


@pytest.fixture
async def office(store: Store) -> Office:
    """A company on each database."""
    random = Random(7)
    company = new_id(1, random.randbytes(10))
    async with store.write() as tx:
        await meta.found(tx, "测试公司", company, EPOCH)
    return Office(store, company)
