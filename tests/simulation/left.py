"""What must be left, and what must not, when people have left and everything is at rest."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from client_sdk.lifecycle import DEVICE_SHARE, LEASE_SHARE
from server.identity.staff import PersonStatus
from server.master.people import devices, rosters, staff
from server.master.store import Tx
from sync.machine import State
from sync.messages import Standing
from tests.simulation.phone import Phone
from tests.simulation.world import Oracle, World

__all__ = ["left_of", "left_on_server"]


def left_of(world: World, phone: Phone) -> list[str]:
    """Of a phone whose person has left: no share, no file of the archive, nothing pending, and it says that it is over.

    A phone that has a copy somewhere is left out: which of the two the server hears is anybody's guess.
    """
    if phone.is_copied:
        return []
    name, device = f"{world.name(phone)} of somebody who left", phone.replica._device
    found = [f"{name} has its {share}" for share in (DEVICE_SHARE, LEASE_SHARE) if device.ports.keystore.get(share)]
    found += [f"{name} has {one.name}" for one in sorted(phone.directory.glob("replica.db*"))]
    status = phone.replica.status()
    if status.state is not State.WIPED:
        found.append(f"{name} is {status.state} with {status.pending} pending")
    return found


async def left_on_server(tx: Tx, oracle: Oracle) -> list[str]:
    """What the store has of rosters and people against the oracle, and of the keys of devices that have departed."""
    kept = select(devices.c.id).where(devices.c.standing == Standing.DEPARTED, devices.c.lease_share.is_not(None))
    shares = (await tx.execute(kept)).scalars()
    found = [f"the server has its share of the key of departed device {UUID(bytes=one)}" for one in shares]
    rows = await tx.execute(select(rosters.c.territory, rosters.c.staff))
    places = {(UUID(bytes=bytes(row.territory)), UUID(bytes=bytes(row.staff))) for row in rows}
    wanted = {(place, person) for place, people in oracle.held.items() for person in people}
    found += [f"{person} is still on the roster of {place}" for place, person in sorted(places - wanted)]
    left = select(staff.c.id).where(staff.c.status == PersonStatus.DEPARTED)
    departed = {UUID(bytes=bytes(one)) for one in (await tx.execute(left)).scalars()}
    found += [f"{person} has left, and works here" for person in sorted(oracle.gone - departed)]
    return found + [f"{person} is not on the roster of {place}" for place, person in sorted(wanted - places)]
