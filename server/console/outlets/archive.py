"""The archive of one outlet: all that the file has of it and of what was merged into it. Opening it is journalled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import or_, select

from server.console.outlets.listing import Kind
from server.console.outlets.telling import Book, Shift, book_of
from server.console.viewer import Viewer
from server.departure.evidence.access import note_access
from server.field.brief.opening import open_brief
from server.field.brief.parts import Brief
from server.field.ground import Ground
from server.field.registration.reading import lacks_of
from server.master.merges import merges
from server.master.photos import PhotoFiles
from server.master.standing import survivors
from server.master.store import Store, Tx
from server.master.tables import feed, records
from server.master.typed import TYPED
from server.master.working import load
from sync.codec import unpack
from sync.errors import Refusal
from sync.positions import Position
from sync.records import COLLECTIONS, ContactPrivate, Occasion, Outlet, StockLine

__all__ = ["Archive", "Merged", "Picture", "Private", "Stocked", "archive", "family_of", "open_private"]

PHOTOS = 60
"""So many of the newest photos are shown."""
_FACTS = (
    "code", "address", "phone", "opening_hours", "visit_days", "cooperation", "credit", "notes", "position",
    "last_visit_at", "source", "registered_at", "registered_by", "review_note",
)  # fmt: skip


class Picture(msgspec.Struct, frozen=True):
    """A photo of the outlet: who took it and when (server ms). `is_here` says whether its bytes have arrived."""

    id: UUID
    kind: str
    caption: str
    taken_at: int | None
    who: str
    is_here: bool


class Stocked(msgspec.Struct, frozen=True):
    """One product at the outlet: bought and sold in all, what was counted last and when."""

    product: str
    line: StockLine


class Merged(msgspec.Struct, frozen=True):
    """Two outlets that were put together, and where that was undone, when, by whom and why; times in server ms."""

    gone: str
    into: str
    at: int
    who: str
    reason: str
    undone_at: int | None
    undone_by: str
    undone_reason: str


class Archive(msgspec.Struct, frozen=True):
    """The archive as the page shows it. `revision` is that of the outlet's record, `facts` its fields with a value."""

    brief: Brief
    outlet: Outlet
    revision: int
    kind: Kind | None
    lacks: tuple[str, ...]
    facts: tuple[Shift, ...]
    stock: tuple[Stocked, ...]
    photos: tuple[Picture, ...]
    merges: tuple[Merged, ...]
    book: Book

    @property
    def family(self) -> tuple[UUID, ...]:
        """The outlet and all that was merged into it."""
        return (self.brief.id, *self.brief.merged)

    @property
    def position(self) -> Position | None:
        """Where it is, in WGS-84."""
        return self.outlet.position


class Private(msgspec.Struct, frozen=True):
    """The private part of one contact, as it is shown: fields with a value."""

    name: str
    facts: tuple[Shift, ...]


async def family_of(tx: Tx, outlet: UUID) -> tuple[UUID, ...]:
    """The outlet that stands for this one, first, and all that was merged into it. Raises Refusal."""
    into = await survivors(tx)
    end = into.get(outlet, outlet)
    held = (await load(tx, [end.bytes], (), {})).get(end)
    if held is None or not isinstance(held.record, Outlet):
        raise Refusal("not_found", f"there is no outlet {outlet}")
    return (end, *sorted(one for one, of in into.items() if of == end))


async def archive(store: Store, outlet: UUID, ground: Ground, viewer: Viewer, files: PhotoFiles) -> Archive:
    """The archive of an outlet, or of the one that stands for it, noted before a line of it is shown. Raises Refusal
    where there is none, and where the viewer is leaving.
    """
    brief = await open_brief(store, outlet, ground, by=viewer.person.id)
    family = (brief.id, *brief.merged)
    async with store.read() as tx:
        held = (await load(tx, [one.bytes for one in family], (), {})).held
        here = held[brief.id.bytes]
        if not isinstance(here.record, Outlet):
            raise Refusal("record_gone", f"outlet {outlet} has been removed")
        book = await book_of(tx, viewer, family)
        rows = (await tx.execute(select(TYPED["outlet"]).where(TYPED["outlet"].c.id == brief.id))).all()
        lacks = await lacks_of(tx, ground, rows)
        outlets = [one.record for one in held.values() if isinstance(one.record, Outlet)]
        return Archive(
            brief,
            here.record,
            here.revision,
            await _kind(tx, here.record.outlet_class),
            lacks.get(brief.id, ()),
            _facts(book, "outlet", here.record, _FACTS),
            _stock(book, outlets),
            await _photos(tx, family, book, files),
            await _merges(tx, family, book),
            book,
        )


