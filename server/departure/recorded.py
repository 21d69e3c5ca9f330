"""Departures as the database has them, in the form of the departures file: to compare the two, and to repeat an answer
that was given before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from server.departure.departures_file import DepartedDevice, Departure, Planned, Step
from server.identity.staff import PersonStatus
from server.master.departures import handovers, wipe_orders
from server.master.people import devices, staff
from server.master.store import Tx

__all__ = ["planned_row", "recorded"]


async def recorded(tx: Tx, person: UUID | None = None) -> list[Departure]:
    """All departures in the database in the order of time, or those of one person and their devices."""
    orders = await _orders(tx, person)
    planned = await _planned(tx, person)
    leavers = await _leavers(tx, person)
    found = [_left(UUID(bytes=bytes(row.id)), row.left_at, orders.get(bytes(row.id), ()), planned) for row in leavers]
    at_departure = {order.order for one in found for order in one.devices}
    for rows in orders.values():
        found.extend(_alone(row) for row in rows if UUID(bytes=bytes(row.id)) not in at_departure)
    return sorted(found, key=lambda one: one.at)


async def _orders(tx: Tx, person: UUID | None) -> dict[bytes, list[Row[Any]]]:
    wanted = select(wipe_orders, devices.c.enrolment, devices.c.public_key).join_from(
        wipe_orders, devices, devices.c.id == wipe_orders.c.device
    )
    if person is not None:
        wanted = wanted.where(wipe_orders.c.staff == person.bytes)
    grouped: dict[bytes, list[Row[Any]]] = defaultdict(list)
    for row in await tx.execute(wanted.order_by(wipe_orders.c.device)):
        grouped[bytes(row.staff)].append(row)
    return grouped


async def _planned(tx: Tx, person: UUID | None) -> dict[tuple[bytes, int], list[Planned]]:
    wanted = select(handovers) if person is None else select(handovers).where(handovers.c.leaver == person.bytes)
    grouped: dict[tuple[bytes, int], list[Planned]] = defaultdict(list)
    for row in await tx.execute(wanted):
        grouped[bytes(row.leaver), row.planned_at].append(planned_row(row))
    return {of: sorted(rows, key=lambda one: one.order) for of, rows in grouped.items()}


def planned_row(row: Row[Any]) -> Planned:
    """A row of the table of handovers as the plan has it."""
    territory, successor = (None if one is None else UUID(bytes=bytes(one)) for one in (row.territory, row.successor))
    outlet, goes_to = (None if one is None else UUID(bytes=bytes(one)) for one in (row.outlet, row.goes_to))
    return Planned(UUID(bytes=bytes(row.id)), territory, successor, Step(row.step), outlet, goes_to, bool(row.pool))


async def _leavers(tx: Tx, person: UUID | None) -> Sequence[Any]:
    wanted = select(staff.c.id, staff.c.left_at).where(staff.c.status == PersonStatus.DEPARTED)
    if person is not None:
        wanted = wanted.where(staff.c.id == person.bytes)
    return (await tx.execute(wanted)).all()


def _left(
    person: UUID, at: int, orders: Sequence[Row[Any]], planned: dict[tuple[bytes, int], list[Planned]]
) -> Departure:
    ours = [row for row in orders if row.issued_at == at]
    why = ours[0].reason if ours else "left"
    return Departure(at, person, True, why, tuple(map(_device, ours)), tuple(planned.get((person.bytes, at), ())))


def _alone(row: Row[Any]) -> Departure:
    return Departure(row.issued_at, UUID(bytes=bytes(row.staff)), False, row.reason, (_device(row),))


def _device(row: Row[Any]) -> DepartedDevice:
    device, order, enrolment = (UUID(bytes=bytes(one)) for one in (row.device, row.id, row.enrolment))
    return DepartedDevice(device, order, enrolment, bytes(row.public_key).hex())
