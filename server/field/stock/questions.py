"""The questions about stock as they are kept: each asked once, taken back where later records explain it, answered by a
manager with a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, update

from server.field.ground import Ground, Work
from server.field.owners import shops
from server.field.stock.found import FELL, Question, found_in
from server.field.stock.reading import read_material
from server.identity import staff
from server.master.actors import Authority
from server.master.journal import Note, note
from server.master.standing import survivors
from server.master.store import Tx
from server.master.trade import stock_questions
from server.master.upserts import insert_new
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.policies.trade import FALL_DAYS
from sync.scopes import COMPANY

__all__ = ["ANSWERED", "EXPLAINED", "OPEN", "Asked", "answer", "ask", "listed", "look_into"]

OPEN, ANSWERED, EXPLAINED = "open", "answered", "explained"
_WAIT = timedelta(days=2)
"""What happened is asked about two days later: what is recorded a day late is there then."""
_OF = stock_questions


class Asked(msgspec.Struct, frozen=True):
    """A question as it is kept; `asked_at` and `answered_at` in server milliseconds."""

    id: UUID
    question: Question
    state: str
    asked_at: int
    answer: str | None = None
    answered_at: int | None = None
    answered_by: UUID | None = None


async def look_into(tx: Tx, ground: Ground) -> Work:
    """Every day: read what there is, which takes a while; what is to be written of it: ask what is new, take back what
    is explained. It changes no scope.
    """
    last = ground.today - _WAIT
    material = await read_material(tx, ground, last)
    into = await survivors(tx)
    kept = [_of_survivor(one, into) for one in await _kept(tx, material.first)]
    falls = {one.question.day for one in kept if one.question.kind == FELL and one.state == OPEN}
    before = material.first + timedelta(days=2 * ground.policies.of(FALL_DAYS) - 1)
    days = {last, *(day for day in falls if before <= day < last)}
    found = {one.key: one for one in found_in(material, ground.policies, await shops(tx), sorted(days))}
    explained = [one for one in kept if _is_explained(one, found, material.first)]
    quiet = timedelta(days=2 * ground.policies.of(FALL_DAYS))
    fell = {(one.question.outlet, one.question.day) for one in kept if one.question.kind == FELL}
    recent = {outlet for outlet, day in fell if day > last - quiet}
    known = {one.question.key for one in kept}
    fresh = [one for key, one in found.items() if key not in known and not _is_repeated(one, recent, last)]
    settled = {one.question.key for one in kept if one.state != EXPLAINED}
    again = {one.question.key: one.id for one in kept if one.question.key in found.keys() - settled}

    async def write(tx: Tx) -> frozenset[str]:
        await _take_back(tx, explained, ground)
        await _keep(tx, fresh, ground)
        await _ask_again(tx, [(id_, found[key]) for key, id_ in again.items()])
        return frozenset()

    return write


async def ask(tx: Tx, ground: Ground) -> None:
    """The same in one transaction."""
    await (await look_into(tx, ground))(tx)


def _of_survivor(one: Asked, into: Mapping[UUID, UUID]) -> Asked:
    """A question as if it had been asked of the outlet that stands for the one that it names."""
    question = one.question
    stands = into.get(question.outlet, question.outlet)
    key = question.key.replace(str(question.outlet), str(stands))
    return msgspec.structs.replace(one, question=msgspec.structs.replace(question, outlet=stands, key=key))


def _is_explained(one: Asked, found: dict[str, Question], first: date) -> bool:
    return one.state == OPEN and one.question.since >= first and one.question.key not in found


def _is_repeated(one: Question, recent: set[UUID], last: date) -> bool:
    """A fall is asked about as of the last day alone, and not again so soon."""
    return one.kind == FELL and (one.outlet in recent or one.day != last)


async def _kept(tx: Tx, since: date) -> list[Asked]:
    """The questions about days since then."""
    return [_asked(row) for row in await tx.execute(select(_OF).where(_OF.c.day >= since.isoformat()))]


async def _keep(tx: Tx, found: Iterable[Question], ground: Ground) -> None:
    now = ground.sources.now()
    rows = [
        {
            "key": one.key, "id": ground.sources.new_id().bytes, "kind": one.kind, "outlet": one.outlet.bytes,
            "day": one.day.isoformat(), "body": encode(one), "state": OPEN, "asked_at": now,
        }
        for one in found
    ]  # fmt: skip
    await insert_new(tx, _OF, rows)


async def _take_back(tx: Tx, explained: Iterable[Asked], ground: Ground) -> None:
    ids = [one.id.bytes for one in explained]
    if ids:
        values = {"state": EXPLAINED, "answered_at": ground.sources.now()}
        await tx.execute(update(_OF).where(_OF.c.id.in_(ids), _OF.c.state == OPEN).values(values))


async def _ask_again(tx: Tx, found: Iterable[tuple[UUID, Question]]) -> None:
    """What was explained and is not any more, as where a delivery was taken back, is open again."""
    for id_, one in found:
        again = update(_OF).where(_OF.c.id == id_.bytes, _OF.c.state == EXPLAINED)
        await tx.execute(again.values(state=OPEN, body=encode(one), answered_at=None))


def _asked(row: Row[Any]) -> Asked:
    return Asked(
        UUID(bytes=bytes(row.id)), decode(bytes(row.body), Question), row.state, row.asked_at, row.answer,
        row.answered_at, UUID(bytes=bytes(row.answered_by)) if row.answered_by else None,
    )  # fmt: skip


async def listed(
    tx: Tx, *, everything: bool = False, outlet: UUID | None = None, person: UUID | None = None,
    territory: UUID | None = None, day: date | None = None,
) -> list[Asked]:  # fmt: skip
    """Questions that are open, or all of them, in the order of their days: of an outlet, of a person, of a territory,
    about one day.
    """
    wanted = select(_OF).order_by(_OF.c.day, _OF.c.key)
    if not everything:
        wanted = wanted.where(_OF.c.state == OPEN)
    if day is not None:
        wanted = wanted.where(_OF.c.day == day.isoformat())
    into = await survivors(tx)
    found = [_asked(row) for row in await tx.execute(wanted)]
    if outlet is not None:
        root = into.get(outlet, outlet)
        found = [one for one in found if into.get(one.question.outlet, one.question.outlet) == root]
    if person is not None:
        found = [one for one in found if person in one.question.people]
    if territory is not None:
        there = {one.id for one in (await shops(tx)).values() if one.territory == territory}
        found = [one for one in found if one.question.outlet in there]
    return found


async def answer(tx: Tx, question: UUID, text: str, ground: Ground, *, by: UUID) -> None:
    """Answer an open question; it stays in the list of all, with the answer. Raises Refusal."""
    if (await staff.lock_active(tx, by)).role.authority is not Authority.MANAGER:
        raise Refusal("not_yours", "questions about stock are a manager's to answer")
    if not text.strip():
        raise Refusal("bad_value", "an answer takes a word")
    now = ground.sources.now()
    values = {"state": ANSWERED, "answer": text.strip(), "answered_at": now, "answered_by": by.bytes}
    changed = await tx.execute(update(_OF).where(_OF.c.id == question.bytes, _OF.c.state == OPEN).values(values))
    if not changed.rowcount:
        raise Refusal("not_found", f"there is no open question {question}")
    body = {"question": question.bytes, "answer": text.strip(), "by": by}
    await note(tx, [Note(COMPANY, "stock_answered", body)], now, ground.sources.random)
