"""The access ledger: codes, enrolments, openings, photos, exports, refusals, and lists that commands showed to people.

It is read from the journal and the register of what was given. `note_access` is for whatever shows customers' data to
a person by another way than a device: it is written before a line of it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import msgspec

from server.departure.evidence.exposure import Exposure
from server.departure.evidence.history import Entry, entries_in, notes_in
from server.master.journal import Note, note
from server.master.scoping import open_scope
from server.master.store import Tx
from server.ports import Sources
from sync.outcomes import OutcomeCode
from sync.scopes import COMPANY
from sync.scopes import staff as staff_scope

__all__ = ["Access", "ledger_of", "note_access"]

ACCESSED = "accessed"
_NO_ACCESS = frozenset({"agreement_added", "staff_added", "staff_renamed", "staff_role_changed"})


class Access(msgspec.Struct, frozen=True):
    """One access, or one that was refused: when (server milliseconds), what, by which device, and how much.

    `ref` is the entry of the journal that says so (scope, position); None for photos, which have a register.
    """

    at: int
    kind: str
    detail: dict[str, Any]
    device: UUID | None = None
    ref: tuple[str, int] | None = None


async def note_access(tx: Tx, what: str, by: UUID | None, lines: int, sources: Sources, **about: Any) -> None:
    """Note that a list with so many lines of customers' data is shown to somebody (None: who operates this machine).

    Locks the person's scope, or the company's: it comes last in a transaction.
    """
    scope = COMPANY if by is None else staff_scope(by)
    await open_scope(tx, scope)
    body = {"what": what, "by": by, "lines": lines, **about}
    await note(tx, [Note(scope, ACCESSED, body)], sources.now(), sources.random)


async def ledger_of(tx: Tx, person: UUID, exposure: Exposure) -> list[Access]:
    """A person's ledger in the order of time."""
    own = staff_scope(person)
    entries = await entries_in(tx, [own])
    found = [_noted(one) for one in entries if one.change is None and one.kind not in _NO_ACCESS]
    found += _refused(entries)
    found += [_noted(one) for one in await notes_in(tx, [COMPANY]) if _names(one.note, person)]
    found += _opened(exposure, own)
    found += [
        Access(photo.at, "photo_given", {"photo": photo.photo, "size": photo.size}, device.device)
        for device in exposure.devices
        for photo in device.photos
    ]
    return sorted(found, key=lambda one: (one.at, one.kind, str(one.ref)))


def _noted(entry: Entry) -> Access:
    body = entry.note if isinstance(entry.note, dict) else {"value": entry.note}
    device = body.get("device")
    known = UUID(bytes=device) if isinstance(device, bytes) and len(device) == 16 else None
    return Access(entry.at, entry.kind, body, known, (entry.scope, entry.position))


def _names(body: Any, person: UUID) -> bool:
    """Whether an event of the company is about this person."""
    return isinstance(body, dict) and person.bytes in {body.get(name) for name in ("by", "staff", "leaver", "for")}


def _opened(exposure: Exposure, own: str) -> Iterator[Access]:
    for one in exposure.opened:
        said = {
            "contact": one.contact,
            "outlet": one.outlet,
            "day": one.day,
            "times": one.times,
            "private": one.private,
        }
        yield Access(one.at, "contact_opened", said, one.device, (own, one.position))


def _refused(entries: Iterable[Entry]) -> Iterator[Access]:
    for one in entries:
        if one.change is not None and one.change.outcome.code is OutcomeCode.REFUSED:
            said = {"reason": one.change.outcome.reason, "detail": one.change.outcome.detail}
            yield Access(one.at, "operation_refused", said, one.change.device, (one.scope, one.position))
