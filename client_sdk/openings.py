"""Opening a contact's details is counted on the phone, so that the company can tell what was held from what was opened.

Counted is whatever gives details away: one contact, its private part, a change of one, and all of them at once. A list
of an outlet's contacts shows names and roles, and counts nothing. What was counted goes into the outbox when a sync
begins, when the replica is closed, and when much has come together: one operation for each contact and day.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from client_sdk.device import Device
from client_sdk.errors import StorageFailed, StorageFull
from client_sdk.local.opened import OpenReplica
from client_sdk.local.openings import Counted
from client_sdk.outbox_rows import newest_place
from client_sdk.writing import Desk
from sync.codec import encode
from sync.operations import read_operation
from sync.records import Opening

__all__ = ["count_openings", "tell_openings"]

MOST_WAITING = 200
"""So many pairs of contact and day wait at most."""
_MOST_TIMES = 100_000


def count_openings(
    device: Device, replica: OpenReplica, contacts: Iterable[tuple[UUID, UUID]], *, private: bool = False
) -> None:
    """Count that the details of these contacts (each with its outlet) are opened now. Raises StorageFull, and
    WrongThread in a watched query, which would count each time that anything changes.
    """
    device.threads.check_recording()
    day = device.ports.clock.day_of(device.now())
    opened = [Counted(contact, outlet, day, 1, int(private)) for contact, outlet in contacts]
    if not opened:
        return
    with replica.change(durable=False):
        replica.openings.count(opened)
    if replica.openings.waiting() >= MOST_WAITING:
        tell_openings(device, replica)


def tell_openings(device: Device, replica: OpenReplica) -> None:
    """Put what was counted into the outbox, once: killed anywhere, it is in there or still to be put. Where the storage
    is full it waits for the next time.
    """
    with suppress(StorageFull, StorageFailed):
        _fix(device, replica)
        operations, after = replica.openings.fixed()
        if not operations:
            return
        with device.outbox.file.transaction():
            # Another process may be telling the same ones: what it has put in is seen from here on.
            known = {one.id.bytes for item in device.outbox.since(after) if (one := read_operation(item.body))}
            device.outbox.add_quietly(body for name, body in operations.items() if name not in known)
        with replica.change():
            replica.openings.forget(operations)


def _fix(device: Device, replica: OpenReplica) -> None:
    """Give what was counted its operations, in one durable transaction."""
    if not replica.openings.waiting():
        return
    desk = Desk(device)
    with replica.change():
        made = [desk.made(Opening, _fields(one))[0] for one in replica.openings.counted()]
        after = newest_place(device.outbox.file)
        replica.openings.fix([(one.id, encode(one)) for one in made], after)


def _fields(one: Counted) -> dict[str, object]:
    return {
        "contact": one.contact,
        "outlet": one.outlet,
        "day": one.day,
        "times": min(one.times, _MOST_TIMES),
        "private": min(one.private, _MOST_TIMES),
    }
