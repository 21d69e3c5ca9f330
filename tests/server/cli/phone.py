"""A phone beside the command: it redeems a code and hands work in, straight at the deployment's store."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import insert

from server.departure.contact import hear
from server.departure.means import Means, means_of
from server.identity import devices
from server.identity.codes import normalised
from server.identity.devices import Device
from server.identity.enrolment import redeem
from server.identity.territories import all_territories
from server.master.people import holdings
from server.master.scoping import numbers
from server.master.store import Tx
from server.settings import Settings
from sync import scopes
from sync.clock import Moment
from sync.codec import encode
from sync.enrolment import EnrolRequest
from sync.ids import new_id
from sync.messages import SyncRequest
from sync.operations import Act, Operation, changes_of
from sync.outbox import Told
from sync.signing import Kind, message_of
from tests.server.departure.office import public_der

T = TypeVar("T")


@dataclass
class Phone:
    """One enrolled phone of the deployment at `home`."""

    home: Path
    id: UUID
    digits: str
    territory: UUID | None

    @classmethod
    def enrolled(cls, home: Path, code: str) -> Phone:
        """A phone that redeemed a code, and holds the first territory."""
        key = ec.generate_private_key(ec.SECP256R1())
        text = normalised(code)
        assert text is not None
        signed = key.sign(message_of(Kind.ENROLMENT, text.text.encode()), ec.ECDSA(hashes.SHA256()))
        sealing = X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        asked = EnrolRequest(text.text, public_der(key).hex(), signed.hex(), "test", sealing)

        async def work(means: Means) -> tuple[Device, UUID | None]:
            device = await redeem(means.store, asked, means.sources)
            async with means.store.write() as tx:
                return device, await _hold_first(tx, device.id)

        device, territory = _on(home, work)
        return cls(home, device.id, device.six_digits, territory)

    def hand_in(self, names: list[str]) -> None:
        """Hand in one new outlet of each name, as a phone does that has not heard of its order yet."""
        assert self.territory is not None
        scope = scopes.territory(self.territory)
        rng = random.Random(7)
        now = time.time_ns() // 1_000_000
        moment = Moment("boot", 1, now)
        ids = [new_id(now, rng.randbytes(10)) for _ in names]
        made = [
            Operation(one, Act.CREATE, "outlet", one, 0, moment, scope, changes_of(name=name))
            for one, name in zip(ids, names, strict=True)
        ]
        told = Told(rng.randbytes(16))
        request = SyncRequest(1, 1, b"", moment, outbox=told, operations=tuple(encode(one) for one in made))

        async def work(means: Means) -> None:
            async with means.store.write() as tx:
                device = await devices.find(tx, self.id)
                assert device is not None
                await hear(tx, device, request, means.keys, now, means.sources)

        _on(self.home, work)


async def _hold_first(tx: Tx, device: UUID) -> UUID | None:
    found = await all_territories(tx)
    if not found:
        return None
    number = (await numbers(tx, [scopes.territory(found[0].id)]))[scopes.territory(found[0].id)]
    row = {"device": device.bytes, "scope": number, "first_at": 1, "last_at": 1, "version": 0}
    await tx.execute(insert(holdings).values(row))
    return found[0].id


def _on(home: Path, work: Callable[[Means], Coroutine[Any, Any, T]]) -> T:
    async def whole() -> T:
        means = means_of(Settings(home))
        try:
            return await work(means)
        finally:
            await means.close()

    return asyncio.run(whole())
