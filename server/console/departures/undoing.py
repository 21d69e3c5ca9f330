"""What somebody changed, field by field, and what taking it back would come to, before it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import msgspec

from server.console.outlets.telling import Book, book_of
from server.console.viewer import Viewer
from server.departure.evidence.access import note_access
from server.field.undo.acting import Shown, show
from server.field.undo.acts import Act, acts
from server.field.undo.history import SCOPE, Finding, Meant, Verdict
from server.field.undo.words import VERDICTS, field_of
from server.identity import staff
from server.identity.staff import Person
from server.master.store import Store
from server.ports import Sources
from server.times import day_of, midnight
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["Spoiled", "Taking", "read_since", "spoiled"]

_SHOWN = 200
_DAYS = 30


class Taking(msgspec.Struct, frozen=True):
    """One field as it is shown: of which record, what it is called, now, what comes back, what becomes of it. `address`
    is the outlet's page, empty for another record.
    """

    label: str
    address: str
    field: str
    now: str
    back_to: str
    verdict: Verdict
    says: str


class Spoiled(msgspec.Struct, frozen=True):
    """All that somebody changed since a day. `seal` names what was seen, `counts` says how much becomes of what,
    `earlier` the acts of taking back that there were.
    """

    person: Person
    since: str
    shown: Shown
    lines: tuple[Taking, ...]
    counts: Mapping[Verdict, int]
    words: Mapping[Verdict, str]
    seal: str
    earlier: tuple[Act, ...]
    names: Mapping[UUID, str]

    @property
    def restores(self) -> int:
        """How many fields would come back."""
        return self.counts[Verdict.RESTORE]

    @property
    def registered(self) -> int:
        """How many records the person made."""
        return self.counts[Verdict.REGISTERED]


def read_since(typed: str, person: Person, viewer: Viewer) -> str:
    """The day from which on changes are meant, as it was typed; else 30 days before they left, or before today. Raises
    Unfit.
    """
    if not typed:
        last = date.fromisoformat(day_of(person.left_at or viewer.now, viewer.zone))
        return str(last - timedelta(days=_DAYS))
    try:
        return str(date.fromisoformat(typed))
    except ValueError:
        raise Unfit("from: choose a day, such as 2026-11-20", "自：请选择日期，例如 2026-11-20") from None


async def spoiled(store: Store, sources: Sources, viewer: Viewer, person: UUID, typed: str) -> Spoiled:
    """What somebody changed, noted before a line of it is shown. Raises Refusal, Unfit."""
    async with store.read() as tx:
        who = await staff.find(tx, person)
        if who is None:
            raise Refusal("not_found", f"there is no person {person}")
        book = await book_of(tx, viewer)
        earlier = [one for one in await acts(tx) if one.staff == person]
    since = read_since(typed, who, viewer)
    found = await show(store, Meant(midnight(date.fromisoformat(since), viewer.zone), None, person))
    async with store.write() as tx:
        await note_access(tx, "undo", viewer.person.id, len(found.findings), sources, staff=person)
    return Spoiled(
        who,
        since,
        found,
        tuple(_line(book, one) for one in found.findings[:_SHOWN]),
        {one: len(found.of(one)) for one in Verdict},
        {one: viewer.say(*said) for one, said in VERDICTS.items()},
        _seal(found),
        tuple(reversed(earlier)),
        book.people,
    )


def _line(book: Book, one: Finding) -> Taking:
    def told(value: object) -> str:
        return book.place(str(value)) if one.field == SCOPE and value else book.value(one.field, value)

    address = f"/outlets/{one.record}" if one.collection == "outlet" else ""
    says, field = book.viewer.say(*VERDICTS[one.verdict]), book.viewer.say(*field_of(one))
    return Taking(one.label, address, field, told(one.now), told(one.back_to), one.verdict, says)


def _seal(found: Shown) -> str:
    """What tells one sight from another: hexadecimal."""
    told = [(one.record.hex, one.field, one.key or "", one.verdict.value, repr(one.now)) for one in found.findings]
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
