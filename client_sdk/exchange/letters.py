"""A lease by letter: signed bytes that reach a phone without a connection, as a code to scan or in a message.

A letter is no contact. It proves that the time at which it was signed has come, and moves no time backwards. After an
order no letter opens anything.
"""

from __future__ import annotations

from client_sdk import lifecycle, vault
from client_sdk.device import Device
from client_sdk.errors import InvalidInput, LetterRefused, ReplicaWiped
from client_sdk.exchange.orders import keep_lease, verified_terms
from client_sdk.keys import ENDING, LeaseTerms
from client_sdk.timekeeping import Anchor, informed, reckoned
from sync.codec import DecodeError
from sync.signing import Kind, Signed, opened, verified_company
from sync.statements import LeaseLetter

__all__ = ["take_letter"]


def take_letter(device: Device, signed: Signed) -> None:
    """Take the lease in a letter, stored on return.

    Raises InvalidInput for what the company did not sign for this device, LetterRefused for a letter that is older
    than the lease held, over, or sealed to another key, ReplicaWiped after an order.
    """
    letter = _verified(device, signed)
    terms = verified_terms(device, letter.terms) if letter is not None else None
    if letter is None or terms is None:
        raise InvalidInput("bad_signature", "signed", "not a lease by the company for this device")
    if device.state() in ENDING:
        raise ReplicaWiped
    held = device.keys.get(LeaseTerms)
    if held is not None and terms.issued_at < held.issued_at:
        raise LetterRefused("letter_old")
    if _is_over(device, terms):
        raise LetterRefused("letter_over")
    keep_lease(device, terms, _share_in(device, letter))


def _verified(device: Device, signed: Signed) -> LeaseLetter | None:
    if not verified_company(signed, Kind.LEASE_LETTER, device.keys.pinned):
        return None
    try:
        letter = opened(signed, LeaseLetter)
    except DecodeError:
        return None
    return letter if (letter.company, letter.device) == (device.enrolment.company, device.enrolment.device) else None


def _is_over(device: Device, terms: LeaseTerms) -> bool:
    """Whether the lease is over by the reckoned time, once the letter has told what time it is at least."""
    anchor, clock = device.keys.get(Anchor), device.ports.clock
    if anchor is None:
        return True
    anchor = informed(anchor, clock, terms.issued_at)
    device.keys.put(anchor)
    return reckoned(anchor, clock) >= terms.locks_at


def _share_in(device: Device, letter: LeaseLetter) -> bytes:
    secret = device.ports.keystore.get(lifecycle.SEALING_KEY)
    try:
        share = vault.open_letter(secret, letter.share) if secret is not None else b""
    except vault.Unopened:
        share = b""
    if len(share) != vault.KEY_BYTES:
        raise LetterRefused("letter_sealed")
    return share
