"""A list that somebody is bringing in: kept on the server from step to step, so that nothing is lost between them.

What stands here is the file as it came and what was said of it: which sheet, which column means what, cells that were
mended. Whoever may import sees all of them: a colleague can go on where somebody stopped.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from server.field.intake.table import Table, table_in
from server.identity.staff import Person
from server.master.import_drafts import import_drafts
from server.master.journal import Note, note
from server.master.store import Tx
from server.ports import Sources
from server.values import Unfit
from sync import scopes
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.positions import Datum

__all__ = [
    "MOST_BYTES",
    "Came",
    "Grid",
    "Listed",
    "Said",
    "Standing",
    "begin",
    "drop",
    "find",
    "gridded",
    "keep",
    "listed",
]

MOST_BYTES = 16 << 20
"""The largest file that is taken in a browser; larger ones come in by the command."""
_KEPT_MS = 30 * 86_400_000
"""A list that nobody touched for so long goes with the next one that comes."""


class Came(msgspec.Struct, frozen=True):
    """What an import of the list came to, the last time: rows, questions, when (server ms), by whom."""

    imported: int
    updated: int
    duplicates: int
    rejected: int
    questions: int
    at: int
    by: UUID
    added: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True):
    """What was said of a file. `columns` are headings with the field that each means (`ignored`: none), `mended` the
    cells of rows that were changed here, by the row's number. `came` is what importing it came to.
    """

    sheet: str = ""
    datum: Datum = "wgs84"
    territory: UUID | None = None
    is_set_up: bool | None = None
    columns: tuple[tuple[str, str], ...] = ()
    mended: dict[int, tuple[str, ...]] = {}
    came: Came | None = None


class Grid(msgspec.Struct, frozen=True):
    """A sheet of a file as it was read: its name, and its table packed."""

    sheet: str
    packed: bytes


class Listed(msgspec.Struct, frozen=True):
    """One of the lists that are on their way: its name, whose it is, when it was touched last (server ms)."""

    id: UUID
    name: str
    staff: UUID
    at: int
    came: Came | None


class Standing(msgspec.Struct, frozen=True):
    """A list as it stands: its file, its table with the mended cells in it, what was said, and its revision."""

    id: UUID
    name: str
    file: bytes
    table: Table
    said: Said
    revision: int


def gridded(data: bytes, sheet: str | None = None) -> Grid:
    """A sheet of a file (its first, or the one of that name), read and packed; large files take seconds. Raises
    IntakeError where it cannot be read.
    """
    table = table_in(data, sheet)
    return Grid(table.sheet or "", zlib.compress(encode(table), 1))


async def begin(tx: Tx, sources: Sources, person: Person, name: str, data: bytes, grid: Grid) -> UUID:
    """Keep a file that was uploaded, and what was read of it; its id. In the journal."""
    now, record = sources.now(), sources.new_id()
    await tx.execute(delete(import_drafts).where(import_drafts.c.at < now - _KEPT_MS))
    values = {
        "id": record.bytes, "staff": person.id.bytes, "name": name[:200] or "—", "at": now, "revision": 1,
        "said": encode(Said(sheet=grid.sheet)), "file": data, "grid": grid.packed,
    }  # fmt: skip
    await tx.execute(insert(import_drafts).values(values))
    await _note(tx, sources, person.id, "list_uploaded", record, name)
    return record


async def _note(tx: Tx, sources: Sources, by: UUID, kind: str, record: UUID, name: str) -> None:
    body = {"list": record.bytes, "name": name[:200], "by": by}
    await note(tx, [Note(scopes.staff(by), kind, body)], sources.now(), sources.random)


async def listed(tx: Tx) -> list[Listed]:
    """All that are on their way, the newest first."""
    kept = import_drafts.c
    rows = await tx.execute(
        select(kept.id, kept.name, kept.staff, kept.at, kept.said).order_by(kept.at.desc(), kept.id)
    )
    return [Listed(_id(row.id), row.name, _id(row.staff), row.at, decode(bytes(row.said), Said).came) for row in rows]


def _id(value: bytes) -> UUID:
    return UUID(bytes=bytes(value))


async def find(tx: Tx, record: UUID) -> Standing:
    """One of them. Raises Refusal where there is none (any more)."""
    return await asyncio.to_thread(_standing, await _row(tx, record))


async def _row(tx: Tx, record: UUID, *, locks: bool = False) -> Row[Any]:
    wanted = select(import_drafts).where(import_drafts.c.id == record.bytes)
    row = (await tx.execute(wanted.with_for_update() if locks else wanted)).one_or_none()
    if row is None:
        raise Refusal("not_found", "this list is done with, or was put aside")
    return row


def _standing(row: Row[Any]) -> Standing:
    said = decode(bytes(row.said), Said)
    table = decode(zlib.decompress(bytes(row.grid)), Table)
    if said.mended:
        rows = tuple(msgspec.structs.replace(one, cells=said.mended.get(one.number, one.cells)) for one in table.rows)
        table = msgspec.structs.replace(table, rows=rows)
    return Standing(_id(row.id), row.name, bytes(row.file), table, said, row.revision)


async def keep(
    tx: Tx, sources: Sources, record: UUID, revision: int, changes: Mapping[str, Any], grid: Grid | None = None
) -> None:
    """Say more of a list that somebody saw at a revision; with `grid`, of another of its sheets. Raises Refusal, and
    Unfit where somebody else has said something since.
    """
    row = await _seen(tx, record, revision)
    said = msgspec.structs.replace(decode(bytes(row.said), Said), **changes)
    values = {"said": encode(said), "revision": revision + 1, "at": sources.now()}
    if grid is not None:
        values["grid"] = grid.packed
        values["said"] = encode(msgspec.structs.replace(said, sheet=grid.sheet, columns=(), mended={}))
    await tx.execute(update(import_drafts).where(import_drafts.c.id == record.bytes).values(values))


async def _seen(tx: Tx, record: UUID, revision: int) -> Row[Any]:
    """A list that nobody has changed since it was seen, locked. Raises Refusal, Unfit."""
    row = await _row(tx, record, locks=True)
    if row.revision != revision:
        raise Unfit(
            "somebody has changed this list since you opened it: look at it as it stands now",
            "您打开之后，这份名单已被改动：请按现在的内容核对",
        )
    return row


async def drop(tx: Tx, sources: Sources, by: UUID, record: UUID, revision: int) -> None:
    """Put a list aside for good: its file goes, and what was imported of it stays. In the journal. Raises Refusal,
    Unfit.
    """
    row = await _seen(tx, record, revision)
    await tx.execute(delete(import_drafts).where(import_drafts.c.id == record.bytes))
    await _note(tx, sources, by, "list_put_aside", record, row.name)
