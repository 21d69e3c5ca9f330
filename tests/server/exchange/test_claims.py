"""Receipts of evictions: kept once when the device's key signed them, named in the answer, beside what was told."""

from __future__ import annotations

from uuid import UUID

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, update

from server.departure.cutoff import offboard
from server.departure.evictions import claims_of, holdings_of
from server.identity import territories
from server.master.departures import eviction_receipts
from server.master.people import devices
from server.master.tables import journal_bodies
from sync.codec import encode
from sync.messages import Standing
from sync.signing import Kind, Signed, fingerprint, message_of
from sync.statements import EvictionReceipt
from tests.server.departure.office import public_der
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone

KEY = ec.derive_private_key(7, ec.SECP256R1())


async def evicted(company: Company) -> Phone:
    """Wang's phone, with a key, after the east was taken away and it has been told so."""
    desk = company.desk
    phone = await company.phone(company.wang)
    async with desk.store.write() as tx:
        mine = update(devices).where(devices.c.id == phone.device.bytes)
        await tx.execute(mine.values(public_key=public_der(KEY)))
    await desk.register(desk.manager(), company.east)
    await phone.sync()
    async with desk.store.write() as tx:
        await territories.unassign(tx, company.east, company.wang, company.means.departure.sources)
    await phone.sync()
    return phone


def claim(company: Company, phone: Phone, scope: str | None = None, key: ec.EllipticCurvePrivateKey = KEY) -> Signed:
    """A claim about a scope."""
    said = EvictionReceipt(company.desk.id(), phone.device, scope or company.east_scope, 5, 30, phone.moment)
    return signed(said, key)


def signed(said: msgspec.Struct, key: ec.EllipticCurvePrivateKey = KEY, kind: Kind = Kind.EVICTION) -> Signed:
    """Any statement, signed by a device."""
    body = encode(said)
    signature = key.sign(message_of(kind, body), ec.ECDSA(hashes.SHA256()))
    return Signed(kind, body, fingerprint(public_der(key)), signature)


async def kept(company: Company) -> list[bytes]:
    """The ids of all claims that are kept."""
    async with company.desk.store.read() as tx:
        return [bytes(one) for one in (await tx.execute(select(eviction_receipts.c.id))).scalars()]


async def test_a_claim_is_kept_once_and_named_in_the_answer(company: Company) -> None:
    """Told again it is named again; it stands beside when the device was told."""
    phone = await evicted(company)
    receipt = claim(company, phone)
    name = msgspec.msgpack.decode(receipt.body)[0]
    for _ in range(2):
        assert (await phone.ask(receipts=(receipt,))).head.receipts == (name + b"evicted",)
    async with company.desk.store.read() as tx:
        (found,) = await claims_of(tx, phone.device)
        held = {one.scope: one.evicted_at for one in await holdings_of(tx, phone.device)}
    assert (found.id, found.scope, found.version, found.rows) == (UUID(bytes=name), company.east_scope, 5, 30)
    assert found.received_at == held[company.east_scope] == company.desk.now


async def test_what_another_key_signed_or_says_of_another_device_leaves_no_trace(company: Company) -> None:
    """Nor another kind of statement, a scope that is none, or noise."""
    phone, other = await evicted(company), await company.phone(company.li)
    good = claim(company, phone)
    said = EvictionReceipt(company.desk.id(), phone.device, company.east_scope, 1, 1, phone.moment)
    bad = (
        claim(company, phone, key=ec.derive_private_key(8, ec.SECP256R1())),
        claim(company, other),
        claim(company, phone, "no-scope"),
        signed(said, kind=Kind.RECEIPT),
        msgspec.structs.replace(good, body=good.body + b"x"),
        Signed(Kind.EVICTION, b"\xc1", good.key, good.signature),
    )
    reply = await phone.ask(receipts=bad)
    assert (reply.head.receipts, await kept(company)) == ((), [])
    await phone.ask(receipts=(*bad, good))
    assert len(await kept(company)) == 1


async def test_a_claim_with_the_id_of_somebody_elses_is_not_named(company: Company) -> None:
    """Ids are random; whoever takes one that is there is told nothing of it."""
    phone, other = await evicted(company), await company.phone(company.li)
    async with company.desk.store.write() as tx:
        await tx.execute(update(devices).where(devices.c.id == other.device.bytes).values(public_key=public_der(KEY)))
    said = EvictionReceipt(company.desk.id(), phone.device, company.east_scope, 1, 1, phone.moment)
    await phone.ask(receipts=(signed(said),))
    theirs = msgspec.structs.replace(said, device=other.device)
    assert (await other.ask(receipts=(signed(theirs),))).head.receipts == ()
    assert len(await kept(company)) == 1


async def test_a_claim_comes_with_work_and_from_a_departed_device_too(company: Company) -> None:
    """It is kept in the transaction that takes the work in; after a cut-off it is heard beside the wipe's receipts."""
    phone = await evicted(company)
    first, second = claim(company, phone), claim(company, phone, company.east_private)
    reply = await phone.ask(receipts=(first,))
    assert (reply.head.standing, len(reply.head.receipts)) == (Standing.ACTIVE, 1)
    await offboard(company.means.departure, company.wang, "left")
    reply = await phone.ask(receipts=(second,), operations=(), outbox=None, cursors={})
    assert (reply.head.standing, len(reply.head.receipts)) == (Standing.DEPARTED, 1)
    assert len(await kept(company)) == 2


async def test_a_claim_is_in_the_persons_journal_once(company: Company) -> None:
    """However often it comes."""
    phone = await evicted(company)
    receipt = claim(company, phone)
    for _ in range(3):
        await phone.ask(receipts=(receipt,))
    async with company.desk.store.read() as tx:
        bodies = [bytes(one) for one in (await tx.execute(select(journal_bodies.c.body))).scalars()]
    noted = [one for one in map(msgspec.msgpack.decode, bodies) if one[0] == "eviction_receipt"]
    assert [one[1]["device"] for one in noted] == [phone.device.bytes]
