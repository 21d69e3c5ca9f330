"""What is kept of a contact: when, what the device said of itself, and what its digests showed.

One row is written, and only where something is new or ten minutes have passed: a request that brings nothing and is
given nothing writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import update

from server.identity.devices import Device
from server.master import people
from server.master.store import Tx
from sync.messages import SyncRequest

__all__ = ["EVERY_MS", "Seen", "heard", "is_news"]

EVERY_MS = 600_000
"""A contact with nothing new is noted when the one before is this old."""
_MOST = 1 << 53
_MOST_NAMES = 100
_MOST_WORDS = 10_000


class Seen(msgspec.Struct, frozen=True):
    """What the digests of a request showed against the store.

    `is_equal` is set where the device told exactly what it was given at its last checkpoint, or what there is now;
    `apart` are scopes that it has whole and different. `sum` stands for the checkpoint that the answer is, or None.
    """

    is_equal: bool = False
    apart: tuple[str, ...] = ()
    sum: bytes | None = None


def is_news(device: Device, request: SyncRequest, seen: Seen, now: int) -> bool:
    """Whether the contact is to be noted, whatever else the answer does."""
    if device.last_contact is None or now - device.last_contact > EVERY_MS:
        return True
    verified = device.verified_at or device.confirmed_at or device.enrolled_at
    if seen.is_equal and now - verified > EVERY_MS:
        return True
    said = _said(request)
    return any(getattr(device, name) != value for name, value in (said | _apart(device, seen, now)).items())


async def heard(tx: Tx, device: Device, request: SyncRequest, now: int, seen: Seen) -> None:
    """Keep a contact at server time `now`."""
    offset = request.moment.claimed - now
    values = _said(request) | {"last_contact": now, "clock_offset": max(-_MOST, min(offset, _MOST))}
    values |= _apart(device, seen, now)
    if request.condition is not None:
        values["said_verified_at"] = request.condition.verified_at
    if seen.is_equal:
        values["verified_at"] = now
    if seen.sum is not None:
        values["checkpoint_sum"] = seen.sum
    await tx.execute(update(people.devices).where(people.devices.c.id == device.id.bytes).values(values))


def _said(request: SyncRequest) -> dict[str, Any]:
    """What the device says of itself that changes seldom, by column."""
    told, condition = request.outbox, request.condition
    left = told.last - told.acknowledged - len(request.operations) if told is not None else 0
    said: dict[str, Any] = {
        "protocol": request.protocol,
        "schema": request.schema,
        "pending": max(0, min(left, _MOST)),
    }
    if condition is not None:
        said |= {
            "sdk": _word(condition.sdk),
            "differing": _listed(condition.differing),
            "damaged": _listed(condition.damaged),
            "rebuilt": condition.rebuilt,
        }
    return said


def _apart(device: Device, seen: Seen, now: int) -> dict[str, Any]:
    """Scopes that are apart, and since when; what nobody could compare stays as it was found last."""
    if not seen.is_equal and not seen.apart:
        return {}
    since = device.apart_since if device.apart_since is not None else now
    return {"apart": _listed(seen.apart) or None, "apart_since": since if seen.apart else None}


def _listed(names: Iterable[str]) -> str:
    return " ".join(filter(None, map(_word, sorted(names)[:_MOST_NAMES])))


@lru_cache(_MOST_WORDS)
def _word(text: str) -> str:
    """A name as it may stand in a list and in any store."""
    return "".join(one for one in text if one.isprintable() and not one.isspace())
