"""Anchors: somebody outside the company attests when a checkpoint existed, so that not even the holder of all keys can
write the past anew.

An anchor stands beside its checkpoint. Nothing waits for one: what could not be had now is asked for again. Since each
checkpoint names the one before it, an anchor under the newest holds all before it too.
"""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text, insert, select

from server.master.checkpoints import checkpoints
from server.master.flaws import Flaws
from server.master.store import Store, Tx
from server.master.tables import METADATA
from server.master.turns import one_at_a_time

__all__ = ["Anchor", "AnchorError", "anchor_newest", "anchors", "check_anchors"]

_CHECKPOINT = ForeignKey("checkpoints.number", name="fk_anchors_number_checkpoints")

anchors = Table(
    "anchors",
    METADATA,
    Column("number", BigInteger, _CHECKPOINT, primary_key=True, autoincrement=False),
    Column("authority", Text, nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""`token` is what the authority answered, whole; `at` the time that it attests, in milliseconds."""


class AnchorError(Exception):
    """Raised where an authority gives no token, or a token does not fit. `code` is stable: unreachable, refused,
    not_fitting.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Anchor(Protocol):
    """An authority that attests times."""

    @property
    def name(self) -> str:
        """What it is called in the store: its address."""

    async def stamp(self, body: bytes) -> bytes:
        """A token for a checkpoint's body, checked. Raises AnchorError."""

    def check(self, body: bytes, token: bytes) -> int:
        """When `body` existed by the token's word, in milliseconds. Raises AnchorError where it does not fit."""


async def anchor_newest(store: Store, anchor: Anchor) -> int | None:
    """Have the newest checkpoint attested if it is not; its number, or None. Raises AnchorError."""
    async with store.read() as tx:
        row = await _newest_bare(tx)
    if row is None:
        return None
    body = bytes(row.body)
    token = await anchor.stamp(body)
    values = {"number": row.number, "authority": anchor.name, "token": token, "at": anchor.check(body, token)}

    async def keep(tx: Tx) -> None:
        held = select(anchors.c.number).where(anchors.c.number == row.number)
        await one_at_a_time(tx)
        if (await tx.execute(held)).first() is None:
            await tx.execute(insert(anchors).values(values))

    await store.transact(keep)
    return int(row.number)


async def _newest_bare(tx: Tx) -> Any:
    """The newest checkpoint, if it has no anchor."""
    joined = checkpoints.outerjoin(anchors, anchors.c.number == checkpoints.c.number)
    wanted = select(checkpoints.c.number, checkpoints.c.body, anchors.c.token).select_from(joined)
    row = (await tx.execute(wanted.order_by(checkpoints.c.number.desc()).limit(1))).first()
    return row if row is not None and row.token is None else None


async def check_anchors(tx: Tx, anchor: Anchor, flaws: Flaws) -> int:
    """Hold every token against its checkpoint; how many there are."""
    joined = anchors.outerjoin(checkpoints, anchors.c.number == checkpoints.c.number)
    wanted = select(anchors.c.number, anchors.c.token, anchors.c.at, checkpoints.c.body).select_from(joined)
    count = 0
    for row in (await tx.execute(wanted.order_by(anchors.c.number))).all():
        count += 1
        try:
            is_sound = row.body is not None and anchor.check(bytes(row.body), bytes(row.token)) == row.at
        except AnchorError:
            is_sound = False
        if not is_sound:
            flaws.add("anchor_altered", "", row.number)
    return count
