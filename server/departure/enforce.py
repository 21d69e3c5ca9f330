"""Making the database as a departure says: status, lease shares, wipe orders, the plan of the handover, the journal.

It is the body of the cut-off, and of applying a departure again to a database that was restored from before it.
Doing it twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import Table, insert, select, update

from server.departure.departures_file import DepartedDevice, Departure
from server.departure.leaving.notice import end_of
from server.departure.leaving.wanted import held_by
from server.departure.orders import order_row
from server.identity.staff import PersonStatus, Role
from server.identity.territories import unassign
from server.identity.trips import end_all as end_trips
from server.master.departures import handovers, wipe_orders
from server.master.journal import Note, note
from server.master.people import devices, staff, territories
from server.master.scoping import open_scope
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.messages import Standing
from sync.statements import WipeOrder

__all__ = ["Enforcer"]


class Enforcer(msgspec.Struct, frozen=True):
    """Who orders, when, and with what: the company's id and signing key, server milliseconds, randomness."""

    company: UUID
    key: ed25519.Ed25519PrivateKey
    now: int
    random: Callable[[int], bytes]

    async def enforce(self, tx: Tx, departure: Departure, kind: str, **details: object) -> None:
        """Make it so, in the transaction `tx`, with a journal entry of that kind."""
        await self._person(tx, departure)
        for one in departure.devices:
            await self._device(tx, departure, one)
        await self._plan(tx, departure)
        await self._other_places(tx, departure)
        await end_trips(tx, [one.device for one in departure.devices], "departed", self.sources)
        scope = scopes.staff(departure.staff)
        await open_scope(tx, scope)
        await note(tx, [Note(scope, kind, {"departure": departure, **details})], self.now, self.random)

    @property
    def sources(self) -> Sources:
        """Its clock, which stands still, and randomness."""
        return Sources(lambda: self.now, self.random)

    async def _person(self, tx: Tx, departure: Departure) -> None:
        person = departure.staff.bytes
        if await _is_missing(tx, staff, person):
            unknown = {"id": person, "name": str(departure.staff), "role": Role.REP, "joined_at": departure.at}
            await tx.execute(insert(staff).values(unknown))
        if departure.leaves:
            active = (staff.c.id == person) & (staff.c.status != PersonStatus.DEPARTED)
            await tx.execute(update(staff).where(active).values(status=PersonStatus.DEPARTED, left_at=departure.at))
            await end_of(tx, departure.staff, departure.at)

    async def _device(self, tx: Tx, departure: Departure, one: DepartedDevice) -> None:
        """From the commit on this device gets nothing: it has departed, and the server's share of its key is gone."""
        device = one.device.bytes
        if await _is_missing(tx, devices, device):
            await tx.execute(insert(devices).values(_known_again(departure, one)))
        await tx.execute(
            update(devices).where(devices.c.id == device).values(standing=Standing.DEPARTED, lease_share=None)
        )
        if await _is_missing(tx, wipe_orders, one.order.bytes):
            order = WipeOrder(one.order, self.company, one.device, departure.reason, departure.at)
            await tx.execute(insert(wipe_orders).values(order_row(order, departure.staff, self.key)))

    async def _plan(self, tx: Tx, departure: Departure) -> None:
        """The rows of the plan. An older database may not know a territory, where there is nothing to do then, nor who
        was to follow: then nobody does, and carrying the plan out says so.
        """
        for one in departure.handovers:
            places = [place.bytes for place in (one.territory, one.goes_to) if place is not None]
            if any([await _is_missing(tx, territories, place) for place in places]):
                continue
            heir = _raw(one.successor)
            if heir is not None and await _is_missing(tx, staff, heir):
                heir = None
            if await _is_missing(tx, handovers, one.id.bytes):
                row = {
                    "id": one.id.bytes,
                    "leaver": departure.staff.bytes,
                    "step": one.step,
                    "territory": _raw(one.territory),
                    "outlet": _raw(one.outlet),
                    "goes_to": _raw(one.goes_to),
                    "pool": one.pool,
                    "successor": heir,
                    "planned_at": departure.at,
                }
                await tx.execute(insert(handovers).values(row))

    async def _other_places(self, tx: Tx, departure: Departure) -> None:
        """Places of who leaves that the plan does not know, as in an older database: there they are empty."""
        planned = {one.territory for one in departure.handovers}
        for one in await held_by(tx, departure.staff) if departure.leaves else ():
            if one not in planned:
                await unassign(tx, one, departure.staff, self.sources)


def _raw(one: UUID | None) -> bytes | None:
    return one.bytes if one else None


async def _is_missing(tx: Tx, table: Table, key: bytes) -> bool:
    return (await tx.execute(select(table.c.id).where(table.c.id == key))).first() is None


def _known_again(departure: Departure, one: DepartedDevice) -> dict[str, object]:
    """A device that an older database never knew: enough to tell it its order and to check its receipts."""
    return {
        "id": one.device.bytes,
        "staff": departure.staff.bytes,
        "enrolment": one.enrolment.bytes,
        "public_key": bytes.fromhex(one.public_key),
        "standing": Standing.DEPARTED,
        "enrolled_at": departure.at,
    }
