"""What the server counts: requests, refusals, outcomes, streams; and what it finds in the store when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select

from server.master.departures import wipe_orders
from server.master.people import devices
from server.master.store import Tx
from server.master.tables import dead_letters
from server.master.witnesses import strange_count

__all__ = ["Meters"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_OVER = "wiped"


class Meters:
    """The meters of one application, in a registry of their own. `streams` counts the live streams."""

    def __init__(self, streams: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        made: Any = {"registry": self._registry}
        self.requests = Counter("saojie_requests", "Requests", ("route", "method", "status"), **made)
        self.seconds = Histogram("saojie_request_seconds", "Seconds a request", ("route",), buckets=_SECONDS, **made)
        self.refusals = Counter("saojie_refusals", "Refused requests by code", ("code",), **made)
        self.outcomes = Counter("saojie_outcomes", "Outcomes of operations by code", ("code",), **made)
        self.bell_failures = Counter("saojie_bell_failures", "Times that other nodes were not told or heard", **made)
        Gauge("saojie_live_streams", "Open live streams", **made).set_function(streams)
        self._dead_letters = Gauge("saojie_dead_letters", "Dead letters that nobody has closed", ("reason",), **made)
        self._orders = Gauge("saojie_wipe_orders_open", "Wipe orders without a final receipt", ("state",), **made)
        self._devices = Gauge("saojie_devices", "Devices by standing", ("standing",), **made)

        self._strange = Gauge("saojie_strange_checkpoints", "Checkpoints of ours that only phones have", **made)

    async def read_store(self, tx: Tx) -> None:
        """Take what the store knows into the meters."""
        await _count(tx, self._dead_letters, dead_letters.c.reason, dead_letters.c.state == "open")
        is_open = wipe_orders.c.closed_at.is_(None) & (wipe_orders.c.state != _OVER)
        await _count(tx, self._orders, wipe_orders.c.state, is_open)
        self._strange.set(await strange_count(tx))
        await _count(tx, self._devices, devices.c.standing, devices.c.id.is_not(None))

    def written(self) -> bytes:
        """All meters in the text form of Prometheus."""
        return generate_latest(self._registry)


async def _count(tx: Tx, gauge: Gauge, column: Any, where: Any) -> None:
    rows = await tx.execute(select(column, func.count()).where(where).group_by(column))
    gauge.clear()
    for label, number in rows:
        gauge.labels(label).set(number)
