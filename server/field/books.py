"""The dealer's books: deliveries and payments are written through the one write path, each once.

What each row said last is kept. The same file again changes nothing; a row that was corrected in the books under its
reference becomes an amendment of what stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

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
from server.master.persist import upsert
from server.master.standing import survivors
from server.master.store import Store, Tx
from server.master.trade import booked
from server.master.typed import TYPED
from sync.codec import encode
from sync.outcomes import OutcomeCode

__all__ = ["Booked", "import_book", "map_book"]

_BATCH = 250
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
    """Outlets by code and name, merged ones under the one that stands for them; products by code and name."""
    table, into = TYPED["outlet"], await survivors(tx)
    rows = (await tx.execute(select(table.c.id, table.c.code, table.c.name).where(no_decoys(table.c.scope)))).all()
    names: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        names[plain_name(row.name)].add(into.get(row.id, row.id))
    codes = {code_key(row.code): into.get(row.id, row.id) for row in rows if row.code}
    sold = TYPED["product"]
    products: dict[str, str] = {}
    for one in await tx.execute(select(sold.c.code, sold.c.name).order_by(sold.c.id)):
        products |= {code_key(one.name): one.code, code_key(one.code): one.code}
    return Directory(codes, dict(names), {row.id: row.name for row in rows}, products)


class _Came(msgspec.Struct, frozen=True):
    """What one batch came to."""

    new: int
    amended: int
    known: int
    beyond: tuple[Longer, ...]
    refused: tuple[tuple[BookEntry, str], ...]
    changed: frozenset[str]


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
        sources = [one.source for one in entries]
        locked = select(booked).where(booked.c.source.in_(sources)).with_for_update()
        held = {row.source: (UUID(bytes=bytes(row.record)), bytes(row.said)) for row in await tx.execute(locked)}
        fresh = [one for one in entries if one.source not in held or held[one.source][1] != _said(one)]
        known = sum(len(one.rows) for one in entries) - sum(len(one.rows) for one in fresh)
        asked = [self._asked(one, held[one.source][0] if one.source in held else None) for one in fresh]
        if self._dry_run or not asked:
            return self._came(fresh, held.keys(), known, {}, frozenset(), await _longer(tx, fresh))
        applied = await carry_out(tx, self._ground.sources, asked, by=self._by, authority=Authority.MANAGER)
        refused = {
            one.source: f"{outcome.reason}: {outcome.detail}"
            for one, outcome in zip(fresh, applied.outcomes, strict=True)
            if outcome.code is OutcomeCode.REFUSED
        }
        now = self._ground.sources.now()
        rows = [
            {"source": one.source, "record": done.record.bytes, "said": _said(one), "at": now}
            for one, done in zip(fresh, asked, strict=True)
            if one.source not in refused and done.record is not None
        ]
        await upsert(tx, booked, rows)
        beyond = await _longer(tx, [one for one in fresh if one.source not in refused])
        if beyond:
            await ask_about_deliveries(tx, self._inquiry, [*self.beyond, *beyond], self._ground.sources)
        return self._came(fresh, held.keys(), known, refused, applied.changed, beyond)

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

    def _asked(self, one: BookEntry, amends: UUID | None) -> Asked:
        fields: dict[str, Any] = {"outlet": one.outlet, "reference": one.reference, "notes": one.notes}
        if self._kind == "deliveries":
            fields |= {"lines": one.lines, "delivered_on": one.day, "on_credit": one.on_credit}
        else:
            fields |= {"amount": one.amount, "account": one.account, "paid_on": one.day}
        if amends is not None:
            fields["amends"] = amends
        collection = "delivery" if self._kind == "deliveries" else "payment"
        return Asked(collection, fields, self._ground.sources.new_id())


async def _longer(tx: Tx, entries: Iterable[BookEntry]) -> list[Longer]:
    return await longer(tx, (Said(one.outlet, one.credit_days, one.day, one.reference) for one in entries))


def _said(one: BookEntry) -> bytes:
    return encode(content_of(one))
