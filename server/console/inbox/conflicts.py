"""Conflicts: two wrote a field that matters at the same time; the value that lost can be taken all the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, desc, func, select

from server.console.inbox.afterwards import changes_of, notes_of
from server.console.inbox.parts import (
    Act,
    Beside,
    Came,
    Fact,
    Hand,
    Item,
    Kind,
    Line,
    Look,
    Place,
    after,
    as_id,
    to_outlet,
)
from server.console.inbox.sketch import sketch
from server.console.inbox.words import said
from server.console.rights import MANAGERS
from server.field import conflicts
from server.field.conflicts import OPEN, TAKEN, Conflict, waits
from server.identity.staff import Role
from server.master.store import Tx
from server.master.tables import conflicts as rows
from server.master.waiting import is_word
from sync.errors import Refusal
from sync.positions import Position

__all__ = ["CONFLICTS"]

KEY = "conflicts"


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(rows.c.at)).where(is_word(rows.c.state, OPEN), waits())


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    state = is_word(rows.c.state, OPEN) if look.is_open else rows.c.state != OPEN
    wanted = select(rows).where(state, waits(), after(look, rows.c.at, rows.c.id, bytes.fromhex))
    order = (rows.c.at, rows.c.id) if look.is_open else (desc(rows.c.at), desc(rows.c.id))
    found = (await tx.execute(wanted.order_by(*order).limit(look.limit))).all()
    return [_line(hand, one) for one in await conflicts.read(tx, found)]


def _line(hand: Hand, one: Conflict) -> Line:
    both = f"{_value(hand, one, one.won)} ⟷ {_value(hand, one, one.lost)}"
    told = f"{said.label(hand, one.collection, one.field)}{hand.colon}{both}"
    title = one.label or hand.say("档案已不存在", "The record has gone")
    ended = "" if one.state == OPEN else _how(hand, is_taken=one.state == TAKEN)
    return Line(KEY, f"{KEY}/{one.id}", Place(1, one.at, one.id.hex), title, told, staff=one.staff, ended=ended)


def _value(hand: Hand, one: Conflict, value: Any) -> str:
    return said(hand, one.field, value)


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    found = (await tx.execute(select(rows).where(rows.c.id == as_id(ref).bytes, waits()))).all()
    if not found:
        raise Refusal("not_found", "there is no such conflict")
    (one,) = await conflicts.read(tx, found)
    is_open = one.state == OPEN
    label = said.label(hand, one.collection, one.field)
    facts = [
        Fact(hand.say("档案", "Record"), f"{said.record(hand, one.collection)} {one.label}".strip()),
        Fact(hand.say("字段", "Field"), label),
        Fact(hand.say("现在的值", "What it is now"), _value(hand, one, one.now)),
    ]
    heads = (hand.say("生效的值", "The value that stands"), hand.say("未生效的值", "The value that lost"))
    beside = (Beside(label, _value(hand, one, one.won), _value(hand, one, one.lost), differs=True),)
    story = await changes_of(tx, hand, one.record, (one.field,))
    story += await notes_of(tx, one.id, set(conflicts.NOTES), lambda kind, _: _ended(hand, kind))
    links = (to_outlet(hand, one.record),) if one.collection == "outlet" else ()
    places = [(one.record, heads[0], _position(one.won)), (one.id, heads[1], _position(one.lost))]
    drawn = await sketch(tx, [each for each in places if each[2] is not None])
    acts = [Act("keep", hand.say("维持现在的值", "Leave it as it is"), "a", "main")]
    if one.collection:
        acts.append(Act("take", hand.say("改用未生效的值", "Take the value that lost"), "t"))
    shown, ordered = tuple(acts) if is_open else (), tuple(sorted(story, key=lambda step: step.at or 0))
    zh, en = "两人同时修改，较晚的生效。", "Two changed it at once, and the later stands."
    advice, line = hand.say(zh, en) if is_open else "", _line(hand, one)
    return Item(line, is_open, tuple(facts), heads, beside, drawn, shown, ordered, advice, links)


def _ended(hand: Hand, kind: str) -> str:
    how = _how(hand, is_taken=conflicts.NOTES[kind] == TAKEN)
    return hand.say(f"决定：{how}", f"decided: {how}")


def _how(hand: Hand, *, is_taken: bool) -> str:
    if is_taken:
        return hand.say("改用未生效的值", "the value that lost is taken")
    return hand.say("维持原结果", "left as it ended")


def _position(value: Any) -> Position | None:
    is_one = isinstance(value, dict) and {"lat", "lon"} <= value.keys()
    return Position(**value) if is_one else None


def _bulk(hand: Hand) -> tuple[Act, ...]:
    return (Act("keep", hand.say("所选维持现在的值", "Leave the chosen as they are"), "a", "main"),)


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    ids: list[UUID] = [as_id(one) for one in refs]
    if act == "take":
        done, changed = await hand.store.transact(_taking(hand, ids[0]))
        if not done:
            return Came("此前已有人决定。", "Somebody decided before.", is_done=False)
        return Came("已改用未生效的值。", "The value that lost is taken.", changed)

    async def keep(tx: Tx) -> int:
        return await conflicts.keep(tx, hand.sources, ids, hand.by)

    count = await hand.store.transact(keep)
    if not count:
        return Came("此前已有人决定。", "Somebody decided before.", is_done=False)
    return Came(f"{count} 项维持现在的值。", f"{count} left as they are.")


def _taking(hand: Hand, conflict: UUID) -> Any:
    async def take(tx: Tx) -> tuple[bool, frozenset[str]]:
        return await conflicts.take(tx, hand.sources, conflict, hand.by)

    return take


CONFLICTS = Kind(KEY, "冲突", "Conflicts", MANAGERS, MANAGERS, _counted, _lines, _item, _decide, _bulk)