async def open_private(store: Store, shown: Archive, ground: Ground, viewer: Viewer) -> tuple[Private, ...]:
    """The private part of the contacts there, noted before a line of it is shown."""
    async with store.read() as tx:
        found = await _private(tx, shown.family, shown.book)
    async with store.write() as tx:
        about = {"outlet": shown.brief.id}
        await note_access(tx, "contacts_private", viewer.person.id, len(found), ground.sources, **about)
    return found


async def _kind(tx: Tx, code: str) -> Kind | None:
    table = TYPED["outlet_class"]
    row = (await tx.execute(select(table).where(table.c.code == code).order_by(table.c.id))).first()
    return Kind(row.code, row.zh, row.en, row.colour) if row is not None else None


def _facts(book: Book, collection: str, record: Any, names: Sequence[str]) -> tuple[Shift, ...]:
    told = ((name, getattr(record, name)) for name in names)
    return tuple(book.given(collection, name, value) for name, value in told if value not in (None, "", ()))


def _stock(book: Book, outlets: Sequence[Outlet]) -> tuple[Stocked, ...]:
    """By product, those of outlets that are one added up; what is on hand is the newest count."""
    found: dict[str, StockLine] = {}
    for one in outlets:
        for code, line in one.stock.items():
            found[code] = _added(found[code], line) if code in found else line
    return tuple(sorted((Stocked(book.product(code), line) for code, line in found.items()), key=_name))


def _name(one: Stocked) -> str:
    return one.product


def _added(one: StockLine, other: StockLine) -> StockLine:
    newer = max(one, other, key=lambda line: line.counted_at or 0)
    last = max((line.last_delivery for line in (one, other) if line.last_delivery), default=None)
    return StockLine(one.bought + other.bought, one.sold + other.sold, newer.on_hand, newer.counted_at, last)


async def _photos(tx: Tx, family: Collection[UUID], book: Book, files: PhotoFiles) -> tuple[Picture, ...]:
    table = TYPED["photo"]
    wanted = select(table).where(table.c.outlet.in_(family))
    rows = await tx.execute(wanted.order_by(table.c.taken_at.desc().nulls_last(), table.c.id.desc()).limit(PHOTOS))
    return tuple(
        Picture(row.id, row.kind, row.caption, row.taken_at, book.person(row.staff), files.whole(row.id) is not None)
        for row in rows
    )


async def _merges(tx: Tx, family: Collection[UUID], book: Book) -> tuple[Merged, ...]:
    ids = [one.bytes for one in family]
    wanted = select(merges).where(or_(merges.c.survivor.in_(ids), merges.c.gone.in_(ids)))
    rows = (await tx.execute(wanted.order_by(merges.c.at.desc(), merges.c.id))).all()
    outlets = TYPED["outlet"]
    named = {UUID(bytes=bytes(one)) for row in rows for one in (row.gone, row.survivor)}
    known = await tx.execute(select(outlets.c.id, outlets.c.name).where(outlets.c.id.in_(named)))
    names = {row.id.bytes: row.name for row in known}

    def who(one: bytes | None) -> str:
        return book.person(UUID(bytes=bytes(one))) if one is not None else ""

    return tuple(
        Merged(
            names.get(bytes(row.gone), ""), names.get(bytes(row.survivor), ""), row.at, who(row.by), row.reason,
            row.undone_at, who(row.undone_by), row.undone_reason or "",
        )
        for row in rows
    )  # fmt: skip


async def _private(tx: Tx, family: Collection[UUID], book: Book) -> tuple[Private, ...]:
    tags = [COLLECTIONS[name].tag for name in ("contact_private", "occasion")]
    place = (feed.c.scope == records.c.scope) & (feed.c.record == records.c.record)
    at = records.c.outlet.in_([one.bytes for one in family])
    wanted = select(feed.c.packed).select_from(records.join(feed, place)).where(at, records.c.tag.in_(tags))
    rows = await tx.execute(wanted.where(feed.c.packed.is_not(None)).order_by(records.c.tag, records.c.record))
    return tuple(_told(book, unpack(bytes(one))) for one in rows.scalars())


def _told(book: Book, record: Any) -> Private:
    if isinstance(record, ContactPrivate):
        names = ("birthday", "family", "hobbies", "notes", "consent")
        return Private(book.records.get(record.contact, ""), _facts(book, "contact_private", record, names))
    if isinstance(record, Occasion):
        name = book.records.get(record.contact, "") if record.contact is not None else ""
        return Private(name or book.kind("occasion"), _facts(book, "occasion", record, ("kind", "day", "notes")))
    raise TypeError(f"{type(record).__name__} is no private part")
