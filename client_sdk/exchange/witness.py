"""The phone as a witness: it keeps the newest checkpoint of the journal that it saw, and brings it back.

It never goes back to an older one. Two checkpoints of one epoch that cannot both be true prove that the server's
journal was rewritten: both are kept. What a restored server says in a new epoch is no such proof.
"""

from __future__ import annotations

import hashlib

from client_sdk.device import Device
from client_sdk.keys import Contradicted, Witness
from sync.codec import DecodeError, decode, encode
from sync.messages import Head
from sync.signing import Kind, Signed, opened, verified_company
from sync.statements import Checkpoint

__all__ = ["take_checkpoint"]

_MOST = 8


def take_checkpoint(device: Device, head: Head) -> None:
    """Take what an answer brings. What the company did not sign is passed over."""
    given, keys = head.checkpoint, device.keys
    said = _said(device, given) if given is not None else None
    if given is None or said is None:
        return
    held = keys.get(Witness)
    fresh = Witness(said.number, encode(given), head.epoch)
    if held is None or held.epoch != head.epoch:
        keys.put(fresh)
        return
    body = decode(held.signed, Signed).body
    if body == given.body:
        return
    facts: list[Witness | Contradicted] = []
    if said.number <= held.number or (said.number == held.number + 1 and said.previous != _hash(body)):
        pairs = (keys.get(Contradicted) or Contradicted()).pairs
        pair = (held.signed, fresh.signed)
        if pair not in pairs:
            facts.append(Contradicted((*pairs, pair)[:_MOST]))
    if said.number > held.number:
        facts.append(fresh)
    if facts:
        keys.put(*facts)


def _said(device: Device, given: Signed) -> Checkpoint | None:
    enrolment = device.keys.enrolment
    if enrolment is None or not verified_company(given, Kind.CHECKPOINT, device.keys.pinned):
        return None
    try:
        said = opened(given, Checkpoint)
    except DecodeError:
        return None
    return said if said.company == enrolment.company else None


def _hash(body: bytes) -> bytes:
    """What a checkpoint names as its predecessor."""
    return hashlib.blake2b(body, digest_size=32).digest()
