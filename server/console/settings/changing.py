"""A change of the company's records by somebody who saw them as they were: what was changed meanwhile is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.own_acts import Asked, carry_out
from server.master.actors import Authority
from server.master.scoping import lock_scopes
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from server.values import Unfit
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import OutcomeCode

__all__ = ["Hand", "add", "change", "changed_meanwhile", "lock_company", "remove"]


class Hand(msgspec.Struct, frozen=True):
    """Somebody (`by`) changes something: in which transaction, with which clock and randomness."""

    tx: Tx
    sources: Sources
    by: UUID


async def lock_company(tx: Tx) -> None:
    """Let nobody else change the company's records until the commit: of two, the second reads what the first wrote."""
    await lock_scopes(tx, {scopes.COMPANY})


def changed_meanwhile(now_zh: str, now_en: str) -> Unfit:
    """What is told to whoever saw something older than what stands."""
    return Unfit(
        f"somebody changed this meanwhile: it is {now_en} now. Nothing was written; look at it and send your change "
        "again if it still holds",
        f"此项刚被他人修改，现为：{now_zh}。尚未写入，请核对后再次提交",
    )


async def add(hand: Hand, collection: str, fields: dict[str, Any]) -> frozenset[str]:
    """Add a record of the company's scope; the scopes that changed. Raises Refusal."""
    return await _carried_out(hand, [Asked(collection, fields, scope=scopes.COMPANY)])


async def change(hand: Hand, collection: str, record: UUID, seen: int, fields: dict[str, Any]) -> frozenset[str]:
    """Change a record that was seen in the revision `seen`; the scopes that changed, none where nothing is otherwise.

    Raises Unfit where it was changed since, Refusal where it is not there.
    """
    await lock_company(hand.tx)
    row = await _row(hand.tx, collection, record)
    if row.revision != seen:
        now = "，".join(str(getattr(row, name)) for name in fields)
        raise changed_meanwhile(now, now)
    fresh = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if not fresh:
        return frozenset()
    return await _carried_out(hand, [Asked(collection, fresh, record, Act.EDIT)])


async def remove(hand: Hand, collection: str, record: UUID) -> frozenset[str]:
    """Take a record away; the scopes that changed. Raises Refusal where it is not there."""
    await lock_company(hand.tx)
    await _row(hand.tx, collection, record)
    return await _carried_out(hand, [Asked(collection, {}, record, Act.REMOVE)])


async def _row(tx: Tx, collection: str, record: UUID) -> Any:
    table = TYPED[collection]
    row = (await tx.execute(select(table).where(table.c.id == record))).first()
    if row is None:
        raise Refusal("not_found", f"there is no {collection} {record} any more")
    return row


async def _carried_out(hand: Hand, asked: Sequence[Asked]) -> frozenset[str]:
    done = await carry_out(hand.tx, hand.sources, asked, by=hand.by, authority=Authority.MANAGER)
    for one in done.outcomes:
        if one.code is OutcomeCode.REFUSED:
            raise Refusal(one.reason, one.detail)
    return done.changed
