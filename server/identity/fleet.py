"""How the devices are, the worst first: what the store keeps of each, and what is wrong with it, in words.

Nothing of any customer: ids, times, counts and names of scopes. A device whose wipe is over is no part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from server.identity.devices import Device, listing, of_person
from server.master.departures import order_is_open, wipe_orders
from server.master.people import outboxes, tellings
from server.master.store import Tx
from server.master.tables import dead_letters
from sync.business.letters import OPEN
from sync.messages import Standing
from sync.versions import SCHEMA

__all__ = ["WORDS", "DeviceHealth", "Trouble", "health_of"]

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
UNVERIFIED_AFTER_MS = 3 * _DAY
PENDING_AFTER_MS = _DAY
CLOCK_MS = 5 * _MINUTE


class Trouble(StrEnum):
    """What is wrong with a device, the worst first."""

    APART = "apart"
    DIFFERING = "differing"
    DAMAGED = "damaged"
    SUSPENDED = "suspended"
    ORDER_OPEN = "order_open"
    UNVERIFIED = "unverified"
    PENDING_OLD = "pending_old"
    REFUSED = "refused"
    LAPSED = "lapsed"
    CLOCK_OFF = "clock_off"
    REBUILT = "rebuilt"
    SCHEMA_OLD = "schema_old"
    AWAITING = "awaiting"


WORDS: dict[Trouble, tuple[str, str]] = {
    Trouble.APART: ("与主库不一致", "its records differ from the master store's"),
    Trouble.DIFFERING: ("两次修复后仍不一致", "it says that two repairs did not help"),
    Trouble.DAMAGED: ("文件损坏", "it says that a file of it is damaged"),
    Trouble.SUSPENDED: ("已暂停", "it is suspended"),
    Trouble.ORDER_OPEN: ("擦除令未完成", "its wipe order has no final receipt"),
    Trouble.UNVERIFIED: ("三天以上未核对", "its records have not been seen to be right for three days"),
    Trouble.PENDING_OLD: ("有一天以上未上传的内容", "it has had work to send for a day"),
    Trouble.REFUSED: ("有被拒绝的操作", "work of it was refused and nobody has closed that"),
    Trouble.LAPSED: ("租约已过期", "its lease has lapsed"),
    Trouble.CLOCK_OFF: ("时钟偏差超过五分钟", "its clock is off by more than five minutes"),
    Trouble.REBUILT: ("曾因损坏重建副本", "it has built its replica anew after damage"),
    Trouble.SCHEMA_OLD: ("版本较旧", "it runs an older version"),
    Trouble.AWAITING: ("等待确认", "it waits for its six digits"),
}
"""Each trouble in Chinese and English."""


class DeviceHealth(msgspec.Struct, frozen=True):
    """One device. Times are server milliseconds, `clock_offset` is how many its clock is ahead.

    `verified_at` is when the store last saw that the device holds what it was given, `apart` the scopes in which it saw
    otherwise, `apart_since`. `says_verified_at`, `differing`, `damaged`, `rebuilt`, `sdk`, `protocol`, `schema`,
    `pending` are the device's word. `pending_since` is when it first told of the oldest work that has not come;
    `refused` counts open dead letters, `order` is how far its wipe order is.
    """

    device: UUID
    staff: UUID
    standing: Standing
    troubles: tuple[Trouble, ...]
    last_contact: int | None
    verified_at: int | None
    apart: tuple[str, ...]
    apart_since: int | None
    says_verified_at: int | None
    differing: tuple[str, ...]
    damaged: tuple[str, ...]
    rebuilt: int
    pending: int
    pending_since: int | None
    refused: int
    clock_offset: int | None
    sdk: str
    protocol: int | None
    schema: int | None
    lease_locks_at: int | None
    order: str | None
    enrolled_at: int

    def unverified_ms(self, now: int) -> int:
        """How long its records have not been seen to be right."""
        return now - (self.verified_at or self.enrolled_at)


async def health_of(tx: Tx, now: int, person: UUID | None = None) -> list[DeviceHealth]:
    """Every device (of one person, where one is named) at server time `now`, the worst first; of those that are equally
    well the longest silent.
    """
    refused = await _by_device(tx, select(dead_letters.c.device, func.count()), dead_letters.c.state == OPEN)
    joined = select(outboxes.c.device, func.min(tellings.c.at)).join(outboxes, outboxes.c.id == tellings.c.outbox)
    since = await _by_device(tx, joined, tellings.c.number > outboxes.c.acknowledged)
    orders = await _by_device(tx, select(wipe_orders.c.device, func.min(wipe_orders.c.state)), order_is_open)
    found = [
        _told(one, refused.get(one.id.bytes, 0), since.get(one.id.bytes), orders.get(one.id.bytes), now)
        for one in (await listing(tx) if person is None else await of_person(tx, person))
        if one.standing is not Standing.DEPARTED or one.id.bytes in orders
    ]
    return sorted(found, key=_rank)


async def _by_device(tx: Tx, columns: Any, where: Any) -> dict[bytes, Any]:
    """One value for each device."""
    key = columns.selected_columns[0]
    rows = await tx.execute(columns.where(where, key.is_not(None)).group_by(key))
    return {bytes(device): value for device, value in rows}


def _told(one: Device, refused: int, since: int | None, order: str | None, now: int) -> DeviceHealth:
    told = DeviceHealth(
        device=one.id,
        staff=one.staff,
        standing=one.standing,
        troubles=(),
        last_contact=one.last_contact,
        verified_at=one.verified_at,
        apart=_names(one.apart),
        apart_since=one.apart_since,
        says_verified_at=one.said_verified_at or None,
        differing=_names(one.differing),
        damaged=_names(one.damaged),
        rebuilt=one.rebuilt or 0,
        pending=one.pending or 0,
        pending_since=since,
        refused=refused,
        clock_offset=one.clock_offset,
        sdk=one.sdk or "",
        protocol=one.protocol,
        schema=one.schema,
        lease_locks_at=one.lease_locks_at,
        order=order,
        enrolled_at=one.confirmed_at or one.enrolled_at,
    )
    wrong = tuple(trouble for trouble in Trouble if _IS[trouble](told, now))
    return msgspec.structs.replace(told, troubles=wrong)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split())


def _is_active(one: DeviceHealth) -> bool:
    return one.standing is Standing.ACTIVE


_IS: dict[Trouble, Callable[[DeviceHealth, int], bool]] = {
    Trouble.APART: lambda one, _: bool(one.apart),
    Trouble.DIFFERING: lambda one, _: bool(one.differing),
    Trouble.DAMAGED: lambda one, _: bool(one.damaged),
    Trouble.SUSPENDED: lambda one, _: one.standing is Standing.SUSPENDED,
    Trouble.ORDER_OPEN: lambda one, _: one.order is not None,
    Trouble.UNVERIFIED: lambda one, now: _is_active(one) and one.unverified_ms(now) > UNVERIFIED_AFTER_MS,
    Trouble.PENDING_OLD: lambda one, now: one.pending_since is not None and now - one.pending_since > PENDING_AFTER_MS,
    Trouble.REFUSED: lambda one, _: one.refused > 0,
    Trouble.LAPSED: lambda one, now: _is_active(one) and one.lease_locks_at is not None and now >= one.lease_locks_at,
    Trouble.CLOCK_OFF: lambda one, _: abs(one.clock_offset or 0) > CLOCK_MS,
    Trouble.REBUILT: lambda one, _: one.rebuilt > 0,
    Trouble.SCHEMA_OLD: lambda one, _: one.schema is not None and one.schema < SCHEMA,
    Trouble.AWAITING: lambda one, _: one.standing is Standing.AWAITING,
}


def _rank(one: DeviceHealth) -> tuple[Any, ...]:
    order = list(Trouble)
    worst = min((order.index(trouble) for trouble in one.troubles), default=len(order))
    return worst, -len(one.troubles), one.last_contact or 0, one.device.bytes
