"""Signing what this phone claims to have dropped. The claim never precedes the removal: it is signed when the scope's
rows are out of the file, and sent until the server has it. A kill in between costs nothing: it is signed the next time.
"""

from __future__ import annotations

from contextlib import suppress

from client_sdk.device import Device
from client_sdk.errors import ReplicaBusy
from client_sdk.lifecycle import DEVICE_KEY
from client_sdk.local.claims import Claim
from client_sdk.local.meta import Name
from client_sdk.local.opened import OpenReplica
from sync.codec import encode
from sync.signing import Kind, Signed, fingerprint, message_of
from sync.statements import EvictionReceipt

__all__ = ["sign_claims"]


def sign_claims(device: Device, replica: OpenReplica) -> None:
    """Sign every claim whose rows are gone from the file; while another process reads it they wait."""
    claims = replica.claims.all()
    if not claims:
        return
    with suppress(ReplicaBusy):
        replica.scrub()
    if replica.meta.number(Name.SCRUB):
        return
    for one in claims:
        # Without its device key a phone can claim nothing.
        with suppress(KeyError):
            device.keys.add_eviction(one.id, _signed(device, one))
            with replica.change():
                replica.claims.remove(one.id)


def _signed(device: Device, claim: Claim) -> Signed:
    body = encode(
        EvictionReceipt(claim.id, device.enrolment.device, claim.scope, claim.version, claim.rows, claim.moment)
    )
    signature = device.ports.keystore.sign(DEVICE_KEY, message_of(Kind.EVICTION, body))
    return Signed(Kind.EVICTION, body, fingerprint(device.enrolment.public_key), signature)
