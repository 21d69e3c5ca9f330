"""Taking one change back: what it would come to, field by field, and doing it by new operations once that was seen."""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec

from server.console.outlets.archive import family_of
from server.console.outlets.telling import Book, book_of
from server.console.outlets.timeline import Event, entry_of
from server.console.viewer import Viewer
from server.field.undo.acting import Shown, Undone, show, undo
from server.field.undo.history import Finding, Meant, Verdict
from server.master.store import Store
from server.ports import Sources
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["VERDICTS", "Line", "TakingBack", "preview", "take_back"]

VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.RESTORE: ("恢复", "Goes back"),
    Verdict.CONFIRMED: ("同事已确认，保留", "Confirmed by somebody else, stays"),
    Verdict.CHANGED: ("之后又有修改，保留", "Changed again since, stays"),
    Verdict.ONWARD: ("只能前进，保留", "Only goes forward, stays"),
    Verdict.UNKNOWN: ("日志内容已移除，无法恢复", "Not known any more, cannot go back"),
    Verdict.GONE: ("档案已被移除", "The record was removed since"),
    Verdict.REGISTERED: ("由其登记，保留", "Registered by it, stays"),
}


class Line(msgspec.Struct, frozen=True):
    """One field: what stands now, what would stand, and what becomes of it."""

    label: str
    now: str
    back_to: str
    verdict: str
    goes_back: bool


class TakingBack(msgspec.Struct, frozen=True):
    """What taking a change back would come to. `seal` stands for all that is shown: it is done only as it was shown."""

    outlet: UUID
    name: str
    event: Event
    lines: tuple[Line, ...]
    seal: str
    shown: Shown

    @property
    def is_possible(self) -> bool:
        """Whether anything goes back."""
        return any(one.goes_back for one in self.lines)


async def preview(store: Store, viewer: Viewer, outlet: UUID, record: UUID, operation: UUID) -> TakingBack:
    """What taking an operation on a record of this outlet back would come to. Changes nothing. Raises Refusal."""
    async with store.read() as tx:
        family = await family_of(tx, outlet)
        book = await book_of(tx, viewer, family)
        event = await entry_of(tx, record, operation, book)
    if event is None or not (record in family or record in book.records):
        raise Refusal("not_found", "there is no change like that, or it cannot be taken back")
    shown = await show(store, Meant(since=event.at, record=record, operation=operation))
    lines = tuple(_line(book, one) for one in shown.findings)
    return TakingBack(family[0], book.records.get(family[0], ""), event, lines, _seal(shown), shown)


async def take_back(
    store: Store, sources: Sources, viewer: Viewer, outlet: UUID, record: UUID, operation: UUID, *, seal: str
) -> Undone:
    """Do what was shown under this seal. Raises Refusal, and Unfit where it is not as it was shown any more."""
    found = await preview(store, viewer, outlet, record, operation)
    if found.seal != seal:
        raise Unfit(
            "something has changed since you looked: look again, then confirm",
            "页面打开后内容已变化：请重新核对后再确认",
        )
    return await undo(store, sources, found.shown, by=viewer.person.id)


def _line(book: Book, one: Finding) -> Line:
    label = book.label(one.collection, one.field) + (f" ({one.key})" if one.key is not None else "")
    now, back_to = book.value(one.field, one.now), book.value(one.field, one.back_to)
    return Line(label, now, back_to, book.viewer.say(*VERDICTS[one.verdict]), one.verdict is Verdict.RESTORE)


def _seal(shown: Shown) -> str:
    told = [(one.field, one.key, repr(one.now), repr(one.back_to), one.verdict) for one in shown.findings]
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
