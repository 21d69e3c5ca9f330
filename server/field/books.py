"""The dealer's books: deliveries and payments are written through the one write path, each once.

What each row said last is kept. The same file again changes nothing; a row that was corrected in the books under its
reference becomes an amendment of what stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Mapping as Map
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, select

from server.field.credit.beyond import Longer, Said, ask_about_deliveries, longer
from server.field.ground import Ground
from server.field.intake.book_headings import BOOKS
from server.field.intake.book_rows import BookEntry, Directory, code_key, content_of, read_book
from server.field.intake.drafts import Rejected
from server.field.intake.mapping import Mapping, guess_mapping
from server.field.intake.reasons import IntakeError, Reason
from server.field.intake.table import Table
from server.field.names import plain_name
from server.field.own_acts import Asked, carry_out
from server.master.actors import Authority
from server.master.decoys import no_decoys
from server.master.standing import survivors
from server.master.store import Store, Tx
from server.master.trade import booked
from server.master.typed import TYPED
from server.master.upserts import insert_new, upsert
from sync.codec import decode, encode
from sync.outcomes import OutcomeCode

__all__ = ["Booked", "import_book", "map_book"]

_BATCH = 250
_NOTHING = b""
"""What a row said that is being written."""
_NEEDED = {
    "deliveries": (("outlet", "outlet_code"), ("day",), ("product", "product_code"), ("quantity",)),
    "payments": (("outlet", "outlet_code"), ("day",), ("amount",), ("account",)),
}


class Booked(msgspec.Struct, frozen=True):
    """What an import of the books came to, in rows: new, corrected (as amendments), known already, and those that come
    back; they add up to the file's. `beyond` are deliveries that are to run longer than was agreed; `changed` are
    scope names.
    """

    imported: int
    amended: int
    duplicates: int
    rejected: tuple[Rejected, ...]
    changed: frozenset[str] = frozenset()
    beyond: int = 0


def map_book(
    table: Table, kind: str, overrides: Iterable[tuple[str, str]] = (), remembered: Iterable[tuple[str, str]] = ()
) -> Mapping:
    """Which column of a file of the books means what; `remembered` is what was said of such columns before. Raises
    IntakeError.
    """
    mapping = guess_mapping(table, overrides, BOOKS[kind], remembered)
    for names in _NEEDED[kind]:
        if not any(mapping.of(name) for name in names):
            raise IntakeError("no_book_column", field=names[0])
    return mapping


async def import_book(
    store: Store, ground: Ground, kind: str, table: Table, mapping: Mapping, *, by: UUID | None = None,
    dry_run: bool = False,
) -> Booked:  # fmt: skip
    """Take a file of the books in; with `dry_run` only say what would come of it."""
    async with store.read() as tx:
        entries, rejected = read_book(table, mapping, kind, await _directory(tx), str(ground.today))
    work = _Work(ground, kind, by, dry_run)
    for at in range(0, len(entries), _BATCH):
        part = entries[at : at + _BATCH]

        async def write(tx: Tx, part: Sequence[BookEntry] = part) -> _Came:
            return await work.write(tx, part)

        work.take(await store.transact(write))
    cells = {row.number: row.cells for row in table.rows}
    late = [
        Rejected(row, cells[row], (Reason("refused_by_store", "", why),))
        for one, why in work.refused
        for row in one.rows
    ]
    found = sorted([*rejected, *late], key=lambda one: one.row)
    counts = work.counts
    return Booked(
        counts["new"], counts["amended"], counts["known"], tuple(found), frozenset(work.changed), len(work.beyond)
    )


async def _directory(tx: Tx) -> Directory:
    """Outlets and products by code and name, and which outlet stands for each that was merged."""
    table, into = TYPED["outlet"], await survivors(tx)
    rows = (await tx.execute(select(table.c.id, table.c.code, table.c.name).where(no_decoys(table.c.scope)))).all()
    names: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        names[plain_name(row.name)].add(row.id)
    codes = {code_key(row.code): row.id for row in rows if row.code}
    sold = TYPED["product"]
    products: dict[str, str] = {}
    for one in await tx.execute(select(sold.c.code, sold.c.name).order_by(sold.c.id)):
        products |= {code_key(one.name): one.code, code_key(one.code): one.code}
    families = {
        one: tuple(sorted({one, *(each for each, root in into.items() if root == one)})) for one in into.values()
    }
    return Directory(codes, dict(names), {row.id: row.name for row in rows}, products, into, families)


class _Came(msgspec.Struct, frozen=True):
    """What one batch came to."""

    new: int
    amended: int
    known: int
    beyond: tuple[Longer, ...]
    refused: tuple[tuple[BookEntry, str], ...]
    changed: frozenset[str]


class _Held(msgspec.Struct, frozen=True):
    """What was booked before: by which source, the record that stands for it, at which outlet, and whether that says
    the same.
    """

    source: str
    record: UUID
    outlet: UUID
    is_same: bool


class _Work:
    """One import in progress."""

    def __init__(self, ground: Ground, kind: str, by: UUID | None, dry_run: bool) -> None:
        self._ground, self._kind, self._by, self._dry_run = ground, kind, by, dry_run
        self._inquiry = ground.sources.new_id()
        self.counts: dict[str, int] = {"new": 0, "amended": 0, "known": 0}
        self.beyond: list[Longer] = []
        self.refused: list[tuple[BookEntry, str]] = []
        self.changed: set[str] = set()

    def take(self, came: _Came) -> None:
        """Add up what a batch came to."""
        for name in self.counts:
            self.counts[name] += getattr(came, name)
        self.refused += came.refused
        self.beyond += came.beyond
        self.changed |= came.changed

    async def write(self, tx: Tx, entries: Sequence[BookEntry]) -> _Came:
        """Write what is new and what was corrected, in one transaction."""
        held = await self._held(tx, entries)
        fresh = [one for one in entries if one.source not in held or not held[one.source].is_same]
        known = sum(len(one.rows) for one in entries) - sum(len(one.rows) for one in fresh)
        asked = [self._asked(one, held.get(one.source)) for one in fresh]
        if self._dry_run or not asked:
            return self._came(fresh, held.keys(), known, {}, frozenset(), await _longer(tx, fresh))
        applied = await carry_out(tx, self._ground.sources, asked, by=self._by, authority=Authority.MANAGER)
        refused = {
            one.source: f"{outcome.reason}: {outcome.detail}"
            for one, outcome in zip(fresh, applied.outcomes, strict=True)
            if outcome.code is OutcomeCode.REFUSED
        }
        now = self._ground.sources.now()
        done = [(one, each) for one, each in zip(fresh, asked, strict=True) if one.source not in refused]
        rows = [_row(one, each.record, held.get(one.source), now) for one, each in done if each.record is not None]
        await upsert(tx, booked, rows)
        await _leave(tx, refused)
        beyond = await _longer(tx, [one for one in fresh if one.source not in refused])
        if beyond:
            await ask_about_deliveries(tx, self._inquiry, [*self.beyond, *beyond], self._ground.sources)
        return self._came(fresh, held.keys(), known, refused, applied.changed, beyond)

    async def _held(self, tx: Tx, entries: Sequence[BookEntry]) -> dict[str, _Held]:
        """What was booked of these before, by their sources. The rows of new ones are taken, so that of two imports at
        once the second waits, and then finds what the first wrote.
        """
        if not self._dry_run:
            now = self._ground.sources.now()
            taken = [{"source": one.source, "record": bytes(16), "said": _NOTHING, "at": now} for one in entries]
            await insert_new(tx, booked, sorted(taken, key=lambda row: str(row["source"])))
        sources = {each for one in entries for each in (one.source, *one.also)}
        locked = select(booked).where(booked.c.source.in_(sources)).order_by(booked.c.source).with_for_update()
        rows = {row.source: row for row in await tx.execute(locked) if bytes(row.said) != _NOTHING}
        found = _matched(entries, rows, await survivors(tx))
        if not self._dry_run:
            await _leave(tx, [one for one, held in found.items() if held.source != one])
        return found

    def _came(
        self, fresh: Sequence[BookEntry], held: Iterable[str], known: int, refused: dict[str, str],
        changed: frozenset[str], beyond: Sequence[Longer],
    ) -> _Came:  # fmt: skip
        before = set(held)
        done = [one for one in fresh if one.source not in refused]
        amended = sum(len(one.rows) for one in done if one.source in before)
        new = sum(len(one.rows) for one in done) - amended
        back = tuple((one, refused[one.source]) for one in fresh if one.source in refused)
        return _Came(new, amended, known, tuple(beyond), back, changed)

    def _asked(self, one: BookEntry, held: _Held | None) -> Asked:
        """An amendment stays at the outlet at which the record stands that it amends."""
        fields: dict[str, Any] = {
            "outlet": held.outlet if held else one.outlet,
            "reference": one.reference,
            "notes": one.notes,
        }
        if self._kind == "deliveries":
            fields |= {"lines": one.lines, "delivered_on": one.day, "on_credit": one.on_credit}
        else:
            fields |= {"amount": one.amount, "account": one.account, "paid_on": one.day}
        if held is not None:
            fields["amends"] = held.record
        collection = "delivery" if self._kind == "deliveries" else "payment"
        return Asked(collection, fields, self._ground.sources.new_id())


async def _longer(tx: Tx, entries: Iterable[BookEntry]) -> list[Longer]:
    return await longer(tx, (Said(one.outlet, one.credit_days, one.day, one.reference) for one in entries))


def _matched(entries: Sequence[BookEntry], rows: Map[str, Row[Any]], into: Map[UUID, UUID]) -> dict[str, _Held]:
    """Which row was booked as which, each once."""
    found, left = dict[str, _Held](), set(rows)
    for one in entries:
        key = next((each for each in (one.source, *one.also) if each in left), None)
        if key is not None:
            left.discard(key)
            said = decode(bytes(rows[key].said), BookEntry)
            found[one.source] = _Held(key, UUID(bytes=bytes(rows[key].record)), said.outlet, _is_same(one, said, into))
    return found


async def _leave(tx: Tx, sources: Collection[str]) -> None:
    """Give rows back that were taken and not written."""
    await tx.execute(delete(booked).where(booked.c.source.in_(sources), booked.c.said == _NOTHING))


def _is_same(one: BookEntry, said: BookEntry, into: Map[UUID, UUID]) -> bool:
    """Whether a row says what it said before. Which of the outlets that are one by now it was, says nothing."""
    if into.get(said.outlet, said.outlet) != one.outlet:
        return False
    return content_of(msgspec.structs.replace(said, source=one.source, outlet=one.outlet)) == content_of(one)


def _row(one: BookEntry, record: UUID, held: _Held | None, now: int) -> dict[str, Any]:
    if held is not None:
        one = msgspec.structs.replace(one, source=held.source, outlet=held.outlet)
    return {"source": one.source, "record": record.bytes, "said": encode(content_of(one)), "at": now}
