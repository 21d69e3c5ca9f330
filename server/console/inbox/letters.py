"""Refused work: what was wanted, why it was refused, mended and handed in again, or closed with a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, desc, func, select

from server.console.inbox.afterwards import told_of
from server.console.inbox.operations import fields_of, named_outlets, outlet_of
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
    Step,
    after,
    as_id,
    to_outlet,
)
from server.console.inbox.words import said
from server.console.rights import MANAGERS
from server.field import dead_letters
from server.field.dead_letters import DeadLetter
from server.identity.staff import Role
from server.master.store import Tx
from server.master.tables import dead_letters as rows
from server.master.typed import TYPED
from server.master.waiting import is_word
from sync.business.letters import CLOSED, DROPPED, MENDED, OPEN, REPLAYED
from sync.errors import Refusal, problem

__all__ = ["LETTERS"]

KEY = "letters"
_STATES = {
    REPLAYED: ("已重新提交", "handed in again"),
    CLOSED: ("已关闭", "closed"),
    MENDED: ("本人已修正", "mended by its person"),
    DROPPED: ("本人已放弃", "dropped by its person"),
}


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    return select(func.count(), func.min(rows.c.received_at)).where(is_word(rows.c.state, OPEN))


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    at = rows.c.received_at if look.is_open else func.coalesce(rows.c.closed_at, rows.c.received_at)
    state = is_word(rows.c.state, OPEN) if look.is_open else rows.c.state != OPEN
    wanted = select(rows, at.label("sorted_at")).where(state, after(look, at, rows.c.id, bytes.fromhex))
    order = (at, rows.c.id) if look.is_open else (desc(at), desc(rows.c.id))
    found = (await tx.execute(wanted.order_by(*order).limit(look.limit))).all()
    names = await named_outlets(tx, [dead_letters.read(row).operation for row in found])
    return [_line(hand, row, names) for row in found]


def _line(hand: Hand, row: Any, names: dict[UUID, str]) -> Line:
    letter = dead_letters.read(row)
    outlet = outlet_of(letter.operation)
    name = names.get(outlet) if outlet is not None else None
    typed = fields_of(letter.operation).get("name")
    title = " · ".join(
        filter(None, (said.operation(hand, letter.operation), name or (typed if isinstance(typed, str) else None)))
    )
    why = problem(letter.reason)
    ended = " ".join(filter(None, (hand.say(*_STATES[row.state]), row.closed_reason))) if row.state != OPEN else ""
    by = UUID(bytes=bytes(row.closed_by)) if row.closed_by else None
    at = row.received_at if row.state == OPEN else row.closed_at or row.received_at
    return Line(
        KEY, f"{KEY}/{letter.id}", Place(1, at, letter.id.hex), title, hand.say(why.zh, why.en),
        staff=letter.staff, ended=ended, by=by,
    )  # fmt: skip


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    meant = as_id(ref)
    row = (await tx.execute(select(rows).where(rows.c.id == meant.bytes))).one_or_none()
    if row is None:
        raise Refusal("not_found", "there is no such refused work")
    letter = dead_letters.read(row)
    line, why = _line(hand, row, await named_outlets(tx, [letter.operation])), problem(letter.reason)
    is_open = letter.state == OPEN
    collection = letter.operation.collection if letter.operation is not None else ""
    wanted = fields_of(letter.operation)
    facts = [Fact(hand.say("原因", "Why it was refused"), hand.say(why.zh, why.en))]
    if letter.detail:
        facts.append(Fact(hand.say("说明", "Detail"), letter.detail))
    facts.append(Fact(hand.say("发生", "It happened"), hand.when(letter.bounds.estimate)))
    facts.append(Fact(hand.say("收到", "Received"), hand.when(letter.received_at)))
    outlet = outlet_of(letter.operation)
    facts += [
        Fact(said.label(hand, collection, name), said(hand, name, value))
        for name, value in wanted.items()
        if name != "outlet"
    ]
    story = [Step(letter.received_at, hand.say(f"被拒绝：{why.zh}", f"refused: {why.en}"), letter.staff)]
    if not is_open:
        story.append(Step(row.closed_at, line.ended, line.by))
        story += await _outcome(tx, hand, letter)
    links = (to_outlet(hand, outlet),) if outlet is not None else ()
    acts = _acts(hand, letter, collection) if is_open else ()
    return Item(
        line, is_open, tuple(facts), acts=acts, story=tuple(story), advice=hand.say(why.todo_zh, why.todo), links=links
    )


async def _outcome(tx: Tx, hand: Hand, letter: DeadLetter) -> list[Step]:
    """What the person's phone was told of it."""
    table = TYPED["refused"]
    found = (await tx.execute(select(table.c.state).where(table.c.dead_letter == letter.id))).first()
    told = await told_of(tx, hand, letter.operation.record) if letter.operation is not None else []
    if found is not None:
        told.insert(
            0, Step(None, hand.say("手机下次同步时看到此结果", "the phone shows this result after its next sync"))
        )
    return told


