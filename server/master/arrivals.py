"""What has arrived and is still to be looked at by the rules of the business: kept in the transaction that brought it.

So no rule can miss a record, whether it came from a phone, from the quarantine or from the dealer's books, and none
makes anybody's operation fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    Row,
    SmallInteger,
    String,
    Table,
    bindparam,
    delete,
    select,
    update,
)

from server.master.plans import small
from server.master.store import Tx
from server.master.tables import METADATA
from sync.operations import Act

__all__ = ["MOST_TRIES", "Arrival", "arrivals", "is_any_waiting", "is_looked_at", "put_off", "seen", "waiting"]

MOST_TRIES = 5
"""So often a rule may fail on one arrival before it is left for a person."""

_ID = LargeBinary(16)
_SERIAL = BigInteger().with_variant(Integer, "sqlite")
_FROM_PHONES = frozenset(
    {"outlet", "contact", "photo", "visit", "sweep", "claim", "daily_report", "contact_report", "occasion"}
)
_FROM_ANYBODY = frozenset(
    {"order", "delivery", "payment", "verification", "credit_application", "practice", "contact_private"}
)

arrivals = Table(
    "arrivals",
    METADATA,
    Column("no", _SERIAL, primary_key=True, autoincrement=True),
    Column("record", _ID, nullable=False),
    Column("tag", SmallInteger, nullable=False),
    Column("act", String(8), nullable=False),
    Column("staff", _ID),
    Column("device", _ID),
    Column("happened", BigInteger, nullable=False),
    Column("earliest", BigInteger, nullable=False),
    Column("latest", BigInteger, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("due", BigInteger, nullable=False, default=0),
)


class Arrival(msgspec.Struct, frozen=True):
    """One record that came or changed; times in server milliseconds. It `happened` between `earliest` and `latest` as
    far as the clock proves, arrived `at`, and the phone's clock was `off` by so many milliseconds.
    """

    no: int
    record: UUID
    tag: int
    act: Act
    staff: UUID | None
    device: UUID | None
    happened: int
    earliest: int
    latest: int
    off: int
    at: int
    tries: int = 0


def is_looked_at(collection: str, *, from_phone: bool) -> bool:
    """Whether rules look at a record of a collection that arrives, from a phone or otherwise."""
    return collection in _FROM_ANYBODY or (from_phone and collection in _FROM_PHONES)


async def is_any_waiting(tx: Tx, now: int) -> bool:
    """Whether anything is to be looked at now."""
    return (await tx.execute(_ANY, {"now": now})).first() is not None


async def waiting(tx: Tx, now: int, most: int) -> list[Arrival]:
    """The oldest arrivals that are to be looked at now, locked: two lookers take turns."""
    rows = await tx.execute(select(arrivals).where(*_due(now)).order_by(arrivals.c.no).limit(most).with_for_update())
    return [_arrival(row) for row in rows]


def _due(now: int | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    return arrivals.c.tries < MOST_TRIES, arrivals.c.due <= now


_ANY = small(select(arrivals.c.no).where(*_due(bindparam("now", type_=BigInteger()))).limit(1))


def _arrival(row: Row[Any]) -> Arrival:
    return Arrival(
        row.no,
        UUID(bytes=bytes(row.record)),
        row.tag,
        Act(row.act),
        UUID(bytes=bytes(row.staff)) if row.staff else None,
        UUID(bytes=bytes(row.device)) if row.device else None,
        row.happened,
        row.earliest,
        row.latest,
        row.off,
        row.at,
        row.tries,
    )


async def seen(tx: Tx, looked_at: Iterable[Arrival]) -> None:
    """Take arrivals out that every rule has looked at."""
    await tx.execute(delete(arrivals).where(arrivals.c.no.in_([one.no for one in looked_at])))


async def put_off(tx: Tx, failed: Sequence[Arrival], until: int) -> None:
    """Leave arrivals on which a rule failed for another time."""
    those = arrivals.c.no.in_([one.no for one in failed])
    await tx.execute(update(arrivals).where(those).values(tries=arrivals.c.tries + 1, due=until))
