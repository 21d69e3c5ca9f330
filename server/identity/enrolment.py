"""Enrolment: a code is issued for a person, and one device becomes theirs with it.

A code is good for 15 minutes, once, and for five tries; a wrong secret on a known lookup counts. Redeeming is one
transaction that holds the code's row, so that of two devices with one code exactly one is enrolled. The device that
was enrolled may repeat itself, as after a lost answer, and hears the same again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import Certificate
from sqlalchemy import Row, insert, select, update

from server.identity import devices, staff
from server.identity.attestation import MOST_CERTIFICATES, verified
from server.identity.codes import Code, draw_code, matches, normalised, secret_hash
from server.identity.devices import SHARE_BYTES, Device, Proof
from server.master.journal import Note, note
from server.master.people import enrolments
from server.master.store import Store, Tx
from server.ports import Sources
from sync import scopes
from sync.enrolment import EnrolRequest
from sync.errors import Refusal
from sync.messages import Standing
from sync.signing import Kind, Signed, fingerprint, verified_device

__all__ = ["TRIES", "Asked", "Issued", "issue", "newest", "redeem"]

TRIES = 5
_DRAWS = 20
_KEY_BYTES = 32
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


class Issued(msgspec.Struct, frozen=True):
    """A code that was made for a person; `code` is shown once and not kept."""

    id: UUID
    staff: UUID
    code: Code
    expires_at: int
    confirm: bool


class Asked(msgspec.Struct, frozen=True):
    """What became of a code that was made: when, until when, when a device has used it and which one, wrong tries;
    times in server milliseconds. `confirm` says whether the device waits for its six digits.
    """

    id: UUID
    created_at: int
    expires_at: int
    tries: int
    confirm: bool
    used_at: int | None
    device: UUID | None

    def is_open(self, now: int) -> bool:
        """Whether a device can still use it."""
        return self.used_at is None and self.tries < TRIES and self.expires_at > now


async def newest(tx: Tx, person: UUID) -> Asked | None:
    """The last code that was made for a person; None where none was."""
    mine = select(enrolments).where(enrolments.c.staff == person.bytes)
    row = (await tx.execute(mine.order_by(enrolments.c.created_at.desc(), enrolments.c.id.desc()).limit(1))).first()
    if row is None:
        return None
    device = UUID(bytes=bytes(row.device)) if row.device else None
    told = (row.created_at, row.expires_at, row.tries, bool(row.confirm), row.used_at, device)
    return Asked(UUID(bytes=bytes(row.id)), *told)


async def issue(
    tx: Tx, person: UUID, sources: Sources, *, lifetime: int, confirm: bool = True, by: UUID | None = None
) -> Issued:
    """Make a code for a person, good for `lifetime` milliseconds; `by` is who decided. Raises Refusal where the person
    is not there.
    """
    await staff.lock_active(tx, person)
    code = await _free_code(tx, sources)
    now = sources.now()
    issued = Issued(sources.new_id(), person, code, now + lifetime, confirm)
    row = {
        "id": issued.id.bytes,
        "staff": person.bytes,
        "lookup": code.lookup,
        "secret_hash": secret_hash(code),
        "created_at": now,
        "expires_at": issued.expires_at,
        "confirm": confirm,
    }
    await tx.execute(insert(enrolments).values(row))
    body = {"enrolment": issued.id.bytes, "expires_at": issued.expires_at, "confirm": confirm}
    body |= {"by": by} if by else {}
    await note(tx, [Note(scopes.staff(person), "code_issued", body)], now, sources.random)
    return issued


async def _free_code(tx: Tx, sources: Sources) -> Code:
    for _ in range(_DRAWS):
        code = draw_code(sources.random)
        taken = select(enrolments.c.id).where(enrolments.c.lookup == code.lookup)
        if (await tx.execute(taken)).first() is None:
            return code
    raise Refusal("unavailable", "no free code was found; try again")


class _Claim(msgspec.Struct, frozen=True):
    """What a request asks for, checked: its key has signed the code. `sealing_key` is 32 bytes or None."""

    code: Code
    public: bytes
    sealing_key: bytes | None
    model: str
    chain: tuple[bytes, ...] = ()


def _checked(request: EnrolRequest) -> _Claim:
    """What a request asks for. Raises Refusal."""
    code = normalised(request.code)
    if code is None:
        raise Refusal("code_wrong", "a code has 24 letters and digits")
    try:
        public, signature = bytes.fromhex(request.public_key), bytes.fromhex(request.signature)
        key = serialization.load_der_public_key(public)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refusal("bad_request", "the public key or the signature cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Refusal("bad_request", "the public key is not of P-256")
    signed = Signed(Kind.ENROLMENT, code.text.encode(), fingerprint(public), signature)
    if not verified_device(signed, Kind.ENROLMENT, public):
        raise Refusal("bad_signature", "the code is not signed by this key")
    model = "".join(each for each in request.model if each.isprintable())[:120]
    return _Claim(code, public, _sealing_key(request.sealing_key), model, _chain(request.attestation))


def _chain(typed: Sequence[str]) -> tuple[bytes, ...]:
    """The certificates that were given; one that is no hexadecimal is kept as bytes that are no certificate."""
    return tuple(bytes.fromhex(one) if _HEX.fullmatch(one) else b"" for one in typed[: MOST_CERTIFICATES + 1])


def _sealing_key(typed: str) -> bytes | None:
    """The key that letters are sealed to; None for a phone that gave none. Raises Refusal."""
    if not typed:
        return None
    try:
        key = bytes.fromhex(typed)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise Refusal("bad_request", "the sealing key is not one of X25519")
    return key


async def redeem(store: Store, request: EnrolRequest, sources: Sources, roots: Sequence[Certificate] = ()) -> Device:
    """Enrol a device with a code. Raises Refusal, after a wrong secret has been counted for good.

    `roots` are the authorities whose attestations are believed. An attestation that shows nothing stops no enrolment.
    """
    asked = _checked(request)

    async def work(tx: Tx) -> Device | Refusal:
        return await _redeem(tx, asked, sources, roots)

    came = await store.transact(work)
    if isinstance(came, Refusal):
        raise came
    return came


async def _redeem(tx: Tx, asked: _Claim, sources: Sources, roots: Sequence[Certificate]) -> Device | Refusal:
    code = asked.code
    row = (await tx.execute(select(enrolments).where(enrolments.c.lookup == code.lookup).with_for_update())).first()
    if row is None:
        return Refusal("code_wrong")
    if row.tries >= TRIES or row.expires_at <= sources.now():
        return Refusal("code_used")
    if not matches(code, bytes(row.secret_hash)):
        await _save(tx, row, {"tries": row.tries + 1})
        return Refusal("code_wrong")
    if row.used_at is not None:
        return await _repeated(tx, row, asked.public)
    return await _enrolled(tx, row, asked, sources, roots)


async def _enrolled(
    tx: Tx, row: Row[Any], asked: _Claim, sources: Sources, roots: Sequence[Certificate]
) -> Device | Refusal:
    if await devices.is_departed_key(tx, asked.public):
        return Refusal("departed", "this key's device has been cut off; the phone enrols with a new key")
    try:
        await staff.lock_active(tx, UUID(bytes=bytes(row.staff)))
    except Refusal:
        return Refusal("code_used")
    challenge = hashlib.sha256(asked.code.text.encode()).digest()
    shown = verified(asked.chain, asked.public, challenge, roots, sources.now())
    device = msgspec.structs.replace(_made(row, asked, sources), attestation=shown.level)
    await _save(tx, row, {"used_at": sources.now(), "device": device.id.bytes})
    await devices.add(tx, device, sources, Proof(asked.chain, shown.reason))
    return device


async def _repeated(tx: Tx, row: Row[Any], public: bytes) -> Device | Refusal:
    device = await devices.find(tx, UUID(bytes=bytes(row.device)))
    if device is None or device.public_key != public or device.standing is Standing.DEPARTED:
        return Refusal("code_used")
    return device


def _made(row: Row[Any], asked: _Claim, sources: Sources) -> Device:
    """A device that waits for its six digits, or one that is active at once where nobody has to confirm."""
    now = sources.now()
    waiting = Device(
        id=sources.new_id(),
        staff=UUID(bytes=bytes(row.staff)),
        enrolment=UUID(bytes=bytes(row.id)),
        public_key=asked.public,
        model=asked.model,
        sealing_key=asked.sealing_key,
        standing=Standing.AWAITING,
        enrolled_at=now,
    )
    if row.confirm:
        return waiting
    share = sources.random(SHARE_BYTES)
    return msgspec.structs.replace(waiting, standing=Standing.ACTIVE, confirmed_at=now, lease_share=share)


async def _save(tx: Tx, row: Row[Any], values: dict[str, Any]) -> None:
    await tx.execute(update(enrolments).where(enrolments.c.id == row.id).values(values))
