"""What became of something, by the journal and by what its people were told."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.console.inbox.parts import Hand, Step
from server.console.inbox.words import said
from server.field.pool.stays import read_of
from server.identity import staff
from server.master.journal import Change
from server.master.scoping import names
from server.master.store import Tx
from server.master.typed import TYPED
from sync.changes import read_changes
from sync.codec import decode
from sync.errors import Refusal
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS
from sync.scopes import parse_scope

__all__ = ["changes_of", "notes_of", "told_of"]

_FINDINGS = TYPED["finding"]
_OPERATION = b"\xa9operation"


async def changes_of(tx: Tx, hand: Hand, record: UUID, fields: Collection[str]) -> list[Step]:
    """Who changed these fields of a record, when, and to what, the oldest first."""
    found = []
    for one in (await read_of(tx, [record])).get(record, []):
        change = _change(one.body)
        if change is None or change.operation is None or change.outcome.code is OutcomeCode.REFUSED:
            continue
        collection = COLLECTIONS[change.operation.collection]
        try:
            named = read_changes(collection, bytes(change.operation.changes))
        except Refusal:
            continue
        told = {name: value for name, value in named.items() if name in fields and value not in ("", None)}
        if told:
            words = hand.then.join(
                f"{said.label(hand, collection.name, name)}{hand.colon}{said(hand, name, value)}"
                for name, value in told.items()
            )
            found.append(Step(one.at, words, change.staff))
    return sorted(found, key=lambda step: step.at or 0)


def _change(body: bytes) -> Change | None:
    return decode(body, Change) if body[1 : 1 + len(_OPERATION)] == _OPERATION else None


async def notes_of(
    tx: Tx, record: UUID, kinds: Collection[str], say: Callable[[str, dict[str, Any]], str]
) -> list[Step]:
    """The events of these kinds in the journal of a record, the oldest first, in the words of `say`."""
    found = []
    for one in (await read_of(tx, [record])).get(record, []):
        if _change(one.body) is not None:
            continue
        kind, body, *_ = msgspec.msgpack.decode(one.body)
        if kind in kinds and isinstance(body, dict):
            by = body.get("by")
            found.append(Step(one.at, say(kind, body), UUID(bytes=by) if isinstance(by, bytes) else None))
    return sorted(found, key=lambda step: step.at or 0)


async def told_of(tx: Tx, hand: Hand, about: UUID) -> list[Step]:
    """What phones were told about a record, to whom and when."""
    rows = (await tx.execute(select(_FINDINGS).where(_FINDINGS.c.about == about).order_by(_FINDINGS.c.at))).all()
    named = await names(tx, {row.scope for row in rows})
    places = {row.id: parse_scope(named[row.scope]) for row in rows}
    whose = {one: place.of for one, place in places.items() if place is not None and place.of is not None}
    people = await staff.find_all(tx, set(whose.values()))
    found = []
    for row in rows:
        person = people.get(whose[row.id]) if row.id in whose else None
        name = person.name if person is not None else "?"
        state = said.finding(hand, row.state)
        note = hand.say(f"（{row.note}）", f"({row.note})") if row.note else ""
        found.append(
            Step(row.at, hand.say(f"已告知 {name}：{state}{note}", f"{name} was told: {state} {note}".strip()))
        )
    return found
