"""What is said at `POST /enrol`, as plain JSON: a device becomes a person's with a code, and pins the company's keys.

Bytes are hexadecimal, because these are the only messages that travel before either side knows the other.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

__all__ = ["EnrolRequest", "Enrolled"]


class EnrolRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code redeemed by a device.

    `public_key` (P-256, DER) and `signature` (ECDSA, DER) are hexadecimal; signed is the code in its normal form.
    `sealing_key` (X25519, 32 raw bytes in hexadecimal) is what a lease by letter is sealed to. `attestation` is the
    platform's chain of certificates for the device key (X.509, DER in hexadecimal), the key's own first.
    """

    code: str
    public_key: str
    signature: str
    model: str = ""
    sealing_key: str = ""
    attestation: tuple[str, ...] = ()


class Enrolled(msgspec.Struct, frozen=True):
    """What a device hears when it is enrolled. Bytes are hexadecimal: `epoch` 8, `signing_keys` and `opening_key` 32
    each, `enrolment` 16, `challenge` 24. `confirm` says that somebody has to compare the six digits first.

    Where the company's keys have changed, `first_keys` are the first two (signing, opening) and `key_changes` every
    change since, each an encoded Signed: they lead to the keys that hold now, also for a code that is older.
    """

    company: UUID
    company_name: str
    device: UUID
    staff: UUID
    staff_name: str
    epoch: str
    signing_keys: tuple[str, ...]
    opening_key: str
    enrolment: str
    confirm: bool
    challenge: str
    server_time: int
    first_keys: tuple[str, ...] = ()
    key_changes: tuple[str, ...] = ()
