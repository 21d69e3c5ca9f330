"""What devices with an open stream can see now: standing, grants and orders of each, and how far their scopes are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select

from server.identity.grants import Grants, grants_of_many
from server.live.announce import Sight
from server.master.departures import wipe_orders
from server.master.people import devices
from server.master.store import Tx
from server.master.tables import scopes
from sync.messages import Standing

__all__ = ["sights_of"]

_AT_ONCE = 500
_DEVICES = select(devices.c.id, devices.c.staff, devices.c.standing).where(
    devices.c.id.in_(bindparam("wanted", expanding=True))
)
_ORDERS = (
    select(wipe_orders.c.device, wipe_orders.c.signed)
    .where(wipe_orders.c.device.in_(bindparam("wanted", expanding=True)))
    .order_by(wipe_orders.c.issued_at)
)
_HEADS = select(scopes.c.name, scopes.c.head).where(scopes.c.name.in_(bindparam("wanted", expanding=True)))


async def sights_of(tx: Tx, wanted: Sequence[UUID], now: int) -> dict[UUID, Sight]:
    """The sights of devices at server time `now`, from one snapshot. A device that is not there sees nothing."""
    found: dict[UUID, Sight] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        found.update(await _some(tx, wanted[at : at + _AT_ONCE], now))
    return found


async def _some(tx: Tx, wanted: Sequence[UUID], now: int) -> dict[UUID, Sight]:
    rows = await tx.execute(_DEVICES, {"wanted": [one.bytes for one in wanted]})
    owners = {UUID(bytes=bytes(row.id)): (UUID(bytes=bytes(row.staff)), Standing(row.standing)) for row in rows}
    granted = await grants_of_many(tx, {person for person, _ in owners.values()}, now)
    marks = await _marks(tx, {name for grants in granted.values() for name in grants.scopes})
    ordered = await _orders(tx, [device for device, (_, one) in owners.items() if one is Standing.DEPARTED])
    sights = dict.fromkeys(wanted, Sight({}, is_over=True))
    return sights | {
        device: _sight(standing, granted[person], marks, ordered.get(device, ()))
        for device, (person, standing) in owners.items()
    }


async def _orders(tx: Tx, devices: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The signed orders of devices, each in hexadecimal."""
    if not devices:
        return {}
    found: dict[UUID, tuple[str, ...]] = {}
    for row in await tx.execute(_ORDERS, {"wanted": [one.bytes for one in devices]}):
        device = UUID(bytes=bytes(row.device))
        found[device] = (*found.get(device, ()), bytes(row.signed).hex())
    return found


async def _marks(tx: Tx, names: set[str]) -> dict[str, int]:
    marks: dict[str, int] = {}
    ordered = sorted(names)
    for at in range(0, len(ordered), _AT_ONCE):
        rows = await tx.execute(_HEADS, {"wanted": ordered[at : at + _AT_ONCE]})
        marks.update((row.name, row.head) for row in rows)
    return marks


def _sight(standing: Standing, grants: Grants, marks: dict[str, int], orders: tuple[str, ...]) -> Sight:
    if standing is not Standing.ACTIVE:
        return Sight({}, is_over=True, is_ordered=standing is Standing.DEPARTED, orders=orders)
    return Sight({name: marks[name] for name in grants.scopes if name in marks})
