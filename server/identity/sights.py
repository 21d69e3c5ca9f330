"""What devices with an open stream can see now: standing, grants and orders of each, and how far their scopes are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from uuid import UUID

from sqlalchemy import bindparam, select

from server.identity.grants import grants_of_many
from server.live.announce import Sight
from server.master.departures import wipe_orders
from server.master.people import devices
from server.master.store import Tx
from server.master.tables import scopes
from sync.messages import Standing

__all__ = ["heads_of_all", "sights_of"]

_AT_ONCE = 5000
"""Values that one query names: databases take some tens of thousands."""
_DEVICES = select(devices.c.id, devices.c.staff, devices.c.standing).where(
    devices.c.id.in_(bindparam("wanted", expanding=True))
)
_ORDERS = (
    select(wipe_orders.c.device, wipe_orders.c.signed)
    .where(wipe_orders.c.device.in_(bindparam("wanted", expanding=True)))
    .order_by(wipe_orders.c.issued_at)
)
_ALL_HEADS = select(scopes.c.name, scopes.c.head)
_HEADS = _ALL_HEADS.where(scopes.c.name.in_(bindparam("wanted", expanding=True)))


async def sights_of(tx: Tx, wanted: Sequence[UUID], now: int) -> dict[UUID, Sight]:
    """The sights of devices at server time `now`, from one snapshot. A device that is not there sees nothing."""
    found: dict[UUID, Sight] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        found.update(await _some(tx, wanted[at : at + _AT_ONCE], now))
    return found


async def heads_of_all(tx: Tx) -> dict[str, int]:
    """How far every scope is, by its name."""
    return {name: head for name, head in await tx.execute(_ALL_HEADS)}  # noqa: C416  # rows are no pairs to `dict`


async def _some(tx: Tx, wanted: Sequence[UUID], now: int) -> dict[UUID, Sight]:
    rows = (await tx.execute(_DEVICES, {"wanted": [one.bytes for one in wanted]})).all()
    owners = {bytes(device): (bytes(person), standing) for device, person, standing in rows}
    people = {person: UUID(bytes=person) for person, _ in owners.values()}
    granted = await grants_of_many(tx, people.values(), now)
    heads = await _heads(tx, set(chain.from_iterable(one.scopes for one in granted.values())))
    ordered = await _orders(tx, [device for device, (_, one) in owners.items() if one == Standing.DEPARTED])
    marks = {
        person: {name: heads[name] for name in granted[one].scopes if name in heads} for person, one in people.items()
    }

    def sight(device: bytes) -> Sight:
        person, standing = owners.get(device, (b"", ""))
        if standing == Standing.ACTIVE:
            return Sight(marks.get(person, {}))
        return Sight({}, is_over=True, is_ordered=standing == Standing.DEPARTED, orders=ordered.get(device, ()))

    return {one: sight(one.bytes) for one in wanted}


async def _orders(tx: Tx, devices: Sequence[bytes]) -> dict[bytes, tuple[str, ...]]:
    """The signed orders of devices, each in hexadecimal."""
    found: dict[bytes, tuple[str, ...]] = {}
    if devices:
        for device, signed in await tx.execute(_ORDERS, {"wanted": devices}):
            found[bytes(device)] = (*found.get(bytes(device), ()), bytes(signed).hex())
    return found


async def _heads(tx: Tx, names: Iterable[str]) -> dict[str, int]:
    heads: dict[str, int] = {}
    ordered = sorted(names)
    for at in range(0, len(ordered), _AT_ONCE):
        rows = await tx.execute(_HEADS, {"wanted": ordered[at : at + _AT_ONCE]})
        heads.update((name, head) for name, head in rows)
    return heads
