"""Messages on their way out: kept with the matter that they are about, tried until they are sent, never lost.

One that has not got out yet takes the newest words of its matter, so that a server that was unreachable for a week is
told once. What was sent stays on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, insert, select, update

from server.departure.channels import Channel, Message, NotSent
from server.master.departures import reminders
from server.master.inbox import Item
from server.master.store import Store, Tx
from server.ports import Sources

__all__ = ["Reminder", "listed", "send_due", "send_out"]

_FIRST_PAUSE_MS = 30_000
_LONGEST_PAUSE_MS = 3_600_000
_CLAIMED_MS = 60_000
"""While one process tries a message, no other does."""
_AT_ONCE = 50


class Reminder(msgspec.Struct, frozen=True):
    """One message by one channel; times in server milliseconds. `error` is why the last try failed."""

    channel: str
    message: Message
    tries: int
    next_at: int
    sent_at: int | None
    error: str


async def send_out(tx: Tx, item: Item, channels: Iterable[str], sources: Sources) -> None:
    """Have a matter told by these channels, in the transaction that brought it up."""
    matter, now = item.matter, sources.now()
    for channel in channels:
        words = {"en": matter.en, "zh": matter.zh, "at": now, "times": item.times}
        mine = (reminders.c.kind == matter.kind) & (reminders.c.about == matter.about.bytes)
        waits = mine & (reminders.c.channel == channel) & reminders.c.sent_at.is_(None)
        if (await tx.execute(update(reminders).where(waits).values(words))).rowcount:
            continue
        fresh = {
            "id": sources.new_id().bytes,
            "channel": channel,
            "kind": matter.kind,
            "about": matter.about.bytes,
            "staff": matter.staff.bytes if matter.staff else None,
            "tries": 0,
            "next_at": now,
            "error": "",
        }
        await tx.execute(insert(reminders).values(fresh | words))


async def send_due(store: Store, channels: Mapping[str, Channel], sources: Sources) -> int:
    """Try every message that is due, each once; how many got out. Each may take its channel's time."""
    async with store.read() as tx:
        is_due = reminders.c.sent_at.is_(None) & (reminders.c.next_at <= sources.now())
        wanted = select(reminders).where(is_due, reminders.c.channel.in_(list(channels)))
        due = (await tx.execute(wanted.order_by(reminders.c.next_at).limit(_AT_ONCE))).all()
    return sum([await _try(store, channels, row, sources) for row in due])


async def _try(store: Store, channels: Mapping[str, Channel], row: Row[Any], sources: Sources) -> bool:
    claimed = await store.transact(partial(_claim, row=row, now=sources.now()))
    if claimed is None:
        return False
    error = ""
    try:
        await channels[claimed.channel].send(_message(claimed))
    except NotSent as failed:
        error = str(failed)
    now, tries = sources.now(), claimed.tries + 1
    pause = min(_FIRST_PAUSE_MS << min(claimed.tries, 20), _LONGEST_PAUSE_MS)
    values = {"tries": tries, "error": error, "next_at": now + pause, "sent_at": None if error else now}
    await store.transact(partial(_settle, row=claimed, values=values))
    return not error


async def _claim(tx: Tx, row: Row[Any], now: int) -> Any:
    """Take a message for this process, with its newest words; None where another one has it."""
    still = (reminders.c.id == row.id) & (reminders.c.next_at == row.next_at) & reminders.c.sent_at.is_(None)
    claim = update(reminders).where(still).values(next_at=now + _CLAIMED_MS)
    return (await tx.execute(claim.returning(reminders))).one_or_none()


async def _settle(tx: Tx, row: Any, values: dict[str, Any]) -> None:
    """Note what came of it. Newer words that came meanwhile have yet to be told."""
    tried = (reminders.c.id == row.id) & (reminders.c.times == row.times)
    await tx.execute(update(reminders).where(tried).values(values))


def _message(row: Any) -> Message:
    person = UUID(bytes=bytes(row.staff)) if row.staff else None
    name, about = UUID(bytes=bytes(row.id)), UUID(bytes=bytes(row.about))
    return Message(name, row.kind, about, person, row.at, row.times, row.en, row.zh)


async def listed(tx: Tx, *, waiting_only: bool = False) -> list[Reminder]:
    """The messages, the oldest first."""
    wanted = select(reminders)
    if waiting_only:
        wanted = wanted.where(reminders.c.sent_at.is_(None))
    rows = await tx.execute(wanted.order_by(reminders.c.at, reminders.c.id))
    return [Reminder(one.channel, _message(one), one.tries, one.next_at, one.sent_at, one.error) for one in rows]