def _acts(hand: Hand, letter: DeadLetter, collection: str) -> tuple[Act, ...]:
    why = Ask(
        "reason", hand.say("原因（本人会看到已关闭）", "Why (its person sees that it is closed)"), "area", required=True
    )
    close = Act("close", hand.say("关闭", "Close"), "c", "bad", (why,))
    if letter.operation is None or letter.staff is None:
        return (close,)
    note = hand.say(
        "原因已排除时：按原样、以本人名义再提交一次", "Where the cause is gone: as it was, in its person's name"
    )
    replay = Act("replay", hand.say("重新提交", "Hand in again"), "a", "main", note=note)
    asks = tuple(
        Ask(
            f"f_{name}",
            said.label(hand, collection, name),
            "number" if isinstance(value, int | float) else "text",
            str(value),
        )
        for name, value in _mendable(letter).items()
    )
    if not asks:
        return replay, close
    mend = Act(
        "mend",
        hand.say("修改后提交", "Mend and hand in"),
        "m",
        "",
        asks,
        hand.say(
            "以本人名义提交；改动记入日志", "It goes in under its person's name; what you change is in the journal"
        ),
    )
    return replay, mend, close


def _mendable(letter: DeadLetter) -> dict[str, Any]:
    """The fields that one line of text holds."""
    fields = fields_of(letter.operation)
    return {
        name: value
        for name, value in fields.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }


def _bulk(hand: Hand) -> tuple[Act, ...]:
    why = Ask("reason", hand.say("关闭的原因", "Why they are closed"))
    return (
        Act("replay", hand.say("重新提交所选", "Hand the chosen in again"), "a", "main"),
        Act("close", hand.say("关闭所选", "Close the chosen"), "", "bad", (why,)),
    )


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    zone, done, refused = hand.viewer.zone, 0, list[Refusal]()
    for one in refs:
        letter = as_id(one)
        try:
            if act == "close":
                await dead_letters.close(hand.store, hand.sources, letter, hand.reason, hand.by)
            else:
                await dead_letters.replay(
                    hand.store, hand.sources, letter, hand.by, zone, mended=await _mended(hand, letter, act)
                )
        except Refusal as refusal:
            if len(refs) == 1:
                raise
            refused.append(refusal)
        else:
            done += 1
    words = {
        "close": ("已关闭", "closed"),
        "replay": ("已重新提交", "handed in again"),
        "mend": ("已修改并提交", "mended and handed in"),
    }
    zh, en = words[act]
    reasons = {one.problem.code: one.problem for one in refused}.values()
    more_zh = f"{len(refused)} 条再次被拒：{'；'.join(one.zh for one in reasons)}" if refused else ""
    more_en = f" {len(refused)} refused again: {'; '.join(one.en for one in reasons)}" if refused else ""
    return Came(f"{zh} {done} 条。{more_zh}", f"{done} {en}.{more_en}", is_done=done > 0)


async def _mended(hand: Hand, letter: UUID, act: str) -> dict[str, Any]:
    """The fields that were typed otherwise than they came."""
    if act != "mend":
        return {}
    async with hand.store.read() as tx:
        before = _mendable(await dead_letters.find(tx, letter))
    found: dict[str, Any] = {}
    for name, value in before.items():
        typed = hand.fields.text(f"f_{name}")
        if f"f_{name}" in hand.fields.names() and typed != str(value):
            found[name] = _as(value, typed)
    return found


def _as(value: Any, typed: str) -> Any:
    """What was typed, as the kind of value that it takes the place of; as text where it is none, which is refused."""
    try:
        return type(value)(typed)
    except ValueError:
        return typed


LETTERS = Kind(KEY, "被拒绝的操作", "Refused work", MANAGERS, MANAGERS, _counted, _lines, _item, _decide, _bulk)
