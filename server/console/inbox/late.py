"""Late visits: made before or after the pool's rule took the outlet away, nobody knows; a manager says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from server.console.inbox.matters import settled_steps
from server.console.inbox.parts import (
    Act,
    Ask,
    Came,
    Fact,
    Hand,
    Item,
    Kind,
    Line,
    Look,
    Place,
    as_id,
    paged,
    to_outlet,
)
from server.console.inbox.places import outlet_names
from server.console.rights import MANAGERS
from server.field.pool import late
from server.field.pool.late import KIND
from server.identity.staff import Role
from server.master.inbox import inbox
from server.master.store import Tx
from server.master.typed import TYPED
from sync.errors import Refusal

__all__ = ["LATE_VISITS"]

KEY = "late"
_OUTLETS = TYPED["outlet"]


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(inbox.c.first_at)).where(inbox.c.settled_at.is_(None), inbox.c.kind == KIND)


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    settled = inbox.c.settled_at.is_(None) if look.is_open else inbox.c.settled_at.is_not(None)
    rows = (await tx.execute(select(inbox).where(inbox.c.kind == KIND, settled))).all()
    names = await outlet_names(tx, [UUID(bytes=bytes(row.about)) for row in rows])
    return paged((_line(hand, row, names) for row in rows), look)


def _line(hand: Hand, row: Row[Any], names: dict[UUID, str]) -> Line:
    one, about = UUID(bytes=bytes(row.id)), UUID(bytes=bytes(row.about))
    told = hand.say(
        "退回公海前后的拜访，时间无法证明", "A visit around its return to the pool: which came first is not proved"
    )
    person = UUID(bytes=bytes(row.staff)) if row.staff else None
    by = UUID(bytes=bytes(row.settled_by)) if row.settled_by else None
    place = Place(1, row.settled_at or row.first_at, one.hex)
    return Line(
        KEY, f"{KEY}/{one}", place, names.get(about, "—"), told, staff=person, ended=row.settled_as or "", by=by
    )


async def _row(tx: Tx, ref: str) -> Row[Any]:
    row = (await tx.execute(select(inbox).where(inbox.c.id == as_id(ref).bytes, inbox.c.kind == KIND))).one_or_none()
    if row is None:
        raise Refusal("not_found", "there is no such item")
    return row


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    row = await _row(tx, ref)
    about, is_open = UUID(bytes=bytes(row.about)), row.settled_at is None
    why = Ask("reason", hand.say("理由", "Reason"), "area", required=True)
    accept_note = hand.say(
        "撤销退回，并采纳随之未入库的内容", "The return is undone, and what waits with it is taken in"
    )
    acts = (
        Act("accept", hand.say("采纳拜访", "Accept the visit"), "a", "main", note=accept_note),
        Act("refuse", hand.say("终端留在公海", "Leave it in the pool"), "r", "", (why,)),
    )
    facts = (Fact(hand.say("事项", "Matter"), _line(hand, row, {}).said),)
    links = (
        to_outlet(hand, about),
        Fact("", hand.say("公海历史", "Its history in the pool"), f"/pool/history/{about}"),
    )
    line = _line(hand, row, await outlet_names(tx, [about]))
    return Item(line, is_open, facts, acts=acts if is_open else (), story=tuple(settled_steps(hand, row)), links=links)


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    (ref,) = refs
    async with hand.store.read() as tx:
        row = await _row(tx, ref)
    if row.settled_at is not None:
        return Came("此前已有人决定。", "Somebody decided before.", is_done=False)
    outlet = UUID(bytes=bytes(row.about))
    if act == "accept":
        came = await late.accept_late(hand.store, hand.sources, outlet, hand.by, hand.viewer.zone)
        zh, en = late.said_of(came.taken)
        again_zh = f"；{len(came.refused)} 条再次被拒" if came.refused else ""
        again_en = f"; {len(came.refused)} refused again" if came.refused else ""
        told = f"退回已撤销，已采纳：{zh or '—'}{again_zh}。", f"The return is undone; taken in: {en or '—'}{again_en}."
        return Came(*told, came.changed)

    async def refuse(tx: Tx) -> bool:
        return await late.refuse_late(tx, hand.sources, outlet, hand.reason, hand.by)

    if not await hand.store.transact(refuse):
        return Came("此前已有人决定。", "Somebody decided before.", is_done=False)
    return Came("终端留在公海。", "It stays in the pool.")


LATE_VISITS = Kind(KEY, "迟到的拜访", "Late visits", MANAGERS, MANAGERS, _counted, _lines, _item, _decide)
