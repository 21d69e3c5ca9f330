"""Short ways that the tests of the exchange share."""

from __future__ import annotations

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from sqlalchemy import func, select

from server.master.actors import Actor
from sync.messages import Sealed, SealedRow
from sync.operations import Act
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone


def boss(company: Company) -> Actor:
    """Who decides."""
    return company.desk.manager()


async def outlets(company: Company, territory: UUID, number: int = 3) -> list[UUID]:
    """Some outlets that the manager registered."""
    return [await company.desk.register(boss(company), territory, f"店{at}") for at in range(number)]


async def contact(company: Company, outlet: UUID) -> tuple[UUID, UUID]:
    """A contact at an outlet, and its private part."""
    person, private = company.desk.id(), company.desk.id()
    await company.desk.submit(
        boss(company),
        company.desk.operation(Act.CREATE, "contact", person, outlet=outlet, name="张三"),
        company.desk.operation(
            Act.CREATE, "contact_private", private, outlet=outlet, contact=person, hobbies={"add": ["钓鱼"]}
        ),
    )
    return person, private


async def count(company: Company, table: object) -> int:
    """How many rows a table has."""
    async with company.desk.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]


def sealed_of(phone: Phone, company_key: bytes) -> Sealed:
    """The whole outbox of a phone, sealed row by row, with its key sealed to the company."""
    key = phone.random.randbytes(32)
    rows = []
    for number, body in enumerate(phone.bodies, 1):
        nonce = phone.random.randbytes(12)
        place = phone.outbox + number.to_bytes(8, "big")
        rows.append(SealedRow(number, phone.hash_at(number), nonce + AESGCM(key).encrypt(nonce, body, place)))
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    public = X25519PublicKey.from_public_bytes(company_key)
    return Sealed(phone.outbox, suite.encrypt(key, public, b"saojie/outbox"), tuple(rows))
