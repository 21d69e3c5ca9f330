"""Devices: each with a key of its own, confirmed by a person, suspended or let go on. Standing is read from here in
every request. Ending a device for good is the business of `departure`, and nothing here undoes it.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, bindparam, insert, select, update

from server.identity import staff
from server.master import people
from server.master.journal import Note, note
from server.master.plans import small
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.codec import encode
from sync.errors import Refusal
from sync.messages import Standing
from sync.signing import fingerprint, six_digits

__all__ = [
    "ASTRAY",
    "SHARE_BYTES",
    "Device",
    "Proof",
    "add",
    "confirm",
    "find",
    "is_departed_key",
    "listing",
    "lock",
    "of_person",
    "resume",
    "suspend",
]

SHARE_BYTES = 32
_MOST_KEPT = 10_000
ASTRAY = -1
"""The number of changes of a phone that follows keys which are not the company's."""


class Device(msgspec.Struct, frozen=True):
    """One enrolled device; times in server milliseconds.

    `public_key` is its P-256 key (DER), `lease_share` 32 bytes or None, `sealing_key` the X25519 key that letters are
    sealed to (32 bytes) or None, `attestation` where its key was shown to be kept (tee, strongbox) or None.

    What it said last: `protocol`, `schema`, `sdk`, `clock_offset` (milliseconds that its clock is ahead), `pending`,
    `said_verified_at`, `differing` and `damaged` (by spaces), `rebuilt`. What the store saw: `verified_at`, when its
    digests were right; `apart`, scopes (by spaces) whose digests were wrong, and `apart_since`; `checkpoint_sum` stands
    for the checkpoint that it was given last.

    `keys_number` is how many changes of the company's keys it has followed, ASTRAY where it follows others, None where
    it never said; `keys_sealed` the change that brought the oldest opening key to which anything on it is sealed.
    """

    id: UUID
    staff: UUID
    enrolment: UUID
    public_key: bytes
    model: str
    standing: Standing
    enrolled_at: int
    confirmed_at: int | None = None
    lease_share: bytes | None = None
    lease_issued_at: int | None = None
    lease_locks_at: int | None = None
    lease_erases_after: int | None = None
    last_contact: int | None = None
    protocol: int | None = None
    schema: int | None = None
    clock_offset: int | None = None
    verified_at: int | None = None
    pending: int | None = None
    sealing_key: bytes | None = None
    attestation: str | None = None
    sdk: str | None = None
    checkpoint_sum: bytes | None = None
    apart: str | None = None
    apart_since: int | None = None
    said_verified_at: int | None = None
    differing: str | None = None
    damaged: str | None = None
    rebuilt: int | None = None
    keys_number: int | None = None
    keys_sealed: int | None = None

    @property
    def six_digits(self) -> str:
        """What the person with the phone reads out."""
        return six_digits(self.enrolment.bytes, self.public_key)

    @property
    def key_name(self) -> str:
        """The fingerprint of the device's key."""
        return fingerprint(self.public_key)


class Proof(msgspec.Struct, frozen=True):
    """What a device gave to show where its key is kept: a chain of certificates, and why it shows nothing, if so."""

    chain: tuple[bytes, ...] = ()
    reason: str = ""


def _device(row: Row[Any]) -> Device:
    return _made(tuple(row))


@lru_cache(_MOST_KEPT)
def _made(row: tuple[Any, ...]) -> Device:
    fields: dict[str, Any] = dict(zip(Device.__struct_fields__, row, strict=True))
    ids = {name: UUID(bytes=bytes(fields[name])) for name in ("id", "staff", "enrolment")}
    blobs = {name: fields[name] for name in ("lease_share", "sealing_key", "checkpoint_sum")}
    made: dict[str, Any] = {
        "public_key": bytes(fields["public_key"]),
        "standing": Standing(fields["standing"]),
        **{name: None if value is None else bytes(value) for name, value in blobs.items()},
    }
    return Device(**fields | ids | made)


_ALL = select(*(getattr(people.devices.c, name) for name in Device.__struct_fields__))
_BY_ID = small(_ALL.where(people.devices.c.id == bindparam("device")))
_LOCKED = _BY_ID.with_for_update()


async def find(tx: Tx, device: UUID) -> Device | None:
    """The device of that id; None where there is none."""
    row = (await tx.execute(_BY_ID, {"device": device.bytes})).one_or_none()
    return None if row is None else _device(row)


async def lock(tx: Tx, device: UUID) -> Device | None:
    """The device of that id, its row locked for this transaction; lock its person first where both are needed."""
    row = (await tx.execute(_LOCKED, {"device": device.bytes})).one_or_none()
    return None if row is None else _device(row)


