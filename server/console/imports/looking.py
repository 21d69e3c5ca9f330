"""What importing a list would come to, as the page shows it: its columns, its rows by what becomes of them, and why."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from server.console.imports.drafts import Came, Said, Standing, find, keep
from server.field.bringing_in import OUTLETS, POOL, Brought, Wish, bring_in
from server.field.ground import Ground
from server.field.imports import foresee
from server.field.intake.companions import Companions, companions_in
from server.field.intake.duplicates import Kind, Tally
from server.field.intake.grid import MAX_CELL
from server.field.intake.headings import FIELDS, SEVERAL, heading_key
from server.field.intake.mapping import Column, letter
from server.field.intake.normalise import ListSettings
from server.field.intake.prepare import Prepared, prepare_table
from server.field.intake.reasons import IntakeError, Reason
from server.field.intake.table import sheets_in
from server.field.layouts import recall
from server.identity.staff import Person
from server.identity.territories import Territory, all_pools, all_territories
from server.master.store import Store
from server.values import Unfit
from sync import scopes

__all__ = [
    "SHOWN",
    "BadRow",
    "Looked",
    "New",
    "as_imported",
    "columns_said",
    "look",
    "mended_cells",
    "sentence",
    "unfit",
]

SHOWN = 20
"""So many rows that come back stand on a page, to be mended there."""
_FEW = 30


class BadRow(msgspec.Struct, frozen=True):
    """A row that would come back, with its cells and why; `marked` are the columns that a reason names."""

    number: int
    cells: tuple[str, ...]
    reasons: tuple[Reason, ...]
    marked: frozenset[int]
    is_mended: bool


class New(msgspec.Struct, frozen=True):
    """A row that is in: what it means, its name and place."""

    number: int
    kind: Kind
    name: str
    address: str
    place: str


class Looked(msgspec.Struct, frozen=True):
    """A list as its page shows it. `wrong` says why it cannot be read as it stands (Chinese, English); then there is
    nothing but its columns. `rest` is where rows go that name no place: a territory's or a pool's name, empty where
    every row names one; `adds` what would be added besides, by name.
    """

    standing: Standing
    columns: tuple[Column, ...]
    sheets: tuple[str, ...]
    places: tuple[Territory, ...]
    wrong: tuple[str, str] | None = None
    tally: Tally | None = None
    bad: tuple[BadRow, ...] = ()
    bad_count: int = 0
    new: tuple[New, ...] = ()
    remarks: tuple[tuple[int, Reason], ...] = ()
    remark_count: int = 0
    questions: int = 0
    rest: str = ""
    adds: tuple[str, ...] = ()
    page: int = 0

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return len(self.standing.table.rows)

    @property
    def pages(self) -> int:
        """How many pages of rows that come back there are."""
        return -(-self.bad_count // SHOWN)


async def look(store: Store, ground: Ground, record: UUID, page: int = 0) -> Looked:
    """A list as it stands, and what importing it would come to. Changes nothing. Raises Refusal."""
    async with store.read() as tx:
        standing = await find(tx, record)
        places = tuple(await all_territories(tx))
        pools = [one.name for one in await all_pools(tx)]
    sheets = await asyncio.to_thread(sheets_in, standing.file)
    try:
        prepared = await _prepared(store, ground, standing)
    except IntakeError as error:
        columns = _bare(standing)
        return Looked(standing, columns, sheets, places, sentence(error.reason))
    listed = await asyncio.to_thread(_companions, standing, ground)
    adds = _adds(prepared, listed, standing.said, {one.name for one in places} | set(pools), is_first=not places)
    default, rest = _rest(prepared, standing.said, places, pools, adds)
    async with store.read() as tx:
        found = await foresee(tx, prepared, default, adds)
    at = {column.field: column.index for column in reversed(prepared.mapping.columns) if column.field}
    first = page * SHOWN if page * SHOWN < len(found.rejected) else 0
    bad = tuple(
        BadRow(
            one.row, one.cells, one.reasons, frozenset(at[each.field] for each in one.reasons if each.field in at),
            one.row in standing.said.mended,
        )
        for one in found.rejected[first : first + SHOWN]
    )  # fmt: skip
    out = {one.row for one in found.rejected}
    new = [one for one in found.plan.findings if one.kind in {Kind.NEW, Kind.CHANGED} and one.draft.row not in out]
    facts = ((one, one.draft.facts) for one in new[:_FEW])
    return Looked(
        standing,
        prepared.mapping.columns,
        sheets,
        places,
        tally=found.tally,
        bad=bad,
        bad_count=len(found.rejected),
        new=tuple(
            New(one.draft.row, one.kind, said.name, said.address or "", said.territory or rest) for one, said in facts
        ),
        remarks=tuple((one.row, one.reason) for one in prepared.harvest.remarks[:_FEW]),
        remark_count=len(prepared.harvest.remarks),
        questions=len(found.plan.questions),
        rest=rest,
        adds=adds,
        page=first // SHOWN,
    )


async def _prepared(store: Store, ground: Ground, standing: Standing) -> Prepared:
    """The list read as it was said. Raises IntakeError."""
    said, table = standing.said, standing.table
    remembered = await recall(store, OUTLETS, table.header)
    settings = ListSettings(region=ground.region, datum=said.datum)
    return await asyncio.to_thread(prepare_table, table, settings, said.columns, remembered)


def _bare(standing: Standing) -> tuple[Column, ...]:
    """The columns of a list that has no name in it yet: whatever can be guessed of them."""
    table = standing.table
    known = dict(standing.said.columns)
    samples = [tuple(row.cells[at] for row in table.rows[:3] if row.cells[at]) for at in range(len(table.header))]
    return tuple(
        Column(at, heading or letter(at), known.get(heading), "", samples[at])
        for at, heading in enumerate(table.header)
    )


def _companions(standing: Standing, ground: Ground) -> Companions:
    return companions_in(standing.file, ground.region) if standing.table.kind == "xlsx" else Companions()


def _adds(prepared: Prepared, listed: Companions, said: Said, known: set[str], *, is_first: bool) -> tuple[str, ...]:
    """The territories and pools that the import would add."""
    if said.is_set_up is False or (said.is_set_up is None and not is_first):
        return ()
    named = [one.facts.territory for one in prepared.harvest.drafts if one.facts.territory]
    return tuple(
        name for name in dict.fromkeys([*(one.name for one in listed.territories), *named]) if name not in known
    )


def _rest(
    prepared: Prepared, said: Said, places: Iterable[Territory], pools: Iterable[str], adds: Iterable[str]
) -> tuple[str | None, str]:
    """Where rows go that name no place, as the import will decide: the scope that stands for it, and its name."""
    there = {one.id: one.name for one in places}
    if said.territory is not None and said.territory in there:
        return scopes.territory(said.territory), there[said.territory]
    if all(one.facts.territory for one in prepared.harvest.drafts):
        return None, ""
    if len(there) == 1 and not list(adds):
        ((one, name),) = there.items()
        return scopes.territory(one), name
    return scopes.COMPANY, next(iter(pools), POOL[0])


def columns_said(looked: Looked, typed: Mapping[int, str]) -> tuple[tuple[str, str], ...]:
    """What was said of the columns, with what somebody says now: by place, a field or nothing. Raises Unfit where two
    columns are to be one field that holds one value.
    """
    now = {column.index: column.field or "" for column in looked.columns}
    wanted = now | {at: field for at, field in typed.items() if at in now and (field in FIELDS or not field)}
    single = Counter(field for field in wanted.values() if field not in SEVERAL and field)
    twice = [field for field, count in single.items() if count > 1]
    if twice:
        one = FIELDS[twice[0]]
        raise Unfit(f"{one.en}: only one column can be it", f"“{one.zh}”只能对应一列")
    changed = {at: field or "ignored" for at, field in wanted.items() if field != now[at]}
    said = {heading_key(heading): (heading, field) for heading, field in looked.standing.said.columns}
    for column in looked.columns:
        if column.index in changed:
            said[heading_key(column.heading)] = (column.heading, changed[column.index])
    return tuple(said.values())


def mended_cells(standing: Standing, typed: Mapping[tuple[int, int], str]) -> dict[int, tuple[str, ...]]:
    """The rows that were mended, with what somebody typed now into cells by row and column."""
    mended = dict(standing.said.mended)
    by_row = {row.number: row.cells for row in standing.table.rows}
    for (number, at), text in typed.items():
        cells = mended.get(number, by_row.get(number, ()))
        if at < len(cells) and cells[at] != text:
            mended[number] = (*cells[:at], text[:MAX_CELL], *cells[at + 1 :])
    return mended


async def as_imported(store: Store, ground: Ground, person: Person, record: UUID, revision: int) -> Brought:
    """Import a list as it was looked at, at a revision: once, however often it is asked for. What comes back stays, to
    be mended. Raises Refusal, and Unfit where the list cannot be read or was changed since.
    """
    async with store.read() as tx:
        standing = await find(tx, record)
    said = standing.said
    try:
        prepared = await _prepared(store, ground, standing)
    except IntakeError as error:
        raise unfit(error) from error
    listed = await asyncio.to_thread(_companions, standing, ground)
    async with store.write() as tx:
        # Whoever asks a second time finds another revision.
        await keep(tx, ground.sources, record, revision, {})
    wish = Wish(standing.name, person.id, said.territory, said.is_set_up, said.columns)
    brought = await bring_in(store, ground, prepared, listed, wish)
    done, added = brought.imported, brought.added
    came = Came(
        done.tally.imported, done.tally.updated, done.tally.duplicates, done.tally.rejected, done.questions,
        ground.sources.now(), person.id, (*added.territories, *added.pools, *added.staff),
    )  # fmt: skip
    async with store.write() as tx:
        await keep(tx, ground.sources, record, revision + 1, {"came": came})
    return brought


_ON_PAGE: dict[str, tuple[str, str]] = {
    "no_name_column": (
        "没有认出哪一列是店名，请在“列的含义”中指定",
        "No column was recognised as the name: say which it is",
    ),
    "territory_unknown": (
        "没有片区“{value}”。请改正，或在上面选择新增",
        "There is no territory {value!r}. Mend it, or have it added above",
    ),
    "territory_missing": (
        "没有写明片区。请补填，或在上面指定",
        "The row names no territory. Fill it in, or name one above",
    ),
}
"""Sentences that name what there is on the page, in place of those that name options of a command."""


def sentence(reason: Reason) -> tuple[str, str]:
    """What is wrong and what to do on this page, in Chinese and English."""
    if reason.code in _ON_PAGE:
        zh, en = _ON_PAGE[reason.code]
        return zh.format(value=reason.value), en.format(value=reason.value)
    return reason.zh.rstrip("。"), reason.en.rstrip(".")


def unfit(error: IntakeError) -> Unfit:
    """What is wrong with a file as a whole, as a form says it."""
    zh, en = sentence(error.reason)
    return Unfit(en, zh)
