"""The company of the server in memory: keys, people, codes, devices, what each may hold."""

from __future__ import annotations

import copy
import random
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from client_sdk import hpke
from client_sdk.testing.clocks import DAY, Time
from client_sdk.testing.master import Master
from sync import scopes
from sync.clock import Moment
from sync.codec import encode
from sync.messages import Lease, SealedPhoto, Standing
from sync.outbox import Known
from sync.signing import Kind, Signed, company_signed
from sync.statements import EvictionReceipt, LeaseLetter, LeaseTerms, WipeOrder

__all__ = ["Company", "PhoneOfStaff", "Staff"]


class Staff(msgspec.Struct):
    """One person and the territories that are theirs, with the private scope where the role has it, and the pools whose
    teasers they see.
    """

    id: UUID
    name: str
    territories: list[UUID]
    private: bool = True
    pools: list[UUID] = []


class PhoneOfStaff(msgspec.Struct):
    """One enrolled device as the server holds it: its keys, the lease that it was given, the orders to it, and what it
    told, handed in (by outbox), sealed (photos on their way and those that were opened) and lost.
    """

    id: UUID
    staff: UUID
    public_key: bytes
    enrolment: bytes
    standing: Standing
    share: bytes | None = None
    lease: LeaseTerms | None = None
    sealing_key: bytes = b""
    attestation: tuple[bytes, ...] = ()
    orders: list[Signed] = []
    receipts: dict[bytes, Signed] = {}
    handed_in: dict[bytes, list[bytes]] = {}
    sealed: dict[UUID, tuple[SealedPhoto, bytearray]] = {}
    photos: dict[UUID, bytes] = {}
    lost: set[UUID] = set()
    claims: dict[UUID, EvictionReceipt] = {}
    contact: Moment | None = None
    witness: bytes = b""


class Company:
    """Everything that the server keeps. What it draws is seeded, so two runs are alike.

    `locks_after` and `erases_after` are the terms of new leases, in milliseconds; `call` is whom a phone is told to
    call; `checkpoint` is the newest of the journal, as the company signed it.
    """

    def __init__(self, seed: int = 1, time: Time | None = None) -> None:
        self.random = random.Random(seed)
        self.time = time or Time()
        self.id = self.new_id()
        self.signing = Ed25519PrivateKey.from_private_bytes(self.random.randbytes(32))
        self.opening = X25519PrivateKey.from_private_bytes(self.random.randbytes(32))
        self.master = Master(self.random.randbytes(8))
        self.staff: dict[UUID, Staff] = {}
        self.devices: dict[UUID, PhoneOfStaff] = {}
        self.codes: dict[str, tuple[UUID, bool, bytes]] = {}
        self.outboxes: dict[bytes, Known] = {}
        self.locks_after = DAY
        self.erases_after = 7 * DAY
        self.checkpoint: Signed | None = None
        self.call = "刘经理 0791-88001234"

    def copied(self) -> Company:
        """All of it as it is now, for a backup; keys and time are shared."""
        other = copy.copy(self)
        other.random = copy.deepcopy(self.random)
        for name in ("master", "staff", "devices", "codes", "outboxes"):
            setattr(other, name, copy.deepcopy(getattr(self, name)))
        return other

    def new_id(self) -> UUID:
        """A fresh id."""
        return UUID(int=self.random.getrandbits(128), version=4)

    def hire(self, name: str, *territories: UUID) -> Staff:
        """A new person, who answers for these territories (ids from `new_id`)."""
        person = Staff(self.new_id(), name, list(territories))
        self.staff[person.id] = person
        self.master.feed(scopes.staff(person.id))
        self.master.feed(scopes.COMPANY)
        for territory in territories:
            self.master.feed(scopes.territory(territory))
            self.master.feed(scopes.private_of(scopes.territory(territory)))
        return person

    def code_for(self, person: Staff, *, confirm: bool = False) -> str:
        """An enrolment code, as it is shown."""
        letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        text = "".join(self.random.choice(letters) for _ in range(24))
        self.codes[text] = (person.id, confirm, self.random.randbytes(16))
        return "-".join(text[at : at + 4] for at in range(0, 24, 4))

    def confirm(self, device: PhoneOfStaff) -> None:
        """Somebody compared the six digits."""
        device.standing, device.share = Standing.ACTIVE, self.random.randbytes(32)

    def suspend(self, device: PhoneOfStaff) -> None:
        """A phone is suspended: it is given nothing more, and no lease, so it locks when the one that it holds ends."""
        device.standing = Standing.SUSPENDED

    def resume(self, device: PhoneOfStaff) -> None:
        """A suspended phone is let in again: its next sync renews the lease."""
        device.standing = Standing.ACTIVE

    def granted(self, person: Staff) -> tuple[str, ...]:
        """The scopes that this person's devices may hold."""
        names = [scopes.COMPANY, scopes.staff(person.id)]
        for territory in person.territories:
            names.append(scopes.territory(territory))
            if person.private:
                names.append(scopes.private_of(scopes.territory(territory)))
        return (*names, *map(scopes.teasers, person.pools))

    def cut_off(self, person: Staff) -> None:
        """The person departs: from here on no record leaves, and every device has an order."""
        for device in self.devices.values():
            if device.staff == person.id:
                self.order_wipe(device)

    def order_wipe(self, device: PhoneOfStaff) -> Signed:
        """One device is ordered to destroy its replica."""
        order = WipeOrder(self.new_id(), self.id, device.id, "departed", self.time.now)
        signed = company_signed(Kind.WIPE_ORDER, encode(order), self.signing)
        device.orders.append(signed)
        device.standing, device.share = Standing.DEPARTED, None
        return signed

    def lease_for(self, device: PhoneOfStaff, held: int) -> Lease | None:
        """A lease where one is due, or where the phone does not hold the one that was given."""
        now, terms = self.time.now, device.lease
        if device.share is None:
            return None
        is_astray = terms is not None and now < terms.issued_at
        if terms is None or is_astray or now - terms.issued_at >= (terms.locks_at - terms.issued_at) // 4:
            terms = LeaseTerms(self.id, device.id, now, now + self.locks_after, self.erases_after)
        elif held == terms.locks_at:
            return None
        device.lease = terms
        return Lease(company_signed(Kind.LEASE, encode(terms), self.signing), device.share)

    def letter_for(self, device: PhoneOfStaff, locks_after: int | None = None) -> Signed:
        """A lease by letter, from now on, for `locks_after` milliseconds. Raises ValueError for one without a share."""
        if device.share is None:
            raise ValueError("the company has no share for this device: it is not confirmed, or its access has ended")
        after = self.locks_after if locks_after is None else locks_after
        device.lease = LeaseTerms(self.id, device.id, self.time.now, self.time.now + after, self.erases_after)
        terms = company_signed(Kind.LEASE, encode(device.lease), self.signing)
        letter = LeaseLetter(self.id, device.id, terms, hpke.seal(device.sealing_key, device.share, b"saojie/lease"))
        return company_signed(Kind.LEASE_LETTER, encode(letter), self.signing)

    def unsealed(self, key: bytes) -> bytes:
        """The outbox key in what a phone sealed to the company."""
        return hpke.unseal(self.opening.private_bytes_raw(), key, b"saojie/outbox")
