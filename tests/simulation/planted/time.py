"""Bugs of time."""

from __future__ import annotations

from client_sdk.device import Device
from server.exchange import outboxes
from sync.clock import Bounds, Moment
from tests.simulation.planted.bug import Plant, bug, replaced


@bug
def phones_date_believed() -> Plant:
    """When something happened is read off the phone's clock: one that is a month ahead wins every merge."""

    def claimed(event: Moment, _told: Moment, _now: int, _contact: int) -> Bounds:
        return Bounds(event.claimed, event.claimed, event.claimed)

    return replaced(outboxes, bound=claimed)


@bug
def lease_never_lapses() -> Plant:
    """The phone does not look at its lease: a replica that has heard nothing for weeks still opens."""
    return replaced(Device, _watch_time=lambda _self: None)
