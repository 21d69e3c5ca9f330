"""Leases by letter: a lease that reaches a phone as a code to scan or in a message, where the phone has no connection.

The share in it is sealed to the key that the device enrolled with, so whoever carries the letter cannot use it. It is
given under the hand-over lock like any answer with a share, and its end is committed before anybody sees it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from server.identity import devices, leases, staff
from server.identity.devices import Device
from server.identity.keys import CompanyKeys
from server.identity.locks import HandOver
from server.identity.terms import LeaseSetting, terms_of
from server.master.journal import Note, note
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.codec import encode
from sync.errors import Refusal
from sync.keychain import bundled
from sync.messages import Lease, Standing
from sync.signing import Kind, company_signed, opened
from sync.statements import LeaseLetter, LeaseTerms

__all__ = ["INFO", "SUITE", "Letter", "Post", "lease_letter"]

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
INFO = b"saojie/lease"


@dataclass(frozen=True, slots=True)
class Post:
    """What letters are made with: the store, the hand-over locks, the company's keys, its terms, clock and randomness.

    Sealing draws its own randomness inside the library.
    """

    store: Store
    locks: HandOver
    keys: CompanyKeys
    company: LeaseSetting
    sources: Sources


class Letter(msgspec.Struct, frozen=True):
    """One letter: the encoded signed statement, behind the changes of keys that the phone may have missed; for whom,
    and the times of the lease in server milliseconds.
    """

    device: UUID
    signed: bytes
    issued_at: int
    locks_at: int


@asynccontextmanager
async def lease_letter(post: Post, device: UUID, by: UUID | None = None) -> AsyncIterator[Letter]:
    """The device's current lease as a letter, renewed first where that is due; journalled as given by `by`.

    What the block does with it is handing it over, under the shared hand-over lock: a cut-off comes before it or after
    it. Raises Refusal.
    """
    try:
        async with post.locks.shared(device) as hold:
            letter = await post.store.transact(partial(_written, post=post, device=device, by=by))
            hold.check()
            yield letter
    except TimeoutError as error:
        raise Refusal("busy", "this device is being cut off, or the letter was not taken in time") from error


async def _written(tx: Tx, post: Post, device: UUID, by: UUID | None) -> Letter:
    found = await _locked(tx, device)
    now, identity = post.sources.now(), await post.keys.in_step(tx)
    terms = await terms_of(tx, found, post.company, now)
    lease = await leases.renew(tx, found, terms, post.keys, now) or await leases.lease_of(tx, found, post.keys)
    if lease is None:
        raise Refusal("device_suspended", "this device may have no lease")
    body = LeaseLetter(identity.company, device, lease.terms, _sealed(found, lease))
    signed = company_signed(Kind.LEASE_LETTER, encode(body), post.keys.signing)
    given = opened(lease.terms, LeaseTerms)
    told = {"device": device, "issued_at": given.issued_at, "locks_at": given.locks_at, "by": by}
    await note(tx, [Note(scopes.staff(found.staff), "lease_letter", told)], now, post.sources.random)
    carried = bundled(post.keys.changes_after(found.keys_number), signed)
    return Letter(device, carried, given.issued_at, given.locks_at)


async def _locked(tx: Tx, device: UUID) -> Device:
    """An active device with a sealing key, its person's row and its own locked. Raises Refusal."""
    first = await devices.find(tx, device)
    if first is None:
        raise Refusal("unknown_device", f"there is no device {device}")
    await staff.lock(tx, first.staff)
    found = await devices.lock(tx, device)
    if found is None or found.standing is not Standing.ACTIVE:
        raise Refusal(found.standing if found is not None else "unknown_device", "no letter for such a device")
    if found.sealing_key is None:
        raise Refusal("bad_value", "this phone enrolled without a sealing key; enrol it again")
    return found


def _sealed(device: Device, lease: Lease) -> bytes:
    try:
        key = x25519.X25519PublicKey.from_public_bytes(device.sealing_key or b"")
        return SUITE.encrypt(lease.share, key, info=INFO)
    except ValueError as error:
        raise Refusal("bad_value", "this phone's sealing key is of no use; enrol it again") from error
