"""Whether this phone can still prove who it is: with the device key that it enrolled with, and no other."""

from __future__ import annotations

from client_sdk.lifecycle import DEVICE_KEY
from client_sdk.ports import KeyStore
from sync.signing import Kind, Signed, fingerprint, message_of, verified_device

__all__ = ["can_prove"]


def can_prove(public_key: bytes, keystore: KeyStore) -> bool:
    """Whether the key store signs for this public key (DER). False when it was lost, or holds another key since."""
    try:
        signature = keystore.sign(DEVICE_KEY, message_of(Kind.ENROLMENT, b""))
    except KeyError:
        return False
    signed = Signed(Kind.ENROLMENT, b"", fingerprint(public_key), signature)
    return verified_device(signed, Kind.ENROLMENT, public_key)
