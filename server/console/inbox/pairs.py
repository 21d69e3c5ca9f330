"""Outlets that may be one: side by side, on a small map; merged, told apart, parted again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select

from server.console.inbox.afterwards import told_of
from server.console.inbox.parts import (
    Act,
    Ask,
    Beside,
    Came,
    Fact,
    Hand,
    Item,
    Kind,
    Line,
    Look,
    Place,
    Step,
    as_id,
    paged,
)
from server.console.inbox.pictures import pictures
from server.console.inbox.places import class_names, outlet_names, place_names
from server.console.inbox.sketch import place_of, sketch
from server.console.inbox.words import said
from server.console.rights import ARCHIVE
from server.field import merging, questions
from server.field.likeness import WHY
from server.field.questions import SAME_OUTLET
from server.field.side_by_side import Asked, Side, not_the_same, open_pairs, side_by_side
from server.field.side_by_side import Line as Compared
from server.identity import staff
from server.identity.staff import Role
from server.master import merges
from server.master.merges import Merge
from server.master.standing import survivors
from server.master.store import Tx
from server.master.tables import questions as asked_rows
from server.master.typed import TYPED
from sync.errors import Refusal

__all__ = ["PAIRS"]

KEY = "duplicates"
_OUTLETS = TYPED["outlet"]
_ALIKE = ("经核对为同一家", "Checked: it is the same shop")
_APART = ("经核对为两家", "Checked: they are two shops")


def _counted(_role: Role, _now: int) -> Select[Any, Any]:
    """The questions that are open; a few of them may be about outlets that were merged or refused since."""
    is_open = (asked_rows.c.state == "open") & (asked_rows.c.kind == SAME_OUTLET)
    return select(func.count(), func.min(asked_rows.c.at)).where(is_open)


def _ref(one: UUID, other: UUID) -> str:
    return f"{one}_{other}"


async def _lines(tx: Tx, hand: Hand, look: Look) -> list[Line]:
    if look.is_open:
        return paged((_open_line(hand, one) for one in await open_pairs(tx)), look)
    done = await merges.listed(tx, everything=True)
    apart = [one for one in await questions.listed(tx, state="not") if one.kind == SAME_OUTLET]
    ids = {each for one in done for each in (one.gone, one.survivor)} | {
        each for one in apart for each in (one.record, one.other)
    }
    names = await outlet_names(tx, ids)
    lines = [_merged_line(hand, one, names) for one in done]
    undone = {frozenset((one.gone, one.survivor)) for one in done}
    lines += [
        Line(
            KEY, f"{KEY}/{_ref(one.record, one.other)}", Place(1, one.at, one.record.hex + one.other.hex),
            _title(names, one.record, one.other), one.reason, ended=hand.say("不是同一家", "two shops"),
        )
        for one in apart
        if frozenset((one.record, one.other)) not in undone
    ]  # fmt: skip
    return paged(lines, look)


def _open_line(hand: Hand, one: Asked) -> Line:
    why = one.reason.partition(" / ")
    place = Place(1, one.at, one.one.hex + one.other.hex)
    title = f"{one.names[0]} ⟷ {one.names[1]}"
    return Line(KEY, f"{KEY}/{_ref(one.one, one.other)}", place, title, hand.say(why[0], why[2] or why[0]))


def _merged_line(hand: Hand, one: Merge, names: dict[UUID, str]) -> Line:
    ended = hand.say("已合并", "merged") if one.undone_at is None else hand.say("合并已撤销", "the merge was undone")
    at = one.at if one.undone_at is None else one.undone_at
    place = Place(1, at, one.gone.hex + one.survivor.hex)
    why = one.reason if one.undone_at is None else one.undone_reason or ""
    by = one.by if one.undone_at is None else one.undone_by
    return Line(
        KEY, f"{KEY}/{_ref(one.gone, one.survivor)}", place, _title(names, one.gone, one.survivor), why,
        ended=ended, by=by,
    )  # fmt: skip


def _title(names: dict[UUID, str], one: UUID, other: UUID) -> str:
    return f"{names.get(one, said.ref(one))} ⟷ {names.get(other, said.ref(other))}"


async def known_values(tx: Tx, hand: Hand, lines: Iterable[Compared]) -> dict[str, str]:
    """What stands for something else in these fields: classes by code, people by id."""
    people = {UUID(one) for line in lines if line.field == "registered_by" for one in (line.one, line.other) if one}
    named = {str(one): person.name for one, person in (await staff.find_all(tx, people)).items()}
    return named | await class_names(tx, hand)


def _both(ref: str) -> tuple[UUID, UUID]:
    one, _, other = ref.partition("_")
    return as_id(one), as_id(other)


async def _item(tx: Tx, hand: Hand, ref: str) -> Item:
    one, other = _both(ref)
    beside = await side_by_side(tx, one, other, hand.ground.region)
    done = [each for each in await merges.listed(tx, everything=True) if {each.gone, each.survivor} == {one, other}]
    standing = next((each for each in done if each.undone_at is None), None)
    asked = await _question(tx, one, other)
    ends = await survivors(tx)
    is_open = standing is None and one not in ends and other not in ends and (asked is None or asked.state == "open")
    names = {one: beside.one.name, other: beside.other.name}
    at = asked.at if asked is not None else 0
    line = Line(KEY, f"{KEY}/{ref}", Place(1, at, one.hex + other.hex), _title(names, one, other))
    known = await known_values(tx, hand, beside.lines)
    rows = [
        Beside(
            hand.say(each.zh or each.field, each.en or each.field),
            said(hand, each.field, each.one, known),
            said(hand, each.field, each.other, known),
            each.differs,
            each.field if each.differs and each.may_take else "",
        )
        for each in beside.lines
        if each.one not in (None, "", [], {}) or each.other not in (None, "", [], {})
    ]
    places = await place_names(tx, hand, [beside.one.scope, beside.other.scope])
    rows += _sides(hand, beside.one, beside.other, places)
    drawn = await sketch(tx, [(each, names[each], await place_of(tx, each)) for each in (one, other)])
    facts = []
    if beside.how is not None:
        facts.append(Fact(hand.say("为何相似", "Why it is asked"), hand.say(*WHY[beside.how.why])))
    if drawn is not None and drawn.apart is not None:
        facts.append(Fact(hand.say("相距", "Apart"), hand.say(f"{drawn.apart} 米", f"{drawn.apart} m")))
    takes = [row for row in rows if row.take]
    acts: tuple[Act, ...] = ()
    if is_open:
        acts = _acts(hand, takes, asked is not None)
    elif standing is not None:
        why = Ask("reason", hand.say("撤销原因", "Why it is undone"), "area", required=True)
        acts = (Act("part", hand.say("撤销合并", "Undo the merge"), "u", "bad", (why,)),)
    story = await _story(tx, hand, done, asked, (one, other))
    links = tuple(
        Fact(mark, hand.say(f"档案：{names[each]}", f"Outlet: {names[each]}"), f"/outlets/{each}")
        for mark, each in (("A", one), ("B", other))
    )
    heads = (f"A · {names[one]}", f"B · {names[other]}")
    photos = [
        msgspec.structs.replace(photo, caption=f"{mark} · {photo.caption}".strip(" ·"))
        for mark, each in (("A", one), ("B", other))
        for photo in (await pictures(tx, hand, each))[:3]
    ]
    return Item(line, is_open, tuple(facts), heads, tuple(rows), drawn, acts, story, links=links, photos=tuple(photos))


def _sides(hand: Hand, one: Side, other: Side, places: dict[str, str]) -> list[Beside]:
    people = tuple("、".join(each.contacts) or "—" for each in (one, other))
    last = tuple(f"{each.visits} · {hand.when(each.last_visit_at)}" for each in (one, other))
    return [
        Beside(hand.say("联系人", "Contacts"), people[0], people[1], people[0] != people[1]),
        Beside(hand.say("拜访次数和最近一次", "Visits, and the last one"), last[0], last[1], last[0] != last[1]),
        Beside(hand.say("所在", "Stands in"), places[one.scope], places[other.scope], one.scope != other.scope),
    ]


def _acts(hand: Hand, takes: list[Beside], is_asked: bool) -> tuple[Act, ...]:
    def merging_to(name: str, key: str, kept: str, gone: str, side: int) -> Act:
        theirs = [(row, row.other if side == 0 else row.one) for row in takes]
        values = [(row.take, f"{row.label}{hand.colon}{value}") for row, value in theirs if value != "—"]
        asks = [Ask("reason", hand.say("理由", "Reason"), value=hand.say(*_ALIKE), required=True)]
        if values:
            label = hand.say(
                f"从 {gone} 取用（不勾选则保留 {kept} 的值）", f"Take over from {gone} (else {kept}'s value stays)"
            )
            asks.append(Ask("take", label, "ticks", options=tuple(values)))
        label = hand.say(f"合并，保留 {kept}", f"Merge, {kept} stays")
        return Act(name, label, key, "main", tuple(asks))

    why = Ask("reason", hand.say("理由", "Reason"), value=hand.say(*_APART), required=True)
    acts = [
        merging_to("keep_one", "a", "A", "B", 0),
        merging_to("keep_other", "b", "B", "A", 1),
        Act("apart", hand.say("不是同一家", "They are two"), "x", "", (why,)),
    ]
    return tuple(acts if is_asked else acts[:2])


async def _question(tx: Tx, one: UUID, other: UUID) -> questions.Question | None:
    first, second = sorted((one.bytes, other.bytes))
    of = (asked_rows.c.record == first) & (asked_rows.c.other == second) & (asked_rows.c.kind == SAME_OUTLET)
    row = (await tx.execute(select(asked_rows).where(of))).one_or_none()
    if row is None:
        return None
    return questions.Question(UUID(bytes=bytes(row.id)), row.kind, one, other, row.at, row.reason, row.state)


async def _story(
    tx: Tx, hand: Hand, done: Sequence[Merge], asked: questions.Question | None, both: tuple[UUID, UUID]
) -> tuple[Step, ...]:
    steps = []
    if asked is not None:
        steps.append(Step(asked.at, hand.say("系统发现并提问", "seen and asked about")))
        if asked.state == "not" and not done:
            steps.append(Step(None, hand.say("已判断：不是同一家", "decided: they are two")))
    for one in done:
        steps.append(Step(one.at, hand.say(f"合并：{one.reason}", f"merged: {one.reason}"), one.by))
        if one.undone_at is not None:
            steps.append(
                Step(
                    one.undone_at,
                    hand.say(f"撤销合并：{one.undone_reason}", f"merge undone: {one.undone_reason}"),
                    one.undone_by,
                )
            )
    for each in both:
        steps += [step for step in await told_of(tx, hand, each) if done]
    return tuple(sorted(steps, key=lambda step: (step.at is None, step.at or 0)))


async def _decide(hand: Hand, refs: Sequence[str], act: str) -> Came:
    (ref,) = refs
    one, other = _both(ref)
    if act == "apart":

        async def apart(tx: Tx) -> bool:
            asked = await _question(tx, one, other)
            if asked is not None and asked.state != "open":
                return False
            await not_the_same(tx, hand.sources, one, other, reason=hand.reason, by=hand.by)
            return True

        if not await hand.store.transact(apart):
            return Came("此前已有人决定。", "Somebody decided before.", is_done=False)
        return Came("已记录：不是同一家，不再询问。", "Noted: they are two; nobody is asked again.")

    async def merge(tx: Tx) -> merging.Came:
        if act == "part":
            standing = {each.gone for each in await merges.listed(tx)} & {one, other}
            if not standing:
                raise Refusal("not_found", "these two are not merged")
            return await merging.undo(tx, hand.sources, standing.pop(), reason=hand.reason, by=hand.by)
        gone, into = (other, one) if act == "keep_one" else (one, other)
        taken = hand.fields.many("take")
        return await merging.merge(tx, hand.sources, gone, into, reason=hand.reason, by=hand.by, taken=taken)

    came = await hand.store.transact(merge)
    if act == "part":
        return Came("合并已撤销，两家各自恢复。", "The merge is undone: they are two outlets again.", came.changed)
    return Came("已合并，可随时撤销。", "Merged; it can be undone at any time.", came.changed)


PAIRS = Kind(KEY, "疑似重复", "Possible duplicates", ARCHIVE, ARCHIVE, _counted, _lines, _item, _decide)