async def is_departed_key(tx: Tx, public_key: bytes) -> bool:
    """Whether a device with this key was cut off: such a key is never a device's again."""
    gone = (people.devices.c.public_key == public_key) & (people.devices.c.standing == Standing.DEPARTED)
    return (await tx.execute(select(people.devices.c.id).where(gone).limit(1))).first() is not None


async def listing(tx: Tx) -> list[Device]:
    """All devices, the newest first."""
    order = (people.devices.c.enrolled_at.desc(), people.devices.c.id)
    return [_device(row) for row in await tx.execute(_ALL.order_by(*order))]


async def of_person(tx: Tx, person: UUID) -> list[Device]:
    """A person's devices, the newest first."""
    wanted = _ALL.where(people.devices.c.staff == person.bytes)
    order = (people.devices.c.enrolled_at.desc(), people.devices.c.id)
    return [_device(row) for row in await tx.execute(wanted.order_by(*order))]


async def add(tx: Tx, device: Device, sources: Sources, proof: Proof | None = None) -> None:
    """Keep a device that has just been enrolled; its person's row is locked by the caller."""
    proof = proof or Proof()
    ids = {"id": device.id.bytes, "staff": device.staff.bytes, "enrolment": device.enrolment.bytes}
    chain = {"attestation_chain": encode(proof.chain) if device.attestation else None}
    await tx.execute(insert(people.devices).values(msgspec.structs.asdict(device) | ids | chain))
    told = {"key": device.key_name, "standing": device.standing}
    why = {"attestation": device.attestation or "none", "why": proof.reason}
    await _note(tx, device, "device_enrolled", told | why, sources)


async def confirm(tx: Tx, device: UUID, digits: str, sources: Sources, by: UUID | None = None) -> Device:
    """A person (`by`, here and below) compared the six digits: the device becomes active and gets its lease share.
    Raises Refusal.
    """
    found = await _lock_both(tx, device)
    if found.standing is Standing.ACTIVE and found.confirmed_at is not None:
        return found
    if found.standing is not Standing.AWAITING:
        raise Refusal("device_suspended")
    if not hmac.compare_digest(digits.strip().encode(), found.six_digits.encode()):
        raise Refusal("bad_value", "these are not the six digits on this phone")
    values = {
        "standing": Standing.ACTIVE,
        "confirmed_at": sources.now(),
        "lease_share": sources.random(SHARE_BYTES),
    }
    return await _change(tx, found, values, "device_confirmed", _decided(by), sources)


async def suspend(tx: Tx, device: UUID, reason: str, sources: Sources, by: UUID | None = None) -> Device:
    """Stop answering a device for now; it keeps what it has until its lease runs out. Raises Refusal."""
    found = await _lock_one(tx, device)
    if found.standing is Standing.SUSPENDED:
        return found
    told = {"reason": reason} | _decided(by)
    return await _change(tx, found, {"standing": Standing.SUSPENDED}, "device_suspended", told, sources)


async def resume(tx: Tx, device: UUID, sources: Sources, by: UUID | None = None) -> Device:
    """Answer a suspended device again; one that was never confirmed goes back to waiting for it. Raises Refusal."""
    found = await _lock_both(tx, device)
    if found.standing is not Standing.SUSPENDED:
        return found
    standing = Standing.AWAITING if found.confirmed_at is None else Standing.ACTIVE
    return await _change(tx, found, {"standing": standing}, "device_resumed", _decided(by), sources)


def _decided(by: UUID | None) -> dict[str, Any]:
    return {"by": by} if by else {}


async def _lock_both(tx: Tx, device: UUID) -> Device:
    """The device and its person, locked in that order; neither may have left. Raises Refusal."""
    first = await find(tx, device)
    if first is None:
        raise Refusal("unknown_device", f"there is no device {device}")
    await staff.lock_active(tx, first.staff)
    return await _lock_one(tx, device)


async def _lock_one(tx: Tx, device: UUID) -> Device:
    found = await lock(tx, device)
    if found is None:
        raise Refusal("unknown_device", f"there is no device {device}")
    if found.standing is Standing.DEPARTED:
        raise Refusal("departed", "this device has been cut off")
    return found


async def _change(
    tx: Tx, device: Device, values: dict[str, Any], kind: str, body: dict[str, Any], sources: Sources
) -> Device:
    await tx.execute(update(people.devices).where(people.devices.c.id == device.id.bytes).values(values))
    await _note(tx, device, kind, body, sources)
    return msgspec.structs.replace(device, **values)


async def _note(tx: Tx, device: Device, kind: str, body: dict[str, Any], sources: Sources) -> None:
    told = Note(scopes.staff(device.staff), kind, {"device": device.id.bytes, **body})
    await note(tx, [told], sources.now(), sources.random)
