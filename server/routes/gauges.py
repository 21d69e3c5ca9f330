"""What the store knows, as gauges: read when they are asked for, and the same on every machine of a deployment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import func, select

from server.identity.fleet import DeviceHealth, Trouble, health_of
from server.master.departures import order_is_open, reminders, wipe_orders
from server.master.inbox import inbox
from server.master.people import devices, wakes
from server.master.store import Tx
from server.master.tables import dead_letters
from server.master.turns import last_turn
from server.master.witnesses import strange_count
from sync.business.letters import OPEN
from sync.messages import Standing

__all__ = ["UNVERIFIED_DAYS", "Gauges"]

UNVERIFIED_DAYS = (1, 3, 7, 30)
"""Devices are counted that have not been seen to be right for longer than so many days."""
_DAY_MS = 86_400_000
_FAULTS = ("journal_fault", "store_damaged", "store_fault")
_TRIES = 3
"""A message that could not be sent so often is failing."""


class Gauges:
    """The gauges of what is in the store, in a registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"saojie_{name}", what, labels, registry=registry)

        self._devices = gauge("devices", "Devices by standing", "standing")
        self._troubled = gauge("devices_troubled", "Devices by what is wrong with them", "trouble")
        self._unverified = gauge("devices_unverified", "Active devices not seen to be right for so long", "days")
        self._pending = gauge("pending_oldest_seconds", "Age of the oldest work that was told of and has not come")
        self._clock = gauge("clock_offset_most_seconds", "How far the worst clock of an active device is off")
        self._letters = gauge("dead_letters", "Dead letters that nobody has closed", "reason")
        self._letters_oldest = gauge("dead_letters_oldest_seconds", "Age of the oldest open dead letter")
        self._orders = gauge("wipe_orders_open", "Wipe orders without a final receipt", "state")
        self._orders_oldest = gauge("wipe_orders_oldest_seconds", "Age of the oldest open wipe order", "state")
        self._strange = gauge("strange_checkpoints", "Checkpoints of ours that only phones have")
        self._faults = gauge("faults_open", "Faults of journal or store that nobody has settled", "kind")
        self._checked = gauge("night_check_age_seconds", "How long ago journal and store were last checked")
        self._waiting = gauge("messages_waiting", "Messages that are not out yet", "channel")
        self._failing = gauge("messages_failing", "Messages that could not be sent three times", "channel")
        self._gone = gauge("wakes_gone", "Phones whose push service has forgotten them")
        self._lag = gauge("departures_file_lag", "Departures without their line in the file; +Inf: it does not verify")
        self._bytes = gauge("store_bytes", "Size of the store", "part")

    async def read(self, tx: Tx, now: int) -> None:
        """Take what the store knows at server time `now`."""
        self._take_fleet(await health_of(tx, now), now)
        await _count(tx, self._devices, devices.c.standing, devices.c.id.is_not(None))
        waits = dead_letters.c.state == OPEN
        await _count(tx, self._letters, dead_letters.c.reason, waits)
        oldest = select(func.min(dead_letters.c.received_at)).where(waits)
        self._letters_oldest.set(_age((await tx.execute(oldest)).scalar(), now))
        await _count(tx, self._orders, wipe_orders.c.state, order_is_open)
        rows = await tx.execute(
            select(wipe_orders.c.state, func.min(wipe_orders.c.issued_at))
            .where(order_is_open)
            .group_by(wipe_orders.c.state)
        )
        _put(self._orders_oldest, {state: _age(issued, now) for state, issued in rows})
        self._strange.set(await strange_count(tx))
        await _count(tx, self._faults, inbox.c.kind, inbox.c.kind.in_(_FAULTS) & inbox.c.settled_at.is_(None), _FAULTS)
        self._checked.set(_age(await last_turn(tx, "check"), now))
        is_unsent = reminders.c.sent_at.is_(None)
        await _count(tx, self._waiting, reminders.c.channel, is_unsent)
        await _count(tx, self._failing, reminders.c.channel, is_unsent & (reminders.c.tries >= _TRIES))
        gone = select(func.count()).select_from(wakes).where(wakes.c.is_gone.is_(True))
        self._gone.set((await tx.execute(gone)).scalar_one())

    def take_files(self, lag: float, sizes: Mapping[str, int]) -> None:
        """Take how many departures have no line in their file, and how many bytes the parts of the store have."""
        self._lag.set(lag)
        _put(self._bytes, sizes)

    def _take_fleet(self, fleet: list[DeviceHealth], now: int) -> None:
        wrong = Counter(trouble for one in fleet for trouble in one.troubles)
        _put(self._troubled, {trouble: wrong[trouble] for trouble in Trouble})
        active = [one for one in fleet if one.standing is Standing.ACTIVE]
        silent = {days: sum(one.unverified_ms(now) > days * _DAY_MS for one in active) for days in UNVERIFIED_DAYS}
        _put(self._unverified, {str(days): number for days, number in silent.items()})
        since = [one.pending_since for one in active if one.pending_since is not None]
        self._pending.set(_age(min(since, default=None), now))
        self._clock.set(max((abs(one.clock_offset or 0) for one in active), default=0) / 1000)


def _age(since: int | None, now: int) -> float:
    """Seconds since then; 0 where there is nothing."""
    return 0.0 if since is None else max(0, now - since) / 1000


def _put(gauge: Gauge, values: Mapping[str, float]) -> None:
    gauge.clear()
    for label, value in values.items():
        gauge.labels(label).set(value)


async def _count(tx: Tx, gauge: Gauge, column: Any, where: Any, always: Iterable[str] = ()) -> None:
    rows = await tx.execute(select(column, func.count()).where(where).group_by(column))
    _put(gauge, dict.fromkeys(always, 0) | {row[0]: row[1] for row in rows})
