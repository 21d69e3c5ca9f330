"""Two outlets that may be one, side by side for whoever decides: fields, people, visits, distance, and why it is asked.

A question about an outlet that was merged since is one about its survivor; one about two that are one already is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, select

from server.field import questions
from server.field.duplicates import how_alike
from server.field.likeness import Alike
from server.field.merging import CHOICES
from server.field.questions import SAME_OUTLET
from server.master.decoys import no_decoys
from server.master.journal import Note, note
from server.master.scoping import names
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync.codec import plain
from sync.errors import Refusal
from sync.records import COLLECTIONS, Review
from sync.scopes import COMPANY

__all__ = ["Asked", "Beside", "Line", "Side", "in_question", "not_the_same", "open_pairs", "side_by_side"]

_OUTLETS, _CONTACTS, _VISITS = TYPED["outlet"], TYPED["contact"], TYPED["visit"]


class Asked(msgspec.Struct, frozen=True):
    """One open question: two outlets by id and name, since when (server milliseconds), and why, in both languages."""

    one: UUID
    other: UUID
    names: tuple[str, str]
    at: int
    reason: str


class Line(msgspec.Struct, frozen=True):
    """One field with what each of the two has; `may_take` says that the manager may choose whose the survivor keeps."""

    field: str
    zh: str
    en: str
    one: Any
    other: Any
    may_take: bool

    @property
    def differs(self) -> bool:
        """Whether they say different things."""
        return bool(self.one != self.other)


class Side(msgspec.Struct, frozen=True):
    """What stands at one of the two: its scope's name, its people, its visits and when the last one was."""

    outlet: UUID
    name: str
    scope: str
    contacts: tuple[str, ...]
    visits: int
    last_visit_at: int | None


class Beside(msgspec.Struct, frozen=True):
    """Two outlets side by side. `how` says in what they are alike; None where nobody would ask."""

    one: Side
    other: Side
    lines: tuple[Line, ...]
    how: Alike | None


async def open_pairs(tx: Tx) -> list[Asked]:
    """The pairs that wait for an answer, the oldest first. What the review refused is none, as long as it is."""
    ends = await survivors(tx)
    found: dict[frozenset[UUID], tuple[UUID, UUID, int, str]] = {}
    for one in await questions.listed(tx):
        if one.kind != SAME_OUTLET:
            continue
        first, second = ends.get(one.record, one.record), ends.get(one.other, one.other)
        if first != second:
            found.setdefault(frozenset((first, second)), (first, second, one.at, one.reason))
    answered = {
        frozenset((one.record, one.other)) for one in await questions.listed(tx, state="not") if one.kind == SAME_OUTLET
    }
    named = await _names(tx, {each for pair in found for each in pair}, _OUTLETS.c.review != Review.REFUSED)
    return [
        Asked(first, second, (named[first], named[second]), at, reason)
        for pair, (first, second, at, reason) in found.items()
        if pair not in answered and pair <= named.keys()
    ]


async def in_question(tx: Tx) -> set[UUID]:
    """The outlets about which an open question asks whether they are another one."""
    return {one for pair in await open_pairs(tx) for one in (pair.one, pair.other)}


async def side_by_side(tx: Tx, one: UUID, other: UUID, region: str = "CN") -> Beside:
    """Both as they stand. Raises Refusal where either is no outlet."""
    rows = {row.id: row for row in await tx.execute(_wanted([one, other]))}
    if one not in rows or other not in rows or one == other:
        raise Refusal("not_found", f"{one} and {other} are not two outlets")
    rules = COLLECTIONS["outlet"].rules
    lines = [
        Line(
            name, rule.zh, rule.en, plain(getattr(rows[one], name)), plain(getattr(rows[other], name)), name in CHOICES
        )
        for name, rule in rules.items()
    ]
    left, right = await _side(tx, rows[one]), await _side(tx, rows[other])
    return Beside(left, right, tuple(lines), how_alike(rows[one], rows[other], region))


async def not_the_same(tx: Tx, sources: Sources, one: UUID, other: UUID, *, reason: str, by: UUID | None) -> None:
    """Answer that two outlets are two: nobody is asked again. Raises Refusal without a reason, or for no outlets."""
    if not reason.strip():
        raise Refusal("bad_value", "the answer takes a reason")
    if one == other or len(await _names(tx, {one, other})) != len({one, other}):
        raise Refusal("not_found", f"{one} and {other} are not two outlets")
    await questions.settle_pair(tx, SAME_OUTLET, one, other, "not", sources)
    body = {"outlets": [one, other], "reason": reason.strip(), "by": by}
    await note(tx, [Note(COMPANY, "not_the_same", body)], sources.now(), sources.random)


def _wanted(outlets: Iterable[UUID]) -> Any:
    return select(_OUTLETS).where(_OUTLETS.c.id.in_(list(outlets)), no_decoys(_OUTLETS.c.scope))


async def _names(tx: Tx, outlets: Iterable[UUID], *only: ColumnElement[bool]) -> dict[UUID, str]:
    return {row.id: row.name for row in await tx.execute(_wanted(outlets).where(*only))}


async def _side(tx: Tx, row: Any) -> Side:
    people = select(_CONTACTS.c.name).where(_CONTACTS.c.outlet == row.id).order_by(_CONTACTS.c.id)
    contacts: Sequence[str] = (await tx.execute(people)).scalars().all()
    counted = select(func.count()).select_from(_VISITS).where(_VISITS.c.outlet == row.id)
    visits = (await tx.execute(counted)).scalar_one()
    place = (await names(tx, [row.scope]))[row.scope]
    return Side(row.id, row.name, place, tuple(contacts), visits, row.last_visit_at)
