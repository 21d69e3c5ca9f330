"""Admission: who asks. A short token, or a proof by the device key; the device's row is read in the same request.

A request with neither gets a challenge to sign. Admitted says who it is and nothing more: a departed device is
admitted too, to hear its orders, and what it may have is decided by its standing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

import msgspec

from server.identity import devices
from server.identity.devices import Device
from server.identity.keys import CompanyKeys
from server.identity.proofs import Asker, is_fresh, is_proved, make_challenge
from server.identity.tokens import LIFETIME, issue_token, read_token
from server.master.meta import Identity
from server.master.store import Store, Tx
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = ["Admitted", "Desk", "NotAdmitted"]

_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){1,200}")


class NotAdmitted(Refusal):
    """Raised where a request is not signed, or not rightly. `challenge` is to be signed, in the history `epoch`."""

    def __init__(self, code: str, detail: str = "", asker: Asker | None = None, challenge: bytes = b"") -> None:
        super().__init__(code, detail)
        self.challenge = challenge
        self.epoch = asker.epoch if asker is not None else b""


class Admitted(msgspec.Struct, frozen=True):
    """Who asks, and the company and epoch as they stood when the device's row was read.

    `needs_token` is set where the device came without a token, or with one that is half over.
    """

    device: Device
    identity: Identity
    needs_token: bool


class _Claimed(msgspec.Struct, frozen=True):
    """Who a request says it is from; `token_left` is how many milliseconds a token still proves it, if any."""

    device: UUID | None
    token_left: int = 0


class Desk:
    """Admits requests; gives out tokens and challenges. A process that has not got the company's newest keys admits
    nobody.
    """

    def __init__(self, store: Store, keys: CompanyKeys) -> None:
        self._store = store
        self._keys = keys

    async def admit(self, headers: Mapping[str, str], body: bytes, now: int) -> Admitted:
        """The device that sent a request with these headers (names in lower case). Raises NotAdmitted.

        `now` is server milliseconds. Only what is signed or sealed is believed. Raises Refusal where keys are behind.
        """

        async def look(tx: Tx) -> tuple[Identity, _Claimed, Device | None]:
            identity = await self._keys.in_step(tx)
            claimed = self._claimed(headers, identity, now)
            if claimed.device is None:
                raise NotAdmitted("not_signed_in", "name the device in the header Saojie-Device")
            return identity, claimed, await devices.find(tx, claimed.device)

        identity, claimed, device = await self._store.glance(look)
        if device is None:
            raise NotAdmitted("unknown_device")
        if claimed.token_left <= 0:
            self._check_proof(headers, body, Asker(identity.company, identity.epoch, device.id), device, now)
        return Admitted(device, identity, claimed.token_left < LIFETIME // 2)

    def _claimed(self, headers: Mapping[str, str], identity: Identity, now: int) -> _Claimed:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        named = parse_id(headers.get("saojie-device", "").strip())
        if scheme.lower() != "bearer":
            return _Claimed(named)
        claim = read_token(self._keys.token_key, identity.company, token.strip())
        if claim is None or (named is not None and named != claim.device):
            return _Claimed(named)
        return _Claimed(claim.device, claim.ends_at - now)

    def _check_proof(self, headers: Mapping[str, str], body: bytes, asker: Asker, device: Device, now: int) -> None:
        key = self._keys.challenge_key
        challenge = _bytes(headers.get("saojie-challenge", ""))
        if not is_fresh(key, asker, challenge, now):
            raise NotAdmitted("not_signed_in", "sign this challenge", asker, make_challenge(key, asker, now))
        if not is_proved(asker, device.public_key, challenge, _bytes(headers.get("saojie-proof", "")), body):
            raise NotAdmitted("bad_signature", "", asker, make_challenge(key, asker, now))

    def challenge(self, company: UUID, epoch: bytes, device: UUID, now: int) -> bytes:
        """What the device signs in its next request, where its token is over: 24 bytes, good in this epoch."""
        return make_challenge(self._keys.challenge_key, Asker(company, epoch, device), now)

    def token(self, company: UUID, device: UUID, now: int) -> str:
        """A token for the device's next requests."""
        return issue_token(self._keys.token_key, company, device, now)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text) if _HEX.fullmatch(text.strip()) else b""
