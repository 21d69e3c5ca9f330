"""What went into the pools and out of them, week by week, as the journal's events beside each move say."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import and_, or_, select

from server.field.ground import Ground
from server.field.pool.stays import RULE
from server.field.purchases import Span
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, with_body
from server.master.typed import TYPED
from sync.records import ClaimState

__all__ = ["Week", "flow"]

_KINDS = ("pool_returned", "pool_restored", "pool_dealt", "pool_claimed", "pool_allotted")
_CLAIMS = TYPED["claim"]


class Week(msgspec.Struct, frozen=True):
    """The week that begins with `monday`: outlets that came back by the rule and by hand, of which the return was
    undone, and that went out by a deal, a claim or a manager's word; and the claims that did not win.
    """

    monday: date
    by_rule: int = 0
    by_hand: int = 0
    restored: int = 0
    dealt: int = 0
    claimed: int = 0
    allotted: int = 0
    lost: int = 0


async def flow(tx: Tx, span: Span, ground: Ground) -> list[Week]:
    """The weeks of a time, in order; a week at its edge counts the days that lie in it."""
    counted: dict[date, Counter[str]] = {}
    monday = _monday(span.first)
    while monday < span.until:
        counted[monday] = Counter()
        monday += timedelta(days=7)
    for at, kind, body in await _events(tx, span):
        counted[_monday(ground.day_of(at))][_name(kind, body)] += 1
    lost = select(_CLAIMS.c.at).where(
        _CLAIMS.c.at >= span.since_ms,
        _CLAIMS.c.at < span.until_ms,
        _CLAIMS.c.state.in_([ClaimState.LOST, ClaimState.REFUSED]),
    )
    for at in (await tx.execute(lost)).scalars():
        counted[_monday(ground.day_of(at))]["lost"] += 1
    return [Week(day, **by) for day, by in counted.items()]


async def _events(tx: Tx, span: Span) -> list[tuple[int, str, dict[str, Any]]]:
    """What the journal has of the pool's moves in this time. A body says its kind first, so that no other is read."""
    within = and_(journal.c.at >= span.since_ms, journal.c.at < span.until_ms, journal_bodies.c.at >= span.since_ms)
    begins = or_(*(_begins(kind) for kind in _KINDS))
    wanted = select(journal.c.at, journal_bodies.c.body).join(journal_bodies, with_body).where(within, begins)
    found = []
    for row in await tx.execute(wanted):
        kind, body, *_ = msgspec.msgpack.decode(bytes(row.body))
        found.append((row.at, kind, body))
    return found


def _begins(kind: str) -> Any:
    """The condition that a body is an event of this kind about a record: an array of three, the kind first."""
    head = b"\x93" + msgspec.msgpack.encode(kind)
    return and_(journal_bodies.c.body >= head, journal_bodies.c.body < head[:-1] + bytes([head[-1] + 1]))


def _name(kind: str, body: dict[str, Any]) -> str:
    if kind == "pool_returned":
        return "by_rule" if body.get("why") == RULE else "by_hand"
    return kind.removeprefix("pool_")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
