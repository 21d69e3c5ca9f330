"""Devices whose requests are made here, for load: rows with real keys, tokens, and cursors as a phone keeps them.

Nothing of a phone is behind them: no replica, and no outbox but an empty one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.cli.bench.load import request_of
from server.departure.means import Means
from server.identity import devices
from server.identity.devices import SHARE_BYTES, Device
from server.identity.tokens import issue_token
from server.master.meta import read_identity
from sync import frames
from sync.clock import Moment
from sync.codec import decode, encode
from sync.cursors import Cursor
from sync.messages import Condition, Standing, SyncRequest
from sync.operations import START_HASH
from sync.outbox import Told
from sync.statements import LeaseTerms
from sync.versions import CURRENT, SCHEMA

__all__ = ["Asker", "add_devices", "askers"]

_BEGAN_MS = 1_760_000_000_000


@dataclass(slots=True)
class Asker:
    """One device and how far it has come. `url` is where its requests go."""

    device: UUID
    token: str
    url: str
    outbox: bytes
    epoch: bytes
    cursors: dict[str, Cursor] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    lease: int = 0
    witness: bytes = b""

    def asked(self) -> SyncRequest:
        """What it asks: for whatever is new."""
        return SyncRequest(
            CURRENT,
            SCHEMA,
            self.epoch,
            Moment("bench", 1_000, _BEGAN_MS),
            cursors=self.cursors,
            digests=self.digests,
            outbox=Told(self.outbox, 0, START_HASH, 0, START_HASH),
            witness=self.witness,
            lease=self.lease,
            condition=Condition("bench"),
        )

    def request(self, asked: SyncRequest | None = None) -> bytes:
        """The bytes of a request."""
        headers = {"Content-Type": frames.MEDIA_TYPE, "Authorization": f"Bearer {self.token}"}
        return request_of(self.url, "POST", "/sync", headers, frames.write_request(asked or self.asked()))

    def heard(self, body: bytes) -> bool:
        """Take an answer; whether it brought nothing."""
        answer = frames.read_answer(body)
        head, page, tail = answer.head, answer.page, answer.tail
        if head.lease is not None:
            self.lease = decode(head.lease.terms.body, LeaseTerms).locks_at
        if head.checkpoint is not None:
            self.witness = encode(head.checkpoint)
        brought = page.scopes if page is not None else ()
        self.cursors |= {one.scope: one.cursor for one in brought}
        if tail is not None and tail.checkpoint:
            self.digests = {name: one.digest for name, one in tail.sums.items()}
        return tail is not None and tail.checkpoint and not (brought or head.lease or head.checkpoint)


async def add_devices(means: Means, people: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """An active device for each person, with a key of its own: its id, and a token."""
    made: list[Device] = []
    async with means.store.write() as tx:
        company = (await read_identity(tx)).company
        for person in people:
            key = ec.generate_private_key(ec.SECP256R1()).public_key()
            public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            now, share = means.sources.now(), means.sources.random(SHARE_BYTES)
            ids = (means.sources.new_id(), person, means.sources.new_id())
            one = Device(*ids, public, "bench", Standing.ACTIVE, now, confirmed_at=now, lease_share=share)
            await devices.add(tx, one, means.sources)
            made.append(one)
    return [(one.id, issue_token(means.keys.token_key, company, one.id, means.sources.now())) for one in made]


async def askers(means: Means, people: Sequence[UUID], url: str) -> list[Asker]:
    """A device for each person that has asked nothing yet, of a server at `url`."""
    epoch = (await means.store.look(read_identity)).epoch
    return [
        Asker(device, token, url, means.sources.random(16), epoch) for device, token in await add_devices(means, people)
    ]
