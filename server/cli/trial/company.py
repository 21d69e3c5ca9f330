"""The company's side of a trial: the desk's acts on an open deployment, and what its master store says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, func, select

from server.cli.deployment import Deployment
from server.cli.talk import Failure
from server.departure import orders, photo_records, quarantine
from server.departure.photo_records import PhotoState
from server.field import questions
from server.identity import devices, enrolment, staff, territories
from server.identity.codes import payload
from server.identity.staff import Person
from server.identity.territories import Territory
from server.master.departures import receipts
from server.master.feed import read_heads
from server.master.people import outboxes
from server.master.tables import conflicts, operations
from server.master.typed import TYPED
from sync.codec import decode
from sync.messages import Standing
from sync.outcomes import Outcome, OutcomeCode
from sync.signing import fingerprint
from sync.statements import ReceiptStage

__all__ = ["Company"]

_CODE_LASTS_MS = 900_000


class Company:
    """The open deployment. `url` is where its server answers."""

    def __init__(self, deployment: Deployment, url: str) -> None:
        self.deployment = deployment
        self.url = url

    async def person(self, name: str) -> Person:
        """Somebody by name."""
        async with self.deployment.store.read() as tx:
            return await self.deployment.person(tx, name)

    async def territory(self, name: str) -> Territory:
        """A territory by name."""
        async with self.deployment.store.read() as tx:
            return await self.deployment.territory(tx, name)

    async def code_for(self, person: Person) -> str:
        """What a QR code for this person holds."""
        means = self.deployment.means
        async with means.store.write() as tx:
            issued = await enrolment.issue(tx, person.id, means.sources, lifetime=_CODE_LASTS_MS)
        keys = means.keys
        return payload(issued.code, self.url, fingerprint(keys.signing_public[0]), fingerprint(keys.opening_public))

    async def confirm(self, device: UUID, digits: str) -> None:
        """Compare the six digits of a phone."""
        async with self.deployment.store.write() as tx:
            await devices.confirm(tx, device, digits, self.deployment.sources)

    async def active_devices(self) -> int:
        """How many devices are active."""
        async with self.deployment.store.read() as tx:
            return sum(one.standing is Standing.ACTIVE for one in await devices.listing(tx))

    async def lease_ends(self, device: UUID) -> int:
        """When a device's lease ends."""
        async with self.deployment.store.read() as tx:
            found = await devices.find(tx, device)
        if found is None or found.lease_locks_at is None:
            raise Failure("no_lease", "the phone has no lease", "手机没有租约")
        return found.lease_locks_at

    async def taken_in(self) -> int:
        """How many operations of phones took effect in the master store."""
        joined = operations.join(outboxes, outboxes.c.id == operations.c.origin)
        async with self.deployment.store.read() as tx:
            rows = await tx.execute(select(operations.c.outcome).select_from(joined))
            codes = [decode(bytes(row.outcome), Outcome).code for row in rows]
        return sum(code is not OutcomeCode.REFUSED for code in codes)

    async def lost_values(self) -> list[tuple[str, object, object]]:
        """Values that lost a conflict and are kept: field, the value that lost, the one that stands."""
        async with self.deployment.store.read() as tx:
            rows = (await tx.execute(select(conflicts))).all()
        return [(row.field, _value(row.lost), _value(row.winner)) for row in rows]

    async def same_outlet_questions(self) -> list[questions.Question]:
        """The open questions whether two outlets are one."""
        async with self.deployment.store.read() as tx:
            return [one for one in await questions.listed(tx) if one.kind == questions.SAME_OUTLET]

    async def agrees(self, digests: dict[str, Any]) -> bool:
        """Whether count and digest of every scope on a phone are those of the master store."""
        async with self.deployment.store.read() as tx:
            heads = await read_heads(tx, digests)
        ours = {name: {"count": one.count, "digest": one.digest.hex()} for name, one in heads.items()}
        return bool(digests) and ours == digests

    async def count(self, collection: str) -> int:
        """How many records of a collection the master store holds."""
        return await self._rows(TYPED[collection])

    async def _rows(self, table: Table) -> int:
        async with self.deployment.store.read() as tx:
            return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())

    async def order_of(self, device: UUID) -> tuple[orders.Order, list[str]]:
        """The wipe order of a device, and the stages of which there is a receipt, in their order."""
        async with self.deployment.store.read() as tx:
            (order,) = await orders.listed(tx, device=device)
            rows = await tx.execute(select(receipts.c.stage).where(receipts.c.order == order.id.bytes))
            found = set(rows.scalars())
            return order, [stage.value for stage in ReceiptStage if stage in found]

    async def quarantined(self, person: UUID) -> list[quarantine.Quarantined]:
        """The work that a departed person's phones handed in; how often contacts were opened is told beside it."""
        async with self.deployment.store.read() as tx:
            found = await quarantine.listed(tx, staff=person)
        return [one for one in found if one.operation is None or one.operation.collection != "opening"]

    async def handed_photos(self, person: UUID) -> list[tuple[PhotoState, bytes | None]]:
        """The photos that a departed person's phones handed in: what became of each, and its bytes, opened."""
        means = self.deployment.means
        async with means.store.read() as tx:
            found = await photo_records.listed(tx, staff=person)
            return [(one.state, await photo_records.read_photo(means, tx, one)) for one in found]

    async def roster(self, territory: UUID) -> list[str]:
        """The names of who works in a territory."""
        async with self.deployment.store.read() as tx:
            names = {one.id: one.name for one in await staff.everybody(tx)}
            return [names[one.staff] for one in await territories.roster_of(tx, territory)]


def _value(packed: bytes) -> object:
    return msgspec.msgpack.decode(bytes(packed))
