"""A list that somebody is bringing in: kept on the server from step to step, so that nothing is lost between them.

What stands here is the file as it came and what was said of it: which sheet, which column means what, cells that were
mended. Whoever may import sees all of them: a colleague can go on where somebody stopped.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from server.field.intake.table import Table, table_in
from server.identity.staff import Person
from server.master.import_drafts import import_drafts
from server.master.store import Tx
from server.ports import Sources
from server.values import Unfit
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.positions import Datum

__all__ = ["MOST_BYTES", "Came", "Listed", "Said", "Standing", "begin", "drop", "find", "keep", "listed"]

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


async def begin(tx: Tx, sources: Sources, person: Person, name: str, data: bytes) -> UUID:
    """Keep a file that was uploaded; its id. Raises IntakeError where it cannot be read."""
    table = table_in(data)
    now, record = sources.now(), sources.new_id()
    await tx.execute(delete(import_drafts).where(import_drafts.c.at < now - _KEPT_MS))
    values = {
        "id": record.bytes, "staff": person.id.bytes, "name": name[:200] or "—", "at": now, "revision": 1,
        "said": encode(Said(sheet=table.sheet or "")), "file": data, "grid": _packed(table),
    }  # fmt: skip
    await tx.execute(insert(import_drafts).values(values))
    return record


def _packed(table: Table) -> bytes:
    return zlib.compress(encode(table), 1)


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
    return _standing(await _row(tx, record))


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


async def keep(tx: Tx, sources: Sources, record: UUID, revision: int, changes: Mapping[str, Any]) -> None:
    """Say more of a list that somebody saw at a revision. Raises Refusal, IntakeError where there is no such sheet, and
    Unfit where somebody else has said something since.
    """
    row = await _row(tx, record, locks=True)
    if row.revision != revision:
        raise Unfit(
            "somebody has changed this list since you opened it: look at it as it stands now",
            "您打开之后，这份名单已被改动：请按现在的内容核对",
        )
    before = decode(bytes(row.said), Said)
    said = msgspec.structs.replace(before, **changes)
    values = {"said": encode(said), "revision": revision + 1, "at": sources.now()}
    if said.sheet != before.sheet:
        values["grid"] = _packed(table_in(bytes(row.file), said.sheet or None))
        values["said"] = encode(msgspec.structs.replace(said, columns=(), mended={}))
    await tx.execute(update(import_drafts).where(import_drafts.c.id == record.bytes).values(values))


async def drop(tx: Tx, record: UUID) -> None:
    """Put a list aside for good: its file goes. What was imported of it stays."""
    await tx.execute(delete(import_drafts).where(import_drafts.c.id == record.bytes))
